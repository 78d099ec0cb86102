"""What an experiment file may say: one question, read by the same strict kinds as a scenario.

scenario + strategies (small differences) x factors (paths with levels or ranges) by a design, KPIs, seeds, budget
"""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from typing import Any

from omnisim.kpis import MEASURES
from omnisim.scenario.blocks import RULE, Block, Listed, Names, said
from omnisim.scenario.kinds import Duration, Json, Kind, Number, Plain, Reading, Share, Whole
from omnisim.scenario.problem import Pos
from omnisim.scenario.textkinds import Flag, Line, Word
from omnisim.scenario.tree import Leaf, Map, Node, Seq, found, join
from omnisim.scenario.yamltext import flow

VERSION = 1
DESIGNS = ("factorial", "one_at_a_time", "latin_hypercube", "sobol", "list", "morris", "saltelli")
MOST_POINTS = 1_000_000
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Value:
    """A value for a path of the scenario, as it is said: text, numbers, lists, mappings; and where."""

    plain: Any
    pos: Pos


def plain_of(node: Node) -> Any:
    """A node as plain Python values."""
    if isinstance(node, Map):
        return {k: plain_of(v) for k, v in node.items.items()}
    if isinstance(node, Seq):
        return [plain_of(v) for v in node.items]
    return node.value


@dataclass(frozen=True)
class Anything(Kind[Value]):
    """Whatever the scenario may hold at that path; the scenario's own reader judges it."""

    bound: str = "what the scenario allows at the path"

    def read(self, node: Node, path: str, cx: Reading) -> Value:
        return Value(plain_of(node), node.pos)

    def plain(self, value: Value, currency: str = "USD") -> Plain:
        out: Plain = value.plain
        return out

    def schema(self, partial: bool = False) -> Json:
        return {}


@dataclass(frozen=True)
class Levels(Kind[dict[str, Value]]):
    """A list of values, or values by name; by the name they are shown under."""

    bound: str = "a list, or a mapping from names to values"

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, Value]:
        if isinstance(node, Leaf):
            self.refuse(node, path, cx, "a list of levels is needed, or levels by name")
        named = node.items.items() if isinstance(node, Map) else ((flow(plain_of(v)), v) for v in node.items)
        out: dict[str, Value] = {}
        for i, (name, value) in enumerate(named):
            if name in out:
                cx.problem(value.pos, join(path, i), f"the level {name[:60]} stands here twice")
            out[name] = Value(plain_of(value), value.pos)
        if not out:
            cx.refuse(node.pos, path, "is empty; at least one level is needed")
        return out

    def plain(self, value: dict[str, Value], currency: str = "USD") -> Plain:
        if all(name == flow(v.plain) for name, v in value.items()):
            return [v.plain for v in value.values()]
        return {name: v.plain for name, v in value.items()}

    def schema(self, partial: bool = False) -> Json:
        return {"anyOf": [{"type": "array", "minItems": 1}, {"type": "object", "minProperties": 1}]}


@dataclass(frozen=True)
class Changes(Kind[dict[str, Value]]):
    """A mapping from dotted paths of the scenario to values, as `--set path=value`."""

    bound: str = "by dotted path of the scenario"

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, Value]:
        if not isinstance(node, Map):
            self.refuse(node, path, cx, "a mapping by dotted path is needed, such as {context.preset: omnichannel}")
        return {k: Value(plain_of(v), v.pos) for k, v in node.items.items()}

    def plain(self, value: dict[str, Value], currency: str = "USD") -> Plain:
        return {k: v.plain for k, v in value.items()}

    def schema(self, partial: bool = False) -> Json:
        return {"type": "object"}


