"""The tables. The log (append-only): Record, Variant, Sighting, Undo, Fact, Decided. The rest is derived.

Times are UTC microseconds. Positions are one sequence over the tables of the log, in the order of commit.
Bulk paths write by the connection, not through these classes; they define the schema and its migrations and
serve the queries of pages.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.vocabulary import KIND_CODE

PASSED_ON = [KIND_CODE["share"], KIND_CODE["quote"]]
"""Codes of the kinds that pass a post on."""


class Position(models.BigIntegerField):  # type: ignore[type-arg]
    """A primary key of 64 bits that SQLite keeps as its row id, so that no second tree is needed."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else "bigint"

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return self.db_type(connection)


class WorkspaceName(models.Model):
    """In the home database: the workspaces there are."""

    name = models.TextField(primary_key=True)
    title = models.TextField(default="")
    created = models.BigIntegerField(default=0)


class HomeState(models.Model):
    """In the home database: one row."""

    id = Position(primary_key=True)
    schema = models.TextField()
    secret_key = models.TextField()


class State(models.Model):
    """One row. Whoever appends holds it locked, so positions follow commits without gaps.

    ``refreshed`` is the position that the derived tables have seen, ``refreshed_at`` the moment that they
    speak of, ``refreshed_as`` a digest of what else they depend on. ``named`` is what ``Naming`` has seen.
    ``people`` is a word that every change of the people's tables renews but what the passing of time alone
    changes, ``clock`` one that this renews too.
    """

    id = Position(primary_key=True)
    schema = models.TextField()
    position = models.BigIntegerField(default=0)
    forget_key = models.BinaryField()
    refreshed = models.BigIntegerField(default=-1)
    refreshed_at = models.BigIntegerField(default=0)
    refreshed_as = models.TextField(default="")
    named = models.BigIntegerField(default=0)
    people = models.TextField(default="")
    clock = models.TextField(default="")


class Account(models.Model):
    """An account's address as a number."""

    id = Position(primary_key=True)
    address = models.TextField(unique=True)


class ImportedFrom(models.Model):
    """An origin: one file of one import."""

    id = Position(primary_key=True)
    path = models.TextField()
    format = models.TextField()
    source = models.TextField()
    at = models.BigIntegerField()


class Format(models.Model):
    """A source's name as one of 62 bits: which formats told of a record."""

    bit = Position(primary_key=True)
    name = models.TextField(unique=True)


class Told(models.Model):
    """What both tables of told activities hold. ``actor`` and ``target`` are accounts (0: not known)."""

    position = Position(primary_key=True)
    content = models.BigIntegerField()
    origin = models.BigIntegerField()
    actor = models.BigIntegerField()
    target = models.BigIntegerField()
    kind = models.SmallIntegerField()
    precise = models.SmallIntegerField()
    public = models.SmallIntegerField(null=True)
    told = models.BigIntegerField()
    at = models.BigIntegerField()
    ended = models.BigIntegerField(null=True)
    actor_followers = models.BigIntegerField(null=True)
    activity = models.TextField()
    object = models.TextField(null=True)
    in_reply_to = models.TextField(null=True)
    url = models.TextField(null=True)
    actor_name = models.TextField(null=True)
    target_name = models.TextField(null=True)
    text = models.TextField(null=True)

    class Meta:
        abstract = True


class Record(Told):
    """An activity as first told. ``content`` is a digest of all it says, ``activity`` its readable id."""

    key = models.BinaryField(unique=True)

    class Meta:
        indexes = (
            # who passed a post on: how newcomers found the brand
            models.Index(fields=["object"], name="record_shared", condition=models.Q(kind__in=PASSED_ON)),
            models.Index(fields=["actor"], name="record_actor"),
            models.Index(fields=["target"], name="record_target"),
        )


class Variant(Told):
    """The same key told with other content."""

    key = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "content"], name="variant_once"),)
        indexes = (
            models.Index(fields=["actor"], name="variant_actor"),
            models.Index(fields=["target"], name="variant_target"),
        )


class Sighting(models.Model):
    """A record told again, alike, by another format."""

    position = Position(primary_key=True)
    key = models.BinaryField(db_index=True)
    format = models.BigIntegerField()
    origin = models.BigIntegerField()


class Undone(models.Model):
    """An Undo or Delete: ends what it names from its own time."""

    position = Position(primary_key=True)
    key = models.BinaryField(unique=True)
    activity = models.TextField()
    undoes = models.TextField(db_index=True)
    platform = models.TextField()
    source = models.TextField()
    at = models.BigIntegerField()
    blank = models.SmallIntegerField()
    origin = models.BigIntegerField()


