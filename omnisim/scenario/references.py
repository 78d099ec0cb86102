"""Do the names fit together?  Every channel, medium and pool that is mentioned exists and can do what is asked of it.

These checks look at the tree, not at the objects, so that a mistake in one block hides none in another.
"""

from collections.abc import Iterable

from .blocks import MOST_NAMES
from .bots import NEEDS, NOBODY
from .channels import RESERVED
from .kinds import Reading
from .problem import listing, nearest, short
from .routingreferences import check_trunks
from .shopreferences import channel_maps, check_shop
from .tree import Leaf, Map, Node, at, join, keys, place


def check_names(tree: Map, cx: Reading) -> None:
    """Write down every name that means nothing, and every channel that lacks what its mention needs."""
    channels = keys(at(tree, "channels"))
    if not 0 < len(channels) <= MOST_NAMES:
        return
    media = sorted({medium_of(tree, c) for c in channels})
    for path in _channel_maps(tree):
        _known(tree, path, channels, "channel", cx)
    _known(tree, "journey.issue.retry.channel", [*channels, *RESERVED], "channel", cx)
    _known(tree, "context.identify", [*channels, *(m for m in media if m not in channels)], "channel or medium", cx)
    _links(tree, channels, media, cx)
    _preceded(tree, channels, cx)
    _skills(tree, channels, cx)
    _bots(tree, channels, cx)
    _transfers(tree, channels, cx)
    check_trunks(tree, channels, cx)
    _messages(tree, channels, cx)
    _languages(tree, channels, cx)
    check_shop(tree, channels, cx)
    _known(tree, "relationship.repurchase", [*keys(at(tree, "demand")), *keys(at(tree, "marketing.campaigns"))], "stream", cx)


def medium_of(tree: Map, channel: str) -> str:
    """The medium of a channel as the file has it."""
    said = at(tree, f"channels.{channel}.medium")
    return said.value if isinstance(said, Leaf) and isinstance(said.value, str) else channel


def _channel_maps(tree: Map) -> Iterable[str]:
    """The paths of all mappings whose keys are channels."""
    for stream in keys(at(tree, "demand")):
        yield f"demand.{stream}.enter"
        yield f"demand.{stream}.preceded"
    for channel in keys(at(tree, "channels")):
        yield f"channels.{channel}.help.missed"
        yield f"channels.{channel}.help.transfer"
    yield "journey.markov.switch"
    for origin in keys(at(tree, "journey.markov.switch")):
        yield f"journey.markov.switch.{origin}"
    yield "journey.markov.convert"
    for segment in keys(at(tree, "customers.segments")):
        yield f"customers.segments.{segment}.habit"
    yield "customers.choice.effort"
    yield "customers.choice.nudge"
    for goal in keys(at(tree, "customers.choice.fit")):
        yield f"customers.choice.fit.{goal}"
    yield from channel_maps(tree)


def _known(tree: Map, path: str, names: list[str], what: str, cx: Reading) -> None:
    for key in keys(at(tree, path)):
        if key not in names:
            here = join(path, key)
            cx.problem(place(tree, here), here, f"{short(key)} is no {what}{nearest(key, names)}; there are: {listing(names)}")


def _links(tree: Map, channels: list[str], media: list[str], cx: Reading) -> None:
    rows = at(tree, "context.link")
    for path, node in [("context.link", rows), *((f"context.link.{r}", at(rows, r)) for r in keys(rows))]:
        for key in keys(node):
            if key in channels and key not in media:
                here = join(path, key)
                cx.problem(
                    place(tree, here), here, f"{short(key)} is a channel of the medium {medium_of(tree, key)!r}; links are between media"
                )
            elif key not in media:
                _known(tree, path, [*media, *(c for c in channels if c not in media)], "medium", cx)
                break


def _has(tree: Map, channel: str, block: str) -> bool:
    return at(tree, f"channels.{channel}.{block}") is not None


def _preceded(tree: Map, channels: list[str], cx: Reading) -> None:
    for stream in keys(at(tree, "demand")):
        for channel in keys(at(tree, f"demand.{stream}.preceded")):
            if channel in channels and not _has(tree, channel, "browse"):
                here = f"demand.{stream}.preceded.{channel}"
                cx.problem(place(tree, here), here, f"the channel {channel} has no browse; a self-service touch needs one")


