"""What is sold, and where the customers live."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

import math
from dataclasses import dataclass
from typing import Any

from omnisim.rules.shopdata import MOST_LINES

from .amounts import Amount, Distance, Weight
from .blocks import RULE, Block, Listed, said
from .delivery import WANTED
from .kinds import Number, Reading, Share
from .shares import TOLERANCE, Divided, Shares
from .textkinds import Flag, Line
from .tree import Map, join


@dataclass(frozen=True, kw_only=True)
class Product:
    """A class of goods.  Money in the scenario's currency, weight in kg."""

    share: float = said(Share(), "share of all orders; the shares sum to 1")
    price: float = said(Amount(), "mean price of one item", default=0.0)
    cv: float = said(Number(high=10.0), "spread of the value of an order (lognormal): standard deviation / mean", default=0.0)
    items: float = said(Number(low=1.0, high=100.0, unit="items"), "mean number of items in an order (1 + geometric)", default=1.0)
    margin: float = said(Share(), "share of the price that is not the cost of the goods", default=0.0)
    weight: float = said(Weight(), "weight of one item", default=0.0)
    returned: float = said(Share(), "share of orders sent back", default=0.0)
    faulty: float = said(Share(), "share of orders with a fault", default=0.0)
    replenished: bool = said(
        Flag(),
        "true: bought again and again (food), false: once (a car); tells apart who campaigns are sent to",
        default=False,
        because=RULE,
    )
    unfit: float = said(Share(), "share of what comes back that cannot be sold again and is written off", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Products by name, in sorted order."""

    products: dict[str, Product] = said(Divided(Block(Product), "product", least=1), "classes of goods")
    lines: tuple[float, ...] = said(
        Listed(Share(), "shares", most=MOST_LINES),
        "shares of orders with 1, 2 ... lines, each of another product; they sum to 1; absent: one line",
        default=(),
    )


def _lines_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    lines = values.get("lines") or ()
    at = node.items.get("lines")
    if at is not None and "lines" in values and abs(math.fsum(lines) - 1.0) > TOLERANCE:
        cx.problem(at.pos, join(path, "lines"), f"the shares sum to {math.fsum(lines):.10g}; they must sum to 1")
    products = values.get("products")
    if at is not None and products is not None and len(lines) > len(products):
        cx.problem(
            at.pos, join(path, "lines"), f"has {len(lines)} entries, and there are {len(products)} products; each line is of another one"
        )
    if lines == (1.0,):
        values["lines"] = ()  # one meaning, one form


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where customers live.  Distance in miles."""

    share: float = said(Share(), "share of all shoppers; the shares sum to 1")
    zone: str | None = said(Line(64), "zone of the rate card; absent: the card's only one", or_none=True)
    distance: float = said(Distance(), "distance a parcel travels", default=0.0)
    lead_factor: float = said(Number(open_low=True, high=1000.0), "multiplies delivery times and promises", default=1.0)
    store: bool = said(Flag(), "whether a store is near: goods can be picked up and brought back", default=True, because=RULE)
    language: str | None = said(
        Line(32), "language spoken there, where the segment has none of its own; absent: none of those channels have", or_none=True
    )
    currency: str | None = said(
        Line(3, "[A-Z]{3}", "a currency code is needed, such as SEK"), "currency paid there; absent: the scenario's", or_none=True
    )
    exchange: float = said(
        Number(open_low=True, high=1000.0),
        "what an amount paid there brings, over what it brought when prices were set; .9: its currency has lost a tenth since",
        default=1.0,
    )
    exchange_cost: float = said(Share(), "paid for changing money, of what customers there pay", default=0.0)
    duty: float = said(Share(), "paid at the border for what is sent there, of the price of the goods", default=0.0)
    stops_per_square_mile: float | None = said(
        Number(open_low=True, high=1e6, unit="stops per square mile"),
        "homes at which a round stops; with `shipping.round_mile` a stop costs .7124 / sqrt(of it) miles; absent: nothing",
        or_none=True,
    )
    delivery: dict[str, float] = said(
        Shares(of="way of delivery", total="most_one", least=0, only=WANTED),
        "share of orders that want each way here, the rest home; absent: as each way says",
        default=dict,
    )


def _region_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    for key, neutral in (("exchange", 1.0), ("exchange_cost", 0.0)):
        if values.get(key, neutral) != neutral and values.get("currency", cx.currency) in (None, cx.currency):
            at = node.items[key]
            cx.problem(at.key or at.pos, join(path, key), f"needs a currency other than {cx.currency}, which is the scenario's")


CATALOG = Block(Catalog, _lines_rule)
REGIONS = Divided(Block(Region, _region_rule), "region")
