"""A structured array that grows."""

from typing import Any

import numpy as np


class Rows:
    """Rows of one dtype, appended one by one."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.rows = np.empty(256, dtype)
        self.n = 0

    def next(self) -> int:
        """Index of a new row, to be filled in `self.rows`."""
        if self.n == len(self.rows):
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        self.n += 1
        return self.n - 1

    def add(self, values: Any) -> None:
        """Append one row (a tuple of its fields, or a row of the same dtype)."""
        i = self.next()  # may move the rows
        self.rows[i] = values

    def array(self) -> np.ndarray:
        """All rows so far."""
        return self.rows[: self.n].copy()


class Slots:
    """Rows that are taken and given back: those of customers and contacts who are present."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.rows = np.zeros(256, dtype)
        self.free = list(range(255, -1, -1))

    def take(self) -> int:
        """Index of a free row."""
        if not self.free:
            n = len(self.rows)
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
            self.free = list(range(2 * n - 1, n - 1, -1))
        return self.free.pop()

    def give(self, i: int) -> None:
        """The row is free again."""
        self.free.append(i)