@dataclass(frozen=True)
class Paths(Kind[tuple[str, ...]]):
    """One dotted path of the scenario, or a list of paths that get the same value."""

    bound: str = "a dotted path of the scenario, or a list of such"

    def read(self, node: Node, path: str, cx: Reading) -> tuple[str, ...]:
        if isinstance(node, Seq) and node.items:
            return tuple(Line(1000).read(v, join(path, i), cx) for i, v in enumerate(node.items))
        return (Line(1000).read(node, path, cx),)

    def plain(self, value: tuple[str, ...], currency: str = "USD") -> Plain:
        return value[0] if len(value) == 1 else list(value)

    def schema(self, partial: bool = False) -> Json:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}


@dataclass(frozen=True)
class InOrder(Names[Any]):
    """Names in the order of the file: the first strategy is the baseline, factors become columns."""

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, Any]:
        out = super().read(node, path, cx)
        assert isinstance(node, Map)
        return {name: out[name] for name in node.items if name in out}


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """The experiment's scenario, or another file, with some values changed."""

    file: str | None = said(Line(1000), "scenario file, relative to this one; absent: that of the experiment", or_none=True)
    set: dict[str, Value] = said(Changes(), "values to change, by path", default=dict)
    week: str | None = said(Line(1000), "the same strategy in an ordinary week, as a scenario file; to make a year of both", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A part of a strategy that can be taken alone, on top of the baseline."""

    set: dict[str, Value] = said(Changes(), "values to change, by path")


STRATEGY = Block(Strategy)


@dataclass(frozen=True, kw_only=True)
class Decide:
    """What `omnisim decide` asks besides; a sweep does not look at it."""

    points: int = said(Whole(8, 100_000, "points"), "how often all graded inputs are drawn together", default=64, because=RULE)
    seeds: int = said(Whole(1, 1000, "seeds"), "replications at each of these points", default=2, because=RULE)
    seed: int = said(Whole(0, 2**31, "seed"), "of the draw of inputs", default=1, because=RULE)
    peaks: int = said(Whole(0, 365, "peaks"), "how often a year holds what the strategies tell, where weeks are given", default=1)
    only: tuple[str, ...] = said(Listed(Line(1000), "paths", most=1000), "inputs that are varied; absent: all with a range", default=())
    same_staff: Strategy | None = said(STRATEGY, "the baseline with the staff of the strategy; absent: made", or_none=True)
    same_spend: Strategy | None = said(STRATEGY, "the baseline with the hub's money in people; absent: made", or_none=True)
    same_service: Strategy | None = said(STRATEGY, "the strategy with the fewest people at equal service; absent: made", or_none=True)
    fair: bool = said(Flag(), "false: no fair opponents are made", default=True, because=RULE)
    steps: dict[str, Step] = said(InOrder(Block(Step), "step", merges=True, most=5), "parts that can be taken one by one", default=dict)


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What is varied: `levels`, or from `low` to `high` in `count` levels or by `step`."""

    path: tuple[str, ...] = said(Paths(), "the value of the scenario that is varied")
    levels: dict[str, Value] | None = said(Levels(), "its values, one after another, or by name", or_none=True)
    low: Value | None = said(Anything(), "lower end of its range, with its unit", or_none=True)
    high: Value | None = said(Anything(), "upper end, in the same unit", or_none=True)
    count: int | None = said(Whole(2, 10_000, "levels"), "how many levels from low to high, ends included", or_none=True)
    step: float | None = said(Number(open_low=True), "distance of levels, in the unit of low and high", or_none=True)
    scale: str = said(Word(("linear", "log")), "levels at equal distances or at equal ratios", default="linear", because=RULE)


def _factor_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    here = node.key or node.pos
    named = [k for k in ("levels", "low", "high", "count", "step") if k in node.items]
    if "levels" in named:
        for key in named[1:]:
            cx.problem(node.items[key].key or here, join(path, key), "levels are listed; low, high, count and step belong to a range")
        return
    if ("low" in named) != ("high" in named):
        cx.problem(here, path, f"a range needs low and high; {'high' if 'low' in named else 'low'} is missing")
    if "count" in named and "step" in named:
        cx.problem(node.items["step"].key or here, join(path, "step"), "count says already how many levels there are; give one of both")
    if "step" in named and values.get("scale") == "log":
        cx.problem(node.items["step"].key or here, join(path, "step"), "levels at equal ratios have no step; give count")


@dataclass(frozen=True, kw_only=True)
class Design:
    """Which combinations of levels are run."""

    kind: str = said(Word(DESIGNS), "how points are chosen", default="factorial", because=RULE)
    points: int | None = said(
        Whole(1, MOST_POINTS, "points"),
        "how many (latin_hypercube, sobol); of each half of saltelli's, which has points x (factors + 2)",
        or_none=True,
    )
    trajectories: int | None = said(Whole(2, 10_000, "walks"), "how many walks (morris), each of factors + 1 points", or_none=True)
    seed: int = said(Whole(0, 2**31, "seed"), "of the design's own draws", default=1, because=RULE)
    base: dict[str, Value] = said(Changes(bound="by factor"), "the base of one_at_a_time; absent: each factor's first level", default=dict)
    rows: tuple[dict[str, Value], ...] = said(
        Listed(Changes(bound="by factor"), "points", most=MOST_POINTS),
        "the points of a list: a value for every factor",
        default=(),
    )


SPREAD = ("latin_hypercube", "sobol", "morris", "saltelli")  # designs that take places within a range
_POWER_OF_TWO = ("sobol", "saltelli")
_DESIGN_KEYS = {
    "points": ("latin_hypercube", "sobol", "saltelli"),
    "trajectories": ("morris",),
    "base": ("one_at_a_time",),
    "rows": ("list",),
}


def _design_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    kind = values.get("kind")
    for key, kinds in _DESIGN_KEYS.items():
        if kind and key in node.items and kind not in kinds:
            cx.problem(node.items[key].key or node.pos, join(path, key), f"belongs to {' and '.join(kinds)}, not to {kind}")
    if kind == "morris" and "trajectories" not in node.items:
        cx.problem(node.key or node.pos, join(path, "trajectories"), "is required and missing: how many walks morris makes, such as 10")
    if kind in _DESIGN_KEYS["points"] and "points" not in node.items:
        cx.problem(node.key or node.pos, join(path, "points"), f"is required and missing: how many points {kind} has")
    if kind == "list" and "rows" not in node.items:
        cx.problem(node.key or node.pos, join(path, "rows"), "is required and missing: the points of the list")
    points = values.get("points")
    if kind in _POWER_OF_TWO and points and points & (points - 1):
        at = node.items["points"]
        name = "a Sobol design" if kind == "sobol" else "Saltelli's design"
        cx.problem(at.pos, join(path, "points"), f"found {found(at)}; {name} needs a power of two, such as {1 << points.bit_length()}")


class DesignKind(Block[Design]):
    """A design by its name alone, or as a block."""

    def read(self, node: Node, path: str, cx: Reading) -> Design:
        if isinstance(node, Leaf) and node.value is not None:
            kind = Word(DESIGNS).read(node, path, cx)
            node = Map(node.pos, {"kind": Leaf(node.pos, kind, kind, node.key)}, node.key)
        return super().read(node, path, cx)


@dataclass(frozen=True, kw_only=True)
class Until:
    """When there are seeds enough, looked at point by point."""

    kpi: str = said(Word(tuple(MEASURES)), "the total that is looked at")
    precision: float | None = said(
        Share(open_low=True), "stop when the 95 % interval of every strategy is at most +- this share of its mean", or_none=True
    )
    settled: bool = said(Flag(), "stop when the sign of every strategy's paired difference to the first one is settled", default=False)
    best_within: float | None = said(
        Number(open_low=True),
        "drop points seed by seed until the best one is left (Kim and Nelson); a difference of so much, in the KPI's unit, nobody minds",
        or_none=True,
    )


def _until_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    named = ("precision" in node.items) + bool(values.get("settled")) + ("best_within" in node.items)
    if named != 1:
        cx.problem(node.key or node.pos, path, "exactly one of precision, settled: true and best_within is needed")
    kpi = values.get("kpi")
    if "best_within" in node.items and kpi in MEASURES and not MEASURES[kpi].better:
        at = node.items["kpi"]
        cx.problem(at.pos, join(path, "kpi"), f"of {kpi} neither more nor less is better, so there is no best")


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """Which replications: a fixed number, or as many as it takes."""

    first: int = said(Whole(0, 2**62, "seed"), "the first seed", default=1, because=RULE)
    count: int | None = said(Whole(1, MOST_SEEDS, "seeds"), "how many, where it is fixed", or_none=True)
    until: Until | None = said(Block(Until, _until_rule), "how it is known that there are enough", or_none=True)
    least: int = said(Whole(10, MOST_SEEDS, "seeds"), "fewest seeds before that is asked", default=10, because=RULE)
    most: int = said(Whole(10, MOST_SEEDS, "seeds"), "most seeds, whatever is still open", default=200, because=RULE)


def _seeds_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if ("count" in node.items) == ("until" in node.items):
        cx.problem(node.key or node.pos, path, "exactly one of count and until is needed")
    for key in ("least", "most"):
        if key in node.items and "count" in node.items:
            cx.problem(node.items[key].key or node.pos, join(path, key), "belongs to until; the number of seeds is fixed by count")
    if values.get("least", 10) > values.get("most", 200):
        at = node.items.get("least") or node
        cx.problem(at.pos, join(path, "least"), f"found {found(at)}; it must be at most most, {values['most']}")


class SeedsKind(Block[Seeds]):
    """A number of seeds, or a block."""

    def read(self, node: Node, path: str, cx: Reading) -> Seeds:
        if isinstance(node, Leaf) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Seeds(count=Whole(1, MOST_SEEDS).read(node, path, cx))
        return super().read(node, path, cx)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be spent.  Absent: no limit but those of every run."""

    replications: int | None = said(Whole(1, 1_000_000_000, "replications"), "computed by one sweep", or_none=True)
    time: float | None = said(Duration(open_low=True), "of one sweep, by the clock on the wall", or_none=True)
    events: int | None = said(Whole(1, 1_000_000_000_000, "events"), "of one replication", or_none=True)
    wall: float | None = said(Duration(open_low=True), "of one replication, by the clock on the wall", or_none=True)
    memory: float | None = said(Number(open_low=True, unit="MB"), "predicted for one replication, MB", or_none=True)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An experiment as its file says it."""

    omnisim: int = said(Whole(VERSION, VERSION), "schema version")
    question: str = said(Line(300), "what is asked, in one sentence", default="")
    scenario: str = said(Line(1000), "scenario file, relative to this one")
    set: dict[str, Value] = said(Changes(), "values changed in every strategy, before its own changes", default=dict)
    strategies: dict[str, Strategy] = said(
        InOrder(STRATEGY, "strategy", merges=True), "what is compared; the first is the baseline", default=dict
    )
    factors: dict[str, Factor] = said(InOrder(Block(Factor, _factor_rule), "factor", merges=True, most=50), "what is varied", default=dict)
    design: Design = said(DesignKind(Design, _design_rule), "which combinations are run", default=Design, because=RULE)
    kpis: tuple[str, ...] = said(Listed(Word(tuple(MEASURES)), "KPIs", most=200), "what is looked at; the first ranks the points")
    tradeoff: tuple[str, ...] | None = said(
        Listed(Word(tuple(MEASURES)), "KPIs", most=2),
        "two of the kpis, for a Pareto front; []: none; absent: the first two of which one end is better",
        or_none=True,
    )
    seeds: Seeds = said(SeedsKind(Seeds, _seeds_rule), "which replications", default=lambda: Seeds(count=10), because=RULE)
    budget: Limits = said(Block(Limits), "how much may be spent", default=Limits)
    decide: Decide = said(Block(Decide), "what `omnisim decide` asks besides", default=Decide)


ASKED: Block[Asked] = Block(Asked)
