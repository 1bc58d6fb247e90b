"""A notification e-mail -> what somebody did, or why that cannot be said.

Decided here:

- Nothing is told of a mail that the owner's mail host does not vouch for (`trust`), nor of one whose wording
  is not in the tables, nor of one whose sender is not known to send notifications.
- A wording is looked for in the subject, then in the first lines; whoever a line names must also be in the
  subject, in the sender's name or be a link, for a line may be somebody's words.
- People are accounts by their profile's address or handle where the mail has it, else by name:
  ``linkedin:name/ann bell``; on Facebook always by name, as in its export, so that both tell of one Ann.
- Of "Ann and 3 others" Ann's act is told, and a total of four.
- Whom it was done to: the account that the owner named for the address that the mail was written to; else the
  brand's only account there; else ``facebook:mail/ADDRESS``, offered as the owner's. What was chosen first
  is kept as a decision: the same mail always says the same. A mail that was passed on from another address
  may be somebody else's: it tells nothing until the owner has named that address.
- A like of one thing by one person is one act, however many mails tell of it; all else is one act a mail.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from courtship.addresses import is_address
from courtship.model import Activity, Address, Decision, Micros, Profile, Record, Total
from courtship.platforms import words
from courtship.platforms.notification_mail import mails, sentences, trust
from courtship.platforms.notification_mail.links import Link, comment_of, followed, opened, without_comment
from courtship.platforms.notification_mail.mails import Mail, Sender
from courtship.platforms.notification_mail.sentences import Named, Sentence
from courtship.platforms.notification_mail.tables import PLATFORMS, listed, table

HOST: Final = "mail.host"
"""The setting that names the owner's mail host, or several with blanks between."""

ACCOUNT: Final = "mail.account."
"""Settings ``mail.account.PLATFORM.ADDRESS``: whose account it is that gets a platform's mails there."""

LINES: Final = 40
"""Lines of a mail in which its sentence is looked for."""

MOST_HTML: Final = 400_000
"""Letters of a mail's HTML that are looked at: notifications have a tenth of that."""

Sort = Literal["other", "told", "nothing", "unnamed", "refused", "unknown", "damaged"]

_PASSED_ON: Final = (
    "was written to {to} and may have been passed on from there; if that is your address, import it again"
    " with --mail-account {to}={platform}:YOU"
)
_SPACES: Final = re.compile(r"[\s\u00a0]+")
_ADDRESS_IN: Final = re.compile(r"https?://[^\s<>\"]+")
_WORDED: Final = frozenset({"comment", "mention", "message", "quote", "endorse"})


class Outcome(NamedTuple):
    """What came of one mail.

    ``sort``: ``other`` (of no platform), ``told``, ``nothing`` (understood: nobody did anything), ``unnamed``
    (the owner has named no mail host; ``reason`` is the one that the mail names), ``refused`` (not believed),
    ``unknown`` (not in the tables) or ``damaged``; ``reason`` says why, in words for the owner.
    """

    sort: Sort
    platform: str = ""
    reason: str = ""
    records: tuple[Record | Decision, ...] = ()
    target: Address = ""
    at: Micros = 0


class Body(NamedTuple):
    """What a mail shows: its lines, and its links as (the words on or before them, the address)."""

    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


_OTHER: Final = Outcome("other")
_DOUBTS: Final[Mapping[trust.Doubt, str]] = {
    "unsaid": "no mail host has checked it",
    "another host": "not vouched for by your mail host but by another",
    "unsigned": "your mail host found no signature of {title}",
}


