"""Facebook exports of a profile ("Download your information", JSON), 2018 to 2026.

How to get one: *Accounts Centre*, *Your information and permissions*, *Export your information*, *Create
export*, the profile, *Export to device*, date range *All time*, format **JSON** (HTML is what comes unless
you change it). A mail says when it is ready, within hours to some days; the link holds for four days.

The export holds friends, followers, direct messages both ways and what the owner did. People are named by
display name only. Files are found by the ends of their paths, for the folders above changed every few years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from courtship.model import DAY, Micros, Problem, Profile, Record
from courtship.platforms import facebook, facebook_notifications, meta, times
from courtship.platforms.facebook import Export
from courtship.platforms.facebook_notifications import Notifications
from courtship.platforms.facebook_talks import Talks
from courtship.sources import meta_items
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8, json_document, json_items
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction, Seen

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "full",
    ("follow", "outbound"): "full",
    ("message", "inbound"): "full",
    ("message", "outbound"): "full",
    ("like", "inbound"): "some",
    ("like", "outbound"): "some",
    ("comment", "inbound"): "some",
    ("comment", "outbound"): "some",
    ("share", "inbound"): "some",
    ("endorse", "inbound"): "some",
    ("vote", "outbound"): "some",
    ("endorse", "outbound"): "full",
    ("share", "outbound"): "some",
    ("mention", "inbound"): "some",
    ("mention", "outbound"): "some",
}
"""What others did only as far as notifications tell, in sentences that are known; the same holds for whom
the owner's acts were towards."""

WHOLE_TALK: Final = 64 * 1024 * 1024
"""Bytes of one file of messages; the platform begins a new one long before."""

_APOSTROPHE: Final = r"[^/]{0,6}"

# What each file holds, by the end of its path, and the keys under which its list may stand.
_FILES: Final[Sequence[tuple[str, str, Sequence[str]]]] = (
    ("owner", r"profile_information/profile_information", ()),
    ("friend", r"(?:friends|friends_and_followers)/(?:your_)?friends", ("friends_v2", "friends")),
    (
        "follower",
        r"(?:followers|friends_and_followers|following_and_followers)/(?:followers|people_who_followed_you)",
        ("followers_v3", "followers_v2", "followers"),
    ),
    (
        "following",
        rf"(?:followers|friends_and_followers|following_and_followers)/(?:following|who_you{_APOSTROPHE}ve_followed)",
        ("following_v3", "following_v2", "following"),
    ),
    (
        "request_in",
        r"(?:friends|friends_and_followers)/(?:received_friend_requests|friend_requests_received)",
        ("received_requests_v2", "received_requests"),
    ),
    (
        "request_out",
        r"(?:friends|friends_and_followers)/(?:sent_friend_requests|friend_requests_sent)",
        ("sent_requests_v2", "sent_requests"),
    ),
    (
        "request_rejected",
        r"(?:friends|friends_and_followers)/(?:rejected_friend_requests|friend_requests_rejected)",
        ("rejected_requests_v2", "rejected_requests"),
    ),
    (
        "removed",
        r"(?:friends|friends_and_followers)/removed_friends",
        ("deleted_friends_v2", "deleted_friends"),
    ),
    (
        "reaction",
        r"(?:likes_and_reactions|comments_and_reactions)/(?:likes_and_reactions_\d+|posts_and_comments)",
        ("reactions_v2", "reactions"),
    ),
    (
        "newer_reaction",
        r"(?:likes_and_reactions|comments_and_reactions)/likes_and_reactions",
        ("reactions_v2", "reactions"),
    ),
    ("comment", r"comments(?:_and_reactions)?/comments(?:_\d+)?", ("comments_v2", "comments")),
    (
        "comment",
        r"groups/your_comments_in_groups(?:_\d+)?",
        ("group_comments_v2", "group_comments"),
    ),
    (
        "post",
        r"groups/(?:group_posts_and_comments|your_posts_(?:and_comments_)?in_groups)(?:_\d+)?",
        (
            "group_posts_v2",
            "group_posts",
            "group_posts.activity_log_data",
            "group_posts_and_comments_v2",
        ),
    ),
    ("vote", r"polls/(?:polls_you_voted_on|your_poll_votes)", ("poll_votes_v2", "poll_votes")),
    (
        "post",
        r"posts/(?:your_posts(?:__check_ins__photos_and_videos)?(?:_\d+)?|your_uncategorized_photos_posts)",
        ("status_updates", "posts_v2", "posts"),
    ),
    (
        "wall",
        rf"posts/other_people{_APOSTROPHE}s_posts_to_your_timeline",
        ("wall_posts_sent_to_you.activity_log_data", "wall_posts_sent_to_you_v2", "wall_posts_sent_to_you"),
    ),
    (
        "page_follow",
        r"pages/(?:pages_and_profiles_you_follow|pages_you_follow)",
        ("pages_followed_v2", "pages_followed"),
    ),
    (
        "recommended",
        rf"pages/pages_(?:and_profiles_)?you{_APOSTROPHE}ve_recommended",
        ("recommended_pages_v2", "recommended_pages"),
    ),
    (
        "page_unfollow",
        rf"pages/pages_(?:and_profiles_)?you{_APOSTROPHE}ve_unfollowed",
        ("pages_unfollowed_v2", "pages_unfollowed"),
    ),
    (
        "page_like",
        rf"(?:pages/pages_you{_APOSTROPHE}ve_liked|likes_and_reactions/pages)",
        ("page_likes_v2", "page_likes"),
    ),
    (
        "notification",
        r"(?:notifications|about_you)/notifications",
        ("notifications_v2", "notifications"),
    ),
    (
        "talk",
        r"messages/(?:inbox|archived_threads|filtered_threads|message_requests|e2ee_cutover)/[^/]+/message_\d+",
        (),
    ),
)
_PARTS: Final = tuple(
    (part, re.compile(rf"(?:^|/){pattern}\.json$", re.IGNORECASE), wrappers)
    for part, pattern, wrappers in _FILES
)

