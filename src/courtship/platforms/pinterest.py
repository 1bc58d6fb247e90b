"""Pinterest: pins of the export's page, and answers of the API v5 -> records.

Accounts are ``pinterest:NAME`` in small letters; the platform gives no other id. Decided here:

- A pin saved from elsewhere on Pinterest ("Is a repin", ``parent_pin_id``) is a ``share``. Whose it was is
  told nowhere, so it is towards nobody. Any other pin is a post of the owner's.
- The export's times have no zone: such a share is not called precise.
- Followers and followed have neither date nor id: lists, compared import by import.
- Counts of a pin are totals. The platform tells of nobody who saved, liked or commented.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Total
from courtship.platforms import times, words

PIN: Final = re.compile(r"https?://(?:[\w-]+\.)?pinterest\.[a-z.]{2,6}/pin/([\w-]{1,40})/?", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,30}", re.ASCII)
_TIME: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)
_HREF: Final = re.compile(r"href=\"([^\"]*)\"", re.IGNORECASE)
_TAG: Final = re.compile(r"#(\w+)")
_NOTHING: Final = frozenset(("no data", "none", ""))
_TOTALS: Final = {"save": "share", "reaction": "like", "comment": "comment"}


def account(name: Any) -> Address:
    """``Ann_Bell`` -> ``pinterest:ann_bell``; ``""`` for what is no name."""
    text = name.strip().removeprefix("@") if isinstance(name, str) else ""
    return f"pinterest:{text.lower()}" if _NAME.fullmatch(text) else ""


def described(
    who: Address, made: Micros, name: str = "", followers: int | None = None, bio: str = ""
) -> Profile:
    """The owner, offered as the brand's own."""
    handle = who.partition(":")[2]
    return Profile(who, made, name, handle, f"https://www.pinterest.com/{handle}/", bio, followers, own=True)


# ---------------------------------------------------------------------- the export


def exported(number: str, fields: Mapping[str, str]) -> Record:
    """A pin of the export: its number and its lines by their names in small letters.

    `ValueError` says what is wrong with it.
    """
    who = account(_said(fields, "username"))
    found = _TIME.fullmatch(_said(fields, "created at"))
    at = times.iso(f"{found[1]}-{found[2]}-{found[3]}T{found[4]}Z") if found else None
    if not who or at is None:
        raise ValueError("is a pin that does not say whose or of when it is; left out")
    link = _HREF.search(fields.get("canonical link", ""))
    title, details = _said(fields, "title"), _said(fields, "details")
    return _pin(
        number, who, at, "\n\n".join(part for part in (title, details) if part),
        html.unescape(link[1]) if link else _said(fields, "canonical link"),
        video=_said(fields, "is video").casefold() == "true",
        repin=_said(fields, "is a repin").casefold() == "true",
        private=_said(fields, "private").casefold() == "true",
        precise=False,
    )  # fmt: skip


def _said(fields: Mapping[str, str], name: str) -> str:
    value = words.plain(fields.get(name, ""))
    return "" if value.casefold() in _NOTHING else value


def _pin(
    number: str, who: Address, at: Micros, text: str, link: str, *, video: bool, repin: bool, private: bool,
    precise: bool,
) -> Record:  # fmt: skip
    url = f"https://www.pinterest.com/pin/{number}/"
    if repin:
        return Activity(
            f"pin:{number}", "share", who, "", at, precise=precise, object=url, text=text or None, url=url,
            public=not private,
        )  # fmt: skip
    tags = tuple(dict.fromkeys(_TAG.findall(text)))
    return Post(url, who, at, text, "video" if video else "image", link, tags, url=url, public=not private)


# ---------------------------------------------------------------------- answers of the API


def is_owner(document: Any) -> bool:
    """Whether an answer is ``/user_account``."""
    return isinstance(document, Mapping) and "username" in document and "account_type" in document


def owner(document: Mapping[str, Any], made: Micros) -> Profile | None:
    """``/user_account``: whose the answers are."""
    who = account(document.get("username"))
    followers = document.get("follower_count")
    if not who:
        return None
    name = document.get("business_name")
    about = document.get("about")
    return described(
        who,
        made,
        name if isinstance(name, str) else "",
        followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
        about if isinstance(about, str) else "",
    )


def listed(item: Any) -> Address:
    """A line of ``/user_account/followers`` or ``/following``; ``""`` where it is none."""
    user = isinstance(item, Mapping) and item.get("type", "user") == "user" and "created_at" not in item
    return account(item.get("username")) if user else ""


def recorded(item: Any, me: Address, made: Micros) -> Iterator[Record | str]:
    """A pin of ``/pins`` with its counts; strings for what is left out."""
    if not isinstance(item, Mapping) or "created_at" not in item:
        return
    number, at = item.get("id"), times.iso(item.get("created_at"))
    if not isinstance(number, str) or not re.fullmatch(r"[\w-]{1,40}", number, re.ASCII) or at is None:
        yield "is a pin that does not say which or of when it is; left out"
        return
    board = item.get("board_owner")
    who = (
        me
        if item.get("is_owner") is True
        else account(board.get("username") if isinstance(board, Mapping) else "")
    )
    if not who:
        yield "is a pin that does not say whose it is; left out"
        return
    media = item.get("media")
    kind = media.get("media_type") if isinstance(media, Mapping) else ""
    text = "\n\n".join(
        words.tidy(part)
        for name in ("title", "description")
        if isinstance(part := item.get(name), str) and part
    )
    link = item.get("link")
    yield _pin(
        number, who, at, text, link if isinstance(link, str) else "", video="video" in str(kind),
        repin=bool(item.get("parent_pin_id")), private=False, precise=True,
    )  # fmt: skip
    metrics = item.get("pin_metrics")
    lifetime = metrics.get("lifetime_metrics") if isinstance(metrics, Mapping) else None
    for name, of in _TOTALS.items():
        amount = lifetime.get(name) if isinstance(lifetime, Mapping) else None
        if isinstance(amount, int) and not isinstance(amount, bool) and amount > 0:
            yield Total(f"https://www.pinterest.com/pin/{number}/", of, amount, made)
