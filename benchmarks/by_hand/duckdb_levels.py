"""Stage and since of everybody by the default policy, in SQL.

Left out: the transitions before the last one, their causes, until, peak, what is missing, other policies and
other time zones than UTC. Every condition is a running sum of what begins and ends, by person and moment;
days and kinds count once while any of theirs lasts (gaps and islands); a rung that is kept is the last
moment at which it was won later than the last at which it was neither won nor kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

STEPS = """
CREATE TEMP TABLE acts AS
SELECT r.person, r."at" AS t, r.act & 31 AS kind, (r.act >> 5) & 1 AS outbound, (r.act >> 6) & 1 AS precise,
       coalesce(e.ended, {forever}) AS ended
FROM (SELECT *, (row_number() OVER ()) - 1 AS place FROM rows) r
LEFT JOIN (SELECT "row" AS place, ended FROM ends WHERE ended <= {now}) e USING (place)
WHERE r."at" <= {now};

CREATE TEMP TABLE talk AS SELECT person, t, precise, kind, least(ended, t + 180 * {day}) AS until
FROM acts WHERE outbound = 0 AND kind BETWEEN 3 AND 8 AND ended > t;

CREATE TEMP TABLE changes AS
WITH islands AS (
    SELECT 'days' AS what, person, t // {day} AS key, t, until FROM talk WHERE precise = 1
    UNION ALL
    SELECT 'kinds', person, kind, t, least(ended, t + 180 * {day}) FROM acts
    WHERE outbound = 0 AND kind BETWEEN 2 AND 9 AND ended > t
), marked AS (
    SELECT *, coalesce(max(until) OVER (PARTITION BY what, person, key ORDER BY t, until
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) < t, true) AS fresh FROM islands
), numbered AS (
    SELECT *, sum(fresh::int) OVER (PARTITION BY what, person, key ORDER BY t, until
        ROWS UNBOUNDED PRECEDING) AS island FROM marked
), spans AS (
    SELECT what, person, min(t) AS t, max(until) AS until FROM numbered GROUP BY what, person, key, island
    UNION ALL SELECT 'talk', person, t, until FROM talk
    UNION ALL SELECT 'talk365', person, t, least(ended, t + 365 * {day}) FROM acts
        WHERE outbound = 0 AND kind BETWEEN 3 AND 8
    UNION ALL SELECT 'follow', person, t, ended FROM acts WHERE outbound = 0 AND kind = 0
    UNION ALL SELECT 'block', person, t, ended FROM acts WHERE kind = 10
    UNION ALL SELECT 'any180', person, t, least(ended, t + 180 * {day}) FROM acts
        WHERE outbound = 0 AND kind BETWEEN 1 AND 9
    UNION ALL SELECT 'any365', person, t, least(ended, t + 365 * {day}) FROM acts
        WHERE outbound = 0 AND kind BETWEEN 1 AND 9
    UNION ALL SELECT 'ours180', person, t, least(ended, t + 180 * {day}) FROM acts
        WHERE outbound = 1 AND kind BETWEEN 2 AND 9
    UNION ALL SELECT 'ours365', person, t, least(ended, t + 365 * {day}) FROM acts
        WHERE outbound = 1 AND kind BETWEEN 2 AND 9
    UNION ALL SELECT 'share365', person, t, least(ended, t + 365 * {day}) FROM acts
        WHERE outbound = 0 AND kind BETWEEN 7 AND 9
    UNION ALL SELECT 'share730', person, t, least(ended, t + 730 * {day}) FROM acts
        WHERE outbound = 0 AND kind BETWEEN 7 AND 9
    UNION ALL SELECT 'met', person, t, {forever} FROM acts
)
SELECT person, t, what, 1 AS step FROM spans WHERE t < until
UNION ALL SELECT person, until, what, -1 FROM spans WHERE t < until AND until <= {now};

CREATE TEMP TABLE gauges AS
WITH moments AS (SELECT person, t, {steps} FROM changes GROUP BY person, t)
SELECT person, t, {sums} FROM moments WINDOW so_far AS (PARTITION BY person ORDER BY t);

CREATE TEMP TABLE likes AS SELECT *, follow > 0 OR any180 > 0 AS "like" FROM gauges;
CREATE TEMP TABLE knows AS
WITH rules AS (
    SELECT *, "like" AND talk >= 3 AND days >= 2 AND ours180 > 0 AND (kinds >= 2 OR days >= 4) AS gain,
           talk365 > 0 AND ours365 > 0 AS keep FROM likes
)
SELECT *, {held} AS know FROM rules WINDOW so_far AS (PARTITION BY person ORDER BY t);
CREATE TEMP TABLE trusts AS
WITH rules AS (
    SELECT * REPLACE (know AND share365 > 0 AS gain, share730 > 0 AND any365 > 0 AS keep) FROM knows
)
SELECT *, {held} AS trust FROM rules WINDOW so_far AS (PARTITION BY person ORDER BY t);

CREATE TEMP TABLE answer AS
WITH stages AS (
    SELECT person, t, CASE WHEN block > 0 THEN 4 WHEN trust THEN 3 WHEN know THEN 2
                            WHEN "like" THEN 1 ELSE 0 END AS stage FROM trusts
), moves AS (
    SELECT *, stage <> lag(stage, 1, 0) OVER (PARTITION BY person ORDER BY t) AS moved FROM stages
)
SELECT person, arg_max(stage, t) AS stage,
       coalesce(max(t) FILTER (WHERE moved), min(t)) AS since FROM moves GROUP BY person ORDER BY person;
"""

GAUGES = (
    *("talk", "days", "kinds", "talk365", "follow", "block"),
    *("any180", "any365", "ours180", "ours365", "share365", "share730"),
)

HELD = """
coalesce(max(CASE WHEN gain THEN t END) OVER so_far, -9e18::bigint)
    > coalesce(max(CASE WHEN NOT gain AND NOT keep THEN t END) OVER so_far, -9e18::bigint)
    AND max(CASE WHEN gain THEN t END) OVER so_far IS NOT NULL
"""


def levels(folder: Path, now: int) -> tuple[Any, Any, Any]:
    """The people (ascending), their stage's number and since when, as NumPy arrays."""
    import duckdb
    import pyarrow as pa

    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "threads": "2"})
    for name in ("rows", "ends"):
        database.register(name, pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all())
    database.sql(
        STEPS.format(
            now=now,
            day=86_400_000_000,
            forever=2**63 - 1,
            held=HELD,
            steps=", ".join(f"coalesce(sum(step) FILTER (WHERE what = '{g}'), 0) AS {g}" for g in GAUGES),
            sums=", ".join(f"sum({g}) OVER so_far AS {g}" for g in GAUGES),
        )
    )
    found = database.sql("SELECT person, stage, since FROM answer").fetchnumpy()
    return found["person"], found["stage"], found["since"]
