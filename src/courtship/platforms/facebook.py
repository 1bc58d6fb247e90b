"""Facebook profiles: what an export ("Download your information", JSON) tells -> records.

An export names people by display name only. An account is ``facebook:name/ann bell``, and whatever names
that name means it, except where the name is seen to be of several (twice among the friends, or two talks
with people of that name): then acts by name are nobody's, and each talk is ``facebook:thread/NUMBER`` by the
number in its folder's name, which stays. All values are expected repaired (`meta.mended`).

Decided here:

- Friends follow each other. A request is a follow by whoever sends it, from then on: interest was shown. One
  that the owner turned down is over when that was; removing a friend ends what was asked before, too.
- Whose thing the owner liked, commented, shared or voted on is read from the act's title
  (`facebook_titles`); a title in another wording names nobody. A Page liked or followed is a ``follow``.
- The numbered files of reactions and the newer one tell the same acts: those of one second towards the same
  person are one.
- A post on the other's timeline, either way, is a ``mention``, and so is tagging somebody in a post.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot, Undo
from courtship.platforms import meta, times, words
from courtship.platforms.facebook_titles import about
from courtship.platforms.notification_mail.links import followed

_USERS: Final = re.compile(
    r"facebook[ -]?(?:user|users|gebruiker|nutzer|nutzerin)|usuario de facebook|utilisateur(?: de)? facebook",
    re.IGNORECASE,
)
"""How Facebook names those who have left: everybody and nobody."""

_TAG: Final = re.compile(r"#(\w+)")
_OPTION: Final = frozenset(("option", "poll option", "optie", "antwort", "opción", "réponse", "vote"))
_REACTION: Final = frozenset(
    ("reaction", "reactie", "reaktion", "reacción", "réaction", "reazione", "reação")
)
_ADDRESS: Final = frozenset(("url", "link"))


class Listed(NamedTuple):
    """A line of a list of people: friends, followers, requests."""

    name: str
    at: Micros | None


def account(name: str) -> Address:
    """``Ann  Bell`` -> ``facebook:name/ann bell``; ``""`` of nobody, and of those who have left."""
    key = name_key(name)
    return f"facebook:name/{key}" if key else ""


def name_key(name: Any) -> str:
    """A display name as it is compared: small letters, single blanks; ``""`` where it names nobody."""
    key = " ".join(name.split()).casefold() if isinstance(name, str) else ""
    key = "".join(letter for letter in key if letter.isprintable())
    return "" if not key or len(key) > 200 or _USERS.fullmatch(key) else key


def listed(item: Any) -> Listed:
    """A line of a list, in either dialect. The name is ``""`` where it names nobody."""
    if not isinstance(item, Mapping):
        raise ValueError("is no line of a list of people; left out")
    name = as_text(item.get("name")) or _labelled(item, meta.NAME)
    data = item.get("data")
    if not name and isinstance(data, list) and data and isinstance(data[0], Mapping):
        name = as_text(data[0].get("name"))
    return Listed(" ".join(name.split()) if name_key(name) else "", times.seconds(item.get("timestamp")))


def owner(document: Any, made: Micros) -> Profile | None:
    """profile_information.json: who the export is about, offered as the brand's own."""
    if not isinstance(document, Mapping):
        return None
    found = next((value for key, value in document.items() if key.startswith("profile")), None)
    if not isinstance(found, Mapping):
        return None
    name = found.get("name")
    full = as_text(name.get("full_name")) if isinstance(name, Mapping) else as_text(name)
    emails = found.get("emails")
    address = next(iter(as_list(emails.get("emails"))), "") if isinstance(emails, Mapping) else ""
    intro = found.get("intro_bio")
    bio = as_text(intro.get("name")) if isinstance(intro, Mapping) else as_text(found.get("about_me"))
    return described(
        full, made, as_text(found.get("username")), as_text(found.get("profile_uri")), bio, as_text(address)
    )


def described(
    name: str, made: Micros, handle: str = "", url: str = "", bio: str = "", email: str = ""
) -> Profile | None:
    """The owner's profile; none without a name."""
    if not name_key(name):
        return None
    return Profile(
        account(name),
        at=made,
        name=" ".join(name.split()),
        handle=handle,
        url=url if url.startswith("https://") else "",
        bio=bio,
        email=email.strip().casefold() if "@" in email else "",
        own=True,
    )


def actor_named(item: Any) -> str:
    """The owner's name as one of the owner's own reactions or comments gives it, ``""`` if it does not."""
    for one in as_list(item.get("data")) if isinstance(item, Mapping) else ():
        for key, field in (("reaction", "actor"), ("comment", "author")):
            inner = one.get(key) if isinstance(one, Mapping) else None
            if isinstance(inner, Mapping) and name_key(inner.get(field)):
                return as_text(inner.get(field))
    return ""


