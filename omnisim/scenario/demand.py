"""Who arrives, when, and where: streams of customers."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .blocks import Block, Listed, Names, said
from .daymaps import At, Batches, Profile, ProfileKind, RateMap
from .kinds import Number, Reading
from .laws import Law, LawKind
from .shares import Shares
from .textkinds import Moment, Word
from .tree import Map, found, join

ONE_OF = ("rate", "volume", "at")


@dataclass(frozen=True, kw_only=True)
class Surge:
    """Between two moments the rate is `factor` times the usual one."""

    from_: datetime = said(Moment(), "when the surge begins", key="from")
    to: datetime = said(Moment(), "when it ends; after `from`")
    factor: float = said(Number(high=1000.0), "multiple of the usual rate; below 1 some stay away")


def _surge_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    if "from_" in values and "to" in values and values["from_"] >= values["to"]:
        at = node.items["to"]
        cx.problem(at.pos, join(path, "to"), f"found {found(at)}; it must be after from, {found(node.items['from'])}")


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Customers who come for one goal.  Exactly one of `rate`, `volume`, `at`.

    `rate`: ((second of day, customers per s), ...) beginning at second 0.  `volume`: customers expected over the horizon before
    surges.  `at`: batches.  `enter`, `preceded`: shares by channel.
    """

    goal: str = said(Word(("markov", "issue", "shop")), "what they come for: a journey by switch matrix, an issue to settle, or to buy")
    rate: tuple[tuple[float, float], ...] | None = said(RateMap(), "customers per time, constant or by clock map", or_none=True)
    volume: float | None = said(Number(unit="customers"), "customers expected over the horizon, before surges", or_none=True)
    at: tuple[At, ...] | None = said(Batches(), "batches that arrive at one instant", or_none=True)
    profile: Profile | None = said(ProfileKind(), "shape over day, week and year; only the shape counts", or_none=True)
    growth: float = said(
        Number(low=-0.99, high=100.0, unit="1 a year"),
        "growth a year, month by month from the month of the start; 0.142: 14.2 %",
        default=0.0,
    )
    surge: tuple[Surge, ...] = said(
        Listed(Block(Surge, _surge_rule), "surges", lambda s: (s.from_, s.to, s.factor)), "times of unusual demand", default=()
    )
    enter: dict[str, float] = said(Shares(), "first channel of a customer")
    preceded: dict[str, float] = said(
        Shares(total="most_one", least=0), "share of issues that begin with a self-service touch there (goal issue)", default=dict
    )
    preceded_gap: Law | None = said(LawKind(), "time between that touch and the contact; absent: none", or_none=True)


def _stream_rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    here = node.key or node.pos
    named = [k for k in ONE_OF if k in node.items]
    if len(named) > 1 or not (named or cx.incomplete):
        was = "none is" if not named else f"{' and '.join(named)} are"
        cx.problem(here if not named else node.items[named[1]].key or here, path, f"exactly one of rate, volume, at is needed; {was} given")
    if "at" in node.items:
        for key in ("profile", "surge", "growth"):
            if key in node.items and values.get(key):
                cx.problem(node.items[key].key or here, join(path, key), f"batches (at) have no {key}; it belongs to a rate or a volume")
    profile, rate = values.get("profile"), values.get("rate")
    if profile and profile.hourly and rate and len(rate) > 1:
        cx.problem(
            node.items["profile"].key or here, join(path, "profile"), "rate is a clock map already; give it, or an hourly profile, not both"
        )
    if values.get("goal") in ("markov", "shop"):
        for key in ("preceded", "preceded_gap"):
            if key in node.items:
                cx.problem(node.items[key].key or here, join(path, key), "only streams of goal issue are preceded by a self-service touch")
    elif "preceded_gap" in node.items and not values.get("preceded", True):
        cx.problem(node.items["preceded_gap"].key or here, join(path, "preceded_gap"), "there is no preceded whose gap this could be")


DEMAND = Names(Block(Stream, _stream_rule, (frozenset(ONE_OF),)), "stream", merges=True, least=1)


@dataclass(frozen=True, kw_only=True)
class World:
    """What all streams have in common."""

    busyness_cv: float = said(
        Number(high=10.0), "spread of the day's common factor (gamma, mean 1): standard deviation / mean", default=0.0
    )


WORLD = Block(World)
