"""Accounts, origins and formats as numbers, and the door at which forgotten accounts are turned away."""

from __future__ import annotations

from hashlib import blake2b

from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.errors import StoreFailure
from courtship.model import Origin
from courtship.store import bulk

HELD = 400_000
"""Addresses kept in memory at most, about 60 MB."""


def tombstone(key: bytes, address: str) -> bytes:
    """The keyed hash (BLAKE2b, RFC 7693) by which a forgotten account is known again."""
    return blake2b(address.encode(), key=key, digest_size=16).digest()


class Interning:
    """Within one append. All methods are called inside its transaction, with the log locked."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.forget_key = b""
        self.tombstones: set[bytes] = set()
        self.made = 0
        """How many accounts and formats were new."""
        self.clear()

    def clear(self) -> None:
        """Forgets what a transaction that failed had made."""
        self.numbers: dict[str, int] = {"": 0}
        self.origins: dict[Origin, int] = {}
        self.bits: dict[str, int] = {}

    def refresh(self, many: int | None = None) -> None:
        """Takes in what other processes have forgotten since the last batch; ``many`` is how many accounts
        have been forgotten, where that has been read."""
        if many is None:
            ((many,),) = bulk.rows(self.connection, "SELECT count(*) FROM store_tombstone")
        if many != len(self.tombstones):
            told = bulk.rows(self.connection, "SELECT digest FROM store_tombstone")
            self.tombstones = {bytes(digest) for (digest,) in told}
            ((key,),) = bulk.rows(self.connection, "SELECT forget_key FROM store_state WHERE id = 1")
            self.forget_key = bytes(key)
            self.numbers = {"": 0}

    def is_forgotten(self, address: str) -> bool:
        """Whether this account's person was forgotten."""
        return bool(self.tombstones) and tombstone(self.forget_key, address) in self.tombstones

    def accounts(self, addresses: set[str]) -> dict[str, int]:
        """The numbers of these accounts, new ones made; those of forgotten accounts are missing."""
        if len(self.numbers) > HELD:
            self.numbers = {"": 0}
        # not by subtracting the keys, which walks through all of them
        unknown = sorted(address for address in addresses if address not in self.numbers)
        if unknown:
            found = bulk.held_accounts(self.connection, unknown)
            self.numbers.update(found)
            missing = [name for name in unknown if name not in found and not self.is_forgotten(name)]
            if missing:
                self.numbers.update(self._make(missing))
        return self.numbers

    def _make(self, addresses: list[str]) -> dict[str, int]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM store_account")
            last = int(cursor.fetchone()[0])
        made = {address: last + i for i, address in enumerate(addresses, 1)}
        self.made += len(made)
        bulk.insert(
            self.connection,
            "store_account",
            ("id", "address"),
            [(number, address) for address, number in made.items()],
        )
        return made

    def origin(self, origin: Origin) -> int:
        """The number of an origin, made where it is new."""
        number = self.origins.get(origin)
        if number is None:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id FROM store_importedfrom "
                    "WHERE path = %s AND format = %s AND source = %s AND at = %s",
                    [*origin],
                )
                row = cursor.fetchone()
                if row is None:
                    cursor.execute(
                        "INSERT INTO store_importedfrom (id, path, format, source, at) "
                        "SELECT coalesce(max(id), 0) + 1, %s, %s, %s, %s "
                        "FROM store_importedfrom RETURNING id",
                        [*origin],
                    )
                    row = cursor.fetchone()
                number = int(row[0])
            self.origins[origin] = number
        return number

    def format_bit(self, name: str) -> int:
        """The bit that stands for a format among those that told of a record."""
        bit = self.bits.get(name)
        if bit is None:
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT bit FROM store_format WHERE name = %s", [name])
                row = cursor.fetchone()
                if row is None:
                    cursor.execute("SELECT count(*) FROM store_format")
                    count = int(cursor.fetchone()[0])
                    if count >= 62:
                        raise StoreFailure("a workspace can tell 62 formats apart; this would be one more")
                    bit = 1 << count
                    self.made += 1
                    cursor.execute("INSERT INTO store_format (bit, name) VALUES (%s, %s)", [bit, name])
                else:
                    bit = int(row[0])
            self.bits[name] = bit
        return bit
