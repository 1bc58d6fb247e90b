"""ActivityStreams 2.0 (https://www.w3.org/TR/activitystreams-core/), as any server writes it -> records.

Decided here:

- An actor's URI gives its account (`courtship.addresses.of_uri`). The owner of a thing is its
  ``attributedTo`` (or ``actor``), else whom its own address names, else the activity's ``target``, else
  the only other actor that it mentions or is addressed to, else nobody (``""``): never a guess.
- One Note may be towards several people: whom it answers or quotes, and everybody it mentions. The first
  has the activity's own id, each further one the id with ``#ACCOUNT`` added.
- A Note with a ``name`` and no ``content`` in reply to something is a vote, also where it is addressed to
  the asker alone: that is how servers send votes, and a message has words.
- A review counts as ``endorse`` from above three fifths of its scale, as ``mention`` below.
- Types that say nothing between two people (Accept, Add, Update, …) are left out without a word; a type
  that is unknown is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.addresses import is_address, of_uri, owner_of_uri, platform_of
from courtship.model import Activity, Address, Post, Profile, Undo
from courtship.platforms.activitystreams_values import (
    PUBLIC,
    Item,
    first_of,
    followers_of,
    id_of,
    is_addressed,
    is_public,
    link_of,
    list_of,
    mapped_value,
    name_of,
    string_of,
    time_of,
    type_of,
    web_address,
    words_of,
)
from courtship.platforms.own_export import Exported, from_own, is_own, to_activitystreams
from courtship.platforms.words import links, plain

__all__ = ["ACTORS", "COLLECTIONS", "Reader", "from_activitystreams", "to_activitystreams"]

REMEMBERED: Final = 1_000_000
"""Notes of one file, of unusual names, of which it is known what made them."""

ACTORS: Final = frozenset({"Person", "Group", "Organization", "Service", "Application"})
COLLECTIONS: Final = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
_NOTES: Final = frozenset(
    {"Note", "Article", "Page", "Question", "Event", "Image", "Video", "Audio", "Document"}
)
_SIMPLE: Final[Mapping[str, str]] = {
    "Follow": "follow",
    "Block": "block",
    "Like": "like",
    "EmojiReact": "like",
    "View": "view",
    "Announce": "share",
}
_SILENT: Final = frozenset(
    {
        "Accept", "Add", "Arrive", "Dislike", "Flag", "Ignore", "Invite", "Join", "Leave", "Listen", "Move",
        "Read", "Reject", "Remove", "TentativeAccept", "TentativeReject", "Travel", "Update", "Tombstone",
    }
)  # fmt: skip
_QUOTES: Final = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
_MEDIA: Final = frozenset({"image", "video", "audio"})


def from_activitystreams(item: Item) -> list[Exported]:
    """The records of one activity, note or actor, or of one line of the product's own export.

    ``ValueError`` with words for the owner where it is none of these.
    """
    reader = Reader()
    return [*reader.records(item), *reader.finish()]


class Reader:
    """Reads the items of one file. Remembers which activity made which note, for a Delete names the note,
    and may stand before what made it: hence `finish`, at the end of the file."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}
        self._deletes: list[Undo] = []
        self._told: set[Profile] = set()

    def records(self, item: Any) -> Iterator[Exported]:
        """The records of one item; ``ValueError`` as `from_activitystreams`."""
        if not isinstance(item, dict):
            raise ValueError("is no activity")
        if is_own(item):
            yield from_own(item)
            return
        kind = type_of(item)
        if kind in _SIMPLE:
            yield self._simple(_SIMPLE[kind], item)
        elif kind == "Create":
            yield from self._create(item, item.get("object"))
        elif kind in _NOTES or kind == "Review":
            yield from self._create(item, item)
        elif kind == "Offer":
            yield from self._offer(item)
        elif kind in {"Undo", "Delete"}:
            undo = self._undo(item, blank=kind == "Delete")
            if kind == "Delete":
                self._deletes.append(undo)
            else:
                yield undo
        elif kind not in ACTORS and kind not in _SILENT:
            raise ValueError(f"is of a type that is not known here: {kind!r:.60}")
        actor = item if kind in ACTORS else first_of(item.get("actor")) or first_of(item.get("attributedTo"))
        yield from self._profile(actor)

    def finish(self) -> Iterator[Undo]:
        """The Deletes, each of the activity that made the note which it names."""
        for undo in self._deletes:
            made = self._made.get(undo.undoes)
            yield undo._replace(undoes=made) if made else undo
            if not made and owner_of_uri(undo.undoes):
                yield undo._replace(undoes=f"{undo.undoes}/activity")
        self._deletes.clear()

    # ------------------------------------------------------------ activities

    def _simple(self, kind: str, item: Item) -> Activity:
        thing = first_of(item.get("object"))
        if thing is None:
            raise ValueError("has no object")
        at = time_of(item)
        actor = _actor(item)
        if kind in {"follow", "block"} or (kind == "view" and _is_actor(thing)):
            target, object = _account(thing), None
        else:
            target, object = _owner(thing, item, actor), id_of(thing)
        return Activity(
            id_of(item),
            kind,
            actor,
            target,
            at,
            object=object or None,
            text=words_of(item) or None if kind == "like" else None,
            url=link_of(thing) or None if object else None,
            public=is_public(item),
            actor_name=name_of(item.get("actor")),
            target_name=name_of(thing) if _is_actor(thing) else None,
            actor_followers=followers_of(item.get("actor")),
        )

    def _create(self, item: Item, note: Any) -> Iterator[Activity | Post]:
        note = first_of(note)
        if not isinstance(note, dict):
            raise ValueError("has no post in it")
        if type_of(note) == "Review":
            yield self._review(item, note)
            return
        at = time_of(note if note.get("published") else item)
        actor = _actor(item) if item.get("actor") else _account(first_of(note.get("attributedTo")))
        id = id_of(item)
        name = id_of(note)
        # Most servers name the Create after the note: these need not be remembered, `finish` knows them.
        if id and name and id not in {name, f"{name}/activity"} and len(self._made) < REMEMBERED:
            self._made[name] = id
        text = words_of(note) or plain(mapped_value(note, "name"))
        link = link_of(note) or None
        public = is_public(note) if is_addressed(note) else is_public(item)
        towards = _towards(item, note, actor)
        for order, (target, (kind, object)) in enumerate(towards.items()):
            yield Activity(
                id if order == 0 or not id else f"{id}#{target}",
                kind,
                actor,
                target,
                at,
                object=object or name or None,
                in_reply_to=id_of(first_of(note.get("inReplyTo"))) or None,
                text=text or None,
                url=link,
                public=public,
                actor_name=name_of(item.get("actor") or note.get("attributedTo")),
                actor_followers=followers_of(item.get("actor")),
            )
        if name and public is not False and not note.get("inReplyTo") and type_of(note) != "Tombstone":
            yield _post(note, name, actor, at, text, public)

    def _offer(self, item: Item) -> Iterator[Activity]:
        thing = first_of(item.get("object"))
        actor = _actor(item)
        about = first_of(item.get("target"))
        target = _account(about) if about is not None else _owner(thing, item, actor)
        words = words_of(thing) or plain(mapped_value(thing, "name")) if isinstance(thing, dict) else ""
        yield Activity(
            id_of(item),
            "endorse",
            actor,
            target,
            time_of(item),
            object=id_of(thing) or None,
            text=words or words_of(item) or None,
            url=link_of(thing) or None,
            public=is_public(item),
            actor_name=name_of(item.get("actor")),
        )

    def _review(self, item: Item, review: Item) -> Activity:
        actor = _actor(item) if item.get("actor") else _account(first_of(review.get("attributedTo")))
        about = next(
            (found for key in ("itemReviewed", "about", "inReplyTo") if (found := first_of(review.get(key)))),
            None,
        )
        asked = first_of(item.get("target"))
        target = _account(asked) if asked is not None else _owner(about, review, actor)
        if not target and isinstance(about, str):
            target = of_uri(about)
        return Activity(
            id_of(item),
            "endorse" if _praise(review) else "mention",
            actor,
            target,
            time_of(review if review.get("published") else item),
            object=id_of(review) or None,
            text=words_of(review) or None,
            url=link_of(review) or None,
            public=is_public(review) if is_addressed(review) else is_public(item),
            actor_name=name_of(item.get("actor") or review.get("attributedTo")),
        )

    def _undo(self, item: Item, *, blank: bool) -> Undo:
        thing = first_of(item.get("object"))
        undone = id_of(thing)
        if not undone:
            raise ValueError("does not say what it undoes (object.id)")
        actor = first_of(item.get("actor"))
        platform = _account(actor).partition(":")[0] if actor is not None else ""
        return Undo(id_of(item), undone, time_of(item), platform, blank)

    # ------------------------------------------------------------ accounts

    def _profile(self, actor: Any) -> Iterator[Profile]:
        """What an actor given as an object says of itself; each once a file."""
        if not isinstance(actor, dict) or not (actor.get("name") or actor.get("preferredUsername")):
            return
        try:
            account = _account(actor)
        except ValueError:
            return
        fields = [field for field in list_of(actor.get("attachment")) if isinstance(field, dict)]
        shown = [link for field in fields for link in links(str(field.get("value", "")))]
        profile = Profile(
            account,
            name=plain(mapped_value(actor, "name")),
            handle=string_of(actor.get("preferredUsername")),
            url=link_of(actor) or web_address(id_of(actor)),
            bio=words_of(actor, "summary"),
            followers=followers_of(actor),
            links=tuple(dict.fromkeys(shown)),
        )
        if profile not in self._told:
            self._told.add(profile)
            yield profile


