"""Strict YAML 1.2: bytes -> tree, or the line and column of what is not allowed.

    bytes --size, UTF-8, control characters--> text --events--> Map / Seq / Leaf
                                                       |
                             depth and node count are bounded here, event by event

PyYAML gives the events only.  Its composer and constructor are never used: they recurse (100 000 brackets crash the C one),
expand merge keys (a bomb under 1 kB) and read YAML 1.1, where `12:30` is 750, `no` is false and `1e5` is text.
"""

import json
import re
from collections.abc import Iterator
from typing import NoReturn

import yaml

from .problem import WHOLE, Pos, Problem, ScenarioError, short
from .tree import Leaf, Map, Node, Seq, join

MOST_BYTES = 2_000_000
MOST_DEPTH = 24
MOST_NODES = 60_000  # of a scenario and all it extends
MOST_DIGITS = 40

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
# among them what YAML 1.1 takes for line breaks and 1.2 does not; a lone carriage return would upset the counting of lines
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)")


class Budget:
    """How many more values may be read; shared by the files of one scenario."""

    def __init__(self) -> None:
        self.nodes = MOST_NODES


def read_tree(data: bytes, file: str, budget: Budget | None = None) -> Node:
    """The tree of one document.  Raises ScenarioError with the place of the first thing that is not allowed.

    >>> read_tree(b"a: [12:30, no, 1e5]", "f").items["a"].items[2].value
    100000.0
    """
    if len(data) > MOST_BYTES:
        _stop(Pos(file), f"the file has {len(data)} bytes; at most {MOST_BYTES} are read")
    return _build(_decode(data, file), file, budget or Budget())


def read_value(text: str, file: str) -> Node:
    """The tree of a single value, as written on a command line after `path=`."""
    if len(text) > MOST_BYTES:
        _stop(Pos(file), f"the value has {len(text)} characters; at most {MOST_BYTES} are read")
    _reject_control(text, file)
    return _build(text, file, Budget())


def _stop(pos: Pos, message: str, path: str = WHOLE) -> NoReturn:
    raise ScenarioError([Problem(pos.file, pos.line, pos.col, path, message)])


