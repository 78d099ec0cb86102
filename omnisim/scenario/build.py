"""From a merged tree to a scenario: read the values, check what needs more than one block, fill in presets.

Layers -> values by block -> names fit? -> context completed -> Scenario
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from . import provenance, references, routingreferences
from .blocks import Block
from .clock import Clock
from .context import Context, complete, warn_beaten
from .demand import Stream
from .files import Folder
from .kinds import Reading
from .layers import Layers, apply_sets
from .problem import Refused, ScenarioError
from .staffing import Staffing, check_lists
from .tree import Leaf, Map, Node, at, place

if TYPE_CHECKING:
    from .scenario import Scenario


def vary(scenario: "Scenario", changes: Mapping[str, object], root: "Block[Scenario]") -> "Scenario":
    """See `Scenario.with_`."""
    cx = Reading(files=scenario.folder)
    layers = apply_sets(scenario.layers, changes.items(), root, cx, "with_")
    said = (*scenario.changes, *(f"{k}={v}" for k, v in changes.items()))
    return build(layers, root, cx, scenario.folder, scenario.name, said)


def build(layers: Layers, root: "Block[Scenario]", cx: Reading, folder: Folder | None, name: str, changes: tuple[str, ...]) -> "Scenario":
    """The scenario of merged layers; `name` if they give it none.  Raises ScenarioError with all problems."""
    tree = layers.tree
    cx.incomplete = layers.incomplete
    currency = tree.items.get("currency")
    if isinstance(currency, Leaf) and isinstance(currency.value, str):
        cx.currency = currency.value
    try:
        values = root.read_values(tree, "", cx)
    except Refused:
        values = {}
    main = folder.main if folder else ""
    if not layers.incomplete:
        references.check_names(tree, cx)
        references.warn_unreachable(tree, cx)
        routingreferences.warn_idle_routing(tree, cx)
        _check_together(values, tree, main, cx)
    if not values.get("name"):
        values["name"] = name
    provenance.check(layers, root, cx)
    if cx.problems:
        raise ScenarioError(sorted(cx.problems))
    warnings = tuple(str(w) for w in sorted(cx.warnings))
    scenario = root.cls(**values, path=main or None, warnings=warnings, changes=changes, layers=layers, folder=folder)
    provenance.check_paths(scenario, root, cx)
    cx.raise_if_any()
    return scenario


def _check_together(values: dict[str, Any], tree: Map, main: str, cx: Reading) -> None:
    """What needs more than one block: lists by interval, the context of all channels, moments outside the horizon."""
    clock, staffing, context = values.get("clock"), values.get("staffing"), values.get("context")
    if isinstance(staffing, Staffing) and isinstance(clock, Clock):
        block = tree.items["staffing"]
        assert isinstance(block, Map)
        check_lists(staffing, block, "staffing", cx, clock.horizon, clock.interval)
    if isinstance(context, Context):
        block = tree.items["context"]
        assert isinstance(block, Map)
        channels = at(tree, "channels")
        media = {c: references.medium_of(tree, c) for c in (channels.items if isinstance(channels, Map) else ())}
        foreign = [c for c in media if _is_foreign(at(tree, f"channels.{c}.marketplace"))]
        values["context"] = complete(context, block, media, foreign, cx)
        warn_beaten(values["context"], block, main, cx)
        if context.preset == "omnichannel" and len(set(media.values())) == 1:
            cx.warn(place(tree, "context.preset"), "context.preset", "omnichannel with one medium: there is nothing to connect")
    if isinstance(clock, Clock):
        _warn_outside(values, clock, tree, cx)


def _is_foreign(marketplace: Node | None) -> bool:
    """A channel of another firm that does not say who the customer is."""
    return marketplace is not None and getattr(at(marketplace, "identity"), "value", False) is not True


def _warn_outside(values: dict[str, Any], clock: Clock, tree: Map, cx: Reading) -> None:
    """Warn of moments that never come."""
    end = clock.start + timedelta(seconds=clock.horizon)
    demand = values.get("demand") or {}
    for name, stream in demand.items():
        assert isinstance(stream, Stream)
        if any(a.moment and not clock.start <= a.moment < end for a in stream.at or ()):
            cx.warn(place(tree, f"demand.{name}.at"), f"demand.{name}.at", "has a batch outside the horizon; it never comes")
        if any(s.to <= clock.start or s.from_ >= end for s in stream.surge):
            cx.warn(place(tree, f"demand.{name}.surge"), f"demand.{name}.surge", "has a surge outside the horizon; it never comes")
    for name, c in (values["marketing"].campaigns if values.get("marketing") else {}).items():
        if c.at >= end:
            cx.warn(place(tree, f"marketing.campaigns.{name}.at"), f"marketing.campaigns.{name}.at", "is after the horizon; nobody comes")
    context = values.get("context")
    if context and any(d.to <= clock.start or d.from_ >= end for d in context.hub.down):
        cx.warn(place(tree, "context.hub.down"), "context.hub.down", "has an outage outside the horizon; it never comes")
