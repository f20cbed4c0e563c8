"""Who of the refused devices is let in, once it is known how many are."""

import numpy as np
from numpy.typing import NDArray

Devices = NDArray[np.int32]


class Crowd:
    """The devices that were refused and wait, in no order."""

    def __init__(self, most: int, rng: np.random.Generator) -> None:
        self._who = np.empty(most, np.int32)
        self._size = 0
        self._rng = rng

    def __len__(self) -> int:
        return self._size

    def join(self, who: Devices) -> None:
        """Take in devices that were refused for the first time."""
        self._who[self._size : self._size + len(who)] = who
        self._size += len(who)

    def leave(self, count: int) -> Devices:
        """Take out so many, each as likely as any other."""
        if not count:
            return self._who[:0]
        chosen = self._rng.choice(self._size, count, replace=False, shuffle=False)
        who = self._who[chosen]
        self._size -= count
        # The last of the row take the places that have become free.
        is_kept = np.ones(count, np.bool_)
        is_kept[chosen[chosen >= self._size] - self._size] = False
        last = self._who[self._size : self._size + count]
        self._who[chosen[chosen < self._size]] = last[is_kept]
        return who

    def rest(self) -> Devices:
        """Give those that are left, in random order."""
        who = self._who[: self._size]
        self._rng.shuffle(who)
        return who