class Reader:
    """Reads mails. ``settings`` are the owner's (`HOST`, `ACCOUNT`), ``brand`` the brand's accounts."""

    def __init__(self, settings: Mapping[str, str], brand: Collection[Address], now: Micros) -> None:
        self.hosts = frozenset(settings.get(HOST, "").lower().replace(",", " ").split())
        self.accounts = {name: value for name, value in settings.items() if name.startswith(ACCOUNT)}
        self.brand = brand
        self.servers: dict[str, list[Address]] = {}
        for one in brand:
            if one.startswith("mastodon:") and ":mail/" not in one and "@" in one:
                self.servers.setdefault(one.rpartition("@")[2], []).append(one)
        self.now = now

    def _whose(self, domain: str) -> tuple[str, bool, tuple[str, ...]]:
        """The platform from whose domain a mail says it comes, whether it truly is, and its domains."""
        for server in self.servers:
            if trust.within(domain, (server,)):
                return "mastodon", True, (server,)
        platform, true = trust.platform_of(domain)
        return platform, true, table(platform).domains if platform else ()

    def judged(self, mail: Mail) -> Outcome | None:
        """What came of a mail by its headers alone; ``None`` where its words are needed (`vouched`)."""
        sender = mails.sender(mail)
        if sender is None:
            return self._of_several(mail)
        platform, true, domains = self._whose(sender.domain)
        subject = mails.decoded(mail.first("subject"))
        if not platform:
            return self._pretended(sender, subject)
        rules = table(platform)
        if not true:
            return Outcome("refused", platform, f"{sender.domain} is not {rules.title}")
        if not self.hosts:
            return Outcome("unnamed", platform, trust.host_of(mail))
        doubt = trust.doubt(mail, self.hosts, domains)
        if doubt:
            return Outcome("refused", platform, _DOUBTS[doubt].format(title=rules.title))
        if listed(rules.quiet, sender.address):
            return Outcome("nothing", platform)
        if not listed(rules.senders, sender.address):
            return Outcome("unknown", platform, "from a sender that is not known to send notifications")
        return None

    def _of_several(self, mail: Mail) -> Outcome:
        """Two senders, or none: nobody's mail, and a forgery where one of them is a platform."""
        for address in [one for value in mail.all("from") for one in mails.addresses(value)]:
            platform, _ = trust.platform_of(address.rpartition("@")[2])
            if platform:
                return Outcome("refused", platform, "does not say who sent it")
        return _OTHER

    def _pretended(self, sender: Sender, subject: str) -> Outcome:
        """Somebody else's mail: a forgery where it bears a platform's name and speaks as its mails do."""
        name = sender.name.casefold()
        for platform in PLATFORMS:
            rules = table(platform)
            if any(decoy in name for decoy in rules.decoys) and sentences.sentence(platform, subject):
                return Outcome("refused", platform, f"{sender.domain} is not {rules.title}")
        return _OTHER

    def vouched(self, mail: Mail) -> Outcome:
        """What a mail says of which `judged` found nothing wrong."""
        sender = mails.sender(mail)
        assert sender is not None, "judged first"
        platform, _, domains = self._whose(sender.domain)
        subject = mails.decoded(mail.first("subject"))
        if not mail.complete:
            return Outcome("damaged", platform, "is cut short or damaged; left out")
        shown = body(mail)
        said = self._sentence(platform, subject, sender, shown, mails.called(mail))
        if said is None:
            return Outcome("unknown", platform, "in a wording that is not known")
        at = mails.sent_at(mail)
        if at is None:
            return Outcome("damaged", platform, "has no date that can be believed (1990 to 2100); left out")
        recipient = mails.recipient(mail)
        if not said.kind:
            return Outcome("nothing", platform, at=at)
        if not recipient:
            return Outcome("unknown", platform, "does not say to which one address it was sent")
        if self._somebody_elses(mail, platform, recipient):
            return Outcome("unknown", platform, _PASSED_ON.format(to=recipient, platform=platform))
        own = self.servers.get(domains[0], []) if platform == "mastodon" else []
        if len(own) > 1:
            return Outcome("unknown", platform, f"to one of several accounts of yours on {domains[0]}")
        target, chosen = (own[0], []) if own else self._target(platform, recipient)
        records: list[Record | Decision] = [*chosen]
        records += Told(platform, said, shown, target, at, _message_id(mail)).records()
        return Outcome("told", platform, "", tuple(records), target, at)

    def _sentence(self, platform: str, subject: str, sender: Sender, shown: Body, me: str) -> Sentence | None:
        linked = {_SPACES.sub(" ", text).strip() for text, _ in shown.links if text}
        said = sentences.sentence(platform, subject, known=linked, me=me)
        if said is not None:
            return said
        named = f"{subject}\n{sender.name}".casefold()
        for line in shown.lines[:LINES]:
            said = sentences.sentence(platform, line, known=linked, me=me)
            if said is not None and said.kind and all(_known(one, named, linked) for one in said.people):
                return said
        return None

    def _somebody_elses(self, mail: Mail, platform: str, recipient: str) -> bool:
        """Whether somebody else may have got a mail and passed it on: a true one, about another account.

        So it may be where it was delivered to another address than it was written to, or where nothing says
        where it was delivered and the platform's mails come to another address already.
        """
        if f"{ACCOUNT}{platform}.{recipient}" in self.accounts:
            return False
        elsewhere = mails.delivered_elsewhere(mail)
        if platform == "mastodon":
            return bool(elsewhere)
        if elsewhere is None:
            return any(name.startswith(f"{ACCOUNT}{platform}.") for name in self.accounts)
        return elsewhere

    def _target(self, platform: str, recipient: str) -> tuple[Address, Sequence[Record | Decision]]:
        """Whom it was done to, and what is to be kept of how that was found."""
        setting = f"{ACCOUNT}{platform}.{recipient}"
        target = self.accounts.get(setting, "")
        chosen: list[Record | Decision] = []
        if not is_address(target):
            own = [one for one in self.brand if one.startswith(f"{platform}:") and ":mail/" not in one]
            target = own[0] if len(own) == 1 else f"{platform}:mail/{recipient}"
            self.accounts[setting] = target
            chosen.append(Decision("setting.set", setting, {"value": target}, self.now))
        if ":mail/" in target:
            chosen.append(_own(target, recipient))
        return target, chosen


