"""Instagram (and Threads, which comes with it): what an export tells -> records.

Accounts are ``instagram:HANDLE`` and ``threads:HANDLE`` in small letters. All values are expected repaired
(`meta.mended`). The layouts, key by key, are in the platforms page of the documentation.

Decided here:

- Direct messages name people by display name only, which several people share. The other one of a talk
  of two is ``instagram:dm/NUMBER``, by the talk's own number, with that name; the owner says which account
  it is. In a group nobody can say who is who, or whom a message is towards: only what the owner wrote stays.
- In the owner's own thread a comment that begins with ``@ann`` answers Ann; as the export does not say
  what it answers it is a ``mention``.
- An answer to a poll or quiz is a ``vote``, to a question sticker a ``comment``, a slider a ``like``.
- A request to follow is a follow from when it was asked, either way: interest was shown. If it was turned
  down is not told, so nothing ends it.
- Close friends, favourites, restrictions and reminders are nothing that the two do to each other.
- A follow has a date. Those few without one are a list as of the export: who came, but not who went.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot
from courtship.platforms import meta, times, words

STORY_KINDS: Final[Mapping[str, str]] = {
    "story_likes": "like",
    "polls": "vote",
    "quizzes": "vote",
    "questions": "comment",
    "question_music_response": "comment",
    "question_media_response": "comment",
    "emoji_sliders": "like",
    "emoji_story_reactions": "like",
    "emoji_quick_reactions": "like",
    "avatar_story_reactions": "like",
    "avatar_quick_reactions": "like",
    "story_reaction_sticker_reactions": "like",
    "reaction_sticker_reactions": "like",
}
"""What is done to others' stories, by the end of the key ``story_activities_…`` or of the file's name."""

_MENTION: Final = re.compile(r"(?<![\w.@/])@([A-Za-z0-9_.]{1,30})", re.ASCII)
_TAG: Final = re.compile(r"#(\w+)")
_REACTED: Final = re.compile(r"(?:Liked a message|Reacted .{1,16} to your message)\s*", re.DOTALL)
_VIDEO: Final = re.compile(r"\.(?:mp4|mov|webm|m4v)$", re.IGNORECASE)


def account(who: str, platform: str = "instagram") -> Address:
    """``ann`` -> ``instagram:ann``; ``""`` of nobody."""
    return f"{platform}:{who}" if who else ""


class Export:
    """Maps one export of the account ``who`` (a handle), whose display name is ``name``, as of ``made``."""

    def __init__(self, who: str, name: str, made: Micros) -> None:
        self.who = who
        self.account = account(who)
        self.name = name
        self.made = made

    def me(self, platform: str) -> Address:
        """The owner's account on Instagram or Threads: the handle is one."""
        return account(self.who, platform)

    # ------------------------------------------------------------------ follows and blocks

    def relation(
        self, record: Any, way: str, platform: str = "instagram"
    ) -> Iterator[tuple[Address, Activity | None]]:
        """One line of a list of accounts: who it is, and the act if there is a date.

        ``way`` is ``follower``, ``following``, ``asked_in``, ``asked_out``, ``unfollowed`` or ``blocked``;
        `ValueError` if it is nobody.
        """
        for who, at in _listed(record):
            if not who:
                raise ValueError("is nobody that can be told; left out")
            other, me = account(who, platform), self.me(platform)
            inbound = way in {"follower", "asked_in"}
            if at is None:
                yield other, None
                continue
            yield (
                other,
                Activity(
                    id=f"{way}:{who}:{at // 1_000_000}",
                    kind="block" if way == "blocked" else "follow",
                    actor=other if inbound else me,
                    target=me if inbound else other,
                    at=at,
                    # When it began is not told, only when it was over: it shows that the two have met.
                    ended=at if way == "unfollowed" else None,
                    precise=way != "unfollowed",
                ),
            )

    def listing(
        self,
        way: str,
        members: Mapping[Address, tuple[str, Micros]],
        complete: bool,
        platform: str = "instagram",
    ) -> Snapshot:
        """The whole list of followers, follows or blocks, as of the export's date.

        Each member has the id and date of the act that tells of their coming, ``""`` and 0 without a date.
        """
        dated = any(date for _, date in members.values())
        return Snapshot(
            self.me(platform),
            "block" if way == "blocked" else "follow",
            "inbound" if way == "follower" else "outbound",
            tuple(members),
            self.made,
            complete,
            tuple(id for id, _ in members.values()) if dated else (),
            tuple(date for _, date in members.values()) if dated else (),
        )

    # ------------------------------------------------------------------ likes, comments, stories

    def like(self, record: Any, what: str = "like", platform: str = "instagram") -> Iterator[Activity]:
        """liked_posts.json, liked_comments.json, liked_threads.json, in either dialect."""
        if not isinstance(record, Mapping):
            raise ValueError("is no record; left out")
        if "label_values" in record:
            at = times.seconds(record.get("timestamp"))
            if at is None:
                raise ValueError("is a like without date; left out")
            address = meta.labelled_address(record)
            yield self._like(what, platform, meta.labelled_owner(record), address, at, None)
            return
        entries = _entries(record)
        if not entries:
            raise ValueError("is a like without date; left out")
        for one in entries:
            at = times.seconds(one.get("timestamp"))
            if at is None:
                raise ValueError("is a like without date; left out")
            address = _text(one.get("href"))
            owner = meta.handle(record.get("title")) or meta.post_at(address)[1]
            yield self._like(what, platform, owner, address, at, _text(one.get("value")) or None)

    def _like(
        self, what: str, platform: str, owner: str, address: str, at: Micros, text: str | None
    ) -> Activity:
        code = meta.post_at(address)[0]
        return Activity(
            id=f"{what}:{at // 1_000_000}:{code or owner}",
            kind="like",
            actor=self.me(platform),
            target=account(owner, platform),
            at=at,
            object=address if code else None,
            # A thumb is what the old dialect writes for every like; the new one leaves it out.
            text=text if text != "👍" else None,
            url=address if code else None,
        )

    def comment(self, record: Any) -> Iterator[Activity]:
        """post_comments_1.json, reels_comments.json and their like, in either dialect and any language."""
        if not isinstance(record, Mapping):
            raise ValueError("is no record; left out")
        address = ""
        if "label_values" in record:
            at = times.seconds(record.get("timestamp"))
            owner, text = meta.labelled_owner(record), meta.labelled_text(record)
            address = meta.labelled_address(record)
        else:
            owner, text, at = _comment(record)
        if at is None:
            raise ValueError("is a comment without date; left out")
        yield from self.said("comment", f"comment:{at // 1_000_000}:{owner}", owner, text, at, address)

    def said(
        self, kind: str, name: str, owner: str, text: str, at: Micros, address: str
    ) -> Iterator[Activity]:
        """Words under something of ``owner``'s: towards the owner, and whoever else they name."""
        named = [who for found in _MENTION.findall(text) if (who := meta.handle(found.rstrip(".")))]
        told = {} if owner == self.who else {account(owner): kind}
        for who in named:
            if who != self.who:
                told.setdefault(account(who), "mention")
        for order, (target, what) in enumerate(told.items()):
            yield Activity(
                id=name if order == 0 else f"{name}#{target.partition(':')[2]}",
                kind=what,
                actor=self.account,
                target=target,
                at=at,
                object=address or None,
                in_reply_to=address or None,
                text=text or None,
                url=address or None,
                public=True,
            )

    def story(self, record: Any, key: str) -> Iterator[Activity]:
        """story_interactions/*.json: ``key`` is one of `STORY_KINDS`."""
        if not isinstance(record, Mapping):
            raise ValueError("is no record; left out")
        kind = STORY_KINDS[key]
        labelled = "label_values" in record
        owner = meta.labelled_owner(record) if labelled else meta.handle(record.get("title"))
        for one in [record] if labelled else _entries(record):
            at = times.seconds(one.get("timestamp"))
            if at is None:
                raise ValueError("has no date that can be read; left out")
            yield Activity(
                id=f"{key}:{at // 1_000_000}:{owner}",
                kind=kind,
                actor=self.account,
                target=account(owner),
                at=at,
                text=_text(one.get("value")) or None,
            )

    # ------------------------------------------------------------------ posts

    def post(self, record: Any, media: str = "") -> Post:
        """posts_1.json, reels.json, stories.json: what the owner published."""
        if not isinstance(record, Mapping):
            raise ValueError("is no record; left out")
        parts = [one for one in _list(record.get("media")) if isinstance(one, Mapping)] or [record]
        at = times.seconds(record.get("creation_timestamp")) or times.seconds(
            parts[0].get("creation_timestamp")
        )
        if at is None:
            raise ValueError("is a post without date; left out")
        text = words.tidy(_text(record.get("title")) or _text(parts[0].get("title")))
        video = bool(_VIDEO.search(_text(parts[0].get("uri"))))
        return Post(
            object=f"{self.account}/{media or 'post'}/{at // 1_000_000}",
            author=self.account,
            at=at,
            text=text,
            media=media
            if media == "story"
            else "album"
            if len(parts) > 1
            else "video"
            if video or media
            else "image",
            tags=tuple(dict.fromkeys(_TAG.findall(text))),
        )

    def thread(self, record: Any) -> Iterator[Record]:
        """Threads' threads_and_replies.json: posts, and answers of which nobody can say to whom."""
        part = next(iter(_list(record.get("media"))), None) if isinstance(record, Mapping) else None
        if not isinstance(part, Mapping):
            raise ValueError("is no post; left out")
        at = times.seconds(part.get("creation_timestamp")) or times.seconds(record.get("creation_timestamp"))
        if at is None:
            raise ValueError("is a post without date; left out")
        text = words.tidy(_text(part.get("title")))
        me, about = self.me("threads"), part.get("text_app_post", part.get("text_post_app_post"))
        name = f"{me}/post/{at // 1_000_000}"
        if isinstance(about, Mapping) and about.get("is_reply"):
            yield Activity(name, "comment", me, "", at, object=name, text=text or None, public=True)
        else:
            yield Post(name, me, at, text, "text", tags=tuple(dict.fromkeys(_TAG.findall(text))))

    # ------------------------------------------------------------------ direct messages

    def talk(self, document: Any, place: str) -> Iterator[Record | str]:
        """One message_N.json; ``place`` is its folder's name. A string says what of it is left out."""
        if not isinstance(document, Mapping):
            raise ValueError("is no conversation; left out")
        people = [
            _text(one.get("name")) for one in _list(document.get("participants")) if isinstance(one, Mapping)
        ]
        messages = [one for one in _list(document.get("messages")) if isinstance(one, Mapping)]
        path = _text(document.get("thread_path")).rstrip("/").rpartition("/")[2] or place
        number = re.search(r"_(\d+)$", path) or re.search(r"_(\d+)$", place)
        talk = number[1] if number else path
        others = [name for name in people if name != self.name]
        group = len(people) > 2
        if not group and (not self.name or len(others) != 1):
            raise ValueError("does not say which of the two is you; left out")
        other = "" if group else f"instagram:dm/{talk}"
        if other and messages:
            yield Profile(other, name=others[0])
        reactions = [
            one for message in messages for one in _list(message.get("reactions")) if isinstance(one, Mapping)
        ]
        dated = any(times.seconds(one.get("timestamp")) for one in reactions)
        for message in messages:
            yield from self._message(message, talk, other, dated)

    def _message(
        self, message: Mapping[str, Any], talk: str, other: Address, dated: bool
    ) -> Iterator[Activity | str]:
        sender = _text(message.get("sender_name"))
        at = times.milliseconds(message.get("timestamp_ms"))
        if not sender or message.get("is_unsent") is True:
            return
        if at is None:
            yield "is a message without a date that can be read; left out"
            return
        mine = sender == self.name
        text = _text(message.get("content"))
        if _REACTED.fullmatch(text):
            if other and not dated:  # newer exports tell of the reaction itself, with its time
                yield self._reaction(talk, other, mine, at, "")
            return
        name = f"dm:{talk}:{at // 1_000}:{'me' if mine else 'them'}"
        if other:
            yield Activity(
                id=name,
                kind="message",
                actor=self.account if mine else other,
                target=other if mine else self.account,
                at=at,
                object=name,
                text=text or None,
                public=False,
                actor_name=sender,
            )
        elif mine:
            named = [
                account(who) for found in _MENTION.findall(text) if (who := meta.handle(found.rstrip(".")))
            ]
            for order, target in enumerate(dict.fromkeys(named) or [""]):
                yield Activity(
                    id=name if order == 0 else f"{name}#{target.partition(':')[2]}",
                    kind="mention" if target else "message",
                    actor=self.account,
                    target=target,
                    at=at,
                    object=name,
                    text=text or None,
                    public=False,
                )
        for reaction in _list(message.get("reactions")) if other else ():
            when = times.seconds(reaction.get("timestamp")) if isinstance(reaction, Mapping) else None
            by_me = when is not None and _text(reaction.get("actor")) == self.name
            if when is not None and by_me != mine:
                yield self._reaction(talk, other, by_me, when, _text(reaction.get("reaction")))

    def _reaction(self, talk: str, other: Address, mine: bool, at: Micros, text: str) -> Activity:
        return Activity(
            id=f"dm-reaction:{talk}:{at // 1_000_000}:{'me' if mine else 'them'}",
            kind="like",
            actor=self.account if mine else other,
            target=other if mine else self.account,
            at=at,
            text=text or None,
            public=False,
        )


