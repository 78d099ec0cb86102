"""Kinds that hold other kinds: blocks with fixed keys, mappings with free names, lists.

    @dataclass(frozen=True)                        Block(Clock).read(node) -> Clock(...)
    class Clock:                                   one `said(...)` a field: kind (unit, bound), description,
        horizon: float = said(Duration(), ...)     and for a default why it is that value

Reading goes on after a problem: a field that fails makes its object missing, its neighbours are still read and checked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Generic, TypeVar

from .kinds import Json, Kind, Plain, Reading
from .later import later
from .problem import Refused, listing, near, nearest, short
from .tree import Map, Node, Seq, join

T = TypeVar("T")

NEUTRAL = "neutral"  # provenance of a default that switches an effect off
RULE = "rule"  # provenance of a default that is a rule of the model (a named choice, not a measured size)


def said(kind: Kind[Any], text: str, *, default: Any = MISSING, because: str = NEUTRAL, key: str = "", or_none: bool = False) -> Any:
    """A field of a block: its kind, what it means, and its default (none: required) with the reason for that value.

    `key`: the YAML key where it is not the attribute's name.  `or_none`: None means absent and is not written back.
    """
    meta = {"kind": kind, "text": text, "because": because, "key": key}
    if or_none:
        return field(default=None, metadata=meta)
    if callable(default):
        return field(default_factory=default, metadata=meta)
    return field(default=default, metadata=meta) if default is not MISSING else field(metadata=meta)


def key_of(f: "Field[Any]") -> str:
    """The YAML key of a field."""
    return str(f.metadata["key"] or f.name)


def said_fields(cls: type[Any]) -> list["Field[Any]"]:
    """The fields of a block that a file may name."""
    return [f for f in fields(cls) if "kind" in f.metadata]


def default_of(f: "Field[Any]") -> Any:
    """The default of a field, or MISSING."""
    return f.default_factory() if f.default_factory is not MISSING else f.default


Rule = Callable[[Map, dict[str, Any], str, Reading], None]


@dataclass(frozen=True)
class Block(Kind[T]):
    """A mapping with fixed keys, read into the dataclass `cls`.

    `rule(node, values, path, cx)` checks or completes the values of one block before the object is made; `hide(value)` names
    the fields that mean nothing for it and are not written back.
    """

    cls: type[T]
    rule: Rule | None = None
    exclusive: tuple[frozenset[str], ...] = ()
    merges: bool = True
    hide: Callable[[T], tuple[str, ...]] | None = None
    also: tuple[str, ...] = ()  # keys that are taken out before reading, to be named among the known ones

    def child(self, key: str) -> Kind[Any] | None:
        return next((f.metadata["kind"] for f in said_fields(self.cls) if key_of(f) == key), None)

    def read(self, node: Node, path: str, cx: Reading) -> T:
        before = len(cx.problems)
        values = self.read_values(node, path, cx)
        required = [f.name for f in said_fields(self.cls) if default_of(f) is MISSING]
        if len(cx.problems) > before or any(name not in values for name in required):
            raise Refused
        return self.cls(**values)

    def read_values(self, node: Node, path: str, cx: Reading) -> dict[str, Any]:
        """The values of the fields by attribute name, without those that were refused."""
        known = [key_of(f) for f in said_fields(self.cls)]
        if not isinstance(node, Map):
            self.refuse(node, path, cx, f"a block is needed, with keys such as: {listing(known, 6)}")
        meant: set[str | None] = set()  # a misspelt key is not missing as well
        for key, value in node.items.items():
            if key not in known:
                meant.add(near(key, known))
                soon = later(join(path, key))
                message = f"{short(key)} is not in this version yet ({soon})" if soon else unknown(key, [*known, *self.also])
                cx.problem(value.key or value.pos, join(path, key), message)
        values: dict[str, Any] = {}
        for f in said_fields(self.cls):
            key, kind = key_of(f), f.metadata["kind"]
            below = node.items.get(key)
            if below is not None:
                try:
                    values[f.name] = kind.read(below, join(path, key), cx)
                except Refused:
                    continue
            elif default_of(f) is MISSING and (cx.incomplete or key in meant):
                continue
            elif default_of(f) is MISSING:
                cx.problem(node.key or node.pos, join(path, key), f"is required and missing: {f.metadata['text']}")
            else:
                values[f.name] = default_of(f)
        if self.rule:
            self.rule(node, values, path, cx)
        return values

    def plain(self, value: T, currency: str = "USD") -> Plain:
        out: dict[str, Plain] = {}
        hidden = self.hide(value) if self.hide else ()
        for f in said_fields(self.cls):
            v = getattr(value, f.name)
            if v is not None and f.name not in hidden and not (v in ((), {}) and v == default_of(f)):
                out[key_of(f)] = f.metadata["kind"].plain(v, currency)
        return out

    def schema(self, partial: bool = False) -> Json:
        properties: Json = {}
        for f in said_fields(self.cls):
            kind: Kind[Any] = f.metadata["kind"]
            entry = kind.schema(partial)
            if partial:
                entry = {"anyOf": [entry, {"type": "null"}]}
            entry["description"] = f.metadata["text"]
            if kind.unit:
                entry["x-unit"] = kind.unit
            if kind.bound:
                entry["x-bound"] = kind.bound
            d = default_of(f)
            if d is not MISSING:
                if d is not None:
                    entry["default"] = kind.plain(d)
                entry["x-provenance"] = f.metadata["because"]
            properties[key_of(f)] = entry
        required = [key_of(f) for f in said_fields(self.cls) if default_of(f) is MISSING]
        out: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        return out if partial or not required else {**out, "required": required}


def unknown(key: str, known: list[str]) -> str:
    """The message for a key that does not exist."""
    return f"{short(key)} is not a known key{nearest(key, known)}; allowed are: {listing(sorted(known), 24)}"


MOST_NAMES = 200
NAME = r"[^\W][\w-]{0,63}"
NAME_WORDS = "a name has 1 to 64 letters, digits, '_' or '-' and does not begin with '-'"


@dataclass(frozen=True)
class Names(Kind[dict[str, T]], Generic[T]):
    """A mapping from names to values of one kind, in sorted order.  `of`: what is named.  `least`: fewest entries."""

    kind: Kind[T]
    of: str
    merges: bool = False
    least: int = 0
    most: int = MOST_NAMES
    only: tuple[str, ...] = ()  # if given, the only names there are
    reserved: tuple[str, ...] = ()

    @property
    def unit(self) -> str:  # type: ignore[override]
        return self.kind.unit

    @property
    def bound(self) -> str:  # type: ignore[override]
        return f"by {self.of}" + (f"; each {self.kind.bound}" if self.kind.bound else "")

    def child(self, key: str) -> Kind[Any] | None:
        return self.kind

    def read(self, node: Node, path: str, cx: Reading) -> dict[str, T]:
        if not isinstance(node, Map):
            self.refuse(node, path, cx, f"a mapping by {self.of} is needed")
        if len(node.items) < self.least:
            cx.refuse(node.key or node.pos, path, f"is empty; at least one {self.of} is needed")
        if len(node.items) > self.most:
            cx.refuse(node.key or node.pos, path, f"has {len(node.items)} entries; at most {self.most} are allowed")
        out: dict[str, T] = {}
        for key in sorted(node.items):
            value = node.items[key]
            here = join(path, key)
            if soon := later(here):
                cx.problem(value.key or value.pos, here, f"{short(key)} is not in this version yet ({soon})")
            elif self.only and key not in self.only:
                cx.problem(
                    value.key or value.pos, here, f"{short(key)} is no {self.of}{nearest(key, self.only)}; there are: {listing(self.only)}"
                )
            elif not re.fullmatch(NAME, key):
                cx.problem(value.key or value.pos, here, f"{short(key)} is no name; {NAME_WORDS}")
            elif key in self.reserved:
                cx.problem(value.key or value.pos, here, f"{key!r} is reserved; give the {self.of} another name")
            else:
                try:
                    out[key] = self.kind.read(value, here, cx)
                except Refused:
                    continue
        return out

    def plain(self, value: Mapping[str, T], currency: str = "USD") -> Plain:
        return {k: self.kind.plain(v, currency) for k, v in sorted(value.items())}

    def schema(self, partial: bool = False) -> Json:
        entry = self.kind.schema(partial)
        if partial and self.merges:
            entry = {"anyOf": [entry, {"type": "null"}]}
        names: Json = {"enum": list(self.only)} if self.only else {"pattern": f"^{NAME}$"}
        out: Json = {"type": "object", "additionalProperties": entry, "propertyNames": names}
        return {**out, "minProperties": self.least} if self.least and not partial else out


@dataclass(frozen=True)
class Listed(Kind[tuple[T, ...]], Generic[T]):
    """A list of values of one kind.  `sort`: the key by which it is put in order (order in the file changes nothing)."""

    kind: Kind[T]
    what: str
    sort: Callable[[T], Any] | None = None
    most: int = 100_000

    @property
    def bound(self) -> str:  # type: ignore[override]
        return f"a list; each {self.kind.bound}" if self.kind.bound else "a list"

    def child(self, key: str) -> Kind[Any] | None:
        return self.kind if key.isdecimal() else None

    def read(self, node: Node, path: str, cx: Reading) -> tuple[T, ...]:
        if not isinstance(node, Seq):
            self.refuse(node, path, cx, f"a list of {self.what} is needed")
        if len(node.items) > self.most:
            self.refuse(node, path, cx, f"at most {self.most} are allowed")
        out: list[T] = []
        for i, value in enumerate(node.items):
            try:
                out.append(self.kind.read(value, join(path, i), cx))
            except Refused:
                continue
        return tuple(sorted(out, key=self.sort)) if self.sort else tuple(out)

    def plain(self, value: tuple[T, ...], currency: str = "USD") -> Plain:
        return [self.kind.plain(v, currency) for v in value]

    def schema(self, partial: bool = False) -> Json:
        return {"type": "array", "items": self.kind.schema(), "maxItems": self.most}
