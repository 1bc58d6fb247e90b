"""Instagram exports ("Download your information", JSON), 2018 to 2026, with Threads inside.

How to get one: *Accounts Centre*, *Your information and permissions*, *Export your information* (until 2025:
*Download your information*), *Create export*, the account, *Export to device*, date range *All time*, format
**JSON** (HTML is what comes unless you change it). A mail says when it is ready, within hours to some days;
the link holds for four days.

The export holds what the owner did (likes, comments, answers to stories, posts), who follows and since when,
and direct messages both ways. What others liked or commented is not in it. Files are read one at a time;
large ones stream.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from courtship.model import DAY, Activity, Address, Micros, Problem, Profile, Record
from courtship.platforms import instagram, instagram_flat, meta, times
from courtship.platforms.instagram import STORY_KINDS, Export
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8, json_document, json_items
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction, Seen

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "full",
    ("follow", "outbound"): "full",
    ("block", "outbound"): "full",
    ("like", "outbound"): "full",
    ("comment", "outbound"): "some",
    ("mention", "outbound"): "some",
    ("vote", "outbound"): "full",
    ("message", "inbound"): "full",
    ("message", "outbound"): "full",
}
"""Comments only in part: whom one answers in a thread is not told."""

WHOLE_TALK: Final = 64 * 1024 * 1024
"""Bytes of one file of messages; the platform begins a new one long before."""

_ROOT: Final = re.compile(
    r"^((?:[^/]+/)*?)(?:connections/)?(?:followers_and_following|your_instagram_activity)/"
)
_FLAT: Final = re.compile(
    r"(?:^|/)(likes|comments|connections|stories_activities|messages|media|profile)\.json$", re.IGNORECASE
)
_FLAT_HEADS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "likes": re.compile(rb'"(?:media|comment)_likes"'),
    "comments": re.compile(rb'"(?:media|live)_comments"'),
    "connections": re.compile(rb'"(?:followers|following|blocked_users|follow_requests_sent)"\s*:\s*\{'),
    "stories_activities": re.compile(rb'"(?:polls|quizzes|questions|emoji_sliders|countdowns)"'),
    "messages": re.compile(rb'"conversation"|"participants"'),
    "media": re.compile(rb'"taken_at"'),
    "profile": re.compile(rb'"username"'),
}
_SURE: Final = frozenset(("likes", "comments", "connections"))
"""Flat files by whose content alone an export is known."""

_ZIP_NAME: Final = re.compile(
    r"instagram-(?P<who>[A-Za-z0-9_.]{1,30}?)-(?P<day>\d{4}-\d\d-\d\d)-"
    r"|(?P<old_who>[A-Za-z0-9_.]{1,30})_(?P<old_day>20\d{6})(?:_part_\d+)?(?:\.|$)",
    re.ASCII,
)

_APOSTROPHE: Final = r"[^/]{0,3}"

# What each file holds, by the end of its path; apostrophes in names come in several spellings.
_PARTS: Final[Sequence[tuple[str, re.Pattern[str]]]] = tuple(
    (part, re.compile(rf"(?:^|/){pattern}\.json$", re.IGNORECASE))
    for part, pattern in (
        ("owner", r"personal_information/personal_information"),
        ("threads_owner", r"threads/personal_information"),
        ("threads_follower", r"threads/followers(?:_\d+)?"),
        ("threads_following", r"threads/following"),
        ("threads_unfollowed", r"threads/recently_unfollowed_profiles"),
        ("threads_blocked", r"threads/blocked_profiles"),
        ("threads_like", r"threads/liked_threads"),
        ("threads_post_of_threads", r"threads/threads_and_replies"),
        ("follower", r"followers_and_following/followers(?:_\d+)?"),
        ("following", r"followers_and_following/following(?:_\d+)?"),
        ("unfollowed", r"followers_and_following/recently_unfollowed_(?:accounts|profiles)"),
        (
            "asked_out",
            r"followers_and_following/(?:pending_follow_requests|recent_follow_requests)(?:_\d+)?",
        ),
        ("asked_in", rf"followers_and_following/follow_requests_you{_APOSTROPHE}ve_received(?:_\d+)?"),
        ("threads_asked_out", r"threads/(?:pending|recent)_follow_requests"),
        ("threads_asked_in", rf"threads/follow_requests_you{_APOSTROPHE}ve_received"),
        ("blocked", r"followers_and_following/blocked_(?:accounts|profiles)"),
        ("like", r"likes/liked_posts(?:_\d+)?"),
        ("like_comment", r"likes/liked_comments(?:_\d+)?"),
        ("comment", r"comments/(?:post_comments|reels_comments|hype)(?:_\d+)?"),
        ("story", rf"story_(?:sticker_)?interactions/(?:{'|'.join(STORY_KINDS)})(?:_\d+)?"),
        ("post", r"(?:content|media)/(?:posts|archived_posts|igtv_videos)(?:_\d+)?"),
        ("reel", r"(?:content|media)/reels(?:_\d+)?"),
        ("story_post", r"(?:content|media)/stories(?:_\d+)?"),
        ("talk", r"messages/(?:inbox|message_requests|archived_threads)/[^/]+/message_\d+"),
    )
)

_ALONE: Final = re.compile(rb'"relationships_\w+"|"string_list_data"|"likes_(?:media|comment)_likes"')
_FACEBOOK: Final = re.compile(r"(?:^|/)your_(?:facebook_activity|activity_across_facebook)/")
_PAGE: Final = re.compile(
    r"(?:^|/)(?:followers(?:_1)?|liked_posts|post_comments(?:_1)?)\.html$", re.IGNORECASE
)
_FIRST_EXPORTS: Final[Micros] = 1_500_000_000_000_000
"""July 2017: the times of files in some zips are those of 1980."""

Reader = Callable[[Any], Iterator[Record | str]]


def _part(path: str) -> str:
    return next((part for part, pattern in _PARTS if pattern.search(path)), "")


def _roots(tree: Tree) -> tuple[str, ...]:
    """The folders in which exports begin, as beginnings of paths; the longest first."""
    roots = {found[1] for entry in tree.entries if (found := _ROOT.match(entry.path))}
    roots |= {_folder(entry) for entry in tree.entries if _flat(entry) in _SURE}
    return tuple(sorted(roots, key=lambda root: (-len(root), root)))


def _folder(entry: Entry) -> str:
    return f"{entry.folder}/" if entry.folder else ""


def _flat(entry: Entry) -> str:
    found = _FLAT.search(entry.path)
    name = found[1].casefold() if found else ""
    return name if name and _FLAT_HEADS[name].search(head_utf8(entry)) else ""


def _alone(entry: Entry) -> bool:
    head = head_utf8(entry)
    return head.startswith((b"{", b"[")) and bool(_ALONE.search(head))


def _recognise(tree: Tree) -> Sequence[Entry]:
    if tree.shape == "file":
        return [entry for entry in tree.entries if _flat(entry) in _SURE or _alone(entry)]
    roots = _roots(tree)
    if not roots:
        return []
    # An account's centre can export Facebook with it: its folders of messages look alike.
    inside = [
        entry for entry in tree.entries if entry.path.startswith(roots) and not _FACEBOOK.search(entry.path)
    ]
    found = [entry for entry in inside if _part(entry.path) or (_folder(entry) in roots and _flat(entry))]
    # The other format of the same export: nothing in it can be read, and there is one thing to do.
    return found or [entry for entry in inside if _PAGE.search(entry.path)][:1]


# ---------------------------------------------------------------------- reading


def _read(claim: Claim) -> Iterator[Record | Problem]:
    roots = _roots(claim.tree)
    exports: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        root = next((root for root in roots if entry.path.startswith(root)), "")
        exports.setdefault(root, []).append(entry)
    for root, entries in exports.items():
        yield from _export(claim, root, entries)


def _export(claim: Claim, root: str, entries: Sequence[Entry]) -> Iterator[Record | Problem]:
    if entries[0].name.endswith(".html"):
        yield entries[0].problem(
            "", "is the export as web pages; ask Instagram for it again, with format JSON"
        )
        return
    empty = [entry for entry in entries if entry.size == 0]
    if empty:
        files = "1 file is" if len(empty) == 1 else f"{len(empty)} files are"
        yield empty[0].problem("", f"{files} empty; get the export again")
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.size:
            flat = _flat(entry)
            parts.setdefault(_part(entry.path) or f"flat {flat}", []).append(entry)
    named = _zip_name(claim.tree.path.name) or _zip_name(root.rstrip("/").rpartition("/")[2])
    made = _made(claim, named, entries)
    told = yield from _owner(named, parts, made)
    if told is None:
        yield entries[0].problem(
            "", "does not say whose it is; import the whole export, with personal_information, as it came"
        )
        return
    yield told
    export = Export(told.handle, _own_name(parts.get("talk", []), told.name), made)
    shown: set[tuple[str, Direction]] = set()
    for part, entries_of in parts.items():
        yield from _of_part(claim, export, part, entries_of)
        shown.update(_SHOWN_BY.get(part, ()))
    coverage: dict[tuple[str, Direction], Seen] = {key: SHOWS[key] for key in SHOWS if key in shown}
    yield from SOURCE.coverage(export.account, made, only=coverage)
    if any(part.startswith("threads_") for part in parts):
        yield told._replace(account=export.me("threads"), url=f"https://www.threads.net/@{told.handle}")
        threads: dict[tuple[str, Direction], Seen] = {
            key: "full" for part in parts for key in _SHOWN_BY.get(part, ()) if part.startswith("threads_")
        }
        yield from SOURCE.coverage(export.me("threads"), made, only=threads)


def _made(claim: Claim, named: tuple[str, str] | None, entries: Sequence[Entry]) -> Micros:
    """When the export was made: the day in the zip's name, else the newest file's time, else now."""
    files = [entry.modified for entry in entries if entry.modified and entry.modified > _FIRST_EXPORTS]
    day = times.iso(named[1]) if named else None
    if day is None:
        return max(files, default=claim.now)
    return max((at for at in files if day <= at < day + DAY), default=day + DAY)


def _zip_name(name: str) -> tuple[str, str] | None:
    """Whose export it is and its day, from the name that Instagram gives to the zip."""
    found = _ZIP_NAME.match(name)
    if not found:
        return None
    if found["who"]:
        return found["who"], found["day"]
    day = found["old_day"]
    return found["old_who"], f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _owner(
    named: tuple[str, str] | None, parts: Mapping[str, Sequence[Entry]], made: Micros
) -> Generator[Problem, None, Profile | None]:
    for part in ("owner", "flat profile"):
        for entry in parts.get(part, ()):
            document = meta.mended(json_document(entry))
            if isinstance(document, Problem):
                yield document
                continue
            reader = instagram.owner if part == "owner" else instagram_flat.owner
            if (told := reader(document, made)) is not None:
                return told
    return instagram.described(meta.handle(named[0]), "", "", "", made) if named else None


def _own_name(talks: Sequence[Entry], name: str) -> str:
    """The owner's display name, as messages write it: the one of the profile if any talk has it, else the
    one name that is in all talks."""
    common: set[str] = set()
    for number, entry in enumerate(talks[:50]):
        people = {
            str(one.get("name"))
            for one in meta.mended(list(json_items(entry, "participants.item")))
            if isinstance(one, Mapping)
        }
        if name in people:
            return name
        common = people if number == 0 else common & people
    return next(iter(common)) if len(common) == 1 else name


def _of_part(claim: Claim, export: Export, part: str, entries: Sequence[Entry]) -> Iterator[Record | Problem]:
    platform = "threads" if part.startswith("threads_") else "instagram"
    what = part.removeprefix("threads_")
    members: dict[Address, tuple[str, Micros]] = {}
    complete = True
    for entry in entries:
        if part.startswith("flat "):
            yield from _flat_file(export, part.removeprefix("flat "), entry)
        elif what == "talk":
            yield from _talk(export, entry)
        elif what in _LISTS:
            for record in _each(entry, _LISTS[what], partial(_relation, export, what, platform, members)):
                complete = complete and not isinstance(record, Problem)
                yield record
        elif what in _ITEMS:
            wrappers, mapping = _ITEMS[what]
            yield from _each(entry, wrappers, partial(mapping, export, platform, entry.name))
    if members and what in _WHOLE:
        yield export.listing(what, members, complete, platform)


def _relation(
    export: Export, way: str, platform: str, members: dict[Address, tuple[str, Micros]], item: Any
) -> Iterator[Record]:
    for other, act in export.relation(item, way, platform):
        members[other] = ("", 0) if act is None else (act.id, act.at)
        if act is not None:
            yield act


def _talk(export: Export, entry: Entry) -> Iterator[Record | Problem]:
    if entry.size > WHOLE_TALK:
        yield entry.problem("", "is far larger than any file of messages; get the export again")
        return
    document = json_document(entry)
    if isinstance(document, Problem):
        yield document
        return
    yield from _mapped(
        entry, "", lambda item: export.talk(meta.mended(item), entry.folder.rpartition("/")[2]), document
    )


def _each(entry: Entry, wrappers: Sequence[str], mapping: Reader) -> Iterator[Record | Problem]:
    """Records of every item of a file: a list, a list inside of one of ``wrappers``, or one single record."""
    number = 0
    listed = head_utf8(entry).startswith(b"[")
    prefixes = ("item",) if listed else tuple(f"{name}.item" for name in wrappers)
    for item in json_items(entry, *prefixes):
        number += 1
        if isinstance(item, Problem):
            yield item
        else:
            yield from _mapped(entry, f"item {number}", mapping, meta.mended(item))
    if number == 0 and not listed:
        document = json_document(entry)
        if isinstance(document, Mapping):
            single = next((document[name] for name in wrappers if name in document), document)
            if isinstance(single, Mapping) and _RECORD_KEYS & set(single):
                yield from _mapped(entry, "item 1", mapping, meta.mended(single))


def _mapped(entry: Entry, where: str, mapping: Reader, item: Any) -> Iterator[Record | Problem]:
    reasons: Counter[str] = Counter()
    try:
        for record in mapping(item):
            if isinstance(record, str):
                reasons[record] += 1
            else:
                yield record
    except ValueError as error:
        yield entry.problem(where, str(error))
    for reason, times_said in reasons.items():
        yield entry.problem(where, reason if times_said == 1 else f"{reason} ({times_said} times)")


def _flat_file(export: Export, name: str, entry: Entry) -> Iterator[Record | Problem]:
    """One of the flat files of 2018 to 2020. They are read whole: none was ever large."""
    if name == "profile":
        return
    document = meta.mended(json_document(entry))
    if isinstance(document, Problem):
        yield document
        return
    if name == "messages":
        for number, one in enumerate(document if isinstance(document, list) else [document], 1):
            yield from _mapped(entry, f"item {number}", lambda item: instagram_flat.talk(export, item), one)
        return
    for key, rows in document.items() if isinstance(document, Mapping) else ():
        mapping = _flat_mapping(export, name, key)
        if mapping is None:
            continue
        items = [list(pair) for pair in rows.items()] if isinstance(rows, Mapping) else rows
        members: dict[Address, tuple[str, Micros]] = {}
        complete = isinstance(items, list)
        for number, item in enumerate(items if isinstance(items, list) else [], 1):
            for record in _mapped(entry, f"{key}, item {number}", mapping, item):
                if isinstance(record, Activity):
                    other = record.actor if record.target == export.account else record.target
                    members[other] = record.id, record.at
                complete = complete and not isinstance(record, Problem)
                yield record
        if name == "connections" and members and instagram_flat.WAYS[key] in _WHOLE:
            yield export.listing(instagram_flat.WAYS[key], members, complete)


def _flat_mapping(export: Export, name: str, key: str) -> Reader | None:
    if name == "likes" and key in {"media_likes", "comment_likes"}:
        what = "like" if key == "media_likes" else "like_comment"
        return lambda row: iter((instagram_flat.like(export, row, what),))
    if name == "comments":
        return lambda row: instagram_flat.comment(export, row)
    if name == "connections" and key in instagram_flat.WAYS:
        way = instagram_flat.WAYS[key]
        return lambda pair: iter((instagram_flat.connection(export, way, *pair),))
    if name == "stories_activities" and key in STORY_KINDS:
        return lambda row: iter((instagram_flat.story(export, row, key),))
    if name == "media" and key in {"photos", "videos", "stories"}:
        media = {"photos": "", "videos": "video", "stories": "story"}[key]
        return lambda one: iter((instagram_flat.post(export, one, media),))
    return None


_RECORD_KEYS: Final = frozenset(
    ("string_list_data", "string_map_data", "label_values", "media", "creation_timestamp", "title")
)

_LISTS: Final[Mapping[str, Sequence[str]]] = {
    "follower": ("relationships_followers", "text_post_app_text_post_app_followers"),
    "following": ("relationships_following", "text_post_app_text_post_app_following"),
    "asked_in": (
        "relationships_follow_requests_received",
        "text_post_app_text_post_app_follow_requests_received",
    ),
    "asked_out": (
        "relationships_follow_requests_sent",
        "relationships_permanent_follow_requests",
        "text_post_app_text_post_app_follow_requests_sent",
        "text_post_app_text_post_app_pending_follow_requests",
        "text_post_app_text_post_app_permanent_follow_requests",
    ),
    "unfollowed": ("relationships_unfollowed_users", "text_post_app_text_post_app_unfollowed_users"),
    "blocked": ("relationships_blocked_users", "text_post_app_text_post_app_blocked_users"),
}

_WHOLE: Final = frozenset({"follower", "following", "blocked"})
"""Lists that say who stands on them, and so who left."""

ItemReader = Callable[[Export, str, str, Any], Iterator[Record | str]]


def _story(export: Export, _: str, name: str, item: Any) -> Iterator[Record | str]:
    key = re.sub(r"(?:_\d+)?\.json$", "", name.casefold())
    return export.story(item, key)


_ITEMS: Final[Mapping[str, tuple[Sequence[str], ItemReader]]] = {
    "like": (
        ("likes_media_likes", "text_post_app_media_likes"),
        lambda export, platform, _, item: export.like(item, "like", platform),
    ),
    "like_comment": (("likes_comment_likes",), lambda export, _, __, item: export.like(item, "like_comment")),
    "comment": (
        ("comments_media_comments", "comments_reels_comments", "comments_story_comments"),
        lambda export, _, __, item: export.comment(item),
    ),
    "story": (tuple(f"story_activities_{key}" for key in STORY_KINDS), _story),
    "post": (
        ("ig_posts", "ig_archived_post_media", "ig_igtv_media"),
        lambda export, _, __, item: iter((export.post(item),)),
    ),
    "reel": (("ig_reels_media",), lambda export, _, __, item: iter((export.post(item, "video"),))),
    "story_post": (("ig_stories",), lambda export, _, __, item: iter((export.post(item, "story"),))),
    "post_of_threads": (("text_post_app_text_posts",), lambda export, _, __, item: export.thread(item)),
}

_OUT: Final[Sequence[tuple[str, Direction]]] = (("comment", "outbound"), ("mention", "outbound"))
_TALKS: Final[Sequence[tuple[str, Direction]]] = (("message", "inbound"), ("message", "outbound"))
_SHOWN_BY: Final[Mapping[str, Sequence[tuple[str, Direction]]]] = {
    "follower": [("follow", "inbound")],
    "following": [("follow", "outbound")],
    "blocked": [("block", "outbound")],
    "like": [("like", "outbound")],
    "comment": _OUT,
    "story": [("vote", "outbound")],
    "talk": _TALKS,
    "flat likes": [("like", "outbound")],
    "flat comments": _OUT,
    "flat connections": [("follow", "inbound"), ("follow", "outbound"), ("block", "outbound")],
    "flat stories_activities": [("vote", "outbound")],
    "flat messages": _TALKS,
    "threads_follower": [("follow", "inbound")],
    "threads_following": [("follow", "outbound")],
    "threads_blocked": [("block", "outbound")],
    "threads_like": [("like", "outbound")],
}
"""What is seen thanks to which part of an export."""

SOURCE = Source(
    name="instagram",
    title="Instagram export (with Threads)",
    platforms=("instagram", "threads"),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "In Instagram open Settings, Accounts Centre, Your information and permissions.",
            "Choose Export your information, Create export, your account, Export to device.",
            "Set the date range to All time and the format to JSON, then start it.",
            "Download the zip when the mail comes; the link holds for four days.",
        ),
        wait="Hours to some days.",
        link="https://help.instagram.com/181231772500920",
    ),
    files="instagram-NAME-DATE-….zip or its folder (JSON), of any year since 2018",
    can_say="Who follows you and since when; direct messages both ways; your likes, comments, votes, posts.",
    cannot_say="Who liked or commented on your posts. Direct messages name people by display name only.",
    grade="B",
)
