"""A small connector over HTTP, for the tests of whatever runs connectors: real requests to a real server."""

from __future__ import annotations

from collections.abc import Iterator

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.http import answered
from courtship.model import Activity, Guide, Problem, Profile, Record
from courtship.times import parse_iso


def _check(session: Session) -> Profile:
    told = answered(_get(session, "me")).json()
    return Profile(told["account"], name=told["name"], handle=told["account"].partition(":")[2], own=True)


def _get(session: Session, path: str, **query: str):  # type: ignore[no-untyped-def]
    return session.http.get(
        f"{session.settings['server']}/{path}",
        params=query,
        headers={"Authorization": f"Bearer {session.settings['token']}"},
    )


def _run(session: Session) -> Iterator[Batch]:
    after = int(session.cursor.get("after", 0))
    seen = session.cursor.get("seen")
    while True:
        told = answered(_get(session, "acts", after=str(after)), session.now()).json()
        records: list[Record | Problem] = []
        for act in told["acts"]:
            after = max(after, act["number"])
            try:
                records.append(
                    Activity(
                        str(act["number"]), act["kind"], act["actor"], act["target"], parse_iso(act["at"])
                    )
                )
            except (KeyError, ValueError) as error:
                records.append(Problem("", f"act {act.get('number')}", f"cannot be read ({error!r})"))
        now = session.now()
        yield Batch(records, {"after": after, "seen": now}, seen_from=seen if seen else now - 1, seen_to=now)
        seen = now
        if session.wait(0.05):
            return


CONNECTOR = Connector(
    name="tiny",
    title="Tiny",
    platforms=("test",),
    settings=(
        Setting("server", "Server", "its address"),
        Setting("token", "Token", secret=True),
        Setting("more", "More", optional=True),
    ),
    guide=Guide(("Settings", "Tokens", "New token")),
    permission="read",
    shows={("like", "inbound"): "full", ("comment", "inbound"): "some"},
    check=_check,
    run=_run,
    can_say="likes and comments",
    cannot_say="who looked",
    verified="real server",
)
