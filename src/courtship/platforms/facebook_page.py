"""A Facebook Page: webhook bodies and Graph API answers -> records.

Accounts are ``facebook:ID``, by the id that the platform gives a person towards this Page. Facebook leaves
out who did something unless the app may know (``from`` is missing): such an act is nobody's, and is counted.

Decided here:

- A comment is towards the owner of what it answers: of the parent comment, else of the post. Owners are
  learned from all that is read (`Page.learn`); where the owner is not known nobody is named. A post whose id
  begins with the Page's is the Page's unless it was seen that a visitor wrote it.
- A Page liked is a ``follow``. A visitor's post on the Page is a ``mention``, also where it has a link.
- A review of four or five stars of five, or a recommendation without stars, is an ``endorse``; any other
  review a ``mention``.
- Reactions as the Graph API lists them have no date: they had come by the time of the answer.
- Presses of buttons, receipts, payments and the like are no acts. A comment hidden stays; removed, it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Total, Undo
from courtship.platforms import times, words
from courtship.platforms.facebook import as_list, as_text

Told = Iterator[Record | str]
"""Records, and strings for what is left out."""

NO_AUTHOR: Final = (
    "does not say by whom (Facebook leaves it out unless the app may read it); give the app that right"
)
_ID: Final = re.compile(r"[0-9]{1,25}", re.ASCII)
_OBJECT: Final = re.compile(r"[0-9]{1,25}(?:_[0-9]{1,25})*", re.ASCII)
_OF_PAGE: Final = re.compile(r"https?://(?:www\.)?facebook\.com/(\d+)/(?:posts|photos|videos)/", re.ASCII)
_POSTS: Final = frozenset(("post", "status", "photo", "video", "share", "album", "event", "note"))
_MEDIA: Final = {"photo": "image", "video": "video", "share": "link", "album": "album"}
_GOOD: Final = 4
"""Stars of five: the upper two fifths of the scale."""


def person(value: Any) -> tuple[Address, str]:
    """Who is meant by ``{"id", "name"}``: the account and the name; both ``""`` where it is not told."""
    if not isinstance(value, Mapping):
        return "", ""
    number = number_of(value.get("id"))
    return (f"facebook:{number}", as_text(value.get("name"))) if number else ("", "")


def number_of(value: Any) -> str:
    """An id, which may be a number; ``""`` for what is none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value)
    return text if _ID.fullmatch(text) else ""


def _object(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value)
    return text if _OBJECT.fullmatch(text) else ""


def is_webhook(document: Any) -> bool:
    """Whether a document is the body of a webhook of a Page."""
    return (
        isinstance(document, Mapping)
        and document.get("object") == "page"
        and isinstance(document.get("entry"), list)
    )


def is_graph(document: Any) -> bool:
    """Whether a document is an answer of the Graph API of which something is read."""
    if not isinstance(document, Mapping):
        return False
    data = document.get("data")
    first = (
        next((one for one in data if isinstance(one, Mapping)), None) if isinstance(data, list) else document
    )
    if first is None:
        return False
    named = _object(first.get("id")) or as_text(first.get("id"))[:2] in {"t_", "m_"}
    timed = "created_time" in first and ("message" in first or "from" in first)
    nested = isinstance(first.get("reactions", first.get("comments")), Mapping)
    page = "fan_count" in first or "followers_count" in first or "category" in first
    return bool(timed or (named and (nested or page or isinstance(first.get("messages"), Mapping))))