# Folders that only a profile's export has; what stands before them is where the export begins.
_ROOT: Final = re.compile(
    r"^((?:[^/]+/)*?)(?:"
    r"your_facebook_activity/|your_activity_across_facebook/|connections/(?:friends|followers)/"
    r"|friends_and_followers/|following_and_followers/|likes_and_reactions/|comments_and_reactions/"
    r"|(?:personal_information/)?profile_information/profile_information\.(?:json|html)$|about_you/"
    r"|friends/(?:your_)?friends\.(?:json|html)$"
    r"|(?:logged_information/)?notifications/notifications\.(?:json|html)$)",
    re.IGNORECASE,
)
_OURS: Final = re.compile(
    rb'"(?:profile(?:_v2|_information)?|friends(?:_v2)?|(?:followers|following)_v[23]|reactions(?:_v2)?'
    rb"|comments(?:_v2)?|group_(?:comments|posts)_v2|notifications_v2|pages_followed_v2|page_likes(?:_v2)?"
    rb'|(?:sent|received|rejected)_requests_v2|deleted_friends_v2|poll_votes_v2|label_values|title|timestamp)"'
)
_ALONE: Final = re.compile(
    rb'"(?:friends_v2|followers_v[23]|following_v[23]|comments_v2|group_(?:comments|posts)_v2'
    rb'|pages_followed_v2|page_likes_v2|recommended_pages_v2|(?:sent|received|rejected)_requests_v2|deleted_friends_v2|poll_votes_v2|notifications_v2)"\s*:'
)
_PAGE: Final = re.compile(
    r"(?:^|/)(?:(?:your_)?friends|comments|profile_information|likes_and_reactions(?:_1)?|notifications)\.html$",
    re.IGNORECASE,
)
_SKIP: Final = ("your_instagram_activity/", "followers_and_following/")
_ZIP_DAY: Final = re.compile(r"facebook-.{1,60}?-(\d{4}-\d\d-\d\d)(?:\D|$)|facebook-[^/]{1,60}?-?(20\d{6})\D")
_FIRST_EXPORTS: Final[Micros] = 1_500_000_000_000_000
"""July 2017: the times of files in some zips are those of 1980."""

_KEYS: Final = frozenset(("label_values", "timestamp", "title", "name", "data"))
_KNOWN_BY: Final = frozenset(
    ("friend", "follower", "following", "request_in", "request_out", "request_rejected")
)
_LISTS: Final = _KNOWN_BY | {"page_follow", "page_like"}


def _part(path: str) -> tuple[str, Sequence[str]]:
    if any(skip in path for skip in _SKIP):
        return "", ()
    return next(((part, wrappers) for part, pattern, wrappers in _PARTS if pattern.search(path)), ("", ()))


def _roots(tree: Tree) -> tuple[str, ...]:
    """The folders in which exports begin, as beginnings of paths; the longest first."""
    # Some archives have the rest of the tree inside of the folder of the profile.
    roots = {
        re.sub(r"(?:^|(?<=/))(?:personal_information/)?profile_information/$", "", found[1])
        for entry in tree.entries
        if (found := _ROOT.match(entry.path))
    }
    return tuple(sorted(roots, key=lambda root: (-len(root), root)))


