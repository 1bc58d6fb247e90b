"""Parsing alone, on one core: made-up files of each sort, and a parser of the same format by others.

Memory is what a process holds at most while it reads an archive of gigabytes that is made and removed here.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

TEXT: Final = (
    "lovely crumb thank you for the loaf rye spelt oven early morning who would have thought that it "
    "keeps so well grüße from far away see you at the market on saturday again please more of these 🌱"
)
WORDS: Final = TEXT.split()
AT: Final = 1_600_000_000
SIZE: Final = 8_000_000
"""Bytes of a file whose speed is measured."""


def _said(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(3, 40)))


def _iso(second: int) -> str:
    from courtship.times import to_iso

    return to_iso((AT + second) * 1_000_000)


def activitystreams(chance: random.Random) -> Iterator[str]:
    """A server's inbox as one collection: likes, follows and answers, as Mastodon writes them."""
    yield '{"type":"OrderedCollectionPage","id":"https://home.example/users/me/inbox","orderedItems":['
    number = 0
    while True:
        who = f"https://s{chance.randrange(40)}.example/users/p{chance.randrange(5_000)}"
        mine = f"https://home.example/users/me/statuses/{chance.randrange(900)}"
        item: dict[str, Any] = {"id": f"{who}#likes/{number}", "type": "Like", "actor": who, "object": mine}
        if number % 3 == 1:
            note = {
                "id": f"{who}/statuses/{number}",
                "type": "Note",
                "attributedTo": who,
                "inReplyTo": mine,
                "published": _iso(number),
                "url": f"{who}/{number}",
                "to": ["https://www.w3.org/ns/activitystreams#Public"],
                "cc": ["https://home.example/users/me", f"{who}/followers"],
                "content": f"<p>{_said(chance)}</p>",
                "tag": [
                    {"type": "Mention", "href": "https://home.example/users/me", "name": "@me@home.example"}
                ],
            }
            item = {"id": f"{note['id']}/activity", "type": "Create", "actor": who, "object": note}
        item["published"] = _iso(number)
        yield ("," if number else "") + json.dumps(item, ensure_ascii=False)
        number += 1


def comments_csv(chance: random.Random) -> Iterator[str]:
    """YouTube Takeout's comments.csv: what the owner wrote."""
    yield ("Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text\n")
    number = 0
    while True:
        text = json.dumps({"text": _said(chance)}, ensure_ascii=False).replace('"', '""')
        parent = f"Ugw{number % 997:020}AaABAg" if number % 2 else ""
        yield f'Ugx{number:020}AaABAg,UC{7:022},{_iso(number)},0,{parent},v{number % 5000:010},"{text}"\n'
        number += 1


def flat_csv(chance: random.Random) -> Iterator[str]:
    """The product's own flat table."""
    yield "id,kind,actor,target,at,object,text\n"
    number = 0
    while True:
        who = chance.randrange(9_000)
        yield f"{number},comment,x:@p{who},x:@me,{_iso(number)},p{number % 99},{_said(chance)}\n"
        number += 1


def mails(chance: random.Random) -> Iterator[str]:
    """A mailbox: one in four a notification with text and HTML, the rest from people."""
    number = 0
    while True:
        notice = number % 4 == 0
        sender = "Facebook <notification@facebookmail.com>" if notice else f"P <p{number}@example.org>"
        results = (
            "mx.example.org; dkim=pass header.d=facebookmail.com\n" if notice else "mx.example.org; none\n"
        )
        body = "\n".join(_said(chance) for _ in range(12))
        yield (
            f"From x@example.org Mon Feb  2 10:00:00 2026\nAuthentication-Results: {results}From: {sender}\n"
            f"To: me@example.org\nSubject: {_said(chance)[:60]}\nDate: Mon, 02 Feb 2026 10:00:00 +0000\n"
            f"Message-ID: <{number}@example.org>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/alternative; boundary="b"\n\n'
            f"--b\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
            f"--b\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>{body}</p></body></html>\n"
            "--b--\n\n"
        )
        number += 1


