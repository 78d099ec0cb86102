"""From replications to statements: a mean with its interval, a paired difference with its interval, all sides at once.

    num, den [seed, column] --> estimates    mean over seeds and t interval; ratio of totals (pooled)
    baseline, strategies    --> differences  strategy - baseline, paired over seeds, adjusted for the number of questions asked

Intervals are 95 %, two-sided, Student's t over seeds.  Only chance is in them: seeds differ, inputs do not.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from omnisim.kpis.catalogue import define
from omnisim.kpis.columns import Column

CONFIDENCE = 0.95
ROUNDING = 1e-11  # of the size of a number; sums of ten million terms stay well below

Scope = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Estimate:
    """One column over the seeds.

    `mean`, `sd`: of the per-seed values, over the `n` seeds in which they are defined; `low`, `high`: 95 % t interval, None with
    one seed (as is `sd`); `pooled`: ratio of the totals, None where the KPI is no ratio.  So of a ratio `mean` is the expectation of
    ratios (each seed, each day, weighs the same) and `pooled` the ratio of expectations (each contact weighs the same), with its own
    95 % interval `pooled_low`, `pooled_high`.
    """

    kpi: str
    scope: Scope
    unit: str
    mean: float
    low: float | None
    high: float | None
    sd: float | None
    n: int
    pooled: float | None
    pooled_low: float | None = None
    pooled_high: float | None = None


@dataclass(frozen=True)
class Difference:
    """One column of a strategy against the baseline, over the `n` seeds in which both are defined.

    `difference` = strategy - baseline, with its own 95 % interval `low`, `high`.  `p`: two-sided paired t test of no difference.
    `variance_reduction`: how many times more seeds unpaired runs would need for the same interval, (var a + var b) / var(diff);
    None where the difference is the same in every seed (to rounding).  `p_holm`, `low_holm`, `high_holm`: the same, adjusted for all
    questions of the family (see `holm`); None outside the family.  With one seed all but the means are None.
    """

    kpi: str
    scope: Scope
    strategy: str
    unit: str
    baseline_mean: float
    mean: float
    difference: float
    low: float | None
    high: float | None
    n: int
    variance_reduction: float | None
    p: float | None
    p_holm: float | None
    low_holm: float | None
    high_holm: float | None


@dataclass(frozen=True)
class Sample:
    """All replications of one strategy: `num`, `den` f8[seed, column]; undefined where `den` is 0 or either is NaN."""

    name: str
    columns: Sequence[Column]
    num: np.ndarray
    den: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """num / den, NaN where undefined, f8[seed, column]."""
        out = np.full(self.num.shape, np.nan)
        np.divide(self.num, self.den, out=out, where=self.den != 0)
        return out


@dataclass(frozen=True)
class Spread:
    """Mean, standard deviation (None with one value) and number of some values."""

    mean: float
    sd: float | None
    n: int

    def interval(self, error: float) -> tuple[float, float] | None:
        """t interval that misses with probability `error`, None with one value.

        >>> low, high = Spread(mean=10.0, sd=2.0, n=4).interval(0.05)
        >>> round(low, 4), round(high, 4)
        (6.8176, 13.1824)
        """
        if self.sd is None:
            return None
        half = t_quantile(1.0 - error / 2.0, self.n - 1) * self.sd / math.sqrt(self.n) if self.sd > 0.0 else 0.0
        return self.mean - half, self.mean + half


def spread(values: np.ndarray, scale: float | None = None) -> Spread:
    """Mean and standard deviation of at least one value.

    Values that differ by less than rounding are equal, and below rounding they are 0: `scale` is the size of the numbers they were
    computed from (default: their own).  Else agents' hours, added up in another order, would make a finding of 1e-13 h.

    >>> spread(np.array([0.1, 0.1, 0.1]))
    Spread(mean=0.1, sd=0.0, n=3)
    >>> spread(np.array([0.0, 2e-13, 1e-13]), scale=800.0)
    Spread(mean=0.0, sd=0.0, n=3)
    """
    n = len(values)
    size = float(np.abs(values).max())
    rounding = ROUNDING * (size if scale is None else scale)
    low, high = float(values.min()), float(values.max())
    if high - low <= rounding:
        return Spread(0.0 if size <= rounding else low, 0.0 if n > 1 else None, n)
    mean = math.fsum(values) / n
    return Spread(mean, math.sqrt(math.fsum((values - mean) ** 2) / (n - 1)), n)


def t_quantile(p: float, degrees: int) -> float:
    """Quantile of Student's t.

    >>> round(t_quantile(0.975, 9), 4)
    2.2622
    """
    from scipy import special  # not scipy.stats: the same function, a second less to load

    return float(special.stdtrit(degrees, p))


def t_test(diff: Spread) -> float | None:
    """Two-sided p of no difference; None with one value.

    A difference that is the same in every seed is taken for certain: p is 1 if it is 0, else 0.
    """
    if diff.sd is None:
        return None
    if diff.sd == 0.0:
        return 1.0 if diff.mean == 0.0 else 0.0
    from scipy import special

    t = abs(diff.mean) / (diff.sd / math.sqrt(diff.n))
    return min(1.0, 2.0 * float(special.stdtr(diff.n - 1, -t)))


def holm(p: Sequence[float], error: float = 1.0 - CONFIDENCE) -> tuple[list[float], list[float]]:
    """Holm's step-down adjustment: (adjusted p, error of each interval), in the order given.

    Adjusted p <= `error` are findings; the chance of any false finding among them is at most `error`, whatever the dependence of the
    tests (Holm 1979, Scand. J. Statist. 6, 65-70).  The k-th smallest of m p has an interval of error `error` / (m - k + 1) as long
    as the steps find something; from the first step that does not, all have the error of that step.  So an interval leaves out 0
    exactly where the adjusted p is at most `error` (Serlin 1993, J. Exp. Educ. 61, 350-360), and the chance that any interval leaves
    out a true 0 is at most `error`.  Each covers its own difference with at least 1 - `error`; that all cover at once, also where
    differences are not 0, only Bonferroni's wider intervals (`error` / m each) would promise.

    >>> adjusted, errors = holm([0.01, 0.04, 0.03, 0.005])
    >>> [round(a, 4) for a in adjusted]
    [0.03, 0.06, 0.06, 0.02]
    >>> [round(e, 4) for e in errors]
    [0.0167, 0.025, 0.025, 0.0125]
    """
    m = len(p)
    adjusted, errors = [1.0] * m, [error] * m
    highest, stopped = 0.0, 0.0
    for step, i in enumerate(sorted(range(m), key=lambda i: p[i])):
        level = error / (m - step)
        highest = max(highest, min(1.0, (m - step) * p[i]))
        if not stopped and p[i] > level:
            stopped = level
        adjusted[i] = highest
        errors[i] = stopped or level
    return adjusted, errors


def estimates(sample: Sample) -> list[Estimate]:
    """Every column that is defined in at least one seed, in order."""
    made = []
    value = sample.value
    for j, column in enumerate(sample.columns):
        defined = np.isfinite(value[:, j])
        if not defined.any():
            continue
        s = spread(value[defined, j])
        low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
        pooled, pooled_low, pooled_high = None, None, None
        if define(column.kpi).ratio:
            pooled, half = ratio_of_totals(sample.num[defined, j], sample.den[defined, j])
            pooled_low, pooled_high = (None, None) if half is None else (pooled - half, pooled + half)
        made.append(Estimate(column.kpi, column.scope, column.unit, s.mean, low, high, s.sd, s.n, pooled, pooled_low, pooled_high))
    return made


def ratio_of_totals(num: np.ndarray, den: np.ndarray) -> tuple[float, float | None]:
    """Ratio of expectations r of paired values, and the half-width of its 95 % interval (None with one value).

    Delta method: t x sd(num - r den) / (mean(den) sqrt(n)).  Source: Law, Simulation Modeling and Analysis, section 9.4.3.

    >>> ratio_of_totals(np.array([80.0, 10.0]), np.array([100.0, 20.0]))[0], ratio_of_totals(np.array([1.0]), np.array([2.0]))
    (0.75, (0.5, None))
    """
    r = math.fsum(num) / math.fsum(den)
    s = spread(num - r * den, float(np.abs(num).max()))
    if s.sd is None:
        return r, None
    return r, t_quantile(0.5 + CONFIDENCE / 2.0, s.n - 1) * s.sd / (abs(float(den.mean())) * math.sqrt(s.n)) if s.sd > 0.0 else 0.0


def differences(baseline: Sample, strategies: Sequence[Sample], asked: Callable[[Column], bool] | None = None) -> list[Difference]:
    """Each strategy against the baseline in every column that both have, defined together in at least one seed.

    Row i of every sample is the same seed.  `asked` says which columns are the questions that were put: all of them over all
    strategies are one family for Holm's adjustment (default: every column).  Ask few: the more questions, the wider the
    intervals that keep one promise about all of them.  A money column in another currency than the baseline's is a `ValueError`.
    """
    made: list[Difference] = []
    spreads: list[Spread] = []
    family: list[int] = []
    for strategy in strategies:
        if len(strategy.num) != len(baseline.num):
            raise ValueError(f"{strategy.name!r} has {len(strategy.num)} seeds, the baseline {len(baseline.num)}")
        theirs = {(c.kpi, c.scope): j for j, c in enumerate(strategy.columns)}
        a, b = baseline.value, strategy.value
        for i, column in enumerate(baseline.columns):
            j = theirs.get((column.kpi, column.scope))
            if j is None:
                continue
            if strategy.columns[j].unit != column.unit:
                raise ValueError(f"{column.kpi}: {baseline.name!r} is in {column.unit}, {strategy.name!r} in {strategy.columns[j].unit}")
            both = np.isfinite(a[:, i]) & np.isfinite(b[:, j])
            if not both.any():
                continue
            difference, s = _difference(column, strategy.name, a[both, i], b[both, j])
            if difference.p is not None and (asked is None or asked(column)):
                family.append(len(made))
            made.append(difference)
            spreads.append(s)
    adjusted, errors = holm([made[i].p or 0.0 for i in family])
    for i, p, error in zip(family, adjusted, errors, strict=True):
        low, high = spreads[i].interval(error) or (None, None)
        made[i] = replace(made[i], p_holm=p, low_holm=low, high_holm=high)
    return made


def _difference(column: Column, strategy: str, a: np.ndarray, b: np.ndarray) -> tuple[Difference, Spread]:
    """One paired difference, and the spread of what differs."""
    s, base, other = spread(b - a, max(np.abs(a).max(), np.abs(b).max())), spread(a), spread(b)
    low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
    reduction = None
    if s.sd and base.sd is not None and other.sd is not None:
        reduction = (base.sd**2 + other.sd**2) / s.sd**2
    made = Difference(
        kpi=column.kpi,
        scope=column.scope,
        strategy=strategy,
        unit=column.unit,
        baseline_mean=base.mean,
        mean=other.mean,
        difference=s.mean,
        low=low,
        high=high,
        n=s.n,
        variance_reduction=reduction,
        p=t_test(s),
        p_holm=None,
        low_holm=None,
        high_holm=None,
    )
    return made, s


def seeds_to_settle(diffs: np.ndarray, confidence: float = CONFIDENCE) -> int | None:
    """How many seeds would settle the sign: the least n whose t interval leaves out 0, at the mean and spread seen in `diffs`.

    `diffs` f8[seed], two or more paired differences (NaN: undefined, left out).  A forecast, not a guarantee: it is as uncertain as
    the mean it rests on.  None where no number would do: no difference at all, or more than a thousand million seeds.

    >>> seeds_to_settle(np.array([1.0, 3.0, -1.0, 2.0, 0.0])), seeds_to_settle(np.array([2.0, 2.0])), seeds_to_settle(np.zeros(5))
    (13, 2, None)
    """
    s = spread(diffs[np.isfinite(diffs)])
    if s.sd is None:
        raise ValueError("two seeds at least are needed to see how much differences spread")
    if s.mean == 0.0:
        return None

    def settled(n: int) -> bool:
        assert s.sd is not None
        return t_quantile(0.5 + confidence / 2.0, n - 1) * s.sd / math.sqrt(n) < abs(s.mean)

    few, many = 1, 2  # not settled, perhaps settled
    while not settled(many):
        few, many = many, 2 * many
        if many > 2**30:
            return None
    while many - few > 1:
        middle = (few + many) // 2
        if settled(middle):
            many = middle
        else:
            few = middle
    return many
