"""What all profiles show, as digests: whose each word is, or that it is several accounts'.

Half a million words are some eight megabytes, looked up by halving. Two words with one digest (64 bits) are
taken for one: then a profile is looked at with all others in vain, and nothing else comes of it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from courtship.model import Address

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEVERAL = 0
"""The owner of a word that several accounts show."""


def _digest(word: str) -> bytes:
    return blake2b(word.encode(), digest_size=8).digest()


def _number(word: str) -> int:
    return int.from_bytes(_digest(word), "little")


@dataclass(slots=True)
class ShownWords:
    """``keys`` are ascending, ``owners`` in the same order; ``more`` has what was added since."""

    keys: NDArray[np.uint64]
    owners: NDArray[np.uint64]
    more: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Iterable[tuple[Address, list[str]]]) -> ShownWords:
        """Of accounts and the words that they show."""
        import numpy as np

        accounts: list[bytes] = []
        many: list[int] = []
        words: list[bytes] = []
        for account, some in told:
            accounts.append(_digest(account))
            many.append(len(some))
            words += map(_digest, some)
        keys = np.frombuffer(b"".join(words), "<u8")
        owners = np.repeat(np.frombuffer(b"".join(accounts), "<u8"), many)
        return cls(*_of_one(keys, owners))

    def add(self, account: Address, words: Iterable[str]) -> None:
        """``account`` shows these too."""
        owner = _number(account)
        for word in words:
            key = _number(word)
            held = self._owner(key)
            self.more[key] = owner if held is None or held == owner else _SEVERAL

    def __contains__(self, word: str) -> bool:
        return self._owner(_number(word)) is not None

    def any_of_others(self, account: Address, words: Iterable[str]) -> bool:
        """Whether anybody but ``account`` shows any of these words."""
        owner = _number(account)
        return any(held not in (None, owner) for word in words for held in (self._owner(_number(word)),))

    def _owner(self, key: int) -> int | None:
        found = self.more.get(key)
        if found is None:
            place = bisect_left(self.keys.data, key)
            if place < len(self.keys) and self.keys.data[place] == key:
                found = self.owners.data[place]
        return found

    def to_text(self) -> list[str]:
        """As it is kept."""
        import numpy as np

        keys, owners = self.keys, self.owners
        if self.more:
            older = ~np.isin(keys, np.array(list(self.more), np.uint64))
            keys = np.append(keys[older], np.array(list(self.more), np.uint64))
            owners = np.append(owners[older], np.array(list(self.more.values()), np.uint64))
            order = np.argsort(keys)
            keys, owners = keys[order], owners[order]
        return [b64encode(one.astype("<u8").tobytes()).decode() for one in (keys, owners)]

    @classmethod
    def from_text(cls, said: list[str]) -> ShownWords:
        """As it was kept."""
        import numpy as np

        keys, owners = (np.frombuffer(b64decode(one), "<u8") for one in said)
        return cls(keys, owners)


def _of_one(
    keys: NDArray[np.uint64], owners: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Each key once, with its one owner or ``_SEVERAL``."""
    import numpy as np

    if not len(keys):
        return keys, owners
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    least, most = np.minimum.reduceat(owners, first), np.maximum.reduceat(owners, first)
    return keys[first], np.where(least == most, least, np.uint64(_SEVERAL))