class Export:
    """Maps one export of ``name``, as of ``made``. Let it `learn` and `learn_talk` first who is known."""

    def __init__(self, name: str, made: Micros) -> None:
        self.name = name
        self.account = account(name)
        self.made = made
        self.known: set[str] = set()
        """Names of friends, followers and followed, in small letters."""
        self.names: set[str] = set()
        """The same as they are written."""
        self.doubtful = False
        """The list of friends is damaged: a name may be of several, so none is anybody's."""
        self._several: set[str] = set()
        self._friends: set[str] = set()
        self._talks: defaultdict[str, set[str]] = defaultdict(set)
        self._gone: dict[str, Micros] = {}
        self._told: set[bytes] = set()
        self._newer: defaultdict[Micros, list[tuple[str, str, str]]] = defaultdict(list)
        self._seconds: Counter[str] = Counter()

    # ------------------------------------------------------------------ who is who

    def learn(self, line: Listed, *, friends: bool = False) -> None:
        """A name of a list. Two friends of one name make it nobody's."""
        key = name_key(line.name)
        if friends and key in self._friends:
            self._several.add(key)
        if friends:
            self._friends.add(key)
        if key:
            self.known.add(key)
            self.names.add(line.name)

    def learn_removed(self, line: Listed) -> None:
        """A friend that the owner removed, and when."""
        if (key := name_key(line.name)) and line.at:
            self._gone[key] = max(line.at, self._gone.get(key, 0))

    def learn_talk(self, folder: str) -> None:
        """A folder of messages: ``annbell_1234``. Two of one name make it nobody's."""
        slug, _, number = folder.rpartition("_")
        self._talks[slug.casefold()].add(number)

    def named(self, name: str) -> Address:
        """The account of a name; ``""`` where several have it, or nobody."""
        key = name_key(name)
        if key and key == name_key(self.name):
            return self.account
        return "" if self.doubtful or key in self._several else account(name)

    def partner(self, name: str, folder: str) -> Address:
        """Who the other one of a talk of two is, by the name and the folder of the talk."""
        if self.doubtful:
            return ""
        slug, _, number = folder.rpartition("_")
        alone = len(self._talks.get(slug.casefold(), ())) <= 1 and name_key(name) not in self._several
        return account(name) if alone and name_key(name) else f"facebook:thread/{number}"

    # ------------------------------------------------------------------ lists

    def relation(self, line: Listed, part: str) -> Iterator[Record]:
        """A friend, follower, followed, request, removed friend, Page liked, followed or recommended."""
        who = self.named(line.name)
        if not who or who == self.account or (line.at is None and part not in _STARTS):
            return
        key = name_key(line.name)
        if part in _ENDS:
            for what in _ENDS[part]:
                for way in ("in", "out") if part == "removed" else ("out",):
                    name = f"{what}:{key}:{way}"
                    yield Undo(f"{name}:end:{line.at}", name, line.at or 0, "facebook")
            return
        if part == "recommended":
            at = line.at or 0
            name = f"recommended:{key}:{at // 1_000_000}"
            yield Activity(name, "endorse", self.account, who, at, target_name=line.name)
            return
        rejected = part == "request_rejected"
        what, ways = _STARTS[part]
        for way in ways:
            name = f"{what}:{key}:{way}"
            if line.at is None:
                continue
            if what == "page" and self._again(name):
                continue  # liked and followed: told of in two files
            if line.at > self._gone.get(key, line.at):  # friends again: another act than the one that ended
                name = f"{name}:{line.at}"
            actor, target = (who, self.account) if way == "in" else (self.account, who)
            yield Activity(
                name,
                "follow",
                actor,
                target,
                line.at,
                actor_name=line.name if way == "in" else None,
                target_name=line.name if way == "out" else None,
                # When it was asked is not told, only when it was over: it shows that the two have met.
                ended=line.at if rejected else None,
                precise=not rejected,
            )

    def undated(self, part: str, names: list[str]) -> Iterator[Snapshot]:
        """Those of a list without dates, as a list of that moment: who came, but not who went."""
        members = dict.fromkeys(who for name in names if (who := self.named(name)))
        for way in _STARTS[part][1]:
            direction: Any = "inbound" if way == "in" else "outbound"
            yield Snapshot(self.account, "follow", direction, tuple(members), self.made, complete=False)

    # ------------------------------------------------------------------ what the owner did

    def learn_reaction(self, item: Any) -> None:
        """A reaction of the newer file, before the numbered ones are read."""
        at = times.seconds(item.get("timestamp")) if isinstance(item, Mapping) else None
        if at is None or "label_values" not in item:
            return
        top = [one for one in meta.labels(item) if not one.path]
        name = next((one.value for one in top if one.label.casefold() in meta.NAME), "")
        url = next((one.href or one.value for one in top if one.label.casefold() in _ADDRESS), "")
        emoji = next((one.value for one in top if one.label.casefold() in _REACTION), "")
        self._newer[at].append((" ".join(name.split()), _web(url), emoji))

    def reaction(self, item: Any) -> Iterator[Record | str]:
        """A reaction of the numbered files; what the newer file has of it is taken with it."""
        at = when(item)
        title = as_text(item.get("title"))
        data = next((one for one in as_list(item.get("data")) if isinstance(one, Mapping)), {})
        inner = data.get("reaction")
        emoji = as_text(inner.get("reaction")) if isinstance(inner, Mapping) else ""
        found = about("react", title, self.name, self.known)
        if title and not found.wording:
            yield _UNKNOWN
        name = self.name if found.mine else found.name
        twins = self._newer.get(at, [])
        twin = next((one for one in twins if name and name_key(one[0]) == name_key(name)), None)
        if twin is None and not name and len(twins) == 1:
            twin = twins[0]
        if twin is None:
            twin = next((one for one in twins if name and not one[0]), None)
        if twin is not None:
            twins.remove(twin)
        yield self._reacted(at, name or (twin[0] if twin else ""), twin[1] if twin else "", emoji)

    def unlearned_reaction(self, item: Any) -> Iterator[Record | str]:
        """A reaction of the newer file in the older dialect, or one that could not be learned."""
        when(item)
        if "label_values" not in item:
            yield from self.reaction(item)

    def newer_reactions(self) -> Iterator[Record]:
        """Reactions that only the newer file has."""
        for at in sorted(self._newer):
            for name, url, emoji in self._newer[at]:
                yield self._reacted(at, name, url, emoji)
        self._newer.clear()

    def _reacted(self, at: Micros, name: str, url: str, emoji: str) -> Activity:
        target = self.named(name)
        key = f"reaction:{at // 1_000_000}:{name_key(name) if target else ''}"
        self._seconds[key] += 1
        again = f":{self._seconds[key]}" if self._seconds[key] > 1 else ""
        said = emoji.casefold()
        return Activity(
            id=f"{key}{again}",
            kind="like",
            actor=self.account,
            target=target,
            at=at,
            object=followed("facebook", url).object or url or None,
            text=None if said in {"", "like"} else said,
            url=url or None,
            target_name=name if target else None,
        )

    def comment(self, item: Any) -> Iterator[Record | str]:
        """A comment, in the general file or in that of groups."""
        at = when(item)
        data = next((one for one in as_list(item.get("data")) if isinstance(one, Mapping)), {})
        inner = data.get("comment")
        inner = inner if isinstance(inner, Mapping) else {}
        at = times.seconds(inner.get("timestamp")) or at
        text = words.tidy(as_text(inner.get("comment")))
        author = as_text(inner.get("author")) or self.name
        title = as_text(item.get("title"))
        found = about("comment", title, author, self.known)
        name = f"comment:{at // 1_000_000}:{_digest(text)}"
        if self._again(name):
            return
        if title and not found.wording:
            yield _UNKNOWN
        yield Activity(
            id=name,
            kind="comment",
            actor=self.account if name_key(author) == name_key(self.name) else account(author),
            target=account(author) if found.mine else self.named(found.name),
            at=at,
            text=text or None,
            target_name=None if found.mine else found.name or None,
        )

    def vote(self, item: Any) -> Iterator[Record | str]:
        """A vote in a poll. The newer file does not say whose poll it was."""
        at = when(item)
        if "label_values" in item:
            chosen = [one.value for one in meta.labels(item) if one.label.casefold() in _OPTION and one.value]
            title = ""
        else:
            polls = [
                one["poll"]
                for attachment in as_list(item.get("attachments"))
                if isinstance(attachment, Mapping)
                for one in as_list(attachment.get("data"))
                if isinstance(one, Mapping) and isinstance(one.get("poll"), Mapping)
            ]
            chosen = [
                as_text(option.get("option"))
                for poll in polls
                for option in as_list(poll.get("options"))
                if isinstance(option, Mapping) and option.get("voted") is True
            ]
            title = as_text(item.get("title"))
        found = about("vote", title, self.name, self.known)
        if self._again(f"vote:{at // 1_000_000}"):
            return
        if title and not found.wording:
            yield _UNKNOWN
        for number, option in enumerate(chosen or [""]):
            yield Activity(
                id=f"vote:{at // 1_000_000}:{number}",
                kind="vote",
                actor=self.account,
                target=self.account if found.mine else self.named(found.name),
                at=at,
                text=option or None,
                target_name=found.name or None,
            )

    def post(self, item: Any) -> Iterator[Record | str]:
        """A post: the owner's own, on another's timeline, or sharing somebody's."""
        at = when(item)
        title = as_text(item.get("title"))
        data = [one for one in as_list(item.get("data")) if isinstance(one, Mapping)]
        text = words.tidy(next((as_text(one.get("post")) for one in data if one.get("post")), ""))
        media, link = _attached(item)
        name = f"post:{at // 1_000_000}:{_digest(text)}"
        if self._again(name):
            return
        wall = about("wall", title, self.name, self.known)
        shared = about("share", title, self.name, self.known)
        if wall.name and not wall.mine:
            yield Activity(name, "mention", self.account, self.named(wall.name), at, text=text or None)
            return
        if shared.name and not shared.mine:
            yield Activity(
                name,
                "share",
                self.account,
                self.named(shared.name),
                at,
                object=link or None,
                text=text or None,
            )
        yield Post(
            f"{self.account}/{name}",
            self.account,
            at,
            text,
            media,
            link,
            tuple(dict.fromkeys(_TAG.findall(text))),
        )
        tagged = [as_text(one.get("name")) for one in as_list(item.get("tags")) if isinstance(one, Mapping)]
        for person in dict.fromkeys(
            who for one in tagged if (who := self.named(one)) != self.account and who
        ):
            yield Activity(
                f"{name}:with:{person}", "mention", self.account, person, at, object=f"{self.account}/{name}",
                text=text or None,
            )  # fmt: skip

    def wall_post(self, item: Any) -> Iterator[Record | str]:
        """A post by somebody else on the owner's timeline."""
        at = when(item)
        found = about("wall_in", as_text(item.get("title")), self.name, self.known)
        who = self.named(found.name)
        if not who or who == self.account:
            if not found.mine:
                yield _UNKNOWN
            return
        data = [one for one in as_list(item.get("data")) if isinstance(one, Mapping)]
        text = words.tidy(next((as_text(one.get("post")) for one in data if one.get("post")), ""))
        yield Activity(
            f"wall:{at // 1_000_000}:{_digest(text)}", "mention", who, self.account, at, text=text or None,
            actor_name=found.name,
        )  # fmt: skip

    def _again(self, name: str) -> bool:
        """Whether an act was told before: several files may tell of it."""
        key = hashlib.blake2b(name.encode(), digest_size=8).digest()
        if key in self._told:
            return True
        self._told.add(key)
        return False