def _recognise(tree: Tree) -> Sequence[Entry]:
    if tree.shape == "file":
        return [entry for entry in tree.entries if _ALONE.search(head_utf8(entry))]
    roots = _roots(tree)
    if not roots:
        return []
    inside = [entry for entry in tree.entries if entry.path.startswith(roots)]
    found = [entry for entry in inside if _part(entry.path)[0]]
    sure = any(_part(entry.path)[0] != "talk" and _OURS.search(head_utf8(entry)) for entry in found)
    # The other format of the same export: nothing in it can be read, and there is one thing to do.
    pages = [entry for entry in inside if _PAGE.search(entry.path)]
    return found if sure else [entry for entry in pages if b"acebook" in entry.head()][:1]


# ---------------------------------------------------------------------- reading


def _read(claim: Claim) -> Iterator[Record | Problem]:
    roots = _roots(claim.tree)
    exports: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        root = next((root for root in roots if entry.path.startswith(root)), "")
        exports.setdefault(root, []).append(entry)
    for entries in exports.values():
        yield from _export(claim, entries)


def _export(claim: Claim, entries: Sequence[Entry]) -> Iterator[Record | Problem]:
    if entries[0].name.endswith(".html"):
        yield entries[0].problem(
            "", "is the export as web pages; ask Facebook for it again, with format JSON"
        )
        return
    empty = [entry for entry in entries if entry.size == 0]
    if empty:
        files = "1 file is" if len(empty) == 1 else f"{len(empty)} files are"
        yield empty[0].problem("", f"{files} empty; get the export again")
    parts: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.size:
            parts.setdefault(_part(entry.path)[0], []).append(entry)
    made = _made(claim, entries)
    told = _owner(parts, made)
    if told is None:
        yield entries[0].problem(
            "", "does not say whose it is; import the whole export, with profile_information, as it came"
        )
        return
    yield told
    export = Export(told.name, made)
    _learn(export, parts)
    if export.doubtful:
        yield parts["friend"][0].problem(
            "",
            "is the list of friends, and damaged: two friends may have one name, so nobody is named;"
            " get the export again",
        )
    shown: dict[tuple[str, Direction], Seen] = {}
    notifications = Notifications(export)
    for part in (part for part, _, _ in _PARTS if part in parts):
        for entry in parts.pop(part, ()):
            yield from _of_part(export, notifications, part, entry)
        if part in {"reaction", "newer_reaction"} and "newer_reaction" not in parts:
            yield from export.newer_reactions()
        if part == "notification":
            yield from notifications.told_once()
        for kind, direction in _SHOWN_BY.get(part, ()):
            shown[kind, direction] = SHOWS[kind, direction]
    if "follower" not in {_part(entry.path)[0] for entry in entries} and ("follow", "inbound") in shown:
        shown["follow", "inbound"] = "some"  # friends, but not those who only follow
    yield from SOURCE.coverage(export.account, made, only=shown)
    if notifications.first is not None:
        told_of: dict[tuple[str, Direction], Seen] = {
            (kind, "inbound"): "some"
            for kind in facebook_notifications.SHOWS
            if (kind, "inbound") not in shown
        }
        yield from SOURCE.coverage(export.account, made, notifications.first, only=told_of)


def _made(claim: Claim, entries: Sequence[Entry]) -> Micros:
    """When the export was made: the day in the zip's name, else the newest file's time, else now."""
    files = [entry.modified for entry in entries if entry.modified and entry.modified > _FIRST_EXPORTS]
    found = _ZIP_DAY.search(claim.tree.path.name)
    name = (found[1] or f"{found[2][:4]}-{found[2][4:6]}-{found[2][6:]}") if found else ""
    day = times.iso(name)
    if day is None:
        return max(files, default=claim.now)
    return max((at for at in files if day <= at < day + DAY), default=day + DAY)


def _owner(parts: Mapping[str, Sequence[Entry]], made: Micros) -> Profile | None:
    """Whose export it is: the profile's own file; else the one name that the acts are signed with."""
    for entry in parts.get("owner", ()):
        document = meta.mended(json_document(entry))
        if not isinstance(document, Problem) and (told := facebook.owner(document, made)) is not None:
            return told
    names: set[str] = set()
    for part in ("reaction", "comment"):
        for entry in parts.get(part, ()):
            wrappers = _part(entry.path)[1]
            for number, item in enumerate(meta_items.items(entry, wrappers, _KEYS)):
                names.add(facebook.actor_named(item))
                if number > 200:
                    break
    names.discard("")
    if len(names) == 1:
        return facebook.described(names.pop(), made)
    return facebook.described(_in_all_talks(parts.get("talk", ())), made)


def _in_all_talks(talks: Sequence[Entry]) -> str:
    """The one name that is in every talk, of two talks with different people at least."""
    common: set[str] | None = None
    everybody: set[str] = set()
    for entry in talks[:200]:
        people = {
            str(one.get("name"))
            for one in meta.mended(list(json_items(entry, "participants.item")))
            if isinstance(one, Mapping)
        }
        everybody |= people
        common = people if common is None else common & people
    return next(iter(common)) if common and len(common) == 1 and len(everybody) > 2 else ""


