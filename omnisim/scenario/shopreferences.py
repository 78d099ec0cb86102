"""Do the names of a shop fit together?  Who sells, who can answer, and that regions, zones, devices and segments exist.

As in `references`, these checks look at the tree, so that a mistake in one block hides none in another.
"""

from collections.abc import Iterable

from . import csvs
from .delivery import WANTED
from .kinds import Reading
from .marketingreferences import brings_shoppers, campaign_maps, check_marketing
from .problem import Refused, ScenarioError, listing, nearest, short
from .tree import Leaf, Map, Node, Seq, at, found, join, keys, place

SHOP_BLOCKS = ("regions", "catalog", "fulfilment", "shipping", "returns", "marketing", "costs", "journey.shop", "journey.issue.orders")
FRONTS = ("cart", "buy", "carry", "switch", "ask.share", "ask.channel", "ask.lift")
FREE, SAME = "free", "same"
MOST_SETS = 12  # as rules.splits
MOST_SEGMENTS = 62  # bits of one number


def channel_maps(tree: Map) -> Iterable[str]:
    """The paths of all mappings of a shop whose keys are channels."""
    for key in FRONTS:
        yield f"journey.shop.{key}"
    for front in keys(at(tree, "journey.shop.ask.channel")):
        yield f"journey.shop.ask.channel.{front}"
    yield "journey.issue.orders.enter"
    yield "marketing.cart_message.channel"
    yield from campaign_maps(tree)
    yield "returns.factor"
    yield "journey.shop.purchase.lead_by"
    for key in ("commission", "acquisition", "fixed"):
        yield f"costs.{key}"


def check_shop(tree: Map, channels: list[str], cx: Reading) -> None:
    """Write down every name that means nothing, and every channel that lacks what its mention needs."""
    for front in keys(at(tree, "journey.shop.switch")):
        _known(tree, f"journey.shop.switch.{front}", [*channels, FREE], "channel", cx)
    _known(tree, "journey.shop.back.channel", [*channels, SAME], "channel", cx)
    _sellers(tree, channels, cx)
    _helpers(tree, channels, cx)
    _shoppers(tree, cx)
    _segments(tree, channels, cx)
    _zones(tree, cx)
    _nodes(tree, cx)
    check_marketing(tree, channels, cx)
    _ways(tree, channels, cx)


def _known(tree: Map, path: str, names: list[str], what: str, cx: Reading) -> None:
    for key in keys(at(tree, path)):
        if key not in names:
            _unknown(tree, join(path, key), key, names, what, cx)


def _unknown(tree: Map, here: str, name: str, names: list[str], what: str, cx: Reading) -> None:
    there = f"there are: {listing(names)}" if names else f"there are no {what}s"
    cx.problem(place(tree, here), here, f"{short(name)} is no {what}{nearest(name, names)}; {there}")


def _is(node: Node | None, value: object) -> bool:
    return isinstance(node, Leaf) and node.value == value and isinstance(node.value, bool) == isinstance(value, bool)


def _sells(tree: Map, channel: str) -> bool:
    return _is(at(tree, f"channels.{channel}.sell"), True)


def _sellers(tree: Map, channels: list[str], cx: Reading) -> None:
    carts = keys(at(tree, "journey.shop.cart"))
    for channel in channels:
        if _sells(tree, channel) and channel not in carts:
            here = f"channels.{channel}.sell"
            cx.problem(place(tree, here), here, f"{channel} sells and nobody fills a cart there; name it in journey.shop.cart")
    for path in (
        "journey.shop.cart",
        "journey.shop.buy",
        "journey.shop.carry",
        "returns.factor",
        "costs.commission",
        "journey.shop.purchase.lead_by",
    ):
        for channel in keys(at(tree, path)):
            if channel in channels and not _sells(tree, channel):
                here = join(path, channel)
                cx.problem(place(tree, here), here, f"the channel {channel} does not sell; say sell: true in channels.{channel}")


