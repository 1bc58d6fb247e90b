"""Stage and since of everybody by the default policy, in Polars; leaves out what ``duckdb_levels`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

DAY = 86_400_000_000
FOREVER = 2**63 - 1
NEVER = -(2**62)

SPANS = {
    "talk": (0, 3, 8, 180),
    "talk365": (0, 3, 8, 365),
    "any180": (0, 1, 9, 180),
    "any365": (0, 1, 9, 365),
    "ours180": (1, 2, 9, 180),
    "ours365": (1, 2, 9, 365),
    "share365": (0, 7, 9, 365),
    "share730": (0, 7, 9, 730),
}
"""Which way, from which kind to which, and for how many days an activity counts."""

GAUGES = (*SPANS, "days", "kinds", "follow", "block")


def levels(folder: Path, now: int) -> tuple[Any, Any, Any]:
    """The people (ascending), their stage's number and since when, as NumPy arrays."""
    import polars as pl

    col = pl.col
    ends = pl.scan_ipc(folder / "ends.arrow").filter(col("ended") <= now).select("row", "ended")
    acts = (
        pl.scan_ipc(folder / "rows.arrow")
        .with_row_index("row")
        .with_columns(col("row").cast(pl.Int64))
        .join(ends, on="row", how="left")
        .filter(col("at") <= now)
        .select(
            "person",
            "at",
            kind=col("act") & 31,
            way=(col("act") // 32) & 1,
            precise=(col("act") // 64) & 1,
            ended=col("ended").fill_null(FOREVER),
        )
        .collect()
    )

    def which(way: int | None, low: int, high: int, days: int | None) -> pl.DataFrame:
        some = acts.filter(col("kind").is_between(low, high))
        some = some if way is None else some.filter(col("way") == way)
        until = pl.min_horizontal("ended", col("at") + days * DAY) if days else col("ended")
        return some.with_columns(until=until).filter(col("at") < col("until"))

    def once(some: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
        """Spans of one key that touch, as one."""
        some = some.with_columns(key=key).sort("person", "key", "at", "until")
        each = ["person", "key"]
        reached = col("until").cum_max().shift(1).over(each)
        fresh = (reached < col("at")).fill_null(True)
        some = some.with_columns(island=fresh.cast(pl.Int64).cum_sum().over(each))
        return some.group_by("person", "key", "island").agg(col("at").min(), col("until").max())

    parts = {name: which(*span) for name, span in SPANS.items()}
    parts["follow"], parts["block"] = which(0, 0, 0, None), which(None, 10, 10, None)
    parts["days"] = once(parts["talk"].filter(col("precise") == 1), col("at") // DAY)
    parts["kinds"] = once(which(0, 2, 9, 180), col("kind").cast(pl.Int64))
    changes = [acts.select("person", "at", what=pl.lit("met"), step=pl.lit(0))]
    for name, some in parts.items():
        changes.append(some.select("person", "at", what=pl.lit(name), step=pl.lit(1)))
        over = some.filter(col("until") <= now)
        changes.append(over.select("person", at="until", what=pl.lit(name), step=pl.lit(-1)))
    moments = (
        pl.concat(changes)
        .group_by("person", "at")
        .agg(col("step").filter(col("what") == name).sum().alias(name) for name in GAUGES)
        .sort("person", "at")
        .with_columns(col(name).cum_sum().over("person") for name in GAUGES)
    )

    def held(name: str, gain: pl.Expr, keep: pl.Expr) -> None:
        nonlocal moments
        won = pl.when(gain).then(col("at")).otherwise(NEVER).cum_max().over("person")
        lost = pl.when(~gain & ~keep).then(col("at")).otherwise(NEVER).cum_max().over("person")
        moments = moments.with_columns(((won > lost) & (won > NEVER)).alias(name))

    like = (col("follow") > 0) | (col("any180") > 0)
    talked = (col("talk") >= 3) & (col("days") >= 2) & (col("ours180") > 0)
    gain = like & talked & ((col("kinds") >= 2) | (col("days") >= 4))
    held("know", gain, (col("talk365") > 0) & (col("ours365") > 0))
    held("trust", col("know") & (col("share365") > 0), (col("share730") > 0) & (col("any365") > 0))
    ladder = pl.when(col("block") > 0).then(4).when("trust").then(3).when("know").then(2)
    stages = moments.select("person", "at", stage=ladder.when(like).then(1).otherwise(0))
    moved = col("stage") != col("stage").shift(1).over("person").fill_null(0)
    answer = (
        stages.with_columns(moved=moved)
        .group_by("person", maintain_order=True)
        .agg(
            col("stage").last(),
            since=pl.coalesce(col("at").filter(col("moved")).last(), col("at").first()),
        )
    )
    return tuple(answer[name].to_numpy() for name in ("person", "stage", "since"))