# ---------------------------------------------------------------- who is meant


def _towards(item: Item, note: Item, actor: Address) -> dict[Address, tuple[str, str]]:
    """Whom a Note is towards: account -> (kind, what it is about); the first kind that fits stays."""
    told: dict[Address, tuple[str, str]] = {}
    mentioned = [who for who in _mentions(note) if who != actor]
    addressed = [who for who in _recipients(item, note) if who != actor]
    vote = bool(mapped_value(note, "name")) and not note.get("content") and type_of(note) == "Note"
    answered = first_of(note.get("inReplyTo"))
    asked = isinstance(answered, dict) and type_of(answered) == "Question"
    if not (vote and answered) and not asked and _addressed_alone(item, note) and len(addressed) == 1:
        told[addressed[0]] = ("message", "")
    quoted = next((found for key in _QUOTES if (found := first_of(note.get(key)))), None) or _quote_link(note)
    for thing, kind in ((quoted, "quote"), (answered, "vote" if vote or asked else "comment")):
        if thing is None:
            continue
        owner = _owner(thing, item, actor, *(mentioned or addressed))
        if owner != actor:
            told.setdefault(owner, (kind, id_of(thing)))
    for who in mentioned:
        told.setdefault(who, ("mention", ""))
    if len(told) > 1:
        told.pop("", None)  # towards whom is known: the unknown owner adds nobody
    return told