def _skills(tree: Map, channels: list[str], cx: Reading) -> None:
    pools = at(tree, "staffing.pools")
    skilled: set[str] = set()
    for pool in keys(pools):
        for channel in keys(at(pools, f"{pool}.skills")):
            skilled.add(channel)
            here = f"staffing.pools.{pool}.skills.{channel}"
            if channel not in channels:
                cx.problem(
                    place(tree, here), here, f"{short(channel)} is no channel{nearest(channel, channels)}; there are: {listing(channels)}"
                )
            elif not _has(tree, channel, "help"):
                cx.problem(place(tree, here), here, f"the channel {channel} has no help; nobody can serve there")
    for channel in channels:
        if _has(tree, channel, "help") and channel not in skilled:
            here = f"channels.{channel}"
            known = f" (pools are: {listing(keys(pools))})" if keys(pools) else ""
            cx.problem(
                place(tree, here), here, f"has help and no pool with the skill; name {channel} in staffing.pools.<pool>.skills{known}"
            )


def _bots(tree: Map, channels: list[str], cx: Reading) -> None:
    """Reasons are streams or needs; whom a bot hands over to has agents."""
    reasons = sorted({*keys(at(tree, "demand")), *NEEDS})
    for channel in channels:
        path = f"channels.{channel}.bot"
        _known(tree, f"{path}.reasons", reasons, "reason", cx)
        to = at(tree, f"{path}.escalate")
        if not isinstance(to, Leaf) or not isinstance(to.value, str) or to.value == NOBODY:
            continue
        here = f"{path}.escalate"
        if to.value not in channels:
            known = [*channels, NOBODY]
            cx.problem(to.pos, here, f"{short(to.value)} is no channel{nearest(to.value, known)}; there are: {listing(known)}")
        elif not _has(tree, to.value, "help"):
            cx.problem(to.pos, here, f"the channel {to.value} has no help; nobody can take over there")


def _transfers(tree: Map, channels: list[str], cx: Reading) -> None:
    for channel in channels:
        for to in keys(at(tree, f"channels.{channel}.help.transfer")):
            here = f"channels.{channel}.help.transfer.{to}"
            if to == channel:
                cx.problem(place(tree, here), here, "a transfer goes to another channel")
            elif to in channels and not _has(tree, to, "help"):
                cx.problem(place(tree, here), here, f"the channel {to} has no help; nobody can take over there")


def _messages(tree: Map, channels: list[str], cx: Reading) -> None:
    """A message goes to an inbox."""
    for channel in channels:
        here = f"channels.{channel}.help.leave_message.to"
        to = at(tree, here)
        if not isinstance(to, Leaf) or not isinstance(to.value, str):
            continue
        mode = at(tree, f"channels.{to.value}.help.mode")
        inboxes = [c for c in channels if getattr(at(tree, f"channels.{c}.help.mode"), "value", None) == "inbox"]
        if to.value not in channels:
            cx.problem(to.pos, here, f"{short(to.value)} is no channel{nearest(to.value, channels)}; there are: {listing(channels)}")
        elif getattr(mode, "value", None) != "inbox":
            there = f"; inboxes are: {listing(inboxes)}" if inboxes else ""
            cx.problem(to.pos, here, f"the channel {to.value} is no inbox; a message waits in one{there}")


def _languages(tree: Map, channels: list[str], cx: Reading) -> None:
    """A medium has one channel of a language; a segment's language that nobody speaks has no effect."""
    first: dict[tuple[str, str], str] = {}
    spoken = {}
    for channel in channels:
        said = at(tree, f"channels.{channel}.language")
        if not isinstance(said, Leaf) or not isinstance(said.value, str):
            continue
        spoken[channel] = said.value
        key = medium_of(tree, channel), said.value
        if key in first:
            here = f"channels.{channel}.language"
            cx.problem(said.pos, here, f"found {short(said.value)}; {first[key]} speaks it already on the medium {key[0]}")
        first.setdefault(key, channel)
    for segment in keys(at(tree, "customers.segments")):
        here = f"customers.segments.{segment}.language"
        said = at(tree, here)
        if isinstance(said, Leaf) and isinstance(said.value, str) and said.value not in spoken.values():
            cx.warn(said.pos, here, f"no channel speaks {short(said.value)}{nearest(said.value, sorted(set(spoken.values())))}")


def warn_unreachable(tree: Map, cx: Reading) -> None:
    """Warn of an issue stream that can never reach a person."""
    retry = keys(at(tree, "journey.issue.retry.channel"))
    for stream in keys(at(tree, "demand")):
        goal: Node | None = at(tree, f"demand.{stream}.goal")
        if not isinstance(goal, Leaf) or goal.value != "issue":
            continue
        first = keys(at(tree, f"demand.{stream}.enter"))
        on = [c for c in retry if c not in RESERVED]
        if "free" in retry or any(_has(tree, c, "help") for c in [*first, *on]):
            continue
        here = f"demand.{stream}.enter"
        cx.warn(place(tree, here), here, "no channel where these customers come or try again has help; no person is ever reached")
