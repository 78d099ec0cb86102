"""The three context presets.  They set identify, link, latency, coherence and the hub's cost, and nothing else.

    siloed -> nothing is shared        multichannel -> a nightly copy        omnichannel -> one memory

All values are grade C: assumptions, offered with a range.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """Where one value comes from: the row of every report on what was assumed.

    `value`, `low`, `high`: as text in the unit of the field.  `grade`: A measured, B quoted with a traced source, C assumption,
    `own` the user's own value.  `year`: of the source, None where there is none.
    """

    path: str
    value: str
    low: str
    high: str
    unit: str
    grade: str
    source: str
    year: int | None
    note: str


@dataclass(frozen=True)
class Preset:
    """Base units: shares, s, currency per day."""

    identify: float
    link: float
    latency: float
    coherence: float
    hub_cost: float


PRESETS: Mapping[str, Preset] = {
    "siloed": Preset(0.0, 0.0, 0.0, 0.85, 0.0),
    "multichannel": Preset(0.55, 0.7, 86400.0, 0.90, 0.0),
    "omnichannel": Preset(0.92, 1.0, 60.0, 0.98, 900.0),
}

# the keys below `context` that a preset sets, time_to_live and half_life by leaving them out
PRESET_KEYS = ("identify", "link", "latency", "time_to_live", "half_life", "coherence", "hub.cost")

_SOURCE = "assumption of the model's presets"
_SURVEY = "multichannel identify x link leaves about 61 % unable to carry on in another channel, as one vendor survey found"
_RANGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "siloed": {
        "context.identify": ("0", "0.3"),
        "context.link": ("0", "0.1"),
        "context.latency": ("0 s", "0 s"),
        "context.coherence": ("0.7", "0.95"),
        "context.hub.cost": ("0", "0"),
    },
    "multichannel": {
        "context.identify": ("0.3", "0.8"),
        "context.link": ("0.4", "0.9"),
        "context.latency": ("1 h", "48 h"),
        "context.coherence": ("0.8", "0.97"),
        "context.hub.cost": ("0", "300"),
    },
    "omnichannel": {
        "context.identify": ("0.8", "0.98"),
        "context.link": ("0.9", "1"),
        "context.latency": ("1 s", "15 min"),
        "context.coherence": ("0.93", "1"),
        "context.hub.cost": ("300", "3000"),
    },
}
_UNITS = {
    "context.identify": "share",
    "context.link": "share",
    "context.latency": "s",
    "context.coherence": "share",
    "context.hub.cost": "currency/day",
}


def preset_row(name: str, path: str, value: str) -> Provenance:
    """The provenance of one value of a preset."""
    low, high = _RANGES[name][path]
    note = f"preset {name}" + (f"; {_SURVEY}" if name == "multichannel" and path in ("context.identify", "context.link") else "")
    return Provenance(path, value, low, high, _UNITS[path], "C", _SOURCE, None, note)
