"""Under the default policy the made-up audience looks like a small business's."""

from __future__ import annotations

from collections import Counter

import courtship
from courtship import demo, times
from courtship.demo import traits
from courtship.model import DAY, Micros

UNTIL: Micros = 1_795_305_600_000_000


def test_every_stage_has_its_people_and_something_is_going_on() -> None:
    audience = demo.audience(people=600, activities=24_000, seed=7, until=UNTIL)
    counted = [p for p in range(600) if audience.people.temperament[p] < traits.TEAM]
    people = {str(p): audience.accounts(p) for p in counted}
    owner = {account: name for name, accounts in people.items() for account in accounts}
    undone = {undo.undoes: undo.at for undo in audience.undos()}
    rows = []
    for a in audience.activities():
        if a.actor not in owner and a.target not in owner:
            continue
        ended = a.ended or undone.get(a.id)
        row = {"id": a.id, "kind": a.kind, "actor": a.actor, "target": a.target, "precise": a.precise}
        rows.append(row | {"at": times.to_iso(a.at), "ended": times.to_iso(ended) if ended else None})
    reports = courtship.reckon(
        rows, brand=list(audience.brand), people=people, at=times.to_iso(UNTIL)
    ).to_pylist()

    assert len(reports) == len(counted)
    stages = Counter(report["stage"] for report in reports)
    total = sum(stages.values())
    assert 0.25 < stages["aware"] / total < 0.55
    assert 0.30 < stages["like"] / total < 0.55
    assert 0.06 < stages["know"] / total < 0.20
    assert 0.02 < stages["trust"] / total < 0.09
    assert 1 <= stages["parted"] <= 0.03 * total

    causes = Counter(t["cause"] for report in reports for t in report["transitions"])
    assert causes["lapse"] > 0.1 * causes["activity"]
    moves = Counter((t["from"], t["to"]) for report in reports for t in report["transitions"])
    assert moves["like", "know"] > 30
    assert moves["know", "trust"] > 5
    assert moves["know", "like"] > 0
    soon = [r for r in reports if r["until"] and times.micros(r["until"]) < UNTIL + 30 * DAY]
    assert soon