def _own(account: Address, recipient: str) -> Profile:
    return Profile(account, name=recipient, email=recipient, own=True)


def _known(one: Named, named: str, linked: Collection[str]) -> bool:
    who = (one.name or one.handle).casefold()
    return who in named or any(who in text.casefold() for text in linked)


def _message_id(mail: Mail) -> str:
    return mail.first("message-id").strip().strip("<>")


def body(mail: Mail) -> Body:
    """What a mail shows: of its HTML and its plain text."""
    lines: list[str] = []
    links: list[tuple[str, str]] = []
    if mail.html:
        text, links = words.with_links(mail.html[:MOST_HTML])
        lines += [line for line in text.splitlines() if line]
    before = ""
    for line in mail.text[:MOST_HTML].splitlines():
        found = _ADDRESS_IN.search(line)
        if found:
            links.append((line[: found.start()].strip(" :<(") or before, found[0].rstrip(">)].,")))
        elif line.strip():
            before = line.strip()
            lines.append(before)
    return Body(tuple(lines), tuple(links))


class Told:
    """What a sentence and the links beside it tell, as records."""

    def __init__(
        self, platform: str, said: Sentence, shown: Body, target: Address, at: Micros, message: str
    ) -> None:
        self.platform = platform
        self.said = said
        self.shown = shown
        self.target = target
        self.at = at
        self.message = message
        led = {address: followed(platform, address) for _, address in shown.links}
        self.server = target.rpartition("@")[2] if platform == "mastodon" else ""
        self.links = [(text, led[address]) for text, address in shown.links]

    def records(self) -> Iterator[Record]:
        """The acts, whoever did them, and how many more there were."""
        people = {self._account(one): one for one in self.said.people}
        people.pop(self.target, None)
        object, url = self._object(people)
        text = self._words()
        for who, named in people.items():
            if not is_address(who):
                continue
            name = named.name or named.handle
            yield self._act(who, self.target, object, url, text, name)
            if self.said.both:
                yield self._act(self.target, who, object, url, None, "")
            yield Profile(who, self.at, named.name, _handle(who) or named.handle, self._profile(named))
        if self.said.others and object:
            yield Total(object, self.said.kind, len(people) + self.said.others, self.at)

    def _act(
        self, actor: Address, target: Address, object: str, url: str, text: str | None, name: str
    ) -> Activity:
        kind = self.said.kind
        return Activity(
            id=self._id(actor, target, object),
            kind=kind,
            actor=actor,
            target=target,
            at=self.at,
            object=object or None,
            in_reply_to=object or None if kind == "comment" else None,
            text=text,
            url=opened(url) or None,
            public=False if kind == "message" else None,
            actor_name=name or None,
        )

    def _id(self, actor: Address, target: Address, object: str) -> str:
        out = actor == self.target
        whose = (target if out else actor).partition(":")[2]
        if self.said.kind == "like" and object:
            return f"mail:like:{whose}:{object}"
        if not self.message:
            return ""
        return f"mail:{self.message}#{whose}{':out' if out else ''}"

    def _account(self, one: Named) -> Address:
        """Somebody's account: by handle, by the profile that their name links to, or by the name."""
        platform = self.platform
        if self.server:
            return f"mastodon:{one.handle}" if "@" in one.handle else f"mastodon:{one.handle}@{self.server}"
        if one.handle:
            return f"x:@{one.handle}" if platform == "x" else f"{platform}:{one.handle}"
        named = f"{platform}:name/{' '.join(one.name.split()).casefold()}"
        if table(platform).keyed_by == "name":
            return named
        found = {link.person for link in self._profiles(one)}
        if len(found) == 1:
            return found.pop()
        if platform == "x":
            spelt = re.compile(rf"(?<!\w){re.escape(one.name)} ?\(?@(\w{{1,20}})", re.ASCII | re.IGNORECASE)
            handles = {match[1].lower() for line in self.shown.lines for match in spelt.finditer(line)}
            if len(handles) == 1:
                return f"x:@{handles.pop()}"
        return named

    def _profiles(self, one: Named) -> list[Link]:
        """The people to whom the links with somebody's name on them lead."""
        name = re.compile(rf"(?<!\w){re.escape(one.name)}(?!\w)", re.IGNORECASE)
        return [link for text, link in self.links if link.person and name.search(text)]

    def _profile(self, one: Named) -> str:
        """The address of somebody's profile where accounts are by name: it tells namesakes apart."""
        if table(self.platform).keyed_by != "name":
            return ""
        found = {link.person for link in self._profiles(one)}
        return f"https://www.facebook.com/{found.pop().partition(':')[2]}" if len(found) == 1 else ""

    def _object(self, people: Collection[Address]) -> tuple[str, str]:
        """What it is about, and the address to open it: as the platform's other sources name it."""
        kind = self.said.kind
        if self.said.event == "endorsement":
            return (f"skill:{self.said.what}" if self.said.what else ""), ""
        if kind in {"follow", "message", "endorse"}:
            return "", ""
        posts = [link for _, link in self.links if link.object]
        if self.server:
            posts = [link for link in posts if link.author in {self.target, *people}]
        theirs = next((link.object for link in posts if link.author in people), "")
        if kind == "mention":
            # What mentions is theirs; a post that is known to be another's is something else.
            object = theirs or next((link.object for link in posts if not link.author), "")
            return object, object
        ours = [link.object for link in posts if link.author not in people]
        commented = next((one for one in ours if without_comment(one) != one), "")
        first = ours[0] if ours else ""
        if kind == "comment":
            # What was answered: the post, or the comment that a reply is to.
            answered = comment_of(commented) if self.said.event == "reply" else without_comment(commented)
            return answered or first, theirs or commented or first
        about = (commented if "omment" in self.said.what else "") or first
        return about, theirs or about

    def _words(self) -> str | None:
        if self.said.kind not in _WORDED:
            return None
        if self.said.text:
            return self.said.text
        names = {one.name for one in self.said.people}
        for line in self.shown.lines[:LINES]:
            quoted = sentences.words(self.platform, line)
            if quoted is not None and quoted[0] in names:
                return quoted[1]
        return None


def _handle(who: Address) -> str:
    """The handle in an account's address, ``""`` where that is a number or a name."""
    id = who.partition(":")[2]
    if who.startswith("mastodon:"):
        return id
    return "" if "/" in id or id.isdecimal() or id.startswith("UC") else id.lstrip("@")
