"""Where values come from: the `provenance` block of a file, and the values a preset sets.

    provenance:
      channels.call_center.help.handling.mean: {low: 240 s, high: 360 s, unit: s, grade: B, source: ..., year: 2007}

A row belongs to the value that stood at its path when the row was written.  Where a deriving file or `--set` puts another
value there, the row is reported with grade `own`: the user's own value, for which the source does not answer.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .blocks import Block, key_of, said, said_fields
from .kinds import Json, Kind, Number, Plain, Reading, Whole
from .layers import Annotation, Layers, below
from .presets import PRESETS, Provenance, preset_row
from .problem import Notes, Refused, nearest, short
from .textkinds import Line, Word
from .tree import Leaf, Map, Node, at, found, join, steps
from .yamltext import flow

if TYPE_CHECKING:
    from .scenario import Scenario


@dataclass(frozen=True)
class _Bare(Kind[str]):
    """A number or a quantity as it is written."""

    bound: str = "a number or a quantity"

    def read(self, node: Node, path: str, cx: Reading) -> str:
        if not isinstance(node, Leaf) or node.value is None or isinstance(node.value, bool) or not node.text.isprintable():
            self.refuse(node, path, cx, "a number or a quantity such as '330 s' is needed")
        return node.text[:200]

    def plain(self, value: str, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"type": ["number", "string"]}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a provenance block."""

    grade: str = said(Word(("A", "B", "C")), "A measured, B quoted with a traced source, C assumption")
    value: str | None = said(_Bare(), "the value; absent: what stands at the path", or_none=True)
    low: str | None = said(_Bare(), "low end of the plausible range", or_none=True)
    high: str | None = said(_Bare(), "high end of the plausible range", or_none=True)
    unit: str | None = said(Line(40), "unit of the value", or_none=True)
    source: str | None = said(Line(500), "who says so; required for grades A and B", or_none=True)
    year: int | None = said(Whole(1500, 2200, "year"), "year of the source", or_none=True)
    note: str | None = said(Line(1000), "how far it carries", or_none=True)


def _row_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if values.get("grade") in ("A", "B") and "source" not in node.items:
        cx.problem(node.key or node.pos, join(path, "source"), f"is required and missing: grade {values['grade']} names its source")


ROW = Block(Row, _row_rule, merges=False)


def check(layers: Layers, root: Kind[Any], cx: Reading) -> None:
    """Every row is well formed, and its numbers fit the value it is about."""
    for a in layers.annotations:
        here = f"provenance.{a.path}"
        try:
            row = ROW.read(a.row, here, cx)
        except Refused:
            continue
        kind = below(root, a.path)
        if kind is None:
            _no_such(a, _siblings(root, a.path), cx)
        elif isinstance(kind, Number | Whole):
            _check_numbers(a, row, kind, here, cx)


def _siblings(kind: Kind[Any] | None, path: str) -> list[str]:
    """The paths that could be meant by one that leaves the schema: the keys of the block where it leaves."""
    way: list[str] = []
    for part in steps(path):
        next_ = kind.child(part) if kind else None
        if next_ is None:
            return [".".join([*way, key_of(f)]) for f in said_fields(kind.cls)] if isinstance(kind, Block) else []
        kind = next_
        way.append(part)
    return []


def _check_numbers(a: Annotation, row: Row, kind: Kind[Any], here: str, cx: Reading) -> None:
    assert isinstance(a.row, Map)
    read: dict[str, Any] = {}
    for key in ("low", "value", "high"):
        if key in a.row.items:
            try:
                read[key] = kind.read(a.row.items[key], join(here, key), cx)
            except Refused:
                return
    stands = None
    if a.before is not None:
        try:
            stands = kind.read(a.before, a.path, Reading(currency=cx.currency))
        except Refused:
            return
    if "value" in read and stands is not None and read["value"] != stands:
        at_ = a.row.items["value"]
        assert a.before is not None
        cx.problem(at_.pos, join(here, "value"), f"found {found(at_)}; the value there is {found(a.before)} (line {a.before.pos.line})")
        return
    middle = read.get("value", stands)
    if middle is None:
        return
    outside = [k for k, is_out in (("low", middle < read.get("low", middle)), ("high", middle > read.get("high", middle))) if is_out]
    for key in outside:
        at_ = a.row.items[key]
        words = kind.plain(middle, cx.currency)
        cx.problem(at_.pos, join(here, key), f"found {found(at_)}; the value, {words}, lies outside the range")


