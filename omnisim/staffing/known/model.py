"""What an exact model says of a scenario, in the words of its KPIs; or why no model is known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from omnisim.kpis import define

NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True)
class Row:
    """One exact number: `value` of KPI `kpi` in `scope`; with `per`, of its ratio to another KPI in another scope.

    Units are those of the KPI: s, shares as 0 to 1.  `chance`: how likely one contact is to add anything but 0 to it; where the run
    holds too few such contacts, nothing can be judged.
    """

    kpi: str
    value: float
    scope: Mapping[str, str] = field(default_factory=dict)
    per: tuple[str, Mapping[str, str]] | None = None
    chance: float = 1.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"{self.kpi} would be {self.value}")

    @property
    def unit(self) -> str:
        """The KPI's unit; a ratio of two is a share where they have one unit, else one per the other."""
        one = define(self.kpi).unit
        if self.per is None:
            return one
        other = define(self.per[0]).unit
        return "share" if one == other else f"{one} / {other}"


@dataclass(frozen=True)
class Known:
    """model: its name, as the literature has it; source; rows; note: what to bear in mind, or nothing."""

    model: str
    source: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class Obstacle:
    """A feature for which no exact model is known: its path in the scenario, and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}" if self.path else self.why


class Stops(Exception):
    """No exact model: `obstacles` say why."""

    def __init__(self, *obstacles: Obstacle) -> None:
        super().__init__("; ".join(map(str, obstacles)))
        self.obstacles = obstacles


def stop(path: str, why: str) -> Stops:
    """One obstacle."""
    return Stops(Obstacle(path, why))