class Page:
    """Maps all that was recorded of Pages. Let it `learn` every document before the first is mapped."""

    def __init__(self, made: Micros) -> None:
        self.made = made
        self.pages: dict[Address, str] = {}
        """The Pages that the records are of, with their names."""
        self._owners: dict[str, Address] = {}
        self._told: set[str] = set()

    # ------------------------------------------------------------------ who owns what

    def learn(self, document: Any) -> None:
        """Which Page a document is of, and who owns which post, comment and message."""
        if is_webhook(document):
            for entry in as_list(document["entry"]):
                if isinstance(entry, Mapping) and (number := number_of(entry.get("id"))):
                    self.pages.setdefault(f"facebook:{number}", "")
                    for value in _values(entry):
                        self._learn_value(value)
        elif is_graph(document):
            for one in _listed(document):
                self._learn_graph(one)

    def _learn_value(self, value: Mapping[str, Any]) -> None:
        who, name = _actor(value)
        if who in self.pages and name:
            self.pages[who] = name
        item = value.get("item")
        field = {"comment": "comment_id", "rating": "open_graph_story_id"}.get(str(item), "")
        if item in _POSTS:
            field = "post_id"
        own = _object(value.get(field)) if field else ""
        if own and who and value.get("verb") in {"add", "edited", "edit"}:
            self._owners.setdefault(own, who)

    def _learn_graph(self, one: Mapping[str, Any]) -> None:
        number, (who, name) = _object(one.get("id")), person(one.get("from"))
        if number and who:
            self._owners.setdefault(number, who)
        if (
            number
            and "_" not in number
            and ("fan_count" in one or "access_token" in one or "category" in one)
        ):
            self.pages[f"facebook:{number}"] = as_text(one.get("name"))
        if found := _OF_PAGE.match(as_text(one.get("permalink_url"))):
            self.pages.setdefault(f"facebook:{found[1]}", "")
        if who in self.pages and name:
            self.pages[who] = name
        if as_text(one.get("id")).startswith("t_"):
            self._learn_talk(one)
        for inner in ("comments", "messages"):
            for part in _listed(one.get(inner)):
                self._learn_graph(part)

    def _learn_talk(self, one: Mapping[str, Any]) -> None:
        """The link of a conversation begins with the Page's own id."""
        found = re.match(r"/(\d+)/inbox/", as_text(one.get("link")))
        for member in _listed(one.get("participants")):
            who, name = person(member)
            if found and who == f"facebook:{found[1]}":
                self.pages[who] = name

    def _owner(self, thing: str, page: Address = "") -> Address:
        """Whose a post or comment is, ``""`` where that is not known."""
        if thing in self._owners:
            return self._owners[thing]
        before, _, number = thing.partition("_")
        if not number:
            return ""
        owner = f"facebook:{before}"
        return owner if owner == page or owner in self.pages else ""

    def own(self) -> Iterator[Profile]:
        """The Pages, offered as the brand's own."""
        for page in sorted(self.pages):
            number = page.partition(":")[2]
            yield Profile(
                page, self.made, self.pages[page], url=f"https://www.facebook.com/{number}", own=True
            )

    # ------------------------------------------------------------------ webhooks

    def webhook(self, document: Mapping[str, Any]) -> Told:
        """The body of one delivery: several entries, each with several changes or messages."""
        for entry in as_list(document.get("entry")):
            if not isinstance(entry, Mapping):
                continue
            number = number_of(entry.get("id"))
            if not number:
                yield "does not say of which Page it is; left out"
                continue
            page = f"facebook:{number}"
            sent = times.milliseconds(entry.get("time")) or times.seconds(entry.get("time"))
            for change in as_list(entry.get("changes")):
                value = change.get("value") if isinstance(change, Mapping) else None
                if isinstance(value, Mapping) and change.get("field") in {"feed", "ratings", "mention"}:
                    yield from self._change(page, str(change["field"]), value, sent)
            for name in ("messaging", "standby"):
                for message in as_list(entry.get(name)):
                    if isinstance(message, Mapping):
                        yield from self._messaging(page, message)

    def _change(self, page: Address, field: str, value: Mapping[str, Any], sent: Micros | None) -> Told:
        item, verb = as_text(value.get("item")), as_text(value.get("verb"))
        at = times.seconds(value.get("created_time")) or sent
        if at is None:
            yield "has no date that can be read; left out"
        elif field == "mention":
            yield NO_AUTHOR
        elif item == "comment":
            yield from self._comment(page, value, verb, at)
        elif item in {"reaction", "like"}:
            yield from self._reaction(page, value, verb, at)
        elif item == "rating":
            yield from self._rating(page, value, verb, at)
        elif item in _POSTS and verb in {"add", "remove"}:
            yield from self._post(page, value, item, verb, at)

    def _comment(self, page: Address, value: Mapping[str, Any], verb: str, at: Micros) -> Told:
        own, post = _object(value.get("comment_id")), _object(value.get("post_id"))
        if not own:
            yield "is a comment without its number; left out"
            return
        if verb == "remove":
            yield Undo(f"comment:{own}:removed", f"comment:{own}", at, "facebook", blank=True)
        if verb not in {"add", "edited"} or (verb == "edited" and own in self._told):
            return
        self._told.add(own)
        who, name = _actor(value)
        if not who:
            yield NO_AUTHOR
            return
        parent = _object(value.get("parent_id")) or post
        target = self._owner(parent, page) if parent == post else self._owners.get(parent, "")
        yield Activity(
            id=f"comment:{own}",
            kind="comment",
            actor=who,
            target=target or self._owners.get(_object(value.get("open_graph_story_id")), ""),
            at=at,
            precise=verb == "add",
            object=parent or None,
            in_reply_to=post or None,
            text=words.tidy(as_text(value.get("message"))) or None,
            url=f"https://www.facebook.com/{own}",
            public=True,
            actor_name=name or None,
        )

    def _reaction(self, page: Address, value: Mapping[str, Any], verb: str, at: Micros) -> Told:
        who, name = _actor(value)
        if not who:
            yield NO_AUTHOR
            return
        number = who.partition(":")[2]
        thing = _object(value.get("comment_id")) or _object(value.get("post_id"))
        if not thing:  # the Page itself
            mark = f"follow:{page.partition(':')[2]}:{number}"
            if verb == "remove":
                yield Undo(f"{mark}:end:{at}", mark, at, "facebook")
            else:
                yield Activity(mark, "follow", who, page, at, actor_name=name or None)
            return
        mark = f"reaction:{thing}:{number}"
        if verb == "remove":
            yield Undo(f"{mark}:end:{at}", mark, at, "facebook")
        if verb not in {"add", "edit"} or (verb == "edit" and mark in self._told):
            return
        self._told.add(mark)
        story = self._owners.get(_object(value.get("open_graph_story_id")), "")
        target = self._owners.get(thing, "") if value.get("comment_id") else self._owner(thing, page)
        yield _liked(mark, who, target or story, at, thing, as_text(value.get("reaction_type")), name, True)

    def _post(self, page: Address, value: Mapping[str, Any], item: str, verb: str, at: Micros) -> Told:
        own, (who, name) = _object(value.get("post_id")), _actor(value)
        if not own:
            return  # an album, an event: nothing that was said to anybody
        if verb == "remove":
            yield Undo(f"post:{own}:removed", f"post:{own}", at, "facebook", blank=True)
            return
        text = words.tidy(as_text(value.get("message")))
        link = as_text(value.get("link"))
        url = f"https://www.facebook.com/{own}"
        if who == page:
            yield Post(own, page, at, text, _MEDIA.get(item, "text"), link, url=url)
        elif who:
            yield Activity(
                f"post:{own}", "mention", who, page, at, object=own, text=text or link or None, url=url,
                public=True, actor_name=name or None,
            )  # fmt: skip
        else:
            yield NO_AUTHOR

    def _rating(self, page: Address, value: Mapping[str, Any], verb: str, at: Micros) -> Told:
        who, name = _actor(value)
        story = _object(value.get("open_graph_story_id"))
        mark = f"review:{story or who.partition(':')[2]}"
        if verb == "remove":
            yield Undo(f"{mark}:removed", mark, at, "facebook", blank=True)
            return
        if not who:
            yield NO_AUTHOR
            return
        stars = value.get("rating")
        if isinstance(stars, int) and not isinstance(stars, bool):
            good = stars >= _GOOD
        else:
            good = as_text(value.get("recommendation_type")).upper() == "POSITIVE"
        yield Activity(
            mark, "endorse" if good else "mention", who, page, at, object=story or None,
            text=words.tidy(as_text(value.get("review_text"))) or None, public=True, actor_name=name or None,
        )  # fmt: skip

    def _messaging(self, page: Address, value: Mapping[str, Any]) -> Told:
        message, reaction = value.get("message"), value.get("reaction")
        if not isinstance(message, Mapping) and not isinstance(reaction, Mapping):
            return
        who, other = person(value.get("sender"))[0], person(value.get("recipient"))[0]
        at = times.milliseconds(value.get("timestamp"))
        if not who or not other or at is None or page not in {who, other}:
            yield "does not say between whom and when; left out"
            return
        if isinstance(message, Mapping):
            mid = as_text(message.get("mid"))
            if message.get("is_deleted") is True:
                yield Undo(f"message:{mid}:removed", f"message:{mid}", at, "facebook", blank=True)
                return
            text = words.tidy(as_text(message.get("text")))
            yield Activity(
                f"message:{mid}" if mid else "", "message", who, other, at, object=mid or None,
                text=text or None, public=False,
            )  # fmt: skip
        elif isinstance(reaction, Mapping):
            mark = f"reaction:{as_text(reaction.get('mid'))}:{who.partition(':')[2]}"
            if reaction.get("action") == "unreact":
                yield Undo(f"{mark}:end:{at}", mark, at, "facebook")
            else:
                emoji = as_text(reaction.get("emoji")) or as_text(reaction.get("reaction"))
                yield _liked(mark, who, other, at, as_text(reaction.get("mid")), emoji, "", True)

    # ------------------------------------------------------------------ answers of the Graph API

    def graph(self, document: Mapping[str, Any]) -> Told:
        """One answer: a list or a single thing."""
        for one in _listed(document):
            yield from self._thing(one, "")

    def _thing(self, one: Mapping[str, Any], post: str) -> Told:
        """``post`` is the number of the post or comment under which it is listed."""
        number = as_text(one.get("id"))
        if number.startswith("t_"):
            for message in _listed(one.get("messages")):
                yield from self._mail(message)
        elif number.startswith("m_") or isinstance(one.get("to"), Mapping):
            yield from self._mail(one)
        elif "created_time" in one and (post or _is_comment(one)):
            yield from self._answer(one, post)
        else:
            yield from self._own_post(one)
        number = _object(number)
        if not number:
            return
        for reaction in _listed(one.get("reactions")):
            who, name = person(reaction)
            if who:
                mark = f"reaction:{number}:{who.partition(':')[2]}"
                target = self._owner(number)
                yield _liked(mark, who, target, self.made, number, as_text(reaction.get("type")), name, False)
        yield from self._totals(one, number)
        for comment in _listed(one.get("comments")):
            yield from self._thing(comment, number)

    def _answer(self, one: Mapping[str, Any], post: str) -> Told:
        own, (who, name) = _object(one.get("id")), person(one.get("from"))
        at = times.iso(one.get("created_time"))
        if at is None:
            yield "has no date that can be read; left out"
            return
        if not who or not own:
            yield NO_AUTHOR
            return
        link = as_text(one.get("permalink_url"))
        parent, target = post, self._owner(post) if post else ""
        above = one.get("parent")
        if isinstance(above, Mapping):
            parent = _object(above.get("id")) or parent
            target = person(above.get("from"))[0] or self._owners.get(parent, "")
        elif not post and (found := _OF_PAGE.match(link)) and "reply_comment_id=" not in link:
            parent, target = f"{found[1]}_{own.partition('_')[0]}", f"facebook:{found[1]}"
            target = self._owners.get(parent, target)
        yield Activity(
            id=f"comment:{own}",
            kind="comment",
            actor=who,
            target=target,
            at=at,
            object=parent or None,
            text=words.tidy(as_text(one.get("message"))) or None,
            url=link or f"https://www.facebook.com/{own}",
            public=not one.get("is_private", False),
            actor_name=name or None,
        )

    def _own_post(self, one: Mapping[str, Any]) -> Told:
        own, at = _object(one.get("id")), times.iso(one.get("created_time"))
        if not own or "_" not in own or at is None:
            return
        author = self._owner(own) or f"facebook:{own.partition('_')[0]}"
        text = words.tidy(as_text(one.get("message")) or as_text(one.get("story")))
        url = as_text(one.get("permalink_url")) or f"https://www.facebook.com/{own}"
        page = f"facebook:{own.partition('_')[0]}"
        if author == page:
            yield Post(own, author, at, text, "", as_text(one.get("link")), url=url)
        else:
            yield Activity(
                f"post:{own}", "mention", author, page, at, object=own, text=text or None, url=url,
                public=True, actor_name=person(one.get("from"))[1] or None,
            )  # fmt: skip

    def _mail(self, one: Mapping[str, Any]) -> Told:
        at, mid = times.iso(one.get("created_time")), as_text(one.get("id"))
        who, name = person(one.get("from"))
        to = [member for member in map(person, _listed(one.get("to"))) if member[0]]
        if at is None or not who or len(to) != 1:
            yield "does not say between whom and when; left out"
            return
        yield Activity(
            f"message:{mid}", "message", who, to[0][0], at, object=mid or None,
            text=words.tidy(as_text(one.get("message"))) or None, public=False,
            actor_name=name or None, target_name=to[0][1] or None,
        )  # fmt: skip

    def _totals(self, one: Mapping[str, Any], number: str) -> Iterator[Total]:
        for field, kind in (("reactions", "like"), ("comments", "comment")):
            inner = one.get(field)
            summary = inner.get("summary") if isinstance(inner, Mapping) else None
            amount = summary.get("total_count") if isinstance(summary, Mapping) else None
            if isinstance(amount, int) and amount > 0:
                yield Total(number, kind, amount, self.made)
        shares = one.get("shares")
        count = shares.get("count") if isinstance(shares, Mapping) else None
        if isinstance(count, int) and count > 0:
            yield Total(number, "share", count, self.made)


