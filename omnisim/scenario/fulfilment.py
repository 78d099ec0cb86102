"""Making orders ready: what it costs, who does it, and where goods lie.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from .amounts import Amount
from .blocks import NAME, NAME_WORDS, RULE, Block, said
from .kinds import Reading, Share
from .nodes import NODES, SOURCING, STOCK_RECORD, FulfilmentNode, StockRecord
from .textkinds import Flag, Line, Word
from .tree import Map, join

_CHANNEL = Line(64, NAME, NAME_WORDS)


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Work that orders raise for the people of a store, each on a channel with help.  Handing out is `shipping.pickup.desk`."""

    picking: str | None = said(_CHANNEL, "channel on which orders for pick-up are picked; absent: no work", or_none=True)
    returns: str | None = said(_CHANNEL, "channel that takes goods back in a store; absent: no work", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Fulfilment:
    """What it costs to make an order ready, and where that is done."""

    pick: float = said(Amount(), "an order that is shipped", default=0.0)
    pick_item: float = said(Amount(), "each of its items", default=0.0)
    store_pick: float = said(Amount(), "an order made ready in a store", default=0.0)
    tasks: Tasks | None = said(Block(Tasks), "work of a store that orders raise; absent: none", or_none=True)
    nodes: dict[str, FulfilmentNode] = said(NODES, "where goods lie; absent: in one place, without end", default=dict)
    sourcing: str = said(
        Word(SOURCING),
        "which node an order is sent from",
        default="nearest",
        because=RULE,
    )
    missing: str = said(
        Word(("resource", "cancel")),
        "a line whose shelf turns out empty is asked of the next node, or cancelled",
        default="resource",
        because=RULE,
    )
    open_shelves: bool = said(
        Flag(), "true: who walks into a store may take what is reserved there and not yet picked; false: it is put aside", default=False
    )
    substitute: float = said(
        Share(), "share of those who find the one product they want sold out and take another one of the same value", default=0.0
    )
    record: StockRecord | None = said(STOCK_RECORD, "how records come to differ from shelves; absent: never", or_none=True)


def _hide_stock(value: Fulfilment) -> tuple[str, ...]:
    return () if value.nodes else ("nodes", *_OF_NODES)


_OF_NODES = ("sourcing", "record", "substitute", "missing", "open_shelves")


def _fulfilment_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    for key in _OF_NODES if "nodes" not in node.items and not cx.incomplete else ():
        if key in node.items:
            at = node.items[key]
            cx.problem(at.key or at.pos, join(path, key), "needs nodes; without them goods lie in one place, without end")
    nodes, sourcing = values.get("nodes") or {}, values.get("sourcing")
    if nodes and sourcing == "dc_only" and all(n.kind == "store" for n in nodes.values()):
        at = node.items["nodes"]
        cx.problem(at.key or at.pos, join(path, "nodes"), "are all stores; sourcing dc_only needs a centre or a third party")
    for name, n in nodes.items():
        for product, stocked in n.stock.items():
            if stocked.reserve and (sourcing != "store_reserve" or n.kind != "store"):
                here = join(path, f"nodes.{name}.stock.{product}.reserve")
                cx.warn(node.pos, here, "has no effect; only stores keep a reserve, and only sourcing store_reserve asks for it")


FULFILMENT = Block(Fulfilment, _fulfilment_rule, hide=_hide_stock)
