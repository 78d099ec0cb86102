"""Proof on seeds never used before: one-sided, every promise at once, and no more errors than promised however often it is tried.

A plan is called good when every promise holds with its lower bound.  To be wrong about "all are kept" at least one must be broken and pass
alone, so each is tested at the whole error and nothing has to be corrected for their number (an intersection-union test).  What has to be
shared is the error of several attempts: the first look has half of it, the next a quarter, and so on.

Source: Berger, Technometrics 24 (1982).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.plan.scores import Score, scores
from omnisim.staffing.plan.targets import Target
from omnisim.staffing.plan.trials import Trials

Groups = Sequence[Sequence[np.ndarray] | None]
FRESH = 1_000_000_000  # seeds of proofs begin so far above the first one, where no search ever comes


@dataclass(frozen=True)
class Evidence:
    """What fresh days say of one promise: `worth` with `low` (one-sided, in the promise's own direction) over `n` seeds.

    `worst`: the interval it is about, where a promise holds in each.  `met`: the bound keeps the level.
    """

    target: Target
    worth: float
    low: float
    error: float  # of the bound
    sd: float
    n: int
    met: bool
    worst: str = ""

    @property
    def sentence(self) -> str:
        """As one line."""
        t = self.target
        sign = ">=" if self.target.at_least or self.target.over.name == "DAYS" else "<="
        return f"{t.text.strip()}: {self.worth:.4g}, surely {sign} {self.low:.4g} ({100 * (1 - self.error):.4g} %, {self.n} seeds)"


@dataclass(frozen=True)
class Proof:
    """The evidence of one plan on fresh seeds; `error`: what this look may err."""

    y: tuple[int, ...]
    seeds: range
    evidence: tuple[Evidence, ...]
    error: float

    @property
    def met(self) -> bool:
        """Whether every promise holds with its bound."""
        return all(e.met for e in self.evidence)


def gather(
    trials: Trials, y: Sequence[int], seeds: Sequence[int], error: float, groups: Groups, names: Sequence[Sequence[str]]
) -> list[Evidence]:
    """The evidence of some seeds.  groups, names: of the intervals of each promise that holds in each."""
    out = []
    for target, seen, group, label in zip(trials.targets, trials.of(y, seeds), groups, names, strict=True):
        found = scores(target, seen, group)
        k = min(range(len(found)), key=lambda i: found[i].low(error))
        out.append(_evidence(target, found[k], error, label[k] if len(found) > 1 and len(label) == len(found) else ""))
    return out


def _evidence(target: Target, s: Score, error: float, worst: str) -> Evidence:
    low = s.low(error)
    sign = 1.0 if s.days is not None else target.sign
    return Evidence(target, s.worth, s.worth + sign * (low - s.value), error, s.sd, s.n, bool(low >= 0.0), worst)


@dataclass
class Prover:
    """Looks at plans on fresh seeds, and keeps count of the error that is left."""

    trials: Trials
    first: int  # seed of the whole search
    error: float
    groups: Groups
    names: Sequence[Sequence[str]]
    looks: int = 0
    used: int = 0

    def look(self, y: Sequence[int], n: int, say: Callable[[str], None]) -> Proof:
        """The next look, at one plan, over n seeds that nobody has seen."""
        self.looks += 1
        error = self.error / 2.0**self.looks
        start = self.first + FRESH + self.used
        self.used += n
        seeds = range(start, start + n)
        evidence = tuple(gather(self.trials, y, seeds, error, self.groups, self.names))
        proof = Proof(tuple(int(k) for k in y), seeds, evidence, error)
        say(f"fresh seeds {start}-{start + n - 1}: {'every promise is kept' if proof.met else 'not every promise is shown to be kept'}")
        return proof