def owner(document: Any, made: Micros) -> Profile | None:
    """personal_information.json: who the export is about, offered as the brand's own."""
    users = document.get("profile_user") if isinstance(document, Mapping) else None
    user = next(iter(users), None) if isinstance(users, list) else users
    if not isinstance(user, Mapping):
        return None
    who = meta.handle(meta.field(user, meta.USERNAME))
    return described(
        who, meta.field(user, meta.NAME), meta.field(user, meta.EMAIL), meta.field(user, meta.BIO), made
    )


def described(who: str, name: str, email: str, bio: str, made: Micros) -> Profile | None:
    """The owner's profile; none without a user name."""
    if not who:
        return None
    return Profile(
        account(who),
        at=made,
        name=name or who,
        handle=who,
        url=f"https://www.instagram.com/{who}/",
        bio=bio,
        email=email.strip().casefold() if "@" in email else "",
        own=True,
    )


def _listed(record: Any) -> list[tuple[str, Micros | None]]:
    """The user names and dates of a line of a list, in any dialect; mostly one."""
    if not isinstance(record, Mapping):
        return [("", None)]
    if "label_values" in record:
        return [(meta.labelled_owner(record), times.seconds(record.get("timestamp")))]
    title = meta.handle(record.get("title"))
    return [
        (
            meta.handle(one.get("value")) or title or meta.handle_at(one.get("href")),
            times.seconds(one.get("timestamp")),
        )
        for one in _entries(record)
    ] or [(title, None)]


