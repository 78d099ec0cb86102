"""Strict YAML 1.2: bytes -> tree, or the line and column of what is not allowed.

    bytes --size, UTF-8, control characters--> text --events--> Map / Seq / Leaf
                                                       |
                             depth and node count are bounded here, event by event

PyYAML gives the events only.  Its composer and constructor are never used: they recurse (100 000 brackets crash the C one),
expand merge keys (a bomb under 1 kB) and read YAML 1.1, where `12:30` is 750, `no` is false and `1e5` is text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NoReturn

import yaml

from .problem import WHOLE, Pos, Problem, ScenarioError, short
from .tree import Leaf, Map, Node, Seq, join

MOST_BYTES = 2_000_000
MOST_DEPTH = 24
MOST_NODES = 250_000
MOST_DIGITS = 40

_NULL = re.compile(r"(?:null|Null|NULL|~|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ufeff]")


def read_tree(data: bytes, file: str) -> Node:
    """The tree of one document.  Raises ScenarioError with the place of the first thing that is not allowed.

    >>> read_tree(b"a: [12:30, no, 1e5]", "f").items["a"].items[2].value
    100000.0
    """
    if len(data) > MOST_BYTES:
        _stop(Pos(file), f"the file has {len(data)} bytes; at most {MOST_BYTES} are read")
    return _build(_decode(data, file), file)


def read_value(text: str, file: str) -> Node:
    """The tree of a single value, as written on a command line after `path=`."""
    if len(text) > MOST_BYTES:
        _stop(Pos(file), f"the value has {len(text)} characters; at most {MOST_BYTES} are read")
    _reject_control(text, file)
    return _build(text, file)


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


@dataclass
class _Open:
    """A mapping or list whose end has not come yet."""

    pos: Pos
    path: str
    key: Pos | None
    is_map: bool
    items: dict[str, Node] = field(default_factory=dict)
    values: list[Node] = field(default_factory=list)
    word: Leaf | None = None  # the key that waits for its value

    def below(self) -> str:
        if self.is_map:
            return join(self.path, str(self.word.value)) if self.word else self.path
        return join(self.path, len(self.values))

    def take(self, node: Node) -> None:
        if not self.is_map:
            self.values.append(node)
        elif self.word is None:
            self._take_key(node)
        else:
            self.items[str(self.word.value)] = replace(node, key=self.word.pos)
            self.word = None

    def _take_key(self, node: Node) -> None:
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            text = f" {node.text[:40]}" if isinstance(node, Leaf) else ""
            hint = f'; write "{node.text[:40]}" in quotes' if isinstance(node, Leaf) and node.text else ""
            _stop(node.pos, f"the key{text} is not text{hint}", self.path)
        elif node.value == "<<":
            _stop(node.pos, "merge keys (<<) are not allowed; use extends, or write the values out", self.path)
        elif node.value in self.items:
            first = self.items[node.value].key
            _stop(node.pos, f"the key {short(node.value)} stands here twice; first in line {first.line if first else '?'}", self.path)
        else:
            self.word = node

    def close(self) -> Node:
        return Map(self.pos, self.items, self.key) if self.is_map else Seq(self.pos, tuple(self.values), self.key)


def _build(text: str, file: str) -> Node:
    stack: list[_Open] = []
    root: Node | None = None
    nodes = 0
    for event in _events(text, file, stack):
        mark = event.start_mark
        assert mark is not None
        pos = Pos(file, mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            _stop(pos, "a second document begins here; a file holds one")
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            _stop(pos, "directives (%) are not allowed")
        if not isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            continue
        path = stack[-1].below() if stack else WHOLE
        done: Node | None = None
        if isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop().close()
        else:
            nodes += 1
            if nodes > MOST_NODES:
                _stop(pos, f"more than {MOST_NODES} values; the file is too large", path)
            _reject_extras(event, pos, path)
            if isinstance(event, yaml.ScalarEvent):
                done = _scalar(event, pos, path)
            else:
                if len(stack) >= MOST_DEPTH:
                    _stop(pos, f"nested deeper than {MOST_DEPTH} levels", path[:200])
                key = stack[-1].word.pos if stack and stack[-1].word else None
                if stack and stack[-1].is_map and key is None:
                    _stop(pos, "a key must be text", path)
                stack.append(_Open(pos, "" if path == WHOLE else path, key, isinstance(event, yaml.MappingStartEvent)))
        if done is not None and stack:
            stack[-1].take(done)
        elif done is not None:
            root = done
    if root is None:
        return Leaf(Pos(file), None)
    return root


def _events(text: str, file: str, stack: list[_Open]) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        pos = Pos(file, mark.line + 1, mark.column + 1) if mark else Pos(file)
        path = (stack[-1].below() or WHOLE) if stack else WHOLE
        _stop(pos, f"not valid YAML here: {_plainly(e)}", path)
    except yaml.YAMLError as e:
        _stop(Pos(file), f"not valid YAML: {str(e).splitlines()[0]}")
    except (RecursionError, ValueError, OverflowError) as e:  # never seen; a hostile file must not find the way through
        _stop(Pos(file), f"not valid YAML: {type(e).__name__}")


def _plainly(e: yaml.MarkedYAMLError) -> str:
    problem = " ".join((e.problem or e.context or "it cannot be read").split())
    if "mapping values are not allowed" in problem:
        return "a second ': ' on the line; put the text in quotes, or start a new line"
    if "cannot start any token" in problem and "\\t" in problem.replace("\t", "\\t"):
        return "a tab; indent with spaces"
    if "undefined alias" in problem:
        return "aliases (*name) are not allowed; write the value out"
    if "could not find expected ':'" in problem:
        return "a key without its ':'"
    if "did not find expected" in problem or "expected" in problem:
        if "',' or" in problem:
            return "a comma or the closing bracket is missing"
        if "block end" in problem:
            return "the indentation does not fit the lines above"
    return problem


def _reject_extras(event: yaml.NodeEvent, pos: Pos, path: str) -> None:
    if isinstance(event, yaml.AliasEvent):
        _stop(pos, "aliases (*name) are not allowed; write the value out", path)
    if event.anchor is not None:
        _stop(pos, "anchors (&name) are not allowed; write the value out where it is needed", path)
    tag = getattr(event, "tag", None)
    if tag is not None:
        _stop(pos, f"tags ({short(str(tag))}) are not allowed", path)


def _scalar(event: yaml.ScalarEvent, pos: Pos, path: str) -> Leaf:
    text: str = event.value
    if event.style:  # quoted or block text
        return Leaf(pos, text, text)
    if _NULL.match(text):
        return Leaf(pos, None, text)
    if _BOOL.match(text):
        return Leaf(pos, text.lower() == "true", text)
    if _NOT_FINITE.match(text):
        _stop(pos, f"found {text}; infinity and not-a-number are not allowed", path)
    if _INT.match(text) or _FLOAT.match(text):
        if len(text) > MOST_DIGITS:
            _stop(pos, f"found a number of {len(text)} characters; at most {MOST_DIGITS} are read", path)
        value = _number(text)
        if value in (float("inf"), float("-inf")):
            _stop(pos, f"found {text}; infinity and not-a-number are not allowed", path)
        return Leaf(pos, value, str(value) if text[:2] in ("0o", "0x") else text)
    return Leaf(pos, text, text)


def _number(text: str) -> int | float:
    if text[:2] in ("0o", "0x"):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return int(text) if _INT.match(text) else float(text)