def _helpers(tree: Map, channels: list[str], cx: Reading) -> None:
    def has_help(channel: str) -> bool:
        return at(tree, f"channels.{channel}.help") is not None

    def need(channel: str, here: str) -> None:
        if channel in channels and not has_help(channel):
            cx.problem(place(tree, here), here, f"the channel {channel} has no help; nobody can answer there")

    asks = "journey.shop.ask"
    for front in keys(at(tree, f"{asks}.channel")):
        for channel in keys(at(tree, f"{asks}.channel.{front}")):
            need(channel, f"{asks}.channel.{front}.{channel}")
    for channel in keys(at(tree, f"{asks}.share")):
        here = f"{asks}.share.{channel}"
        if channel in channels and not has_help(channel) and at(tree, f"{asks}.channel.{channel}") is None:
            cx.problem(
                place(tree, here), here, f"the channel {channel} has no help; say in {asks}.channel.{channel} where its questions go"
            )
    for channel in keys(at(tree, f"{asks}.lift")):
        here = f"{asks}.lift.{channel}"
        need(channel, here)
        if _is(at(tree, f"channels.{channel}.help.mode"), "inbox"):
            cx.warn(place(tree, here), here, "has no effect; only a live answer lifts the chance to buy")
    for channel in keys(at(tree, "journey.issue.orders.enter")):
        need(channel, f"journey.issue.orders.enter.{channel}")
    for here in ("shipping.pickup.desk", "fulfilment.tasks.picking", "fulfilment.tasks.returns"):
        place_of_work = at(tree, here)
        if isinstance(place_of_work, Leaf) and isinstance(place_of_work.value, str):
            if place_of_work.value not in channels:
                _unknown(tree, here, place_of_work.value, channels, "channel", cx)
            need(place_of_work.value, here)


def _shoppers(tree: Map, cx: Reading) -> None:
    """Shoppers need a journey, and the blocks of a shop need shoppers."""
    shoppers = [s for s in keys(at(tree, "demand")) if _is(at(tree, f"demand.{s}.goal"), "shop")]
    journey = at(tree, "journey.shop") is not None
    for stream in shoppers if not journey else ():
        here = f"demand.{stream}.goal"
        cx.problem(place(tree, here), here, "goal shop needs journey.shop, which says how shoppers buy")
    brought = brings_shoppers(tree)
    for campaign in brought if not journey else ():
        here = f"marketing.campaigns.{campaign}.click"
        cx.problem(place(tree, here), here, "who comes to buy needs journey.shop, which says how shoppers buy")
    shoppers += brought
    for key in ("purchase", "cart_lost") if not journey else ():
        here = f"context.effects.{key}"
        said = at(tree, here)
        if said is not None and not _is(said, 0) and not _is(said, 0.0):
            cx.problem(said.pos, here, f"found {found(said)}; it has no effect without journey.shop")
    for path in SHOP_BLOCKS if not shoppers else ():
        if path == "marketing" and at(tree, "marketing.campaigns") is not None and at(tree, "marketing.cart_message") is None:
            continue  # a campaign raises questions too
        if at(tree, path) is not None:
            cx.warn(place(tree, path), path, "has no effect: no stream of demand has the goal shop")
    if shoppers and at(tree, "catalog") is None:
        policy = at(tree, "shipping.fee.policy")
        if _is(policy, "flat") or _is(policy, "threshold"):
            cx.problem(place(tree, "shipping.fee"), "shipping.fee", "needs catalog; a fee is weighed against the value of the basket")


def _nodes(tree: Map, cx: Reading) -> None:
    """Nodes keep classes of goods that there are, and every class is kept somewhere."""
    nodes = "fulfilment.nodes"
    if at(tree, nodes) is None:
        return
    if at(tree, "catalog") is None:
        cx.problem(place(tree, nodes), nodes, "needs catalog, which says the classes of goods")
        return
    products, regions = keys(at(tree, "catalog.products")), keys(at(tree, "regions"))
    kept = set()
    for node in keys(at(tree, nodes)):
        _known(tree, f"{nodes}.{node}.stock", products, "product", cx)
        _known(tree, f"{nodes}.{node}.miles", regions, "region", cx)
        kept |= set(keys(at(tree, f"{nodes}.{node}.stock")))
    lines, policy = at(tree, "catalog.lines"), at(tree, "fulfilment.sourcing")
    by_line = policy is None or _is(policy, "nearest") or _is(policy, "dc_only")
    if isinstance(lines, Seq) and len(lines.items) > 1 and len(keys(at(tree, nodes))) > MOST_SETS and not by_line:
        here = "fulfilment.sourcing"
        cx.problem(place(tree, here), here, f"weighs every set of nodes for orders of several lines; at most {MOST_SETS} nodes are allowed")
    for product in products:
        if product not in kept:
            cx.warn(place(tree, nodes), nodes, f"none keeps {product}: it is always sold out")