def _no_such(a: Annotation, known: list[str], cx: Notes) -> None:
    pos = a.row.key or a.row.pos
    cx.problem(pos, f"provenance.{a.path}", f"there is no value at {short(a.path, 120)} in this scenario{nearest(a.path, known)}")


def check_paths(scenario: "Scenario", root: Kind[Any], cx: Reading) -> None:
    """Every row is about a value that exists, or that existed in the file that annotates it."""
    if not scenario.layers.annotations:
        return
    plain = root.plain(scenario, scenario.currency)
    for a in scenario.layers.annotations:
        if a.before is None and look(plain, a.path) is None:
            _no_such(a, [p for p in _paths(plain) if p.count(".") == a.path.count(".")], cx)


def _paths(plain: Plain, path: str = "") -> list[str]:
    if not isinstance(plain, dict):
        return [path]
    return [path, *(p for k, v in plain.items() for p in _paths(v, join(path, k)))]


def look(plain: Plain, path: str) -> Plain:
    """The value at a path of a plain scenario, or None."""
    for part in steps(path):
        if isinstance(plain, dict):
            plain = plain.get(part)
        elif isinstance(plain, list) and part.isdecimal() and int(part) < len(plain):
            plain = plain[int(part)]
        else:
            return None
    return plain


def rows(scenario: "Scenario", root: Kind[Any]) -> list[Provenance]:
    """All rows in force, by path."""
    plain = root.plain(scenario, scenario.currency)
    out: dict[str, Provenance] = {}
    for row in _preset_rows(scenario, plain):
        out[row.path] = row
    for a in scenario.layers.annotations:
        now = look(plain, a.path)
        if now is None:
            continue  # a deriving file removed it
        said_ = ROW.read(a.row, a.path, Reading())
        text = now if isinstance(now, str) else flow(now)
        low, high, unit = said_.low or "", said_.high or "", said_.unit or ""
        mine = Provenance(a.path, text, low, high, unit, said_.grade, said_.source or "", said_.year, said_.note or "")
        if _unchanged(a, said_, scenario, root):
            if unit and isinstance(now, str) and isinstance(a.before, Leaf) and a.before.text.endswith(unit) and not now.endswith(unit):
                mine = replace(mine, value=a.before.text)  # a rate, as the file says it: in the unit of its range
        else:
            was = said_.value or (found(a.before).strip("'") if a.before is not None else "")
            mine = replace(
                mine, low="", high="", grade="own", source="the user's own value", year=None, note=f"in place of {was}, grade {said_.grade}"
            )
        out[a.path] = mine
    return [out[p] for p in sorted(out)]


def _unchanged(a: Annotation, row: Row, scenario: "Scenario", root: Kind[Any]) -> bool:
    """Whether the value that was annotated is still the one in force."""
    now = at(scenario.layers.tree, a.path)
    if now is a.before:
        return True
    kind = below(root, a.path)
    cx = Reading(currency=scenario.currency, files=scenario.folder)
    before = a.before
    if before is None and row.value is not None and isinstance(a.row, Map):
        before = a.row.items["value"]
    if kind is None or before is None or now is None:
        return False
    try:
        same: bool = kind.read(before, a.path, cx) == kind.read(now, a.path, cx)
    except Refused:
        return False
    return same


def _preset_rows(scenario: "Scenario", plain: Plain) -> list[Provenance]:
    context, tree = scenario.context, scenario.layers.tree
    if context is None or context.preset is None:
        return []
    preset = PRESETS[context.preset]
    out: list[Provenance] = []

    def row(path: str, value: Plain) -> None:
        out.append(preset_row(context.preset or "", path, str(value)))

    said_identify = at(tree, "context.identify")
    named = set(said_identify.items) if isinstance(said_identify, Map) else set()
    if any(c not in named and scenario.channels[c].medium not in named for c in context.identify):
        row("context.identify", preset.identify)
    if any(at(tree, f"context.link.{a}.{b}") is None for a, to in context.link.items() for b in to):
        row("context.link", preset.link)
    for path in ("context.latency", "context.coherence", "context.hub.cost"):
        if at(tree, path) is None:
            row(path, look(plain, path))
    return out