FILES: Final[dict[str, tuple[str, Callable[[random.Random], Iterator[str]], str, float]]] = {
    "JSON, ActivityStreams": ("inbox.json", activitystreams, "]}", 20),
    "CSV, YouTube comments": (
        "Takeout/YouTube and YouTube Music/comments/comments.csv",
        comments_csv,
        "",
        15,
    ),
    "CSV, flat table": ("activities.csv", flat_csv, "", 15),
    "mail, mbox": ("All mail.mbox", mails, "", 10),
}
"""Of each sort: the file's name, what it is made of, its end, and the MB/s that were promised."""


def made(name: str, folder: Path, size: int = SIZE) -> Path:
    """The made-up file of that sort, in a folder of its own; answers the folder."""
    path, lines, end, _ = FILES[name]
    place = folder / "".join(c for c in name if c.isalnum())
    file = place / path
    if not file.exists():
        file.parent.mkdir(parents=True)
        written = 0
        with file.open("w", encoding="utf-8") as out:
            for line in lines(random.Random(7)):
                written += out.write(line)
                if written > size:
                    break
            out.write(end)
    return place


def made_archive(folder: Path, megabytes: int) -> Path:
    """A zip of mail boxes and collections of so many megabytes unpacked, written as it is made."""
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in ("mail, mbox", "JSON, ActivityStreams"):
            file, _, _, _ = FILES[name]
            source = made(name, folder / "piece", 16_000_000) / file
            data = source.read_bytes()
            share = 0.8 if name.startswith("mail") else 0.2
            if name.startswith("mail"):
                with archive.open("Takeout/Mail/All mail.mbox", "w", force_zip64=True) as out:
                    for _ in range(int(megabytes * share * 1_000_000) // len(data)):
                        out.write(data)
            else:
                body = data[data.index(b"[") + 1 : -2]
                with archive.open("inbox.json", "w", force_zip64=True) as out:
                    out.write(data[: data.index(b"[") + 1])
                    for number in range(int(megabytes * share * 1_000_000) // len(body)):
                        out.write(b"," if number else b"")
                        out.write(body)
                    out.write(b"]}")
    return path


def read(path: str) -> dict[str, Any]:
    """Everything that is told of a path, thrown away: parsing alone, in processor time."""
    import time
    from collections import Counter

    from courtship.sources import registry
    from courtship.sources.walk import open_tree

    counts: Counter[str] = Counter()
    began, busy = time.perf_counter(), time.process_time()
    with open_tree(Path(path)) as tree:
        claims = registry.claims(tree, now=1_795_305_600_000_000, settings={"mail.host": "mx.example.org"})
        recognised = time.process_time() - busy
        size = sum(claim.size for claim in claims)
        for claim in claims:
            for record in claim.source.read(claim):
                counts[type(record).__name__] += 1
    used = time.process_time() - busy
    return {
        "seconds": time.perf_counter() - began,
        "cpu": used,
        "recognised": recognised,
        "mb": size / 1e6,
        "told": counts.total() - counts["Problem"],
    }


def read_by_others(path: str) -> dict[str, Any]:
    """The same Takeout folder by google-takeout-parser (PyPI), without its cache."""
    import time

    from google_takeout_parser.path_dispatch import TakeoutParser

    began, busy = time.perf_counter(), time.process_time()
    told = sum(
        not isinstance(one, Exception) for one in TakeoutParser(Path(path), warn_exceptions=False).parse()
    )
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - busy, "told": told}


def many_files(path: str, files: int) -> dict[str, Any]:
    """Recognition of a zip of so many files, made before."""
    import time

    from courtship.sources import registry
    from courtship.sources.walk import open_tree

    with zipfile.ZipFile(path, "w") as archive:
        for number in range(files):
            archive.writestr(
                f"Takeout/Google+ Stream/Posts/{number}.json", '{"url": "x", "creationTime": "y"}'
            )
    began, busy = time.perf_counter(), time.process_time()
    with open_tree(Path(path)) as tree:
        found = registry.claims(tree, now=1_795_305_600_000_000)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - busy,
        "told": sum(len(claim.entries) for claim in found),
    }
