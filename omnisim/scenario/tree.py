"""What a file says, before anyone asks what it means: a tree whose every node knows its place.

    Map  {key: node}      Seq  [node, ...]      Leaf  text | number | true, false | nothing

Trees are never changed; merging and `--set` build new ones that share the untouched branches.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from numbers import Integral, Real
from typing import Any, NamedTuple

from .problem import Pos, short


class Leaf(NamedTuple):
    """A scalar.  `text` is how it was written: numbers are read from it exactly."""

    pos: Pos
    value: str | int | float | bool | None
    text: str = ""
    key: Pos | None = None  # where the key stands that leads here


class Seq(NamedTuple):
    """A list, with its place."""

    pos: Pos
    items: tuple["Node", ...] = ()
    key: Pos | None = None


class Map(NamedTuple):
    """A mapping, with its place and those of its keys."""

    pos: Pos
    items: Mapping[str, "Node"]
    key: Pos | None = None


Node = Leaf | Seq | Map


def found(node: Node) -> str:
    """What stands here, in words a person would use.

    >>> found(Leaf(Pos("f"), 48, "48")), found(Leaf(Pos("f"), "ten", "ten")), found(Leaf(Pos("f"), None))
    ('48', "'ten'", 'nothing')
    """
    if isinstance(node, Map):
        return "a mapping"
    if isinstance(node, Seq):
        return f"a list of {len(node.items)}"
    if node.value is None:
        return "nothing"
    return short(node.value) if isinstance(node.value, str) else node.text[:40]


def join(path: str, key: str | int) -> str:
    """The path one step further down.

    >>> join("demand.calls", "rate"), join("demand.calls.surge", 0)
    ('demand.calls.rate', 'demand.calls.surge[0]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def steps(path: str) -> list[str]:
    """The parts of a dotted path; a position in a list is a part of its own.

    >>> steps("demand.calls.surge[0].factor"), steps("demand.day.rate.08:00")
    (['demand', 'calls', 'surge', '0', 'factor'], ['demand', 'day', 'rate', '08:00'])
    """
    return path.replace("[", ".").replace("]", "").split(".") if path else []


def at(node: Node | None, path: str) -> Node | None:
    """The node at a path, or None."""
    for step in steps(path):
        if isinstance(node, Map):
            node = node.items.get(step)
        elif isinstance(node, Seq):
            node = node.items[int(step)] if step.isdecimal() and len(step) < 9 and int(step) < len(node.items) else None
        else:
            return None
    return node


def place(node: Node, path: str) -> Pos:
    """Where to point for a path: its key, or that of the nearest existing block above it."""
    here: Node = node
    for step in steps(path):
        below = at(here, step) if not isinstance(here, Leaf) else None
        if below is None:
            break
        here = below
    return here.key or here.pos


def keys(node: Node | None) -> list[str]:
    """The sorted keys of a mapping; nothing for anything else."""
    return sorted(node.items) if isinstance(node, Map) else []


def plant(value: Any, pos: Pos) -> Node:
    """A tree from plain Python values: text, numbers, booleans, None, datetimes, mappings, sequences.

    Raises TypeError for anything else.
    """
    if value is None or isinstance(value, bool | str):
        return Leaf(pos, value, value if isinstance(value, str) else {None: "null", True: "true", False: "false"}[value])
    if isinstance(value, datetime):
        return Leaf(pos, text := value.isoformat(sep=" ", timespec="auto"), text)
    if isinstance(value, Integral):
        return Leaf(pos, int(value), str(int(value)))
    if isinstance(value, Real):
        number = float(value)
        if number != number or number in (float("inf"), float("-inf")):
            raise TypeError(f"{number} is no number a scenario can hold")
        return Leaf(pos, number, repr(number))
    if isinstance(value, Mapping):
        if not all(isinstance(k, str) for k in value):
            raise TypeError("keys must be text")
        return Map(pos, {k: plant(v, pos) for k, v in value.items()}, pos)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return Seq(pos, tuple(plant(v, pos) for v in value))
    raise TypeError(f"a {type(value).__name__} cannot stand in a scenario")


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every scalar below a node with its path."""
    if isinstance(node, Map):
        for k, v in node.items.items():
            yield from leaves(v, join(path, k))
    elif isinstance(node, Seq):
        for i, v in enumerate(node.items):
            yield from leaves(v, join(path, i))
    else:
        yield path, node