def _ways(tree: Map, channels: list[str], cx: Reading) -> None:
    """Ways of delivery that somebody wants are offered, carriers serve regions that there are, and a store that has it sells."""
    regions = keys(at(tree, "regions"))
    for region in regions:
        for way in keys(at(tree, f"regions.{region}.delivery")):
            if way in WANTED and at(tree, f"shipping.{way}") is None:
                here = f"regions.{region}.delivery.{way}"
                cx.problem(place(tree, here), here, f"{way} is not offered; say how in shipping.{way}")
    for carrier in keys(at(tree, "shipping.carriers")):
        served = at(tree, f"shipping.carriers.{carrier}.regions")
        for i, item in enumerate(served.items if isinstance(served, Seq) else ()):
            if isinstance(item, Leaf) and isinstance(item.value, str) and item.value not in regions:
                _unknown(tree, join(f"shipping.carriers.{carrier}.regions", i), item.value, regions, "region", cx)
    here = "shipping.pickup.look.channel"
    to = at(tree, here)
    if isinstance(to, Leaf) and isinstance(to.value, str):
        if to.value not in channels:
            _unknown(tree, here, to.value, channels, "channel", cx)
        elif not _is(at(tree, f"journey.shop.carry.{to.value}"), True):
            cx.problem(to.pos, here, f"goods are not taken along on {to.value}; say carry: true in journey.shop.carry")


def _segments(tree: Map, channels: list[str], cx: Reading) -> None:
    segments = keys(at(tree, "customers.segments"))
    regions = keys(at(tree, "regions"))
    by_channel = {c: names for c in channels if (names := keys(at(tree, f"channels.{c}.devices")))}
    devices = sorted({d for names in by_channel.values() for d in names})
    first = next(iter(by_channel), "")
    for segment in segments:
        here = f"customers.segments.{segment}"
        _known(tree, f"{here}.region", regions, "region", cx)
        _known(tree, f"{here}.device", devices, "device", cx)
        other = next((c for c, names in by_channel.items() if names != by_channel[first]), "")
        if other and at(tree, f"{here}.device") is not None:
            cx.problem(
                place(tree, f"{here}.device"),
                f"{here}.device",
                f"holds on every channel with devices, and {first} and {other} name different devices; they must name the same",
            )
    free_for = at(tree, "shipping.fee.free_for")
    if isinstance(free_for, Seq) and free_for.items and len(segments) > MOST_SEGMENTS:
        cx.problem(free_for.pos, "shipping.fee.free_for", f"needs at most {MOST_SEGMENTS} segments; there are {len(segments)}")
    for i, item in enumerate(free_for.items if isinstance(free_for, Seq) else ()):
        if isinstance(item, Leaf) and isinstance(item.value, str) and item.value not in segments:
            _unknown(tree, join("shipping.fee.free_for", i), item.value, segments, "segment", cx)


def _zones(tree: Map, cx: Reading) -> None:
    """Every region is in a zone of the rate card."""
    card = at(tree, "shipping.card")
    zones = keys(at(card, "zones")) if isinstance(card, Map) else _zones_of_file(card, cx)
    if not zones:
        return
    regions = keys(at(tree, "regions"))
    if not regions and len(zones) > 1:
        here = "shipping.card"
        cx.problem(place(tree, here), here, f"has the zones {listing(zones)} and there are no regions to be in them")
    for region in regions:
        here = f"regions.{region}.zone"
        said = at(tree, here)
        if said is None and len(zones) > 1:
            cx.problem(place(tree, here), here, f"is required and missing: the rate card has the zones {listing(zones)}")
        elif isinstance(said, Leaf) and isinstance(said.value, str) and said.value not in zones:
            cx.problem(
                said.pos, here, f"{short(said.value)} is no zone of the rate card{nearest(said.value, zones)}; it has: {listing(zones)}"
            )


def _zones_of_file(card: Node | None, cx: Reading) -> list[str]:
    """The zones of a card in a file; none where it cannot be read, which is a problem written down elsewhere."""
    if not isinstance(card, Leaf):
        return []
    try:
        head, _, _ = csvs.whole(card, "shipping.card", Reading(files=cx.files))
    except (Refused, ScenarioError):
        return []
    return sorted(head[1:])
