"""Every KPI by its name.

contacts · waiting · bots · context · journeys · staff · sales · money · loyalty --> MEASURES --> define(name)
"""

from omnisim.kpis import bots, contacts, context, journeys, loyalty, money, sales, staff, waiting
from omnisim.kpis.declaration import Measure

MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        *contacts.MEASURES,
        *waiting.MEASURES,
        *bots.MEASURES,
        *context.MEASURES,
        *journeys.MEASURES,
        *staff.MEASURES,
        *sales.MEASURES,
        *money.MEASURES,
        *loyalty.MEASURES,
    )
}


def define(name: str) -> Measure:
    """The declaration of a KPI.

    Raises `ValueError`, with the nearest known name, where there is none of that name.

    >>> define("asa_s").formula
    'sum of (start of service - arrival) of the handled / handled'
    >>> define("service_levle")
    Traceback (most recent call last):
    ...
    ValueError: there is no KPI 'service_levle'; the nearest is 'service_level'
    """
    if name in MEASURES:
        return MEASURES[name]
    import difflib

    near = difflib.get_close_matches(name, MEASURES, 1)
    hint = f"the nearest is {near[0]!r}" if near else "known are " + ", ".join(MEASURES)
    raise ValueError(f"there is no KPI {name!r}; {hint}")
