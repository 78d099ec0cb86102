"""A scenario written out: everything filled in, and where each value came from.

    Scenario -> {"clock": {"horizon": "48 h", ...}, ...} -> YAML text    [ # base/retailer.yaml:12 ]

What is written reads back to an equal scenario: quantities are text in the first unit that loses nothing.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .kinds import Kind, Plain
from .problem import printable
from .provenance import rows
from .tree import Map, Node, at, join
from .yamltext import flow, scalar

if TYPE_CHECKING:
    from .scenario import Scenario

DEFAULT = "default"
_PRESET = ("context.identify", "context.link", "context.latency", "context.coherence", "context.hub.cost")


def resolved(scenario: "Scenario", root: "Kind[Scenario]") -> dict[str, Any]:
    """See `Scenario.resolved`.  The provenance rows that files give are kept, so that nothing is lost by writing it out."""
    out = _blocks(scenario, root)
    graded = {r.path for r in rows(scenario, root) if r.grade != "own"}
    kept = {a.path: a.row for a in scenario.layers.annotations if a.path in graded}
    if kept:
        out["provenance"] = {p: {k: _raw(v) for k, v in row.items.items()} for p, row in kept.items() if isinstance(row, Map)}
    return out


def _blocks(scenario: "Scenario", root: "Kind[Scenario]") -> dict[str, Any]:
    out = root.plain(scenario, scenario.currency)
    assert isinstance(out, dict)
    return out


def _raw(node: Node) -> Plain:
    value = getattr(node, "value", None)
    return value if isinstance(value, str | int | float) else None


def canonical(scenario: "Scenario", root: "Kind[Scenario]") -> str:
    """See `Scenario.canonical`."""
    plain = _blocks(scenario, root)
    plain.pop("name", None)
    if isinstance(plain.get("context"), dict):
        plain["context"].pop("preset", None)  # a preset is a way of writing; its values are all here
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(scenario: "Scenario", root: "Kind[Scenario]") -> str:
    """See `Scenario.hash`."""
    return hashlib.sha256(canonical(scenario, root).encode("ascii")).hexdigest()


def _walk(plain: Plain, kind: Kind[Any] | None, path: str) -> Iterator[tuple[str, Plain, bool]]:
    """(path, value, is a block) in the order of writing; blocks come before what they hold."""
    assert isinstance(plain, dict)
    for key, value in plain.items():
        below = kind.child(key) if kind else None
        here = join(path, key)
        is_block = isinstance(value, dict) and bool(value) and below is not None and below.merges
        yield here, value, is_block
        if is_block:
            yield from _walk(value, below, here)


def origins(scenario: "Scenario", root: "Kind[Scenario]") -> list[tuple[str, str, str, int]]:
    """See `Scenario.origin`."""
    return [(path, flow(value), *_origin(scenario, path)) for path, value, block in _walk(_blocks(scenario, root), root, "") if not block]


def _origin(scenario: "Scenario", path: str) -> tuple[str, int]:
    node = at(scenario.layers.tree, path)
    if node is not None:
        pos = node.key or node.pos
        return pos.file, pos.line
    if scenario.context and scenario.context.preset and path.startswith(_PRESET):
        return f"preset {scenario.context.preset}", 0
    return DEFAULT, 0


def resolved_text(scenario: "Scenario", root: "Kind[Scenario]", origin: bool = False) -> str:
    """See `Scenario.resolved_text`."""
    lines: list[tuple[str, str]] = []
    plain = resolved(scenario, root)
    notes = plain.pop("provenance", None)
    for path, value, is_block in _walk(plain, root, ""):
        depth = _depth(path)
        key = scalar(_last(path))
        if is_block:
            lines.append((f"{'  ' * depth}{key}:", ""))
        else:
            file, line = _origin(scenario, path)
            lines.append((f"{'  ' * depth}{key}: {flow(value)}", f"{printable(file)}:{line}" if line else printable(file)))
    out = [text for text, _ in lines]
    if origin:
        width = min(60, max((len(t) for t, note in lines if note), default=0))
        out = [f"{t.ljust(width)}  # {note}" if note else t for t, note in lines]
    if notes:
        out += ["provenance:", *(f"  {scalar(p)}: {flow(row)}" for p, row in notes.items())]
    return "\n".join(out) + "\n"


def _depth(path: str) -> int:
    return path.count(".")


def _last(path: str) -> str:
    return path.rpartition(".")[2]
