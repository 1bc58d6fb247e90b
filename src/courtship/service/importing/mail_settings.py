"""The owner's mail host, and which account gets a platform's mails at which address: as settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from courtship.errors import InvalidRecord
from courtship.platforms.notification_mail.reading import ACCOUNT, HOST
from courtship.service.people.brand import checked

_HOST: Final = re.compile(r"[A-Za-z0-9_.-]{1,253}")


def mail_settings(hosts: Iterable[str], accounts: Iterable[str]) -> dict[str, str]:
    """Settings for the mail hosts' names and for accounts written ``ADDRESS=ACCOUNT``.

    Raises `InvalidRecord` for what is neither.
    """
    names = [host.strip().lower() for host in hosts]
    for host in names:
        if not _HOST.fullmatch(host):
            raise InvalidRecord(
                f"{host!r:.60} is no mail host; it is the first word of your mails' Authentication-Results"
            )
    settings = {HOST: " ".join(dict.fromkeys(names))} if names else {}
    for said in accounts:
        address, _, account = said.partition("=")
        address, account = address.strip().lower(), account.strip()
        if "@" not in address:
            raise InvalidRecord(f"{said!r:.80}: write ADDRESS=ACCOUNT, as in me@example.org=x:@me")
        settings[f"{ACCOUNT}{checked(account).partition(':')[0]}.{address}"] = account
    return settings
