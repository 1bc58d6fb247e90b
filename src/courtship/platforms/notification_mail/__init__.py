"""Notification e-mails: which platform sent one, whether it may be believed, and what it says."""

from courtship.platforms.notification_mail.sentences import Sentence, sentence

__all__ = ["Sentence", "sentence"]