class Fact(models.Model):
    """A post, total, profile, snapshot or coverage; ``body`` is the record as JSON."""

    position = Position(primary_key=True)
    key = models.BinaryField(unique=True)
    sort = models.TextField()
    subject = models.TextField()
    at = models.BigIntegerField(null=True)
    body = models.TextField()
    origin = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["sort", "subject"], name="fact_subject"),)


class Decided(models.Model):
    """A decision of the owner. ``undone`` is reckoned again with each that undoes another."""

    position = Position(primary_key=True)
    verb = models.TextField(db_index=True)
    subject = models.TextField()
    detail = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()


class Tombstone(models.Model):
    """A keyed hash of a forgotten account."""

    digest = models.BinaryField(primary_key=True)


class Issue(models.Model):
    """A problem of an import, once however often the file is imported."""

    id = Position(primary_key=True)
    digest = models.BinaryField(unique=True)
    path = models.TextField()
    place = models.TextField()
    reason = models.TextField()
    origin = models.BigIntegerField()


class Naming(models.Model):
    """What an account was last called (derived): the newest name, handle and number of followers told."""

    account = models.TextField(primary_key=True)
    name = models.TextField()
    named_at = models.BigIntegerField()
    handle = models.TextField()
    handle_at = models.BigIntegerField()
    followers = models.BigIntegerField(null=True)
    followers_at = models.BigIntegerField()


class PersonRow(models.Model):
    """One person as last refreshed (derived)."""

    id = models.TextField(primary_key=True)
    name = models.TextField()
    handle = models.TextField()
    stage = models.TextField()
    since = models.BigIntegerField()
    until = models.BigIntegerField(null=True)
    peak = models.TextField()
    certain = models.SmallIntegerField()
    momentum = models.TextField()
    first_at = models.BigIntegerField()
    last_inbound_at = models.BigIntegerField(null=True)
    last_outbound_at = models.BigIntegerField(null=True)
    last_contact_at = models.BigIntegerField(null=True)
    inbound_count = models.BigIntegerField()
    outbound_count = models.BigIntegerField()
    talk_count = models.BigIntegerField()
    answered_count = models.BigIntegerField()
    platforms = models.TextField()
    followers = models.BigIntegerField(null=True)
    introduced_by = models.TextField(null=True)
    set_aside = models.TextField(default="")

    class Meta:
        db_table = "store_person"
        # each is written by every act that changes it: none but those that are asked for
        indexes = (
            models.Index(fields=["stage", "since", "id"], name="person_stage"),
            models.Index(fields=["name", "id"], name="person_name"),
            models.Index(fields=["until"], name="person_until"),
            models.Index(fields=["first_at", "id"], name="person_first"),
            models.Index(fields=["introduced_by"], name="person_introduced"),
        )


class Membership(models.Model):
    """Which person an account is (derived)."""

    account = models.TextField(primary_key=True)
    person = models.TextField(db_index=True)


class SummaryRow(models.Model):
    """What has to be kept of a person so that their next act need not read the others (derived, and made
    when it is first wanted; ``lifecycle/summary.py``, ``plan/cues_summary.py``).

    ``recent`` names what was told in the last minutes, where several formats may tell of the same act.
    """

    person = models.TextField(primary_key=True)
    ladder = models.BinaryField()
    cues = models.BinaryField()
    recent = models.BinaryField(null=True)
    gaps = models.BinaryField()

    class Meta:
        db_table = "store_summary"


class TransitionRow(models.Model):
    """A change of a person's stage (derived). ``before`` and ``after`` are stages."""

    id = Position(primary_key=True)
    person = models.TextField()
    at = models.BigIntegerField()
    before = models.TextField()
    after = models.TextField()
    cause = models.TextField()
    activity = models.TextField(null=True)

    class Meta:
        db_table = "store_transition"
        indexes = (
            models.Index(fields=["person", "at"], name="transition_person"),
            models.Index(fields=["at"], name="transition_at"),
        )


class CueRow(models.Model):
    """Something in a person's activities that may call for something to be done (derived; ``plan/cues.py``).

    ``record`` is the position of the act's leading record; ``stage`` and ``platform`` are the person's stage
    and the act's platform, so that the few best are found without a join.
    """

    id = Position(primary_key=True)
    person = models.TextField(db_index=True)
    sort = models.TextField()
    stage = models.TextField()
    platform = models.TextField()
    at = models.BigIntegerField()
    record = models.BigIntegerField()
    kind = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "store_cue"
        indexes = (models.Index(fields=["sort", "stage", "at"], name="cue_sort"),)


class Kept(models.Model):
    """A derived answer under a name, and what it was reckoned from: another ``stamp`` means reckon again."""

    name = models.TextField(primary_key=True)
    stamp = models.TextField()
    body = models.TextField()


