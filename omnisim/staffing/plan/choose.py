"""Which of the last candidates: the cheapest that other days confirm, and then the proof.

candidates, cheapest first --days of their own--> confirmed | not --fresh days, as many as the margin asks for--> proved
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.scores import Score, scores
from omnisim.staffing.plan.verify import Proof, Prover

CONFIRM = 500_000_000  # the days of the selection begin so far above the first seed
CANDIDATES = 20
POWER = 2.2  # standard errors beyond the bound: 98 in 100 good plans pass
CONFIRM_EVENTS = 2e7  # of the days on which one candidate is looked at again
PROOF_EVENTS = 1e8  # of one proof at most
LEAST_DAYS = 20
MORE = 3  # times the days of a first look in a second one


@dataclass
class Choice:
    """Chooses among candidates."""

    judge: Judge  # of the search
    prover: Prover
    events: float  # of one run
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        j = self.judge
        most = int(np.clip(CONFIRM_EVENTS / max(self.events, 1.0), 40, max(40, j.n1 // 2)))
        self.other = Judge(j.trials, j.needs, j.first + CONFIRM, j.n0, most)
        self.most = int(np.clip(PROOF_EVENTS / max(self.events, 1.0), 40, 20_000))

    def confirmed(self, y: Sequence[int]) -> bool:
        """Whether days that took no part in the search speak for a plan."""
        said = self.other.verdict(y)
        found = [s for part in self.other.scores(y, self.other.looked(y)) for s in part]
        return said == "yes" or (said == "unsure" and all(s.value > 0.0 for s in found) and self.days(y) <= self.most)

    def days(self, y: Sequence[int]) -> int:
        """Days that a proof of a plan needs, by what is known of it; more than there may be where it has no margin."""
        j, o = self.judge, self.other
        n, m = j.looked(y), o.looked(y)
        both = [*j.seeds(n), *o.seeds(m)]
        error = self.prover.error / 2.0 ** (self.prover.looks + 1)
        seen = j.trials.of(y, both)
        found = [s for t, x, g in zip(j.trials.targets, seen, j.groups, strict=True) for s in scores(t, x, g)]
        return max([LEAST_DAYS, *(needed(s, error) for s in found)])

    def prove(self, y: Sequence[int]) -> Proof:
        """A look at a plan on fresh days; a second one on more of them, where the first left it open."""
        n = min(self.days(y), self.most)
        proof = self.prover.look(y, n, self.say)
        if not proof.met and all(s.value > 0.0 for s in self.everything(y, proof)):
            proof = self.prover.look(y, min(MORE * n, self.most), self.say)
        return proof

    def everything(self, y: Sequence[int], proof: Proof) -> list[Score]:
        """The scores of a plan over all days it has seen."""
        j, o = self.judge, self.other
        seen = j.trials.of(y, [*j.seeds(j.looked(y)), *o.seeds(o.looked(y)), *proof.seeds])
        return [s for t, x, g in zip(j.trials.targets, seen, j.groups, strict=True) for s in scores(t, x, g)]


def needed(s: Score, error: float) -> int:
    """Days after which a plan with this score passes a one-sided test of this error 98 times in 100.

    >>> needed(Score(worth=0.82, value=0.02, sd=0.1, n=50), 0.025)
    433
    """
    from scipy import special

    z = float(special.ndtri(1.0 - error)) + POWER
    if s.value <= 0.0:
        return 10**9
    if s.days is not None:
        share, level = min(s.worth, 1.0), s.worth - s.value
        sure = math.log(error) / math.log(level) if level > 0 else 1.0
        return math.ceil(max(sure + 1, 1.15 * z * z * max(share * (1 - share), 0.01) / s.value**2))
    return math.ceil((z * s.sd / s.value) ** 2)
