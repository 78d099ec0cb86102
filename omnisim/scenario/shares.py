"""Maps of shares: `{web: 0.5, app: 0.5}`.  They are values: a deriving file replaces them whole.

`Divided` are blocks by name, each with a share of the whole.
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

import math
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .blocks import Names
from .kinds import Kind, Reading, Share
from .tree import Map, Node

T = TypeVar("T")

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Shares(Names[float]):
    """Shares by name.  `total` 'one': they sum to 1; 'most_one': to at most 1; 'any': each for itself."""

    kind: Kind[float] = Share()
    of: str = "channel"
    total: str = "one"
    least: int = 1

    @property
    def bound(self) -> str:  # type: ignore[override]
        sums = {"one": ", summing to 1", "most_one": ", summing to at most 1", "any": ""}[self.total]
        return f"shares by {self.of}, each 0 to 1{sums}"

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, float]:
        before = len(cx.problems)
        out = super().read(node, path, cx)
        total = math.fsum(out.values())
        wrong = abs(total - 1) > TOLERANCE if self.total == "one" else total > 1 + TOLERANCE and self.total == "most_one"
        if wrong and len(cx.problems) == before:
            cx.problem(
                node.key or node.pos,
                path,
                f"the shares sum to {total:.10g}; they must sum to {'1' if self.total == 'one' else 'at most 1'}",
            )
        return out


@dataclass(frozen=True)
class Divided(Names[T], Generic[T]):
    """Blocks by name whose `share`s sum to 1; none at all is allowed unless `least` forbids it."""

    merges: bool = True

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, T]:
        before = len(cx.problems)
        out = super().read(node, path, cx)
        parts: Any = out.values()
        total = math.fsum(part.share for part in parts)
        if out and isinstance(node, Map) and len(cx.problems) == before and abs(total - 1) > TOLERANCE and not cx.incomplete:
            cx.problem(node.key or node.pos, path, f"the shares of the {self.of}s sum to {total:.10g}; they must sum to 1")
        return out
