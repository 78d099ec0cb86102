"""Do the names of campaigns, marketplaces and languages of regions fit?  These checks look at the tree, as in `references`."""

from collections.abc import Iterable

from .kinds import Reading
from .problem import nearest, short
from .tree import Leaf, Map, Node, at, join, keys, place

CAMPAIGNS = "marketing.campaigns"


def campaign_maps(tree: Map) -> Iterable[str]:
    """The paths of the mappings of campaigns whose keys are channels."""
    for name in keys(at(tree, CAMPAIGNS)):
        yield f"{CAMPAIGNS}.{name}.enter"
        yield f"{CAMPAIGNS}.{name}.ask"


def _positive(node: Node | None) -> bool:
    return isinstance(node, Leaf) and node.value not in (0, 0.0, "0 %", None, False)


def brings_shoppers(tree: Map) -> list[str]:
    """The campaigns by which people come to buy."""
    return [name for name in keys(at(tree, CAMPAIGNS)) if _positive(at(tree, f"{CAMPAIGNS}.{name}.click"))]


def check_marketing(tree: Map, channels: list[str], cx: Reading) -> None:
    """Write down what does not fit together."""
    products = at(tree, "catalog.products")
    again = any(_positive(at(products, f"{p}.replenished")) for p in keys(products))
    for name in keys(at(tree, CAMPAIGNS)):
        here = f"{CAMPAIGNS}.{name}"
        for channel in keys(at(tree, f"{here}.ask")):
            if channel in channels and at(tree, f"channels.{channel}.help") is None:
                spot = f"{here}.ask.{channel}"
                cx.problem(place(tree, spot), spot, f"the channel {channel} has no help; nobody can answer there")
        to = at(tree, f"{here}.to")
        if isinstance(to, Leaf) and to.value == "replenished" and not again:
            cx.problem(to.pos, f"{here}.to", "no product of the catalog is bought again and again; say replenished: true where one is")
        if _positive(at(tree, f"{here}.unaware")) and at(tree, "context") is None:
            cx.warn(
                place(tree, f"{here}.unaware"), f"{here}.unaware", "has no effect without context, which says what a contradiction does"
            )
    for channel in channels:
        market, commission = at(tree, f"channels.{channel}.marketplace"), f"costs.commission.{channel}"
        if at(market, "commission") is not None and at(tree, commission) is not None:
            cx.problem(place(tree, commission), commission, f"is said already in channels.{channel}.marketplace.commission")
        if market is not None and at(tree, f"channels.{channel}.sell") is None:
            here = f"channels.{channel}.marketplace"
            cx.problem(place(tree, here), here, "one sells on a marketplace; say sell: true")
    _languages(tree, channels, cx)


def _languages(tree: Map, channels: list[str], cx: Reading) -> None:
    spoken = {n.value for c in channels if isinstance(n := at(tree, f"channels.{c}.language"), Leaf) and isinstance(n.value, str)}
    for region in keys(at(tree, "regions")):
        here = join(f"regions.{region}", "language")
        said = at(tree, here)
        if isinstance(said, Leaf) and isinstance(said.value, str) and said.value not in spoken:
            cx.warn(said.pos, here, f"no channel speaks {short(said.value)}{nearest(said.value, sorted(spoken))}")
