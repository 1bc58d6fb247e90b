"""How two answer each other, and how broad it is between them, in words and rows for one person's page."""

from __future__ import annotations

from courtship.model import DAY
from courtship.service.people.person_page import Page
from courtship.service.people.story import Answering
from courtship.web import telling, words


def answering(told: Page, short: str) -> str:
    """How often each answers the other, when they are mostly heard from, and what waits."""
    parts = []
    if told.theirs and told.theirs.talk:
        parts.append(f"{short} answers {told.theirs.answered} of {told.theirs.talk} times")
    if told.ours and told.ours.talk:
        parts.append(f"you {'answer ' if not parts else ''}{told.ours.answered} of {told.ours.talk}")
    waits = _waits(told, short)
    if not parts:
        return waits or "Neither has asked anything of the other yet."
    said = ", ".join(parts)
    return f"{said[:1].upper()}{said[1:]}.{told.best_time} {waits}".rstrip()


def _waits(told: Page, short: str) -> str:
    """Whose words wait for an answer, or got one that cannot be seen."""
    said = []
    if told.ours and told.ours.waiting:
        said.append(
            f"{words.plural(told.ours.waiting, 'thing')} {short} said {_wait(told.ours)} for your answer."
        )
    elif told.ours and told.ours.unknown and not told.ours.talk:
        said.append(f"Whether you answered {short} cannot be seen here.")
    if told.theirs and told.theirs.waiting:
        said.append(
            f"{words.plural(told.theirs.waiting, 'thing')} you said {_wait(told.theirs)} for {short}."
        )
    return " ".join(said)


def _wait(side: Answering) -> str:
    return "waits" if side.waiting == 1 else "wait"


def table(told: Page, short: str) -> list[dict[str, str]]:
    """Both directions, all and by platform: how often, and after how long."""
    rows = []
    for who, side, by in (
        (f"{short} answers", told.theirs, told.story.theirs_by_platform),
        ("you answer", told.ours, told.story.ours_by_platform),
    ):
        sides = [(words.platform_title(platform), one) for platform, one in sorted(by.items())]
        if side and len(by) > 1:
            sides.insert(0, ("everywhere", side))
        for where, one in sides:
            if one.talk or one.waiting or one.unknown:
                rows.append(
                    {
                        "who": who,
                        "where": where,
                        "of": f"{one.answered:,} of {one.talk:,}" if one.talk else "cannot tell yet",
                        "median": words.length(one.median) if one.median is not None else "",
                        "p90": words.length(one.p90) if one.p90 is not None else "",
                        "waiting": f"{one.waiting:,}" if one.waiting else "",
                        "unknown": f"{one.unknown:,}" if one.unknown else "",
                    }
                )
    return rows


def breadth(told: Page, short: str) -> list[tuple[str, str]]:
    """How broad it is: in what ways, where, on how many days; what was public; how long one watched."""
    found = told.story.breadth
    if found is None:
        return []
    rows = []
    if found.kinds:
        ways = sorted(found.kinds.items(), key=lambda item: -item[1])
        said = [f"{n:,} {telling.NOUN[kind]}{'' if n == 1 else 's'}" for kind, n in ways]
        rows.append(("Ways", words.listed(said)))
    if len(found.platforms) > 1:
        where = sorted(found.platforms.items(), key=lambda item: -item[1])
        rows.append(("Where", words.listed([f"{words.platform_title(one)} {n:,}" for one, n in where])))
    if found.days:
        rows.append(("Days", words.plural(found.days, "day")))
    if found.public_per_cent is not None:
        public = f"{found.public:,} of {found.public + found.private:,} words and shares"
        if found.audience:
            public += f", to up to {words.plural(found.audience, 'follower')}"
        rows.append(("In public", public))
    rows.append(("Known for", words.length(max(found.tenure, DAY))))
    least = "at least " if found.at_least else ""
    for label, waited in (("First like", found.before_like), ("First word", found.before_word)):
        if waited is not None:
            rows.append(
                (label, f"after {least}{words.length(waited)}" if waited >= DAY else "on the first day")
            )
    return rows


def seen(told: Page) -> str:
    """What the picture of answers shows, and over how many days; nothing where there is none."""
    if not (told.their_waits or told.our_waits):
        return ""
    if told.covered_days is None:
        return "Each dot is one answer."
    covered, known = f"{told.covered_days:,}", f"{told.known_days:,}"
    return f"Each dot is one answer. Over the {covered} days that can be seen of {known}."