def _owner(thing: Any, item: Item, actor: Address, *others: Address) -> Address:
    """Whose a thing is, as far as it can be told."""
    if isinstance(thing, dict):
        for key in ("attributedTo", "actor"):
            by = first_of(thing.get(key))
            if by is not None:
                return _account(by)
        if _is_actor(thing):
            return _account(thing)
    if isinstance(thing, str) and thing.startswith(("https:", "http:", "acct:")) and _is_actor(thing):
        return of_uri(thing)
    owner = owner_of_uri(id_of(thing)) or (owner_of_uri(link_of(thing)) if isinstance(thing, dict) else "")
    if owner:
        return owner
    target = first_of(item.get("target"))
    if target is not None:
        return _account(target)
    people = list(dict.fromkeys(others)) or [who for who in _recipients(item, {}) if who != actor]
    if (
        not people
        and isinstance(thing, str)
        and is_address(thing)
        and platform_of(thing) == platform_of(actor)
    ):
        return thing  # of the product's own way of writing accounts, and of no web's
    return people[0] if len(people) == 1 else ""


def _recipients(item: Item, note: Item) -> list[Address]:
    """Actors that a post is addressed to: neither the public nor collections of followers."""
    found: dict[Address, None] = {}
    for part in (note, item):
        if not is_addressed(part):
            continue
        for key in ("to", "cc", "bto", "bcc", "audience"):
            for who in list_of(part.get(key)):
                uri = id_of(who)
                if uri and uri not in PUBLIC and not _is_collection(uri):
                    try:
                        found[of_uri(uri)] = None
                    except ValueError:
                        continue
    return list(found)


