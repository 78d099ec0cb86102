"""A carrier's rate card: what a parcel costs, by weight step and zone.

    kg,near,far                 {up_to: [1 kg, 5 kg], zones: {near: [8.10 USD, 13.20 USD], far: [9.40 USD, 17.10 USD]}}
    1,8.10,9.40
    5,13.20,17.10

In a CSV file the first column is headed `kg` or `lb` and every other one by the name of a zone; amounts are bare numbers.
"""

from dataclasses import dataclass
from typing import Any

from . import csvs, units
from .amounts import Amount, Weight
from .blocks import unknown
from .kinds import Json, Kind, Plain, Reading
from .problem import Refused, short
from .tree import Leaf, Map, Node, Seq, found, join

MOST_STEPS = 1000
MOST_ZONES = 200
_STEP = Weight(open_low=True)
_RATE = Amount()


@dataclass(frozen=True)
class Card:
    """`up_to`: kg, rising.  `zones`: rates by zone, one a step, in the scenario's currency."""

    up_to: tuple[float, ...]
    zones: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class CardKind(Kind[Card]):
    """The path of a CSV file, or {up_to, zones}."""

    unit: str = "currency a parcel, by kg"
    bound: str = "the path of a CSV file headed kg (or lb) and zones, or {up_to: [1 kg, ...], zones: {near: [8.10 USD, ...]}}"

    def child(self, key: str) -> Kind[Any] | None:
        return None

    def read(self, node: Node, path: str, cx: Reading) -> Card:
        if isinstance(node, Leaf) and isinstance(node.value, str):
            return self._file(node, path, cx)
        if not isinstance(node, Map):
            self.refuse(node, path, cx, "the path of a CSV file, or {up_to: ..., zones: ...} is needed")
        for key, value in node.items.items():
            if key not in ("up_to", "zones"):
                cx.refuse(value.key or value.pos, join(path, key), unknown(key, ["up_to", "zones"]))
        for key in ("up_to", "zones"):
            if key not in node.items:
                cx.refuse(node.key or node.pos, join(path, key), f"is required and missing: a rate card has {key}")
        steps = self._row(node.items["up_to"], join(path, "up_to"), cx, _STEP, "weights")
        for i in range(1, len(steps)):
            if steps[i] <= steps[i - 1]:
                at = node.items["up_to"]
                assert isinstance(at, Seq)
                cx.refuse(at.items[i].pos, join(join(path, "up_to"), i), f"found {found(at.items[i])}; weights must rise from step to step")
        zones = node.items["zones"]
        here = join(path, "zones")
        if not isinstance(zones, Map) or not zones.items:
            self.refuse(zones, here, cx, "a mapping by zone is needed")
        out = {name: self._row(zones.items[name], join(here, name), cx, _RATE, "amounts") for name in sorted(zones.items)}
        for name, rates in out.items():
            if len(rates) != len(steps):
                at = zones.items[name]
                cx.refuse(at.pos, join(here, name), f"found {found(at)}; one amount a weight step is needed: {len(steps)}")
        return Card(steps, out)

    def _row(self, node: Node, path: str, cx: Reading, kind: Kind[float], what: str) -> tuple[float, ...]:
        if not isinstance(node, Seq) or not 0 < len(node.items) <= MOST_STEPS:
            self.refuse(node, path, cx, f"a list of {what} is needed, 1 to {MOST_STEPS}")
        out: list[float] = []
        for i, value in enumerate(node.items):
            try:
                out.append(kind.read(value, join(path, i), cx))
            except Refused:
                continue
        if len(out) < len(node.items):
            raise Refused
        return tuple(out)

    def _file(self, node: Leaf, path: str, cx: Reading) -> Card:
        head, rows, where = csvs.whole(node, path, cx)
        unit = units.WEIGHTS.get(head[0]) if head and head[0] in ("kg", "lb") else None
        if unit is None:
            cx.refuse(node.pos, path, f"{where} begins with {short(head[0] if head else '')}; its first column must be headed kg or lb")
        if not 1 < len(head) <= MOST_ZONES + 1 or not 0 < len(rows) <= MOST_STEPS:
            cx.refuse(node.pos, path, f"{where} is no rate card; 1 to {MOST_ZONES} zones and 1 to {MOST_STEPS} weight steps are needed")
        if len(set(head)) < len(head) or not all(head):
            cx.refuse(node.pos, path, f"{where} must name every zone, and each only once")
        steps: list[float] = []
        rates: list[list[float]] = []
        for line, row in rows:
            numbers = []
            for text in row:
                try:
                    value, said = units.split(text)
                except units.Unreadable:
                    value, said = units.number("-1"), ""
                if said or value < 0 or value > 10**9:
                    cx.refuse(node.pos, path, f"line {line} of {where} holds {short(text)}; a number of at least 0 is needed")
                numbers.append(value)
            step = float(numbers[0] * unit)
            if step <= (steps[-1] if steps else 0.0):
                cx.refuse(
                    node.pos, path, f"line {line} of {where} holds {short(row[0])}; weights must be more than 0 and rise from line to line"
                )
            steps.append(step)
            rates.append([float(x) for x in numbers[1:]])
        return Card(tuple(steps), {zone: tuple(row[i] for row in rates) for i, zone in sorted(enumerate(head[1:]), key=lambda z: z[1])})

    def plain(self, value: Card, currency: str = "USD") -> Plain:
        return {
            "up_to": [_STEP.plain(x) for x in value.up_to],
            "zones": {zone: [_RATE.plain(x, currency) for x in rates] for zone, rates in sorted(value.zones.items())},
        }

    def schema(self, partial: bool = False) -> Json:
        row: Json = {"type": "array", "items": _RATE.schema(), "minItems": 1, "maxItems": MOST_STEPS}
        inline: Json = {
            "type": "object",
            "properties": {
                "up_to": {"type": "array", "items": _STEP.schema(), "minItems": 1, "maxItems": MOST_STEPS},
                "zones": {"type": "object", "additionalProperties": row, "minProperties": 1},
            },
            "required": ["up_to", "zones"],
            "additionalProperties": False,
        }
        return {"anyOf": [{"type": "string"}, inline]}
