"""Rules about what others did: answer what waits, thank for a share, welcome a newcomer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from courtship.model import DAY, Micros
from courtship.plan.candidate import Candidate, is_question, rank_of, task_for
from courtship.plan.inputs import Inputs, Settings, Share, Step, Talk
from courtship.plan.settling import Settled
from courtship.plan.upkeep import reaches
from courtship.plan.words import Calendar, about_post, length, listed, on_platform, plural, small


def answer(
    inputs: Inputs,
    settings: Settings,
    settled: Settled,
    calendar: Calendar,
    steps: Mapping[str, Step],
) -> Iterator[Candidate]:
    """Answer what waits: the oldest and the highest stage first; a question is worth some days more.

    Where the brand's own answers cannot be seen no clock runs: only fresh words come up, last, without a
    due time.
    """
    now = calendar.now
    waiting: dict[str, list[Talk]] = defaultdict(list)
    for talk in inputs.talks:
        row = inputs.people.get(talk.person)
        if row is None or talk.at > now or inputs.rung(row.stage) < 0:
            continue
        days = settings.answer_within_days if _clock(talk, now) else settings.unseen_answer_within_days
        if now - talk.at <= days * DAY and not settled.over("answer", talk.person, talk.at):
            waiting[talk.person].append(talk)
    waits = {person: min(talk.at for talk in talks) for person, talks in waiting.items()}
    longest = min(waits, key=lambda person: (waits[person], person), default="")
    for person, talks in waiting.items():
        talks.sort(key=lambda talk: (talk.at, talk.activity))
        asking = [talk for talk in talks if is_question(talk.text) or talk.kind == "message"]
        timed = [talk for talk in talks if _clock(talk, now)]
        pool = timed or talks
        lead = next((talk for talk in pool if talk in asking), pool[0])
        step = steps.get(person)
        one_answer = step is not None and step.direction == "outbound"
        if one_answer and not asking:
            continue  # the step says more: "one answer and you know each other"
        row = inputs.people[person]
        reason = _answer_reason(lead, talks, calendar, clock=bool(timed))
        if one_answer:
            reason += f" One answer and {reaches(row, step.stage if step else '')}."
        elif timed and person == longest and len(waits) > 1:
            reason += f" The longest wait of {small(len(waits))}."
        worth = inputs.rung(row.stage) * settings.stage_worth_days
        worth += settings.question_worth_days if asking else 0
        points = worth * DAY + (now - timed[0].at if timed else 0)
        acts = [lead, *(talk for talk in talks if talk != lead)]
        due = timed[0].at + DAY if timed else None
        yield Candidate(
            rank_of("answer", 0 if timed else 1, points, pool[0].at, person),
            task_for("answer", row, "Answer", reason, talks[0].activity, lead, acts, due=due),
            fresh_at=asking[-1].at if asking else None,
        )


def _clock(talk: Talk, now: Micros) -> bool:
    """Whether the brand's own answers can be seen after ``talk``, so that a wait may be spoken of."""
    return talk.answers_seen_until is not None and talk.answers_seen_until > talk.at and now > talk.at


def _answer_reason(lead: Talk, talks: list[Talk], calendar: Calendar, *, clock: bool) -> str:
    now = calendar.now
    what = _said(lead) + on_platform(lead.platform)
    more = len(talks) - 1
    also = f", and {more} more" if more else ""
    if talks[0].at // DAY < lead.at // DAY:
        also += f", the first {calendar.ago(talks[0].at)}"
    if not clock:
        return f"{what} {calendar.ago(lead.at)}{also}. Your own answers cannot be seen there."
    seen = lead.answers_seen_until
    assert seen is not None  # what a clock is
    if seen < now - DAY:
        end = calendar.day(seen)
        return f"{what} {calendar.ago(lead.at)}{also}, unanswered on {end}, when your data ends."
    return f"{what}, waiting {length(now - lead.at)}{also}."


def _said(talk: Talk) -> str:
    asks = is_question(talk.text)
    post = f"your post{about_post(talk.about)}"
    match talk.kind:
        case "message":
            return "A question in a message" if asks else "A message"
        case "mention":
            return "A question that mentions you" if asks else "A mention of you"
        case _:
            return f"A question on {post}" if asks else f"A comment on {post}"


def thank(inputs: Inputs, settings: Settings, settled: Settled, calendar: Calendar) -> Iterator[Candidate]:
    """Thank for a share, quote or recommendation that the brand has not responded to."""
    now = calendar.now
    shared: dict[str, list[Share]] = defaultdict(list)
    for share in inputs.shares:
        row = inputs.people.get(share.person)
        if row is None or share.at > now or inputs.rung(row.stage) < 0:
            continue
        recent = now - share.at <= settings.thank_within_days * DAY
        if recent and not settled.over("thank", share.person, share.at):
            shared[share.person].append(share)
    for person, shares in shared.items():
        shares.sort(key=lambda share: (share.at, share.activity))
        row, lead = inputs.people[person], shares[-1]
        points = inputs.rung(row.stage) * settings.stage_worth_days * DAY + now - shares[0].at
        reason = _thank_reason(shares, calendar)
        task = task_for("thank", row, "Thank", reason, shares[0].activity, lead, shares[::-1])
        yield Candidate(rank_of("thank", 0, points, shares[0].at, person), task)


def _thank_reason(shares: list[Share], calendar: Calendar) -> str:
    lead = shares[-1]
    did = {"quote": "Quoted", "endorse": "Recommended"}.get(lead.kind, "Shared")
    what = "you" if lead.kind == "endorse" else f"your post{about_post(lead.about)}"
    reason = f"{did} {what}{on_platform(lead.platform)} {calendar.ago(lead.at)}"
    if len(shares) > 1:
        reason += f", and {len(shares) - 1} more before"
    reason += "."
    reach = f"{plural(lead.followers, 'follower')} may have seen it" if lead.followers else ""
    came = f"{small(lead.introduced)} of them followed you since" if lead.introduced else ""
    if reach and came:
        return f"{reason} {reach}; {came}."
    if reach or came:
        said = reach or f"{plural(lead.introduced, 'person', 'people')} came to you by it"
        return f"{reason} {said}."
    return reason


def welcome(inputs: Inputs, settings: Settings, calendar: Calendar) -> Iterator[Candidate]:
    """Welcome whoever came lately and was not greeted, first those with most in common."""
    now = calendar.now
    for newcomer in inputs.newcomers:
        row = inputs.people.get(newcomer.person)
        if row is None or newcomer.at > now or inputs.rung(row.stage) < 1 or row.answered:
            continue
        if now - newcomer.at > settings.welcome_within_days * DAY:
            continue
        did = {
            "follow": "Followed you",
            "like": "Liked something of yours",
            "view": "Looked at your page",
            "vote": "Voted in your poll",
        }.get(newcomer.kind, "Spoke to you for the first time")
        reason = f"{did}{on_platform(newcomer.platform)} {calendar.ago(newcomer.at)}."
        marks = newcomer.shared[:3]
        if marks:
            reason += f" You both write about {listed(marks)}."
        sign = newcomer
        lead = Talk(sign.activity, sign.person, sign.kind, sign.at, url=sign.url, platform=sign.platform)
        rank = rank_of("welcome", 0, len(marks), -newcomer.at, newcomer.person)
        yield Candidate(rank, task_for("welcome", row, "Welcome", reason, "first", lead, [lead], marks=marks))