def _liked(
    mark: str, who: Address, target: Address, at: Micros, thing: str, emoji: str, name: str, precise: bool
) -> Activity:
    said = emoji.casefold()
    return Activity(
        mark, "like", who, target, at, precise=precise, object=thing or None,
        text=None if said in {"", "like"} else said, actor_name=name or None,
    )  # fmt: skip


def _is_comment(one: Mapping[str, Any]) -> bool:
    """Comments are told from posts by the fields that only they have."""
    return bool({"comment_count", "can_remove", "can_reply_privately", "parent", "can_hide"} & set(one)) or (
        "comment_id=" in as_text(one.get("permalink_url"))
    )


def _actor(value: Mapping[str, Any]) -> tuple[Address, str]:
    who, name = person(value.get("from"))
    if who:
        return who, name
    for prefix in ("sender", "reviewer", "user"):
        if number := number_of(value.get(f"{prefix}_id")):
            return f"facebook:{number}", as_text(value.get(f"{prefix}_name"))
    return "", ""


def _values(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for change in as_list(entry.get("changes")):
        value = change.get("value") if isinstance(change, Mapping) else None
        if isinstance(value, Mapping):
            yield value


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """The members of ``{"data": […]}``, or the thing itself."""
    if not isinstance(value, Mapping):
        return []
    data = value.get("data")
    inside = data if isinstance(data, list) else [] if "summary" in value and "id" not in value else [value]
    return [one for one in inside if isinstance(one, Mapping)]
