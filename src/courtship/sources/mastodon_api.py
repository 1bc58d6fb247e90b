"""Mastodon's answers, recorded: what others did, which its archive does not hold.

An answer is recorded as it is (notifications, statuses, a status's context, ``verify_credentials``), or as
one line ``{"url": …, "at": …, "link": …, "answer": …}``: a list of accounts does not say itself whose it
is, nor when it was made, and only the ``Link`` header says whether there is more.

Everything is read twice: first for the accounts and statuses by their numbers, and for whose answers these
are; then for what they tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from courtship.model import Activity, Address, Micros, Post, Problem, Profile, Record, Snapshot, Total
from courtship.platforms import times
from courtship.platforms.mastodon import listed, text_of
from courtship.platforms.mastodon_api import (
    ABOUT,
    Statuses,
    notified,
    profile,
    reaction,
    told_of,
    totals,
    who,
)
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.recorded import answers
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction

SHOWS: Final[Shows] = {
    (kind, "inbound"): "some"
    for kind in ("follow", "like", "comment", "mention", "message", "share", "quote")
}

_LIKELY: Final = re.compile(r"\.(json|jsonl|ndjson)$|(?:^|/)[^./]+$", re.IGNORECASE)
_OURS: Final = re.compile(rb'"acct"\s*:\s*"')
_WITH: Final = re.compile(
    rb'"(?:group_key|notification_groups|followers_count|in_reply_to_account_id|partial_accounts)"\s*:'
)
_LISTED: Final = re.compile(r"/api/v1/accounts/(\d+)/(followers|following)")
_REACTED: Final = re.compile(r"/api/v1/statuses/(\d+)/(favourited_by|reblogged_by)")
_LATER_PAGE: Final = re.compile(r"[?&](?:max_id|since_id|min_id|offset)=")
_REACTION: Final = {"favourited_by": "favourite", "reblogged_by": "reblog"}


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [
        entry
        for entry in tree.matching(_LIKELY)
        if (head := head_utf8(entry)).startswith((b"{", b"[")) and _OURS.search(head) and _WITH.search(head)
    ]


class _Answer(NamedTuple):
    entry: Entry
    where: str
    value: Any
    url: str
    at: Micros
    more: bool | None
    """Whether there is another page; ``None`` where that was not recorded."""


def _answers(claim: Claim) -> Iterator[_Answer | Problem]:
    for entry in claim.entries:
        made = entry.modified or claim.now
        for item in answers(entry):
            if isinstance(item, Problem):
                yield item
                continue
            where, value = item
            if isinstance(value, Mapping) and "answer" in value and "url" in value:
                link = value.get("link")
                more = None if "link" not in value else 'rel="next"' in text_of(link)
                at = times.iso(value.get("at")) or made
                yield _Answer(entry, where, value["answer"], text_of(value["url"]), at, more)
            else:
                yield _Answer(entry, where, value, "", made, None)


class _Known:
    """Accounts and statuses by their numbers, and whose answers these are."""

    def __init__(self) -> None:
        self.people: dict[str, Address] = {}
        self.statuses: dict[str, Mapping[str, Any]] = {}
        self.owner: Address = ""
        self._targets: set[Address] | None = None

    def learn(self, value: Any) -> None:
        """Takes in everything that looks like an account or a status, however deep."""
        waiting = [value]
        while waiting:
            found = waiting.pop()
            if isinstance(found, list):
                waiting += found
            elif isinstance(found, Mapping):
                number = text_of(found.get("id"))
                if "acct" in found and number and (address := who(found)):
                    self.people.setdefault(number, address)
                    if isinstance(found.get("source"), Mapping):
                        self.owner = self.owner or address
                if "visibility" in found and number and found.get("uri"):
                    self.statuses.setdefault(number, found)
                waiting += [inner for inner in found.values() if isinstance(inner, (list, Mapping))]
                if found.get("type") in ABOUT and isinstance(found.get("status"), Mapping):
                    target = {who(found["status"].get("account"))} - {""}
                    self._targets = target if self._targets is None else self._targets & target

    def settle(self) -> None:
        """Whose answers these are: of whom the credentials are, else whose statuses all reactions are to."""
        if not self.owner and self._targets and len(self._targets) == 1:
            (self.owner,) = self._targets


class _Reading:
    def __init__(self, known: _Known) -> None:
        self.known = known
        self.statuses = Statuses(known.people, known.statuses)
        self.first: Micros | None = None
        self.last: Micros | None = None
        self._told: set[Any] = set()
        self.lists: dict[tuple[Address, Direction, str], list[tuple[_Answer, list[Address]]]] = {}

    # ------------------------------------------------------------------ one of each

    def once(self, records: Iterator[Record]) -> Iterator[Record]:
        """What was not told before: a status stands in every notification about it."""
        for record in records:
            key: Any = record
            if isinstance(record, Activity):
                key = record.id
            elif isinstance(record, Post):
                key = ("post", record.object)
            elif isinstance(record, Total):
                key = ("total", record.object, record.kind, record.amount)
            elif isinstance(record, Profile):
                key = record._replace(at=None)
            if key not in self._told:
                self._told.add(key)
                yield record

    def notification(self, item: Any, made: Micros) -> Iterator[Record]:
        """One notification. `ValueError` says what is wrong with it."""
        yield from notified(item, self.statuses, self.known.owner, made)
        at = times.iso(item.get("created_at"))
        if at is not None:
            self._span(at)

    def group(self, item: Any, people: Mapping[str, Any], made: Micros) -> Iterator[Record]:
        """One group of notifications: its sample accounts are people, all further ones a total."""
        if not isinstance(item, Mapping):
            raise ValueError("is no group of notifications; left out")
        dated = times.iso(item.get("latest_page_notification_at"))  # an answer about one group has none
        at = made if dated is None else dated
        count = item.get("notifications_count")
        amount = count if isinstance(count, int) else 1
        type, status = str(item.get("type")), self.known.statuses.get(str(item.get("status_id")))
        samples = [people[one] for one in map(str, listed(item.get("sample_account_ids"))) if one in people]
        for view in samples:
            if "username" in view:
                yield profile(view, made)
            # Of several, only the latest has this date: the others came before it.
            precise = amount == 1 and dated is not None
            yield from told_of(self.statuses, self.known.owner, type, who(view), status, at, precise, made)
        further = type in ABOUT and status is not None and amount > len(samples)
        if status is not None and further and ABOUT[type] not in {one.kind for one in totals(status, made)}:
            yield Total(text_of(status.get("uri")), ABOUT[type], amount, made)
        if dated is not None:
            self._span(dated)

    def reacted(self, type: str, view: Any, status: Mapping[str, Any], at: Micros) -> Iterator[Record]:
        """One of those who favourited or boosted a status, when is not said."""
        if not isinstance(view, Mapping):
            raise ValueError("is no account; left out")
        yield profile(view, at)
        if who(view) != who(status.get("account")):
            yield reaction(type, who(view), status, at, False)

    def _span(self, at: Micros) -> None:
        self.first = min(at, self.first or at)
        self.last = max(at, self.last or at)

    # ------------------------------------------------------------------ an answer

    def answer(self, answer: _Answer) -> Iterator[Record | Problem]:
        """Everything that one answer tells."""
        value, at = answer.value, answer.at
        if isinstance(value, Mapping):
            yield from self._mapping(answer, value)
            return
        if not isinstance(value, list):
            yield answer.entry.problem(answer.where, "is no answer that is known here; left out")
            return
        if found := _LISTED.search(answer.url):
            direction: Direction = "inbound" if found[2] == "followers" else "outbound"
            yield from self._list(answer, found[1], direction, value)
        elif found := _REACTED.search(answer.url):
            status = self.known.statuses.get(found[1])
            if status is None:
                yield answer.entry.problem(
                    answer.where,
                    f"the status {found[1]} is not in these files; record it too, and import again",
                )
                return
            type = _REACTION[found[2]]
            yield from self._each(answer, value, lambda view: self.reacted(type, view, status, at))
        else:
            yield from self._each(answer, value, lambda item: self._item(item, at))

    def _mapping(self, answer: _Answer, value: Mapping[str, Any]) -> Iterator[Record | Problem]:
        at = answer.at
        if isinstance(value.get("notification_groups"), list):
            views = [*listed(value.get("accounts")), *listed(value.get("partial_accounts"))]
            people = {str(one.get("id")): one for one in reversed(views) if isinstance(one, Mapping)}
            yield from self._each(
                answer, value["notification_groups"], lambda item: self.group(item, people, at)
            )
        elif isinstance(value.get("descendants"), list):
            items = [*listed(value.get("ancestors")), *value["descendants"]]
            yield from self._each(answer, items, lambda item: self._item(item, at))
        else:
            yield from self._each(answer, [value], lambda item: self._item(item, at))

    def _item(self, item: Any, at: Micros) -> Iterator[Record]:
        """A notification, a status, a conversation or an account, as one is or as many are in a list."""
        if not isinstance(item, Mapping):
            raise ValueError("is no entry of an answer; left out")
        if "type" in item and "account" in item:
            yield from self.notification(item, at)
        elif isinstance(item.get("last_status"), Mapping):
            yield from self.statuses.records(item["last_status"], at)
        elif "visibility" in item:
            yield from self.statuses.records(item, at)
        elif "acct" in item and isinstance(item.get("source"), Mapping):
            yield profile(item, at, own=True)
        elif "acct" in item:
            raise ValueError("a list of accounts does not say whose it is; record its url beside it")

    def _each(
        self, answer: _Answer, items: Sequence[Any], reader: Callable[[Any], Iterator[Record]]
    ) -> Iterator[Record | Problem]:
        said: set[str] = set()
        for number, item in enumerate(items, 1):
            try:
                yield from self.once(reader(item))
            except ValueError as error:
                if str(error) not in said:
                    said.add(str(error))
                    where = f"{answer.where}, entry {number}".removeprefix(", ")
                    yield answer.entry.problem(where, str(error))

    def _list(
        self, answer: _Answer, number: str, direction: Direction, value: Sequence[Any]
    ) -> Iterator[Record | Problem]:
        of = self.known.people.get(number, "")
        if not of:
            yield answer.entry.problem(
                answer.where, f"the account {number} is not in these files; record verify_credentials too"
            )
            return
        yield from self._each(answer, value, lambda view: self._profile(view, answer.at))
        members = [address for address in map(who, value) if address]
        self.lists.setdefault((of, direction, answer.entry.path), []).append((answer, members))

    @staticmethod
    def _profile(view: Any, at: Micros) -> Iterator[Record]:
        if not isinstance(view, Mapping):
            raise ValueError("is no account; left out")
        yield profile(view, at)

    def end(self, damaged: set[str]) -> Iterator[Record]:
        """The lists, put together from their pages, and the coverage."""
        for (of, direction, path), pages in self.lists.items():
            more = [answer.more for answer, _ in pages]
            whole = (
                path not in damaged
                and of == self.known.owner  # of others, a server knows only whom its own people follow
                and not _LATER_PAGE.search(pages[0][0].url)
                and all(one is True for one in more[:-1])
                and more[-1] is False
            )
            members = dict.fromkeys(member for _, some in pages for member in some)
            at = pages[-1][0].at
            yield Snapshot(of, "follow", direction, tuple(members), at, whole)
            yield from SOURCE.coverage(of, at, only={("follow", direction): "full" if whole else "some"})
        if self.known.owner and self.first is not None and self.last is not None:
            yield from SOURCE.coverage(self.known.owner, self.last, self.first)


def _read(claim: Claim) -> Iterator[Record | Problem]:
    known, damaged = _Known(), set[str]()
    for answer in _answers(claim):
        if isinstance(answer, Problem):
            yield answer
            damaged |= {entry.path for entry in claim.entries if entry.shown == answer.path}
        else:
            known.learn(answer.value)
    known.settle()
    reading = _Reading(known)
    for dated in (True, False):  # who reacted is told without a date: after what tells of it with one
        for answer in _answers(claim):
            if not isinstance(answer, Problem) and dated is not bool(_REACTED.search(answer.url)):
                yield from reading.answer(answer)
    if known.owner:
        handle = known.owner.partition(":")[2]
        name, _, host = handle.partition("@")
        yield Profile(known.owner, handle=handle, url=f"https://{host}/@{name}", own=True)
    yield from reading.end(damaged)


SOURCE = Source(
    name="mastodon-api",
    title="Mastodon's answers: notifications, followers, reactions",
    platforms=("mastodon",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On your server open Preferences, Development, New application; tick read; copy its token.",
            "Ask /api/v1/accounts/verify_credentials and /api/v1/notifications?limit=80, then each page that"
            " the Link header calls next.",
            'Save each answer as a line {"url": …, "at": …, "link": …, "answer": …} of one file.',
        ),
        wait="At once.",
        link="https://docs.joinmastodon.org/methods/notifications/",
    ),
    files="recorded answers of notifications (v1, v2), followers, reactions, statuses (JSON)",
    can_say="Who favourited, boosted, followed, answered, quoted and mentioned you, and sent you messages.",
    cannot_say="When those in favourited_by and reblogged_by did so; who voted; what was taken back.",
    grade="A",
)