def _decode(data: bytes, file: str) -> str:
    if data[:3] == b"\xef\xbb\xbf":
        _stop(Pos(file), "the file begins with a byte order mark; save it as UTF-8 without one")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        _stop(Pos(file), "the file is UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        before = data[: e.start].decode("utf-8")
        pos = _pos_of(before, len(before), file)
        _stop(pos, f"found byte 0x{data[e.start]:02x}, which is not UTF-8; save the file as UTF-8")
    _reject_control(text, file)
    return text


def _reject_control(text: str, file: str) -> None:
    if bad := _CONTROL.search(text):
        _stop(_pos_of(text, bad.start(), file), f"found the control character U+{ord(bad[0]):04X}; only printable text is allowed")


def _pos_of(text: str, index: int, file: str) -> Pos:
    return Pos(file, text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)


class _Open:
    """A mapping or list whose end has not come yet."""

    __slots__ = ("is_map", "items", "key", "pos", "values", "word")

    def __init__(self, pos: Pos, key: Pos | None, is_map: bool) -> None:
        self.pos, self.key, self.is_map = pos, key, is_map
        self.items: dict[str, Node] = {}
        self.values: list[Node] = []
        self.word: tuple[str, Pos] | None = None  # the key that waits for its value


class _Builder:
    """Puts events together; knows at every moment the path of what comes next."""

    def __init__(self, file: str, budget: Budget) -> None:
        self.file = file
        self.budget = budget
        self.stack: list[_Open] = []
        self.root: Node | None = None

    def path(self) -> str:
        path = ""
        for o in self.stack:
            if not o.is_map:
                path = join(path, len(o.values))
            elif o.word:
                path = join(path, o.word[0][:64])
        return path or WHOLE

    def stop(self, pos: Pos, message: str) -> NoReturn:
        _stop(pos, message, self.path())

    def event(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            pos = self._node(event)
            self._take(pos, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            pos = self._node(event)
            above = self.stack[-1] if self.stack else None
            if len(self.stack) >= MOST_DEPTH:
                self.stop(pos, f"nested deeper than {MOST_DEPTH} levels")
            if above and above.is_map and above.word is None:
                self.stop(pos, "a key must be text")
            key = above.word[1] if above and above.word else None
            self.stack.append(_Open(pos, key, isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            o = self.stack.pop()
            self._put(Map(o.pos, o.items, o.key) if o.is_map else Seq(o.pos, tuple(o.values), o.key))
        elif isinstance(event, yaml.AliasEvent):
            self.stop(_at(event, self.file), "aliases (*name) are not allowed; write the value out")
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.root is not None:
                self.stop(_at(event, self.file), "a second document begins here; a file holds one")
            if event.version or event.tags:
                self.stop(_at(event, self.file), "directives (%) are not allowed")

    def _node(self, event: "yaml.ScalarEvent | yaml.CollectionStartEvent") -> Pos:
        self.budget.nodes -= 1
        pos = _at(event, self.file)
        if self.budget.nodes < 0:
            self.stop(pos, f"more than {MOST_NODES} values; the scenario is too large")
        if event.anchor is not None:
            self.stop(pos, "anchors (&name) are not allowed; write the value out where it is needed")
        if event.tag is not None:
            self.stop(pos, f"tags ({short(str(event.tag))}) are not allowed")
        return pos

    def _take(self, pos: Pos, event: yaml.ScalarEvent) -> None:
        above = self.stack[-1] if self.stack else None
        text: str = event.value
        try:
            value = text if event.style else scalar(text)
        except ValueError as e:
            self.stop(pos, str(e))
        if above and above.is_map and above.word is None:
            if not isinstance(value, str):
                self.stop(pos, f"the key {text[:40]} is not text; write {json.dumps(text[:40])} in quotes")
            if value == "<<" and not event.style:
                self.stop(pos, "merge keys (<<) are not allowed; use extends, or write the values out")
            if value in above.items:
                first = above.items[value].key
                self.stop(pos, f"the key {short(value)} stands here twice; first in line {first.line if first else '?'}")
            above.word = (value, pos)
        else:
            exact = str(value) if text[:2] in ("0o", "0x") and isinstance(value, int) else text
            self._put(Leaf(pos, value, exact, above.word[1] if above and above.word else None))

    def _put(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        above = self.stack[-1]
        if above.word:
            above.items[above.word[0]] = node
            above.word = None
        else:
            above.values.append(node)


def _at(event: yaml.Event, file: str) -> Pos:
    mark = event.start_mark
    assert mark is not None
    return Pos(file, mark.line + 1, mark.column + 1)


def _build(text: str, file: str, budget: Budget) -> Node:
    builder = _Builder(file, budget)
    for event in _events(text, file, builder):
        builder.event(event)
    return builder.root if builder.root is not None else Leaf(Pos(file), None)


def _events(text: str, file: str, builder: _Builder) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        pos = Pos(file, mark.line + 1, mark.column + 1) if mark else Pos(file)
        lines = text.split("\n")
        if pos.line > len(lines):  # the end, on a line that is not there
            pos = Pos(file, len(lines), len(lines[-1]) + 1)
        tab = len(lines) >= pos.line and lines[pos.line - 1][pos.col - 1 : pos.col] == "\t"
        _stop(pos, f"not valid YAML here: {'a tab; indent with spaces' if tab else _plainly(e)}", builder.path())
    except yaml.YAMLError as e:
        _stop(Pos(file), f"not valid YAML: {str(e).splitlines()[0]}")
    except (RecursionError, ValueError, OverflowError) as e:  # never seen; a hostile file must not find the way through
        _stop(Pos(file), f"not valid YAML: {type(e).__name__}")


def _plainly(e: yaml.MarkedYAMLError) -> str:
    problem = " ".join((e.problem or e.context or "it cannot be read").split())
    if "mapping values are not allowed" in problem:
        return "a second ': ' on the line; put the text in quotes, or start a new line"
    if "undefined alias" in problem:
        return "aliases (*name) are not allowed; write the value out"
    if "could not find expected ':'" in problem:
        return "a key without its ':'"
    if "',' or" in problem:
        return "a comma or the closing bracket is missing"
    if "block end" in problem or problem in ("did not find expected key", "did not find expected '-' indicator"):
        return "the indentation does not fit the lines above"
    if "end of stream" in problem:
        return "the closing quote is missing"
    return problem


def scalar(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar is in the core schema of YAML 1.2.  Raises ValueError for what no scenario may hold.

    >>> [scalar(t) for t in ("no", "12:30", "1e3", "0x10", "007", "~", "True")]
    ['no', '12:30', 1000.0, 16, 7, None, True]
    """
    if not text or text[0] not in "+-.0123456789~ntfNTF":
        return text or None
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if _NOT_FINITE.match(text):
        raise ValueError(f"found {text}; infinity and not-a-number are not allowed")
    whole = _INT.match(text)
    if not whole and not _FLOAT.match(text):
        return text
    if len(text) > MOST_DIGITS:
        raise ValueError(f"found a number of {len(text)} characters; at most {MOST_DIGITS} are read")
    if text[:2] in ("0o", "0x"):
        return int(text[2:], 8 if text[1] == "o" else 16)
    value = int(text) if whole else float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"found {text}; infinity and not-a-number are not allowed")
    return value
