"""Kinds of quantities of a shop: amounts of money, weights, distances."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from . import units
from .kinds import NUM, Quantity


@dataclass(frozen=True)
class Amount(Quantity):
    """An amount of the scenario's currency."""

    high: float | None = 1e9
    unit: str = "currency"
    noun: str = "sum of money"

    def example_in(self, currency: str) -> str:
        return f"'5.95 {currency}'"

    def parse(self, text: str, currency: str) -> float:
        return units.amount(text, currency)

    def text(self, value: float, currency: str = "USD") -> str:
        return f"{units.written(value)} {currency}"

    def pattern(self) -> str:
        return NUM + r"[A-Z]{3}\s*$"


@dataclass(frozen=True)
class Physical(Quantity):
    """A quantity that is read by a table of units and written in its base unit."""

    table: ClassVar[Mapping[str, Fraction]] = {}

    def parse(self, text: str, currency: str) -> float:
        return units.in_base(text, self.table)

    def text(self, value: float, currency: str = "USD") -> str:
        return f"{units.written(value)} {self.unit}"

    def pattern(self) -> str:
        return NUM + f"({'|'.join(self.table)})" + r"\s*$"


@dataclass(frozen=True)
class Weight(Physical):
    """A weight, in kg."""

    table = units.WEIGHTS
    high: float | None = 1e6
    unit: str = "kg"
    noun: str = "weight"
    example: str = "'0.4 kg' or '250 g'"
    names: str = "units: kg, g, lb"


@dataclass(frozen=True)
class Distance(Physical):
    """A distance, in miles."""

    table = units.DISTANCES
    high: float | None = 1e5
    unit: str = "mi"
    noun: str = "distance"
    example: str = "'600 mi' or '950 km'"
    names: str = "units: mi, km"
