"""Laws of random times: `{law: lognormal, mean: 330 s, cv: 0.8}` -> Law.

    constant {value}    exponential {mean}    lognormal, gamma, weibull {mean, cv}    uniform {low, high}
    triangular {low, mode, high}    empirical {file}    mixture [{share, ...law}]    never    own {rule, mean, a, b, c}
    {"08:00": law, "10:00": law}    by clock: the law of the moment at which a contact arrives (handling, wrap, patience of agents)
    survival {file, tail}: a Kaplan-Meier table, what becomes of those who were still there at its end said by `tail`

Every law has its mean filled in, because a draw is the mean times a variate of mean 1.  A law with cv 0 is a constant and
is read as one.  Nothing here draws: `omnisim.laws` does.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from . import csvs
from .daymaps import CLOCK_KEYS, read_points
from .kinds import Duration, Json, Kind, Number, Plain, Reading, Share
from .ownrules import OwnRule
from .problem import Refused, listing, nearest, short
from .times import clock_text
from .tree import Leaf, Map, Node, Seq, found, join
from .units import DAY

CV = Number(high=20.0)
TIME = Duration()
ANY = Number(low=-1e12, high=1e12)
_PARAMETERS: dict[str, dict[str, Kind[Any]]] = {
    "constant": {"value": TIME},
    "exponential": {"mean": TIME},
    "lognormal": {"mean": TIME, "cv": CV},
    "gamma": {"mean": TIME, "cv": CV},
    "weibull": {"mean": TIME, "cv": CV},
    "uniform": {"low": TIME, "high": TIME},
    "triangular": {"low": TIME, "mode": TIME, "high": TIME},
    "empirical": {},
    "survival": {},
    "mixture": {},
    "never": {},
    "own": {"mean": TIME, "a": ANY, "b": ANY, "c": ANY},
}
_OPTIONAL = {"own": ("a", "b", "c")}
LAWS = tuple(_PARAMETERS)
DURATION_RULE = OwnRule("duration")
EXAMPLE = "{law: exponential, mean: 5 min}"


@dataclass(frozen=True)
class Law:
    """A distribution of a time.

    `law`: its name.  `mean`, `low`, `mode`, `high`: seconds (`mean` is always filled; infinite where `never` takes part).
    `cv`: standard deviation / mean, where the law has one.  `values`: seconds, ascending (empirical, survival).
    `shares`: share still there after each of `values`, `tail`: what then becomes of the last (survival).
    `parts`: (share, law) pairs whose shares sum to 1 (mixture).  `rule`, `a`, `b`, `c`: a person's own rule and what it is given.
    """

    law: str
    mean: float
    cv: float | None = None
    low: float | None = None
    high: float | None = None
    mode: float | None = None
    values: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    tail: str | None = None
    parts: tuple[tuple[float, "Law"], ...] = ()
    pieces: tuple[tuple[float, "Law"], ...] = ()  # by_clock: (second of day, law) beginning at second 0; `mean` is over a day
    rule: str | None = None
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0

    @property
    def tail_mean(self) -> float:
        """Mean time in s that those who are left at the end of a survival table stay on."""
        left = self.shares[-1]
        if self.tail == "last" or left <= 0.0:
            return 0.0
        if self.tail == "never" or left >= 1.0:
            return math.inf
        return self.values[-1] / -math.log(left)


NEVER = Law("never", math.inf)
TAILS = ("exponential", "last", "never")


def survival(times: list[float], shares: list[float], tail: str) -> Law:
    """The law of a survival table: its mean is the area under the curve and what the tail adds.

    >>> survival([60.0, 120.0], [0.8, 0.5], "last").mean    # 60 + 60 x .8
    108.0
    >>> round(survival([60.0, 120.0], [0.8, 0.5], "exponential").mean, 1)    # + .5 x 120 / ln 2
    194.6
    """
    law = Law("survival", 0.0, values=tuple(times), shares=tuple(shares), tail=tail)
    edges = [0.0, *times]
    area = math.fsum((b - a) * s for a, b, s in zip(edges, times, [1.0, *shares], strict=False))
    return replace(law, mean=area + (shares[-1] * law.tail_mean if law.tail_mean > 0.0 else 0.0))


@dataclass(frozen=True)
class LawKind(Kind[Law]):
    """Reads a law.  `never`: whether it may be never (patience)."""

    never: bool = False
    nested: bool = False
    clock: bool = False  # whether it may be given by clock
    unit: str = "s"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n for n in LAWS if (n != "never" or self.never) and (n != "mixture" or not self.nested))

    @property
    def bound(self) -> str:  # type: ignore[override]
        return f"a law: {', '.join(self.names)}" + ("; or a law by clock" if self.clock else "")

    def child(self, key: str) -> Kind[Any] | None:
        if key == "cv":
            return CV
        return TIME if key in ("value", "mean", "low", "mode", "high") else None

    def read(self, node: Node, path: str, cx: Reading) -> Law:
        if isinstance(node, Seq):
            return self._mixture(node, path, cx)
        if isinstance(node, Leaf) and node.value == "never" and self.never:
            return NEVER
        if self.clock and isinstance(node, Map) and any(key[:1].isdigit() for key in node.items):
            return by_clock(read_points(node, path, cx, LawKind(never=self.never).read))
        if not isinstance(node, Map):
            never = ", or never" if self.never else ""
            hint = (
                f"; for a fixed time write {{law: constant, value: {node.value}}}"
                if isinstance(node, Leaf) and isinstance(node.value, str)
                else ""
            )
            self.refuse(node, path, cx, f"a law is needed, such as {EXAMPLE}{never}{hint}")
        if "mixture" in node.items and "law" not in node.items:
            return self._mixture(node.items["mixture"], join(path, "mixture"), cx)
        name = self._name(node, path, cx)
        if name == "empirical":
            return self._empirical(node, path, cx)
        if name == "survival":
            return self._survival(node, path, cx)
        if name == "mixture":
            key = "mixture" if "mixture" in node.items else "parts"
            self._known(node, path, cx, (key,))
            return self._mixture(node.items[key], join(path, key), cx)
        p = self._parameters(node, path, cx, name)
        if name == "never":
            return NEVER
        if name == "uniform":
            self._ascending(node, path, cx, p, "low", "high")
            return Law(name, (p["low"] + p["high"]) / 2, low=p["low"], high=p["high"])
        if name == "triangular":
            self._ascending(node, path, cx, p, "low", "mode")
            self._ascending(node, path, cx, p, "mode", "high")
            return Law(name, math.fsum(p.values()) / 3, low=p["low"], mode=p["mode"], high=p["high"])
        if name == "own":
            said = DURATION_RULE.read(node.items["rule"], join(path, "rule"), cx)
            return Law(name, p["mean"], rule=said, a=p.get("a", 0.0), b=p.get("b", 0.0), c=p.get("c", 0.0))
        mean = p["value"] if name == "constant" else p["mean"]
        return Law("constant", mean) if p.get("cv") == 0 or name == "constant" else Law(name, mean, cv=p.get("cv"))

    def _name(self, node: Map, path: str, cx: Reading) -> str:
        said = node.items.get("law")
        if said is None:
            cx.refuse(node.key or node.pos, path, f"the law's name is missing; write, for instance, {EXAMPLE}")
        name = said.value if isinstance(said, Leaf) else None
        if not isinstance(name, str) or name not in self.names:
            if name == "never":
                need = "only patience may be never"
            elif name == "mixture":
                need = "a mixture cannot hold another mixture"
            else:
                need = f"laws are: {listing(self.names)}{nearest(name, self.names) if isinstance(name, str) else ''}"
            cx.refuse(said.pos, join(path, "law"), f"found {found(said)}; {need}")
        return name

    def _known(self, node: Map, path: str, cx: Reading, need: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        """Exactly the parameters of the law are named."""
        bad = False
        name = found(node.items["law"]).strip("'")
        for key, value in node.items.items():
            if key not in ("law", *need, *optional):
                takes = f"takes {listing(need)}" if need else "takes nothing"
                cx.problem(
                    value.key or value.pos,
                    join(path, key),
                    f"{short(key)} does not belong to the law {name}, which {takes}{nearest(key, need)}",
                )
                bad = True
        for key in need:
            if key not in node.items:
                cx.problem(node.key or node.pos, join(path, key), f"is required and missing: the law {name} takes {listing(need)}")
                bad = True
        if bad:
            raise Refused

    def _parameters(self, node: Map, path: str, cx: Reading, name: str) -> dict[str, float]:
        kinds = _PARAMETERS[name]
        out: dict[str, float] = {}
        for key, kind in kinds.items():
            if key in node.items:
                try:
                    out[key] = kind.read(node.items[key], join(path, key), cx)
                except Refused:
                    continue
        optional = _OPTIONAL.get(name, ())
        need = [key for key in kinds if key not in optional] + (["rule"] if name == "own" else [])
        self._known(node, path, cx, tuple(need), (*optional, "share") if self.nested else optional)
        if any(key not in out for key in kinds if key in need or key in node.items):
            raise Refused
        return out

    def _ascending(self, node: Map, path: str, cx: Reading, p: dict[str, float], a: str, b: str) -> None:
        if p[a] > p[b]:
            at = node.items[b]
            cx.refuse(at.pos, join(path, b), f"found {found(at)}; it must be at least {a}, {found(node.items[a])}")

    def _empirical(self, node: Map, path: str, cx: Reading) -> Law:
        key = "values" if "values" in node.items else "file"
        self._known(node, path, cx, (key,), ("share",) if self.nested else ())
        said, here = node.items[key], join(path, key)
        if key == "values":
            if not isinstance(said, Seq) or not said.items:
                self.refuse(said, here, cx, "a list of durations is needed")
            values = [TIME.read(v, join(here, i), cx) for i, v in enumerate(said.items)]
        else:
            values = csvs.durations(said, here, cx)
        return Law("empirical", math.fsum(values) / len(values), values=tuple(sorted(values)))

    def _survival(self, node: Map, path: str, cx: Reading) -> Law:
        inline = "times" in node.items or "shares" in node.items
        need = ("times", "shares", "tail") if inline else ("file", "tail")
        self._known(node, path, cx, need, ("share",) if self.nested else ())
        said = node.items["tail"]
        tail = said.value if isinstance(said, Leaf) else None
        if not isinstance(tail, str) or tail not in (TAILS if self.never else TAILS[:2]):
            allowed = TAILS if self.never else TAILS[:2]
            hint = nearest(tail, allowed) if isinstance(tail, str) else ""
            cx.refuse(said.pos, join(path, "tail"), f"found {found(said)}; allowed are: {listing(allowed)}{hint}")
        if inline:
            times, shares = (self._list(node.items[key], join(path, key), cx, kind) for key, kind in (("times", TIME), ("shares", Share())))
            where, here = node.items["times"], join(path, "times")
        else:
            where, here = node.items["file"], join(path, "file")
            times, shares = csvs.curve(where, here, cx)
        if len(times) != len(shares) or any(b <= a for a, b in pairwise(times)):
            cx.refuse(where.pos, here, "times must rise from row to row, with a share for each")
        if any(b > a for a, b in zip([1.0, *shares], shares, strict=False)):
            cx.refuse(where.pos, here, "shares must never rise: each is who is still there after the time")
        return survival(times, shares, tail)

    def _list(self, node: Node, path: str, cx: Reading, kind: Kind[float]) -> list[float]:
        if not isinstance(node, Seq) or not node.items:
            self.refuse(node, path, cx, "a list is needed")
        return [kind.read(v, join(path, i), cx) for i, v in enumerate(node.items)]

    def _mixture(self, node: Node, path: str, cx: Reading) -> Law:
        if self.nested:
            self.refuse(node, path, cx, "a mixture cannot hold another mixture")
        if not isinstance(node, Seq) or not node.items:
            self.refuse(
                node, path, cx, "a list of laws with their shares is needed, such as [{share: 0.1, law: constant, value: 0 s}, ...]"
            )
        parts: list[tuple[float, Law]] = []
        inner = LawKind(never=self.never, nested=True)
        for i, item in enumerate(node.items):
            here = join(path, i)
            try:
                if not isinstance(item, Map) or "share" not in item.items:
                    cx.refuse(item.pos, here, f"found {found(item)} without a share; each part is {{share: ..., law: ...}}")
                share = Share().read(item.items["share"], join(here, "share"), cx)
                parts.append((share, inner.read(item, here, cx)))
            except Refused:
                continue
        if len(parts) < len(node.items):
            raise Refused
        total = math.fsum(s for s, _ in parts)
        if abs(total - 1) > 1e-9:
            cx.refuse(node.key or node.pos, path, f"the shares sum to {total:.10g}; they must sum to 1")
        mean = math.inf if any(s > 0 and law.law == "never" for s, law in parts) else math.fsum(s * law.mean for s, law in parts if s > 0)
        return Law("mixture", mean, parts=tuple(parts))

    def plain(self, value: Law, currency: str = "USD") -> Plain:
        def t(x: float | None) -> Plain:
            return TIME.plain(x or 0.0)

        if value.law == "never":
            return "never"
        if value.law == "by_clock":
            return {clock_text(second): self.plain(piece) for second, piece in value.pieces}
        if value.law == "constant":
            return {"law": "constant", "value": t(value.mean)}
        if value.law == "uniform":
            return {"law": "uniform", "low": t(value.low), "high": t(value.high)}
        if value.law == "triangular":
            return {"law": "triangular", "low": t(value.low), "mode": t(value.mode), "high": t(value.high)}
        if value.law == "empirical":
            return {"law": "empirical", "values": [t(v) for v in value.values]}
        if value.law == "survival":
            shares: list[Plain] = [Share().plain(x) for x in value.shares]
            return {"law": "survival", "times": [t(v) for v in value.values], "shares": shares, "tail": value.tail}
        if value.law == "mixture":
            parts: list[Plain] = []
            for share, law in value.parts:
                body = self.plain(law)
                parts.append({"share": Share().plain(share), **(body if isinstance(body, dict) else {"law": body})})
            return {"law": "mixture", "parts": parts}
        if value.law == "own":
            return {"law": "own", "rule": value.rule, "mean": t(value.mean), "a": value.a, "b": value.b, "c": value.c}
        out: dict[str, Plain] = {"law": value.law, "mean": t(value.mean)}
        return out if value.cv is None else {**out, "cv": CV.plain(value.cv)}

    def schema(self, partial: bool = False) -> Json:
        forms: list[Json] = []
        extra: Json = {"share": Share().schema()} if self.nested else {}
        for name in self.names:
            if name in ("mixture", "empirical", "survival"):
                continue
            kinds = _PARAMETERS[name]
            body = {"law": {"const": name}, **{k: v.schema() for k, v in kinds.items()}, **extra}
            if name == "own":
                body["rule"] = DURATION_RULE.schema()
            forms.append(_object(body, [key for key in body if key not in _OPTIONAL.get(name, ())]))
        for key, body in (("file", {"type": "string"}), ("values", {"type": "array", "items": TIME.schema(), "minItems": 1})):
            forms.append(_object({"law": {"const": "empirical"}, key: body, **extra}, ["law", key, *extra]))
        tail: Json = {"enum": list(TAILS if self.never else TAILS[:2])}
        lists: Json = {key: {"type": "array", "items": k.schema(), "minItems": 1} for key, k in (("times", TIME), ("shares", Share()))}
        for table in ({"file": {"type": "string"}}, lists):
            forms.append(_object({"law": {"const": "survival"}, **table, "tail": tail, **extra}, ["law", *table, "tail", *extra]))
        if not self.nested:
            inner = {"type": "array", "items": LawKind(self.never, nested=True).schema(), "minItems": 1}
            forms.append(_object({"law": {"const": "mixture"}, "parts": inner}, ["law", "parts"]))
            forms.append(inner)
        if self.never:
            forms.append({"const": "never"})
        if self.clock:
            one = LawKind(self.never).schema()
            forms.append({"type": "object", "additionalProperties": one, "propertyNames": CLOCK_KEYS, "minProperties": 1})
        return {"anyOf": forms}


def by_clock(pieces: tuple[tuple[float, Law], ...]) -> Law:
    """Another law by the time of day; one law where all pieces are the same.

    >>> by_clock(((0.0, Law("constant", 60.0)), (43200.0, Law("exponential", 120.0)))).mean
    90.0
    """
    if len(pieces) == 1:
        return pieces[0][1]
    ends = [second for second, _ in pieces[1:]] + [DAY]
    mean = math.fsum((end - begin) / DAY * law.mean for (begin, law), end in zip(pieces, ends, strict=True))
    return Law("by_clock", mean, pieces=pieces)


def _object(properties: Json, required: list[str]) -> Json:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
