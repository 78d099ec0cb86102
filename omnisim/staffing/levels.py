"""Four legal service-level formulas on one set of counts.  On one real log they differ by four points: name yours.

answered in time | answered late | gave up early | gave up late | neither (blocked, closed, sent elsewhere)
"""

from omnisim.words import Formula


def service_level(
    formula: Formula | str,
    *,
    answered_in_time: float,
    answered_late: float = 0,
    abandoned_early: float = 0,
    abandoned_late: float = 0,
    other: float = 0,
) -> float:
    """Service level of counts, a share; NaN where its denominator is empty.

    formula: a `words.Formula` or its name in a scenario file.  abandoned_early: gave up within `short` for
    excluding_short_abandons, within the target time for abandons_count_as_met.  other: contacts neither answered nor
    abandoned that count as offered.  Raises ValueError for an unknown formula.
    Source: Cisco ICM user guide, tables 3 and 4; Genesys Cloud, "Configure the service level calculation".

    >>> cisco = dict(answered_in_time=70, abandoned_early=10, answered_late=20)
    >>> [round(service_level(f, **cisco), 3) for f in Formula if f is not Formula.ANSWERED_IN_TIME_OVER_ANSWERED]
    [0.7, 0.778, 0.8]
    """
    try:
        formula = Formula[formula.upper()] if isinstance(formula, str) else Formula(formula)
    except KeyError:
        raise ValueError(f"no service-level formula {formula!r}; there are {', '.join(f.name.lower() for f in Formula)}") from None
    answered = answered_in_time + answered_late
    offered = answered + abandoned_early + abandoned_late + other
    met, base = {
        Formula.ANSWERED_IN_TIME_OVER_OFFERED: (answered_in_time, offered),
        Formula.ANSWERED_IN_TIME_OVER_ANSWERED: (answered_in_time, answered),
        Formula.EXCLUDING_SHORT_ABANDONS: (answered_in_time, offered - abandoned_early),
        Formula.ABANDONS_COUNT_AS_MET: (answered_in_time + abandoned_early, offered),
    }[formula]
    return met / base if base > 0 else float("nan")
