"""Errors that a person reads. Each message is one line and says what to do next."""

from __future__ import annotations


class CourtshipError(Exception):
    """Something the person can put right. ``str(error)`` is the line to show; the exit status is 1."""

    exit_status = 1


class UnknownFormat(CourtshipError):
    """A file in no format that is known."""


class AmbiguousFormat(CourtshipError):
    """A file that two sources claim; the message names both."""


class UnsafeArchive(CourtshipError):
    """An archive that reaches out of itself, or unpacks to far more than it holds."""


class InvalidPolicy(CourtshipError):
    """A policy that breaks a rule; the message names the file and the line."""


class InvalidRecord(CourtshipError):
    """A record that cannot be one: an unknown kind, a time that is none."""


class UnknownPerson(CourtshipError):
    """A reference that is nobody's id or account."""


class UnknownWorkspace(CourtshipError):
    """A workspace that is not there."""


class NotAllowed(CourtshipError):
    """A decision that contradicts another one."""


class StoreFailure(CourtshipError):
    """The database could not be read or written: a full disk, a missing server."""


class ConnectionRefused(CourtshipError):
    """A platform turned the connection away: a wrong or expired token, a missing permission. Trying again
    without the owner is of no use."""


class Unreachable(CourtshipError):
    """A platform did not answer, or asked to wait. ``after`` are the seconds it asked for, if it did."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class EngineFailure(CourtshipError):
    """An engine or a lake that cannot be reached or used."""
