"""Kinds of words and times: one of a few words, true or false, a line of text, a moment, opening hours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from . import hours, times
from .kinds import Json, Kind, Plain, Reading
from .problem import Refused, listing, nearest
from .tree import Leaf, Node, Seq, found, join
from .units import Unreadable


@dataclass(frozen=True)
class Word(Kind[str]):
    """One of a few words.  `later`: words whose mechanism is not in this version, with what is to come."""

    words: tuple[str, ...]
    later: Mapping[str, str] = field(default_factory=dict)

    @property
    def bound(self) -> str:  # type: ignore[override]
        return listing(self.words)

    def read(self, node: Node, path: str, cx: Reading) -> str:
        value = node.value if isinstance(node, Leaf) else None
        if isinstance(value, str) and value in self.later:
            cx.refuse(node.pos, path, f"'{value}' is not in this version yet ({self.later[value]})")
        if not isinstance(value, str) or value not in self.words:
            hint = nearest(value, self.words) if isinstance(value, str) else ""
            self.refuse(node, path, cx, f"allowed are: {listing(self.words)}{hint}")
        return value

    def plain(self, value: str, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Flag(Kind[bool]):
    """true or false."""

    bound: str = "true, false"

    def read(self, node: Node, path: str, cx: Reading) -> bool:
        value = node.value if isinstance(node, Leaf) else None
        if not isinstance(value, bool):
            self.refuse(node, path, cx, "true or false is needed")
        return value

    def plain(self, value: bool, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Line(Kind[str]):
    """One line of text."""

    most: int = 200
    regex: str = ""
    need: str = "one line of text is needed"

    @property
    def bound(self) -> str:  # type: ignore[override]
        return self.need if self.regex else f"one line, at most {self.most} characters"

    def read(self, node: Node, path: str, cx: Reading) -> str:
        value = node.value if isinstance(node, Leaf) else None
        if not isinstance(value, str) or not value.strip() or len(value) > self.most or not value.isprintable():
            self.refuse(node, path, cx, f"{self.need} (at most {self.most} characters)" if not self.regex else self.need)
        if self.regex and not re.fullmatch(self.regex, value):
            self.refuse(node, path, cx, self.need)
        return value

    def plain(self, value: str, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string", "minLength": 1, "maxLength": self.most, **({"pattern": f"^{self.regex}$"} if self.regex else {})}


@dataclass(frozen=True)
class Moment(Kind[datetime]):
    """A civil date and time."""

    unit: str = "date and time"
    bound: str = "'YYYY-MM-DD hh:mm'"

    def read(self, node: Node, path: str, cx: Reading) -> datetime:
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            self.refuse(node, path, cx, "a moment is needed, such as '2026-11-30 20:00'")
        try:
            return times.moment(node.value)
        except Unreadable as e:
            cx.refuse(node.pos, path, f"found {found(node)}, which {e}; a moment is needed, such as '2026-11-30 20:00'")

    def plain(self, value: datetime, currency: str = "USD") -> Plain:
        return times.moment_text(value)

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?$"}


@dataclass(frozen=True)
class Day(Kind[datetime]):
    """A civil day, as its midnight."""

    unit: str = "date"
    bound: str = "'YYYY-MM-DD'"

    def read(self, node: Node, path: str, cx: Reading) -> datetime:
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            self.refuse(node, path, cx, "a day is needed, such as '2026-12-25'")
        try:
            return times.moment(f"{node.value} 00:00")
        except Unreadable:
            cx.refuse(node.pos, path, f"found {found(node)}; a day of the calendar is needed, such as '2026-12-25'")

    def plain(self, value: datetime, currency: str = "USD") -> Plain:
        return value.date().isoformat()

    def schema(self, partial: bool = False) -> Json:
        return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


@dataclass(frozen=True)
class Hours(Kind[hours.Spans | None]):
    """Opening hours of a week; None when they cover all of it."""

    unit: str = "s of the week, from Monday 00:00"
    bound: str = "such as 'Mon-Fri 08:00-20:00, Sat 09:00-14:00', or a list of such"

    def read(self, node: Node, path: str, cx: Reading) -> hours.Spans | None:
        lines: Sequence[Node] = node.items if isinstance(node, Seq) else (node,)
        if not 0 < len(lines) <= 100:
            self.refuse(node, path, cx, f"1 to 100 opening hours are needed, such as {hours.EXAMPLE}")
        texts: list[str] = []
        for i, line in enumerate(lines):
            here = join(path, i) if isinstance(node, Seq) else path
            if not isinstance(line, Leaf) or not isinstance(line.value, str):
                self.refuse(line, here, cx, f"opening hours are needed, such as {hours.EXAMPLE}")
            try:
                hours.parse([line.value])
            except Unreadable as e:
                cx.problem(line.pos, here, f"found {found(line)}, which {e}; write opening hours such as {hours.EXAMPLE}")
            else:
                texts.append(line.value)
        if len(texts) < len(lines):
            raise Refused
        return hours.parse(texts)

    def plain(self, value: hours.Spans | None, currency: str = "USD") -> Plain:
        return ["Mon-Sun 00:00-24:00"] if value is None else hours.text(value)

    def schema(self, partial: bool = False) -> Json:
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
