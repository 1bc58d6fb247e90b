"""Stage and since of everybody by the default policy, in pandas; leaves out what ``duckdb_levels`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.by_hand.polars_levels import DAY, FOREVER, GAUGES, NEVER, SPANS


def levels(folder: Path, now: int) -> tuple[Any, Any, Any]:
    """The people (ascending), their stage's number and since when, as NumPy arrays."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    def read(name: str) -> pd.DataFrame:
        return pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all().to_pandas()

    acts, ends = read("rows"), read("ends")
    ended = np.full(len(acts), FOREVER)
    ends = ends[ends["ended"] <= now]
    ended[ends["row"]] = ends["ended"]
    acts["ended"], acts["kind"], acts["way"] = ended, acts["act"] & 31, (acts["act"] // 32) & 1
    acts["precise"] = acts["act"] // 64 & 1
    acts = acts[acts["at"] <= now]

    def which(way: int | None, low: int, high: int, days: int | None) -> pd.DataFrame:
        some = acts[acts["kind"].between(low, high) & ((acts["way"] == way) if way is not None else True)]
        until = np.minimum(some["ended"], some["at"] + days * DAY) if days else some["ended"]
        some = some.assign(until=until)
        return some[some["at"] < some["until"]]

    def once(some: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
        """Spans of one key that touch, as one."""
        some = some.assign(key=key).sort_values(["person", "key", "at", "until"])
        each = [some["person"], some["key"]]
        reached = some.groupby(each)["until"].cummax().groupby(each).shift(1, fill_value=NEVER)
        island = (reached < some["at"]).groupby(each).cumsum().rename("island")
        spans = some.groupby([*each, island]).agg(at=("at", "min"), until=("until", "max"))
        return spans.reset_index()

    parts = {name: which(*span) for name, span in SPANS.items()}
    parts["follow"], parts["block"] = which(0, 0, 0, None), which(None, 10, 10, None)
    precise = parts["talk"][parts["talk"]["precise"] == 1]
    parts["days"] = once(precise, precise["at"] // DAY)
    liked = which(0, 2, 9, 180)
    parts["kinds"] = once(liked, liked["kind"])
    changes = [acts[["person", "at"]].assign(what=-1, step=0)]
    for number, name in enumerate(GAUGES):
        some = parts[name]
        changes.append(some[["person", "at"]].assign(what=number, step=1))
        over = some.loc[some["until"] <= now, ["person", "until"]].rename(columns={"until": "at"})
        changes.append(over.assign(what=number, step=-1))
    every = pd.concat(changes)
    for number, name in enumerate(GAUGES):
        every[name] = np.where(every["what"] == number, every["step"], 0)
    moments = every.groupby(["person", "at"], sort=True)[list(GAUGES)].sum()
    m = moments.groupby(level="person").cumsum()
    person = m.index.get_level_values("person")
    at = pd.Series(m.index.get_level_values("at"), index=m.index)

    def held(gain: pd.Series, keep: pd.Series) -> pd.Series:
        won = at.where(gain, NEVER).groupby(level="person").cummax()
        lost = at.where(~gain & ~keep, NEVER).groupby(level="person").cummax()
        return (won > lost) & (won > NEVER)

    like = (m["follow"] > 0) | (m["any180"] > 0)
    talked = (m["talk"] >= 3) & (m["days"] >= 2) & (m["ours180"] > 0)
    gain = like & talked & ((m["kinds"] >= 2) | (m["days"] >= 4))
    know = held(gain, (m["talk365"] > 0) & (m["ours365"] > 0))
    trust = held(know & (m["share365"] > 0), (m["share730"] > 0) & (m["any365"] > 0))
    stage = np.select([m["block"] > 0, trust, know, like], [4, 3, 2, 1], 0)
    stages = pd.DataFrame({"person": person, "at": at.to_numpy(), "stage": stage})
    before = stages.groupby("person")["stage"].shift(1, fill_value=0)
    moved = stages["at"].where(stages["stage"] != before, NEVER)
    last = moved.groupby(stages["person"]).max()
    answer = stages.groupby("person").agg(stage=("stage", "last"), first=("at", "first"))
    since = last.where(last != NEVER, answer["first"])
    return answer.index.to_numpy(), answer["stage"].to_numpy(), since.to_numpy()
