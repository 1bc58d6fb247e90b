"""The Arrow schema in which checked activities go from a source to the store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from courtship.model import Activity

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def activity_schema() -> pa.Schema:
    """The fields of ``model.Activity``, in order and by its meanings; times in UTC microseconds (int64).

    Only ``ended`` and the fields from ``object`` on may be null. Texts are never empty: null instead.
    """
    import pyarrow as pa

    text = pa.string()
    return pa.schema(
        [
            pa.field("id", text, nullable=False),
            pa.field("kind", text, nullable=False),
            pa.field("actor", text, nullable=False),
            pa.field("target", text, nullable=False),
            pa.field("at", pa.int64(), nullable=False),
            pa.field("ended", pa.int64()),
            pa.field("precise", pa.bool_(), nullable=False),
            pa.field("object", text),
            pa.field("in_reply_to", text),
            pa.field("text", text),
            pa.field("url", text),
            pa.field("public", pa.bool_()),
            pa.field("actor_name", text),
            pa.field("target_name", text),
            pa.field("actor_followers", pa.int64()),
        ]
    )


def activity_batch(activities: Sequence[Activity]) -> pa.RecordBatch:
    """Activities as a batch of the schema."""
    import pyarrow as pa

    schema = activity_schema()
    columns = zip(*activities, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
