"""Which notification e-mails are believed: who vouches, for which domain, and who sent them."""

from __future__ import annotations

import pytest
from tests.sources.notification_mails import HOST

from courtship.platforms.notification_mail.mails import Mail, addresses, sender
from courtship.platforms.notification_mail.trust import doubt, platform_of


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        (f"{HOST}; dkim=pass header.d=facebookmail.com", ""),
        (f"{HOST} 1; spf=pass; dkim=pass (good; really) header.i=@facebookmail.com", ""),
        (f"{HOST.upper()}; dkim=pass header.i=noreply@mail.facebookmail.com", ""),
        (f"{HOST}; dkim=pass header.d=other.example; dkim=pass header.d=facebookmail.com", ""),
        (f"{HOST}; none", "unsigned"),
        (f"{HOST}", "unsigned"),
        ("", "another host"),
        (f"{HOST}.evil.example; dkim=pass header.d=facebookmail.com", "another host"),
        (f"({HOST}) mx.evil.example; dkim=pass header.d=facebookmail.com", "another host"),
        (f'"{HOST}; " evil; dkim=pass header.d=facebookmail.com', "another host"),
        ("dkim=pass header.d=facebookmail.com", "another host"),
        (f"{HOST}; dkim=pass header.d=notfacebookmail.com", "unsigned"),
        (f"{HOST}; dkim=pass header.d=facebookmail.com.evil.example", "unsigned"),
        (f"{HOST}; dkim=pass header.d=evil.example header.i=@facebookmail.com", "unsigned"),
        (f'{HOST}; dkim=fail reason="dkim=pass header.d=facebookmail.com"', "unsigned"),
        (f"{HOST}; dkim=fail (; dkim=pass header.d=facebookmail.com) header.d=facebookmail.com", "unsigned"),
        (f"{HOST}; dkim=pass", "unsigned"),
        (f"{HOST}; arc=pass; dmarc=pass header.from=facebookmail.com", "unsigned"),
    ],
)
def test_only_the_owners_host_vouches(results: str, wanted: str) -> None:
    mail = Mail((("authentication-results", results),))
    assert doubt(mail, {HOST}, ["facebookmail.com"]) == wanted


def test_only_the_topmost_counts() -> None:
    good = ("authentication-results", f"{HOST}; dkim=pass header.d=x.com")
    bad = ("authentication-results", "mx.other.example; dkim=pass header.d=x.com")
    assert doubt(Mail((good, bad)), {HOST}, ["x.com"]) == ""
    assert doubt(Mail((bad, good)), {HOST}, ["x.com"]) == "another host"
    assert doubt(Mail(()), {HOST}, ["x.com"]) == "unsaid"


def test_microsofts_hosts_name_themselves_in_received() -> None:
    results = ("authentication-results", "spf=pass smtp.mailfrom=x.com; dkim=pass header.d=x.com")
    by = ("received", "from a.example by DB1.eurprd01.prod.outlook.com (::1) with SMTP")
    assert doubt(Mail((by, results)), {"outlook.com"}, ["x.com"]) == ""
    assert doubt(Mail((results, by)), {"outlook.com"}, ["x.com"]) == "another host"
    assert doubt(Mail((by, results)), {HOST}, ["x.com"]) == "another host"
    other = ("received", "from a.example by outlook.com.evil.example with SMTP")
    assert doubt(Mail((other, results)), {"outlook.com"}, ["x.com"]) == "another host"


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("facebookmail.com", ("facebook", True)),
        ("mail.facebookmail.com", ("facebook", True)),
        ("facebookmail.com.evil.example", ("facebook", False)),
        ("facebok.com", ("facebook", False)),
        ("faceb00k-mail.example", ("facebook", False)),
        ("f\u0430cebookmail.com", ("facebook", False)),
        ("xn--fcebookmail-yij.com", ("facebook", False)),
        ("linkedln.com", ("linkedin", False)),
        ("facebook.com", ("", True)),
        ("family.example", ("", True)),
        ("box.com", ("", True)),
    ],
)
def test_whose_domain(domain: str, wanted: tuple[str, bool]) -> None:
    assert platform_of(domain) == wanted


def test_who_sent_it() -> None:
    def who(value: str) -> str:
        found = sender(Mail((("from", value),)))
        return found.address if found else ""

    assert who("Ann <a@x.com>") == "a@x.com"
    assert who('"notify@x.com" <evil@evil.example>') == "evil@evil.example"
    assert who("notify@x.com <evil@evil.example>") == "evil@evil.example"
    assert who("a@x.com, b@evil.example") == ""
    assert who("=?utf-8?q?=3Cnotify=40x.com=3E?= <evil@evil.example>") == "evil@evil.example"
    assert sender(Mail((("from", "a@x.com"), ("from", "b@x.com")))) is None
    assert addresses("Ann <A@X.com>, bo@y.com <>") == ["a@x.com"]
