"""Laws of a scenario as durations of the formulas, and what a family of models asks of them."""

import math

from omnisim.scenario.laws import Law
from omnisim.staffing import durations
from omnisim.staffing.durations import Duration
from omnisim.staffing.known.model import stop


def duration(law: Law | None, path: str) -> Duration:
    """The law as a duration; raises Stops for a person's own."""
    if law is None or law.law == "never":
        return durations.never()
    if law.law == "mixture":
        return durations.mixture(*((share, duration(part, path)) for share, part in law.parts))
    if law.law in ("own", "by_clock"):
        raise stop(path, _unknown(law))
    if law.law == "empirical":
        return durations.empirical(law.values)
    if law.law == "constant" or law.mean == 0 or (law.low is not None and law.low == law.high):
        return durations.constant(law.mean)
    if law.law == "exponential":
        return durations.exponential(law.mean)
    if law.law == "uniform":
        return durations.uniform(law.low or 0.0, law.high or 0.0)
    if law.law == "triangular":
        return durations.triangular(law.low or 0.0, law.mode or 0.0, law.high or 0.0)
    made = {"lognormal": durations.lognormal, "gamma": durations.gamma, "weibull": durations.weibull}[law.law]
    return made(law.mean, law.cv or 0.0)


def _unknown(law: Law) -> str:
    return "your own law is not known to a formula" if law.law == "own" else "a law that changes with the clock is not known to a formula"


def variation(law: Law, path: str) -> float:
    """Coefficient of variation of a law: standard deviation / mean."""
    if law.cv is not None:
        return law.cv
    if law.mean == 0:
        return 0.0
    return math.sqrt(max(0.0, _second(law, path) / law.mean**2 - 1))


def _second(law: Law, path: str) -> float:
    """E[X^2]."""
    if law.law == "mixture":
        return math.fsum(share * _second(part, path) for share, part in law.parts)
    if law.law in ("own", "by_clock"):
        raise stop(path, _unknown(law))
    if law.law == "empirical":
        return math.fsum(v * v for v in law.values) / len(law.values)
    low, high, mode = law.low or 0.0, law.high or 0.0, law.mode or 0.0
    variance = {
        "constant": 0.0,
        "exponential": law.mean**2,
        "uniform": (high - low) ** 2 / 12,
        "triangular": (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18,
    }.get(law.law, (law.mean * (law.cv or 0.0)) ** 2)
    return variance + law.mean**2


def exponential(law: Law | None, path: str, what: str) -> float:
    """Its mean; raises Stops unless it is exponential."""
    if law is None or law.law != "exponential":
        raise stop(path, f"{what} must be exponential for the only exact model of this kind; it is {law.law if law else 'absent'}")
    return law.mean


def memoryless(law: Law | None, path: str) -> tuple[float, float]:
    """(mean of an exponential patience, infinite for none; share that gives up at once); raises Stops for any other."""
    if law is None or law.law == "never":
        return math.inf, 0.0
    if law.law == "exponential" and law.mean > 0:
        return law.mean, 0.0
    if law.law == "constant" and law.mean == 0:
        return math.inf, 1.0
    if law.law == "mixture":
        balk = math.fsum(s for s, part in law.parts if part.law == "constant" and part.mean == 0)
        rest = [part for s, part in law.parts if s > 0 and not (part.law == "constant" and part.mean == 0)]
        if len(rest) == 1 and rest[0].law in ("exponential", "never"):
            return rest[0].mean, balk
    raise stop(
        path, f"patience must be exponential or absent (some may give up at once) for the only exact model of this kind; it is {law.law}"
    )