def _addressed_alone(item: Item, note: Item) -> bool:
    there = False
    for part in (note, item):
        for key in ("to", "cc", "audience"):
            for who in list_of(part.get(key)):
                there, uri = True, id_of(who)
                if uri in PUBLIC or _is_collection(uri):
                    return False
    return there


def _is_collection(uri: str) -> bool:
    return uri.rstrip("/").endswith(("/followers", "/following"))


def _mentions(note: Item) -> list[Address]:
    found: dict[Address, None] = {}
    for tag in list_of(note.get("tag")):
        if isinstance(tag, dict) and type_of(tag) == "Mention":
            try:
                found[of_uri(id_of(tag))] = None
            except ValueError:
                continue
    return list(found)


def _quote_link(note: Item) -> Any:
    """A quote as FEP-e232 writes it: a Link among the tags with the rel of a quote."""
    for tag in list_of(note.get("tag")):
        rels = list_of(tag.get("rel")) if isinstance(tag, dict) and type_of(tag) == "Link" else []
        if any("quote" in str(rel).casefold() for rel in rels):
            return id_of(tag) or None
    return None


def _actor(item: Item) -> Address:
    actor = first_of(item.get("actor")) or first_of(item.get("attributedTo"))
    if actor is None:
        raise ValueError("has no actor")
    return _account(actor)


def _account(value: Any) -> Address:
    uri = id_of(value)
    if not uri:
        raise ValueError("names an account without its id")
    return of_uri(uri)


def _is_actor(thing: Any) -> bool:
    if isinstance(thing, dict):
        return type_of(thing) in ACTORS
    try:
        account = of_uri(thing) if isinstance(thing, str) else ""
    except ValueError:
        return False
    return bool(account) and not account.startswith("web:") and not owner_of_uri(thing)


# ---------------------------------------------------------------- values


def _post(note: Item, name: str, actor: Address, at: int, text: str, public: bool | None) -> Post:
    options = [option for key in ("oneOf", "anyOf") for option in list_of(note.get(key))]
    poll = tuple(plain(option.get("name")) for option in options if isinstance(option, dict))
    tags = [tag for tag in list_of(note.get("tag")) if isinstance(tag, dict)]
    attached = [part for part in list_of(note.get("attachment")) if isinstance(part, dict)]
    kinds = [
        string_of(part.get("mediaType")).partition("/")[0] or type_of(part).casefold() for part in attached
    ]
    own = type_of(note).casefold()
    media = "poll" if poll or own == "question" else "album" if len(kinds) > 1 else (kinds or [own])[0]
    hidden = {id_of(tag) for tag in tags}
    linked = [link for link in links(string_of(note.get("content"))) if link not in hidden]
    return Post(
        name,
        actor,
        at,
        text=text,
        media=media if media in _MEDIA | {"poll", "album"} else "text",
        link=linked[0] if linked else "",
        tags=tuple(string_of(tag.get("name")).lstrip("#") for tag in tags if type_of(tag) == "Hashtag"),
        poll=poll,
        url=link_of(note) or web_address(name),
        public=public,
    )


def _praise(review: Item) -> bool:
    """Whether a rating is in the upper two fifths of its scale (of 1 to 5 where it does not say)."""
    rating = review.get("reviewRating", review.get("rating"))
    rating = first_of(rating)
    fields = rating if isinstance(rating, dict) else {"ratingValue": rating}
    try:
        value = float(fields.get("ratingValue", "nan"))
        best = float(fields.get("bestRating", 5))
        worst = float(fields.get("worstRating", 1))
    except (TypeError, ValueError):
        return False
    return best > worst and (value - worst) > (best - worst) * 0.6
