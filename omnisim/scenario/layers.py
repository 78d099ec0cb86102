"""Files on top of files: `extends`, `--set`, and what a later layer does to an earlier one.

    base.yaml  <-extends-  variant.yaml  <-  --set path=value
        blocks merge key by key; values (laws, shares, clock maps, matrix rows, lists) replace whole; null removes

Which mapping is a block and which a value is said by the schema (`Kind.merges`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .files import Folder
from .kinds import Kind, Reading
from .problem import WHOLE, Pos, Problem, ScenarioError, short
from .strictyaml import Budget, read_tree, read_value
from .textkinds import Line
from .tree import Leaf, Map, Node, Seq, at, found, join, plant, steps

MOST_LAYERS = 8
NOT_BLOCKS = ("extends", "provenance")


@dataclass(frozen=True)
class Annotation:
    """A row of a `provenance` block: for `path`, as said in a file when the value there was `before`."""

    path: str
    row: Node
    before: Node | None


@dataclass(frozen=True)
class Layers:
    """The merged tree of a scenario and what its files say about where the values come from."""

    tree: Map
    annotations: tuple[Annotation, ...] = ()
    incomplete: bool = False  # a base could not be read


def gather(folder: Folder, kind: Kind[Any], cx: Reading) -> Layers:
    """Read a scenario file and all it extends.  Raises ScenarioError if the file itself is no YAML mapping."""
    try:
        data = folder.read_main()
    except ValueError as e:
        raise ScenarioError([Problem(folder.main, 1, 1, WHOLE, str(e))]) from None
    budget = Budget()
    files = [_mapping(read_tree(data, folder.main, budget), folder.main)]
    seen = {folder.identity(folder.main): folder.main}
    shown, incomplete = folder.main, False
    while (said := files[-1].items.get("extends")) is not None and not is_nothing(said):
        try:
            shown = _base_name(said, folder, shown, seen)
            files.append(_mapping(read_tree(folder.read(shown), shown, budget), shown))
        except ValueError as e:
            cx.problem(said.pos, "extends", f"found {found(said)}; {e}")
            incomplete = True
            break
        except ScenarioError as e:
            cx.problems.extend(e.problems)
            incomplete = True
            break
    return _stack(reversed(files), kind, cx, incomplete)


def _base_name(said: Node, folder: Folder, shown: str, seen: dict[str, str]) -> str:
    if not isinstance(said, Leaf) or not isinstance(said.value, str):
        raise ValueError("the path of a scenario file is needed")
    name = folder.named(said.value, shown)
    who = folder.identity(name)
    if who in seen:
        raise ValueError(f"the files extend each other in a circle: {' -> '.join([*seen.values(), name])}")
    if len(seen) >= MOST_LAYERS:
        raise ValueError(f"more than {MOST_LAYERS} files extend each other")
    seen[who] = name
    return name


def _mapping(node: Node, shown: str) -> Map:
    if isinstance(node, Map):
        return node
    raise ScenarioError(
        [Problem(shown, node.pos.line, node.pos.col, WHOLE, f"found {found(node)}; a scenario is a mapping that begins with 'omnisim: 1'")]
    )


def _stack(files: Iterable[Map], kind: Kind[Any], cx: Reading, incomplete: bool) -> Layers:
    """Merge files, base first, and keep for each annotation the value it was made for."""
    tree: Map | None = None
    rows: dict[str, tuple[Node, Node | None]] = {}
    for file in files:
        own = Map(file.pos, {k: v for k, v in file.items.items() if k not in NOT_BLOCKS}, file.key)
        merged = merge(tree, own, kind)
        assert isinstance(merged, Map)
        tree = merged
        said = file.items.get("provenance")
        if said is None or is_nothing(said):
            continue
        if not isinstance(said, Map):
            cx.problem(said.pos, "provenance", f"found {found(said)}; a mapping by dotted path is needed")
            continue
        for path, row in said.items.items():
            rows.pop(path, None)
            if not is_nothing(row):
                rows[path] = (row, at(tree, path))
    assert tree is not None
    return Layers(tree, tuple(Annotation(p, row, before) for p, (row, before) in sorted(rows.items())), incomplete)


def stack_one(tree: Map, kind: Kind[Any], cx: Reading) -> Layers:
    """The layers of a single tree that is no file."""
    if "extends" in tree.items:
        cx.problem(tree.pos, "extends", "a scenario that is not a file cannot extend one")
    return _stack([tree], kind, cx, False)


def is_nothing(node: Node) -> bool:
    """Whether null stands here."""
    return isinstance(node, Leaf) and node.value is None


def merge(base: Node | None, over: Node, kind: Kind[Any] | None) -> Node:
    """`over` on top of `base`: a new tree."""
    if not isinstance(over, Map) or kind is None or not kind.merges:
        return over
    below = dict(base.items) if isinstance(base, Map) else {}
    for key, value in over.items.items():
        child = kind.child(key)
        if is_nothing(value) and (child is not None or key in below):
            below.pop(key, None)
        else:
            below[key] = merge(below.get(key), value, child)
    chosen = [k for k, v in over.items.items() if not is_nothing(v)]
    return Map(over.pos, _choose(below, chosen, kind), over.key)


def _choose(items: dict[str, Node], chosen: Iterable[str], kind: Kind[Any]) -> dict[str, Node]:
    """Naming one of several exclusive keys removes the others."""
    chosen = set(chosen)
    gone = {k for group in kind.exclusive if group & chosen for k in group - chosen}
    return {k: v for k, v in items.items() if k not in gone}


def put(tree: Node | None, parts: list[str], value: Node, kind: Kind[Any] | None, pos: Pos) -> Node:
    """A new tree with `value` at a path.  Unlike a file, it may reach inside a value (`enter.web`, `handling.mean`, `agents.3`).

    Raises ValueError for a position that a list does not have.
    """
    if not parts:
        node = merge(tree, value, kind) if isinstance(value, Map) else value
        return node._replace(key=pos)
    head, rest = parts[0], parts[1:]
    child = kind.child(head) if kind else None
    if isinstance(tree, Seq):
        if not head.isdecimal() or len(head) > 8 or int(head) >= len(tree.items):
            there = f"has positions 0 to {len(tree.items) - 1}" if tree.items else "is empty"
            raise ValueError(f"the list {there}; there is no {short(head)}")
        i = int(head)
        return tree._replace(items=(*tree.items[:i], put(tree.items[i], rest, value, child, pos), *tree.items[i + 1 :]), key=pos)
    items = dict(tree.items) if isinstance(tree, Map) else {}
    if not rest and is_nothing(value) and (child is not None or head in items):
        items.pop(head, None)
    else:
        items[head] = put(items.get(head), rest, value, child, pos)
        items = _choose(items, [head], kind) if kind else items
    keep = isinstance(tree, Map) and kind is not None and kind.merges
    return Map(tree.pos if tree and keep else pos, items, tree.key if tree and keep else pos)


def _value(text: str, pos: Pos, kind: Kind[Any] | None) -> Node:
    """The tree of a value on a command line.  What is a line of text is taken as it stands, unless it is quoted or null."""
    if isinstance(kind, Line) and text and text[0] not in "'\"" and text not in ("null", "~"):
        return Leaf(pos, text, text)
    return read_value(text, pos.file)


def below(kind: Kind[Any] | None, path: str) -> Kind[Any] | None:
    """The kind of the value at a path, or None where the schema has no such path."""
    for part in steps(path):
        kind = kind.child(part) if kind else None
    return kind


def apply_sets(layers: Layers, sets: Iterable[tuple[str, object]], kind: Kind[Any], cx: Reading, said: str = "--set") -> Layers:
    """The layers with single values changed.  Text is read as on the command line; other Python values as they are."""
    tree: Map = layers.tree
    for path, value in sets:
        pos = Pos(f"{said} {path}")
        parts = steps(path)
        if not path or any(not p for p in parts) or len(parts) > 20 or len(path) > 1000:
            cx.problem(pos, path, "this is no path; write it with points, such as clock.horizon")
            continue
        if parts[0] in NOT_BLOCKS:
            cx.problem(pos, path, f"{parts[0]} cannot be set; it belongs in a file")
            continue
        try:
            node = _value(value, pos, below(kind, path)) if isinstance(value, str) else plant(value, pos)
            changed = put(tree, parts, node, kind, pos)
        except ScenarioError as e:
            cx.problems.extend(replace(p, path=path if p.path in (WHOLE, "") else join(path, p.path)) for p in e.problems)
            continue
        except (TypeError, ValueError) as e:
            cx.problem(pos, path, str(e))
            continue
        assert isinstance(changed, Map)
        tree = changed
    return replace(layers, tree=tree)