_UNKNOWN: Final = "has a title in a wording that is not known, so nobody is named"

_STARTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "friend": ("friend", ("in", "out")),
    "follower": ("follow", ("in",)),
    "following": ("follow", ("out",)),
    "request_in": ("request", ("in",)),
    "request_out": ("request", ("out",)),
    "request_rejected": ("request", ("in",)),
    "page_follow": ("page", ("out",)),
    "page_like": ("page", ("out",)),
}
"""What stands by a list, and which ways."""

_ENDS: Final[Mapping[str, tuple[str, ...]]] = {"removed": ("friend", "request"), "page_unfollow": ("page",)}


def _labelled(item: Mapping[str, Any], names: frozenset[str]) -> str:
    return next((one.value for one in meta.labels(item) if one.label.casefold() in names), "")


def _attached(item: Mapping[str, Any]) -> tuple[str, str]:
    """The medium of a post and the link in it."""
    media, link = "", ""
    for attachment in as_list(item.get("attachments")):
        for one in as_list(attachment.get("data")) if isinstance(attachment, Mapping) else ():
            if not isinstance(one, Mapping):
                continue
            file, outside = one.get("media"), one.get("external_context")
            if isinstance(file, Mapping):
                video = as_text(file.get("uri")).casefold().endswith((".mp4", ".mov", ".webm"))
                media = "album" if media else "video" if video else "image"
            if isinstance(outside, Mapping):
                link = _web(outside.get("url"))
                media = media or "link"
            if isinstance(one.get("poll"), Mapping):
                media = "poll"
    return media or "text", link


def when(item: Any) -> Micros:
    """The time of an item; in the newer dialect it may be one of the labelled values."""
    at = times.seconds(item.get("timestamp")) if isinstance(item, Mapping) else None
    if at is None and isinstance(item, Mapping):
        labelled = (times.seconds(one.timestamp) for one in meta.labels(item))
        at = next((one for one in labelled if one is not None), None)
    if at is None:
        raise ValueError("has no date that can be read; left out")
    return at


def _web(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