def _comment(record: Mapping[str, Any]) -> tuple[str, str, Micros | None]:
    """The owner, the words and the time of a comment, whatever language its keys are in."""
    fields = record.get("string_map_data")
    at: Micros | None = None
    text, owner, open_ones = "", "", []
    known_text = known_owner = False
    for name, one in fields.items() if isinstance(fields, Mapping) else ():
        if not isinstance(one, Mapping):
            continue
        at = at or times.seconds(one.get("timestamp"))
        value = _text(one.get("value"))
        if name.casefold() in meta.COMMENT:
            text, known_text = value, True
        elif name.casefold() in meta.OWNER:
            owner, known_owner = meta.handle(value), True
        elif value and not one.get("timestamp"):
            open_ones.append(value)
    if not known_owner and known_text and len(open_ones) == 1:
        owner = meta.handle(open_ones[0])
    elif not known_text and known_owner and len(open_ones) == 1:
        text = open_ones[0]
    elif not known_text and not known_owner and len(open_ones) == 2:
        # A language that is not known: the shape tells the two apart unless both could be a user name.
        names = [value for value in open_ones if meta.handle(value)]
        if len(names) == 1:
            owner = meta.handle(names[0])
            text = next(value for value in open_ones if value != names[0])
    return owner, text, at


def _entries(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in _list(record.get("string_list_data")) if isinstance(one, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