class Connection(models.Model):
    """A live connection of the owner's: operational state, no part of the log (its beginning and end are
    decisions).

    ``settings`` is JSON of what is no secret, ``secrets`` the rest, encrypted
    (``store/operations/secret_box.py``). ``state`` is ``on``, ``waiting`` (until ``until``), ``refused`` or
    ``paused``; ``why`` says it in a line.
    ``holder`` runs it until ``lease_until``. ``declared_to`` is the end of the coverage that the log has,
    ``seen_from`` and ``seen_to`` the span that is in and not declared yet. ``edited`` counts changes of the
    settings.
    """

    id = models.TextField(primary_key=True)
    connector = models.TextField()
    title = models.TextField()
    account = models.TextField(default="")
    settings = models.TextField(default="{}")
    secrets = models.TextField(default="")
    cursor = models.TextField(default="{}")
    state = models.TextField(default="on")
    why = models.TextField(default="")
    note = models.TextField(default="")
    until = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    heard_at = models.BigIntegerField(null=True)
    heard = models.BigIntegerField(default=0)
    lag = models.BigIntegerField(null=True)
    seen_from = models.BigIntegerField(null=True)
    seen_to = models.BigIntegerField(null=True)
    declared_to = models.BigIntegerField(null=True)
    covers = models.TextField(default="[]")
    rate_limit = models.TextField(default="")
    holder = models.TextField(default="")
    lease_until = models.BigIntegerField(default=0)
    edited = models.IntegerField(default=0)
    added = models.BigIntegerField(default=0)


class Hook(models.Model):
    """An address to which others may send: ``digest`` is the SHA-256 of its secret."""

    id = models.TextField(primary_key=True)
    title = models.TextField()
    digest = models.BinaryField()
    added = models.BigIntegerField(default=0)
    heard_at = models.BigIntegerField(null=True)
    heard = models.BigIntegerField(default=0)


class HookAnswer(models.Model):
    """What a delivery with an idempotency key was answered, so that its repetition is answered alike."""

    key = models.BinaryField(primary_key=True)
    body = models.BinaryField()
    answer = models.TextField()
    at = models.BigIntegerField(db_index=True)


class NoticeAddress(models.Model):
    """Where notices go: ``locked`` is an Apprise address, encrypted (by
    ``store/operations/secret_box.py``), ``shown`` the same without its secrets. Operational state, no part of
    the log; rules name it by ``name``.
    """

    name = models.TextField(primary_key=True)
    shown = models.TextField()
    locked = models.TextField()
    added = models.BigIntegerField()


class Delivery(models.Model):
    """One thing to tell the owner, once (``key``): what it is about, when it is due and what came of it.

    ``sort`` is ``act``, ``new``, ``stage``, ``waiting`` or ``quiet``; ``record`` the position of the act's
    leading record (0: none). ``event`` is a digest: no words and no accounts are kept, they are read when the
    message is made. ``state`` is
    ``waiting``, ``sent``, ``failed`` or ``dropped``.
    """

    id = Position(primary_key=True)
    key = models.TextField(unique=True)
    event = models.TextField()
    rule = models.TextField()
    address = models.TextField()
    sort = models.TextField()
    person = models.TextField(db_index=True)
    platform = models.TextField()
    record = models.BigIntegerField()
    kind = models.TextField()
    at = models.BigIntegerField()
    before = models.TextField()
    after = models.TextField()
    hours = models.IntegerField()
    gathered = models.SmallIntegerField()
    due = models.BigIntegerField()
    state = models.TextField()
    tries = models.IntegerField(default=0)
    sent_at = models.BigIntegerField(null=True)
    why = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["state", "due"], name="delivery_due"),)


class Reply(models.Model):
    """Something that was said to the brand lately, and how long its answer took (derived). ``record`` is the
    position of the leading record, ``waited`` microseconds, -1 where there is no answer.
    """

    id = Position(primary_key=True)
    person = models.TextField(db_index=True)
    account = models.TextField(db_index=True)
    at = models.BigIntegerField(db_index=True)
    kind = models.SmallIntegerField()
    record = models.BigIntegerField()
    waited = models.BigIntegerField()


class Notifying(models.Model):
    """One row: up to which position of the log notices were looked for, and who does it just now."""

    id = Position(primary_key=True)
    position = models.BigIntegerField()
    holder = models.TextField(default="")
    lease_until = models.BigIntegerField(default=0)


def columns_of(model: type[models.Model]) -> list[str]:
    """The names of a model's columns, in the order of its fields."""
    fields: list[Any] = list(model._meta.concrete_fields)
    return [field.column for field in fields]
