"""Do the names of routing fit together?  Lines belong to live channels; what can have no effect is said."""

from .kinds import Reading
from .problem import listing, nearest, short
from .tree import Leaf, Map, Seq, at, join, keys, place


def check_trunks(tree: Map, channels: list[str], cx: Reading) -> None:
    """Lines are held by live channels, each in one trunk at most."""
    taken: dict[str, str] = {}
    for trunk in keys(at(tree, "staffing.trunks")):
        path = f"staffing.trunks.{trunk}.channels"
        listed = at(tree, path)
        for i, item in enumerate(listed.items if isinstance(listed, Seq) else ()):
            if not isinstance(item, Leaf) or not isinstance(item.value, str):
                continue
            channel, here = item.value, join(path, i)
            mode = at(tree, f"channels.{channel}.help.mode") if channel in channels else None
            if channel not in channels:
                cx.problem(item.pos, here, f"{short(channel)} is no channel{nearest(channel, channels)}; there are: {listing(channels)}")
            elif channel in taken:
                cx.problem(item.pos, here, f"the lines of {channel} are in {taken[channel]} already; a channel is in one trunk")
            elif not isinstance(mode, Leaf) or mode.value != "live":
                cx.problem(item.pos, here, f"{channel} is not served live; only who waits or talks holds a line")
            taken.setdefault(channel, trunk)


def warn_idle_routing(tree: Map, cx: Reading) -> None:
    """Warn of a reserve that keeps nobody from anything, and of a channel that every pool takes only as overflow."""
    pools = at(tree, "staffing.pools")
    at_once: set[str] = set()
    helped: dict[str, str] = {}
    for pool in keys(pools):
        skills = keys(at(pools, f"{pool}.skills"))
        for c in skills:
            here = f"staffing.pools.{pool}.skills.{c}.overflow"
            if at(tree, here) is None:
                at_once.add(c)
            else:
                helped.setdefault(c, here)
        here = f"staffing.pools.{pool}.reserve"
        modes = [at(tree, f"channels.{c}.help.mode") for c in skills]
        said = at(tree, here)
        idle = not any(isinstance(m, Leaf) and m.value == "inbox" for m in modes)
        if isinstance(said, Leaf) and said.value != 0 and idle:
            cx.warn(place(tree, here), here, "has no effect: the pool serves no inbox channel")
    for c in sorted(set(helped) - at_once):
        cx.warn(place(tree, helped[c]), helped[c], f"every pool that serves {c} only helps out there; its contacts always wait first")
