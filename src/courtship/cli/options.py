"""Options that several commands share, and the place that the whole command line works in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtship.cli.place import Place

Ctx = typer.Context

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output and nothing else")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="as things stood then, ISO 8601; without a zone it is UTC"),
]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="by the ladder in this TOML file instead")
]
Ref = Annotated[str, typer.Argument(metavar="REF", help="a person's id, or any account of theirs")]


BEGIN, LOOK, DECIDE, KEEP = "To begin", "To look", "To say what you know", "To keep"
"""The parts of the list of commands."""


def example(*lines: str) -> str:
    """The end of a command's help: how it is used."""
    return "Example:\n\n" + "\n\n".join(f"  {line}" for line in lines)


def place_of(ctx: typer.Context) -> Place:
    """The home and workspace that the command line named."""
    place = ctx.find_root().obj
    assert isinstance(place, Place)
    return place
