"""Where goods lie: nodes, what each keeps of each class, and which of them an order is sent from."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from omnisim.words import Place, Sourcing

from .amounts import Amount, Distance
from .blocks import Block, Names, said
from .kinds import Duration, Money, Number, Plain, Reading, Share, Whole
from .laws import Law, LawKind
from .textkinds import Line, Word
from .times import clock_text, second_of_day
from .tree import Map, Node, join
from .units import Unreadable

MOST_UNITS = 1_000_000_000
MOST_NODES = 60
KINDS = tuple(p.name.lower() for p in Place)
SOURCING = tuple(s.name.lower() for s in Sourcing)


@dataclass(frozen=True)
class TimeOfDay(Line):
    """A time of day, in seconds after midnight."""

    bound: str = "'hh:mm'"
    unit: str = "s after midnight"

    def read(self, node: Node, path: str, cx: Reading) -> Any:
        value = super().read(node, path, cx)
        try:
            return second_of_day(value)
        except Unreadable as e:
            cx.refuse(node.pos, path, f"found {value!r}, which {e}; a time of day is needed, such as '16:00'")

    def plain(self, value: Any, currency: str = "USD") -> Plain:
        return clock_text(value)


@dataclass(frozen=True, kw_only=True)
class Stocked:
    """What a node keeps of one class of goods."""

    start: int | None = said(Whole(0, MOST_UNITS, "units"), "units there at the start; absent: `level`", or_none=True)
    level: int | None = said(Whole(1, MOST_UNITS, "units"), "units it is ordered up to; absent: never ordered", or_none=True)
    reorder: int | None = said(
        Whole(0, MOST_UNITS, "units"), "ordered when record + on order are this or less; absent: level - 1 (base stock)", or_none=True
    )
    reserve: int = said(Whole(0, MOST_UNITS, "units"), "units of a store that are not sent elsewhere (store_reserve)", default=0)


def _stocked_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    level, reorder = values.get("level"), values.get("reorder")
    if level is None and "level" not in node.items:
        if values.get("start") is None and "start" not in node.items and not cx.incomplete:
            cx.problem(node.key or node.pos, join(path, "start"), "is required and missing: there is no `level` either")
        if reorder is not None:
            at = node.items["reorder"]
            cx.problem(at.key or at.pos, join(path, "reorder"), "needs `level`, up to which is ordered")
    elif level is not None and reorder is not None and reorder >= level:
        cx.problem(node.items["reorder"].pos, join(path, "reorder"), f"found {reorder}; it must be less than level, which is {level}")


STOCKED = Block(Stocked, _stocked_rule)


@dataclass(frozen=True, kw_only=True)
class FulfilmentNode:
    """A place from which orders are sent, or where customers come for goods."""

    kind: str = said(Word(KINDS), "what it is: walk-in customers and pick-ups take the stock of their nearest store")
    stock: dict[str, Stocked] = said(Names(STOCKED, "product", merges=True, least=1), "what it keeps, by class of goods")
    miles: dict[str, float] = said(
        Names(Distance(), "region"), "distance to the customers of a region; absent: that region's own", default=dict
    )
    review: float | None = said(
        Duration(open_low=True), "time between reviews of the stock; absent: it is reviewed whenever its record changes", or_none=True
    )
    lead: Law | None = said(LawKind(), "time from ordering to receipt; absent: at once", or_none=True)
    pick: float | None = said(Amount(), "an order made ready here; absent: as fulfilment says", or_none=True)
    pick_item: float | None = said(Amount(), "each of its items; absent: as fulfilment says, in a store nothing", or_none=True)
    capacity: int | None = said(
        Whole(1, MOST_UNITS, "orders/day"), "orders it can make ready a day, the rest waits; absent: all", or_none=True
    )
    storage: float = said(Money(per="d", unit="currency/unit/day"), "keeping a unit for a day", default=0.0)
    fixed: float = said(Money(per="d", unit="currency/day"), "running cost of the place", default=0.0)
    cut_off: float | None = said(TimeOfDay(), "orders from this time of day on leave the next day; absent: at once", or_none=True)


@dataclass(frozen=True, kw_only=True)
class StockRecord:
    """How the record comes to differ from the shelf."""

    wrong: float = said(Share(), "share of deliveries that are booked wrongly, the first stock among them")
    error: float = said(Number(high=1.0), "standard deviation of booked / delivered of these")
    count: float | None = said(
        Duration(open_low=True), "time between counts of the shelves, which put the record right; absent: never", or_none=True
    )


NODES: Names[FulfilmentNode] = Names(Block(FulfilmentNode), "node", merges=True, least=1, most=MOST_NODES)
STOCK_RECORD = Block(StockRecord)
