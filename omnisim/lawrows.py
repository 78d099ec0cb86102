"""Laws as they are written become rows of numbers: shape parameters solved, empirical values sorted and made relative.

scenario law  -->  index into LawRows.rows (what `laws.sample` reads) and its points
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from omnisim.laws import LAW
from omnisim.words import LawCode


@dataclass
class LawRows:
    """Collects laws as rows of LAW and their points.  `second_of_day`: at the start of the run."""

    second_of_day: float = 0.0
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    points: list[float] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # names of a person's own rules, in the order of their numbers

    def number(self, rule: str | None) -> int:
        """Number of an own rule, from 1; 0: none."""
        if rule is None:
            return 0
        if rule not in self.own:
            self.own.append(rule)
        return self.own.index(rule) + 1

    def add(self, law: Any) -> int:
        """Index of a law; -1 where there is none."""
        if law is None:
            return -1
        index = len(self.rows)
        if law.law == "by_clock":
            self.rows.append(())
            pieces = [(second, self.add(piece)) for second, piece in law.pieces]
            self.rows[index] = (LawCode.BY_CLOCK, law.mean, self.second_of_day, 0.0, 0.0, len(self.points), len(pieces), 0)
            self.points.extend(float(x) for piece in pieces for x in piece)
        elif law.law == "mixture":
            first = len(self.points)
            upto = 0.0
            for share, _ in law.parts:
                upto += share
                self.points.append(upto)
            self.rows.append((LawCode.MIXTURE, law.mean, 0.0, 0.0, 0.0, first, len(law.parts), 0))
            self.rows.extend(self._row(part) for _, part in law.parts)
        else:
            self.rows.append(self._row(law))
        return index

    def array(self) -> np.ndarray:
        """All rows, [law] LAW."""
        return np.array(self.rows, LAW) if self.rows else np.zeros(0, LAW)

    def _row(self, law: Any) -> tuple[Any, ...]:
        code = LawCode[law.law.upper()]
        mean = float(law.mean)
        if code == LawCode.OWN:
            return (code, mean, law.a, law.b, law.c, 0, 0, self.number(law.rule))
        if code in (LawCode.CONSTANT, LawCode.EXPONENTIAL, LawCode.NEVER):
            return (code, mean, 0.0, 0.0, 0.0, 0, 0, 0)
        if mean == 0.0:
            return (LawCode.CONSTANT, 0.0, 0.0, 0.0, 0.0, 0, 0, 0)
        if code in (LawCode.LOGNORMAL, LawCode.GAMMA, LawCode.WEIBULL):
            if law.cv == 0.0:
                return (LawCode.CONSTANT, mean, 0.0, 0.0, 0.0, 0, 0, 0)
            if code == LawCode.LOGNORMAL:
                return (code, mean, math.sqrt(math.log1p(law.cv * law.cv)), 0.0, 0.0, 0, 0, 0)
            if code == LawCode.GAMMA:
                return (code, mean, 1.0 / (law.cv * law.cv), 0.0, 0.0, 0, 0, 0)
            inverse_shape = weibull_inverse_shape(law.cv)
            return (code, mean, inverse_shape, 1.0 / math.gamma(1.0 + inverse_shape), 0.0, 0, 0, 0)
        if code == LawCode.UNIFORM:
            return (code, mean, law.low / mean, (law.high - law.low) / mean, 0.0, 0, 0, 0)
        if code == LawCode.TRIANGULAR:
            return (code, mean, law.low / mean, law.mode / mean, law.high / mean, 0, 0, 0)
        first = len(self.points)
        if code == LawCode.SURVIVAL:
            scale = mean if math.isfinite(mean) else law.values[-1] or 1.0
            self.points.extend(v / scale for v in law.values)
            self.points.extend(law.shares)
            return (code, scale, law.tail_mean / scale, 0.0, 0.0, first, len(law.values), 0)
        self.points.extend(v / mean for v in sorted(law.values))
        return (code, mean, 0.0, 0.0, 0.0, first, len(law.values), 0)


def weibull_inverse_shape(cv: float) -> float:
    """1/shape of the Weibull law with this coefficient of variation: Gamma(1+2s)/Gamma(1+s)^2 = 1 + cv^2, by bisection.

    >>> round(weibull_inverse_shape(1.0), 12)
    1.0
    """
    low, high = 1e-6, 60.0
    for _ in range(200):
        s = 0.5 * (low + high)
        if math.lgamma(1.0 + 2.0 * s) - 2.0 * math.lgamma(1.0 + s) < math.log1p(cv * cv):
            low = s
        else:
            high = s
    return 0.5 * (low + high)