def _learn(export: Export, parts: Mapping[str, Sequence[Entry]]) -> None:
    """What must be known before the first record: names, talks, removed friends, the newer reactions."""
    for folder in {entry.folder.rpartition("/")[2] for entry in parts.get("talk", ())}:
        export.learn_talk(folder)
    for part in (*sorted(_KNOWN_BY), "removed", "newer_reaction"):
        for entry in parts.get(part, ()):
            for item in meta_items.items(entry, _part(entry.path)[1], _KEYS):
                if isinstance(item, Problem):
                    export.doubtful |= part == "friend"
                    continue
                try:
                    if part == "newer_reaction":
                        export.learn_reaction(item)
                    elif part == "removed":
                        export.learn_removed(facebook.listed(item))
                    else:
                        export.learn(facebook.listed(item), friends=part == "friend")
                except ValueError:
                    continue


def _of_part(
    export: Export, notifications: Notifications, part: str, entry: Entry
) -> Iterator[Record | Problem]:
    wrappers = _part(entry.path)[1]
    if part == "owner":
        document = json_document(entry)
        if isinstance(document, Problem):
            yield document
    elif part == "talk":
        yield from _talk(export, entry)
    elif part == "newer_reaction":
        yield from meta_items.each(entry, wrappers, _KEYS, export.unlearned_reaction)
    elif part in _LISTS or part in {"removed", "page_unfollow", "recommended"}:
        undated: list[str] = []
        yield from meta_items.each(entry, wrappers, _KEYS, partial(_relation, export, part, undated))
        if undated and part in _LISTS and part != "request_rejected":
            yield from export.undated(part, undated)
    else:
        readers: Mapping[str, meta_items.Reader] = {
            "reaction": export.reaction,
            "comment": export.comment,
            "vote": export.vote,
            "post": export.post,
            "wall": export.wall_post,
            "notification": notifications.item,
        }
        yield from meta_items.each(entry, wrappers, _KEYS, readers[part])


def _relation(export: Export, part: str, undated: list[str], item: Any) -> Iterator[Record]:
    line = facebook.listed(item)
    if line.at is None:
        undated.append(line.name)
    else:
        yield from export.relation(line, part)


def _talk(export: Export, entry: Entry) -> Iterator[Record | Problem]:
    if entry.size > WHOLE_TALK:
        yield entry.problem("", "is far larger than any file of messages; get the export again")
        return
    document = json_document(entry)
    if isinstance(document, Problem):
        yield document
        return
    folder = entry.folder.rpartition("/")[2]
    reasons: dict[str, int] = {}
    try:
        for record in Talks(export).file(meta.mended(document), folder):
            if isinstance(record, str):
                reasons[record] = reasons.get(record, 0) + 1
            else:
                yield record
    except ValueError as error:
        yield entry.problem("", str(error))
    for reason, said in reasons.items():
        yield entry.problem("", reason if said == 1 else f"{reason} ({said:,} times)")


_SHOWN_BY: Final[Mapping[str, Sequence[tuple[str, Direction]]]] = {
    "friend": [("follow", "inbound"), ("follow", "outbound")],
    "follower": [("follow", "inbound")],
    "following": [("follow", "outbound")],
    "page_follow": [("follow", "outbound")],
    "page_like": [("follow", "outbound")],
    "recommended": [("endorse", "outbound")],
    "reaction": [("like", "outbound")],
    "newer_reaction": [("like", "outbound")],
    "comment": [("comment", "outbound")],
    "vote": [("vote", "outbound")],
    "post": [("share", "outbound"), ("mention", "outbound")],
    "wall": [("mention", "inbound")],
    "talk": [("message", "inbound"), ("message", "outbound"), ("like", "inbound"), ("like", "outbound")],
}
"""What is seen thanks to which part of an export."""

SOURCE = Source(
    name="facebook",
    title="Facebook export (profile)",
    platforms=("facebook",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On Facebook open Settings, Accounts Centre, Your information and permissions.",
            "Choose Export your information, Create export, your profile, Export to device.",
            "Set the date range to All time and the format to JSON, then start it.",
            "Download the zip when the mail comes; the link holds for four days.",
        ),
        wait="Hours to some days.",
        link="https://www.facebook.com/help/212802592074644",
    ),
    files="facebook-NAME-DATE-….zip or its folder (JSON), of any year since 2018",
    can_say="Friends and followers with dates, messages both ways, what you did, what notifications tell.",
    cannot_say="Who follows or likes your Page; people's addresses: everybody is named by display name only.",
    grade="B",
)
