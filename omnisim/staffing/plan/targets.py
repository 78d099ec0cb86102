"""What is promised, read from text.

    call_center.service_level >= 0.80                            over all contacts
    chat.abandon_rate <= 5 % in each interval                    whatever the time of day
    call_center.service_level >= 80 % in the worst interval      of a day, in the mean over days
    email.reply_p90_s <= 4 h on 90 % of days                     a risk: so many days keep the promise
    phone.service_level(abandons_count_as_met, 30 s) >= 80 %     by another formula than the scenario's own

A promise names a channel, a pool (occupancy) or, without a name, everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from omnisim.kpis import MEASURES, Measure
from omnisim.kpis.declaration import CHANNEL, CHANNEL_DAY, CHANNEL_INTERVAL, POOL, POOL_INTERVAL, TOTAL
from omnisim.scenario import Problem, ScenarioError
from omnisim.scenario.problem import listing, nearest, short
from omnisim.scenario.units import DURATIONS, Unreadable, amount, number, split
from omnisim.words import Formula

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

# people cannot be hired for these: more of them cost more, or change nothing
NOT_BY_PEOPLE = frozenset(
    (
        "staffed_hours", "labour_cost", "idle_hours", "hub_cost", "cost_to_serve", "cost_per_resolved", "outsourcing_cost", "training_cost",
        "shrinkage", "adherence", "break_hours", "concurrency_mean", "agent_minutes", "handle_time_s",
    )
)  # fmt: skip
AT_MOST = frozenset({"occupancy", "utilisation"})  # neither way is better, but a limit to it can be asked for
COMPARISON = re.compile(r"<=|>=|≤|≥|==|=|<|>")
LEFT = re.compile(r"(?:(?P<who>[^\s.()]+)\.)?(?P<kpi>\w+)\s*(?:\((?P<how>[^()]*)\))?\Z")
DAYS = re.compile(r"(?:on\s+)?(?P<share>\S+(?:\s*%)?)\s+of(?:\s+the)?\s+days\Z")


class Over(Enum):
    """Over what a promise is kept."""

    MEAN = "over all"
    EACH = "in each interval"
    WORST = "in the worst interval"
    DAYS = "on a share of days"


@dataclass(frozen=True)
class Target:
    """One promise.  `who`: channel or pool ("": everything); `level` in base units (shares 0 to 1, s); `share`: of days.

    `formula`, `within_s`: of a service level other than the scenario's own.
    """

    text: str
    kpi: str
    kind: str  # "channel", "pool" or "": what `who` names
    who: str
    at_least: bool
    level: float
    over: Over = Over.MEAN
    share: float = 1.0
    formula: str | None = None
    within_s: float | None = None

    @property
    def measure(self) -> Measure:
        """The KPI that is promised."""
        return MEASURES[self.kpi]

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        """Its scope over the whole run."""
        return ((self.kind, self.who),) if self.kind else ()

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.at_least else -1.0

    @property
    def scale(self) -> float:
        """What a shortfall is measured in: 1 for shares, the level itself for the rest, so that seconds and shares can stand together."""
        return 1.0 if self.measure.unit == "share" or self.level <= 0.0 else self.level

    @property
    def by_interval(self) -> bool:
        """Whether the KPI is also counted by interval."""
        wanted = {"channel": CHANNEL_INTERVAL, "pool": POOL_INTERVAL, "": ("interval",)}[self.kind]
        return wanted in self.measure.scopes


class TargetsWrong(ScenarioError):
    """Promises that cannot be read: every problem at once, each with its place in the text."""


class _Wrong(ValueError):
    """What is wrong, and at which character."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


def read_targets(texts: Sequence[str], scenario: Scenario, risk: str | None = None) -> tuple[Target, ...]:
    """The promises; none given: those that the scenario itself names.  `risk`, such as "90 % of days", is that of every promise
    that says nothing else.  Raises TargetsWrong with all problems.

    >>> import omnisim as om
    >>> day = om.load("scenarios/retail-day/multichannel.yaml")
    >>> t = read_targets(["email.reply_p90_s <= 4 h on 90 % of days"], day)[0]
    >>> t.kpi, t.who, t.at_least, t.level, t.over.name, t.share
    ('reply_p90_s', 'email', False, 14400.0, 'DAYS', 0.9)
    """
    problems: list[Problem] = []
    out: list[Target] = []
    given = list(texts) or own_promises(scenario)
    share = None
    if risk is not None:
        try:
            share = _days(risk, 0)
        except _Wrong as e:
            problems.append(Problem("--risk", 1, 1, "risk", str(e)))
    for i, text in enumerate(given, start=1):
        try:
            out.append(_with_risk(_read(text, scenario), share))
        except _Wrong as e:
            problems.append(Problem("--target" if len(given) == 1 else f"--target {i}", 1, e.at + 1, short(text, 60), str(e)))
    problems += _together(out)
    if not given:
        words = "the scenario names no service_level.target and no deadline; name what is promised, such as 'CHANNEL.service_level >= 80 %'"
        problems.append(Problem("--target", 1, 1, "target", words))
    if problems:
        raise TargetsWrong(problems)
    return tuple(out)


def own_promises(scenario: Scenario) -> list[str]:
    """What the channels of a scenario promise: their service-level targets, and 95 % of messages by their deadline."""
    out = []
    for name, channel in sorted(scenario.channels.items()):
        h = channel.help
        if h is not None and h.service_level is not None and h.service_level.target is not None:
            out.append(f"{name}.service_level >= {h.service_level.target:.10g}")
        if h is not None and h.mode == "inbox" and h.deadline is not None:
            out.append(f"{name}.replied_in_time_rate >= 95 %")
    return out


def _with_risk(target: Target, share: float | None) -> Target:
    if share is None or target.over is not Over.MEAN:
        return target
    from dataclasses import replace

    return replace(target, over=Over.DAYS, share=share)


def _together(targets: Iterable[Target]) -> list[Problem]:
    """One channel's service level is counted by one formula in one run."""
    seen: dict[str, Target] = {}
    out = []
    for t in targets:
        if t.kpi.startswith("service_level") and t.kind == "channel":
            first = seen.setdefault(t.who, t)
            if (first.formula, first.within_s) != (t.formula, t.within_s):
                words = f"counts the service level of {t.who} in another way than {first.text!r}; one plan has one formula a channel"
                out.append(Problem("--target", 1, 1, short(t.text, 60), words))
    return out


def _read(text: str, scenario: Scenario) -> Target:
    sign = COMPARISON.search(text)
    if sign is None:
        raise _Wrong("no comparison; write CHANNEL.KPI >= VALUE or CHANNEL.KPI <= VALUE")
    left = LEFT.match(text[: sign.start()].strip())
    if left is None:
        raise _Wrong(
            f"found {short(text[: sign.start()].strip())} before {sign[0]}; CHANNEL.KPI is needed, such as call_center.service_level"
        )
    kpi, who = left["kpi"], left["who"] or ""
    if kpi not in MEASURES:
        raise _Wrong(f"{short(kpi)} is no KPI{nearest(kpi, MEASURES)}; omnisim define lists them", text.find(kpi))
    measure = MEASURES[kpi]
    kind = _kind(measure, who, scenario, text)
    at_least = _direction(measure, sign[0], sign.start())
    value, over, share = _right(text[sign.end() :], sign.end())
    formula, within = _formula(kpi, kind, left["how"], text)
    target = Target(text, kpi, kind, who, at_least, _value(value, measure, scenario, sign.end()), over, share, formula, within)
    if measure.unit == "share" and not 0.0 <= target.level <= 1.0:
        raise _Wrong(f"found {value.strip()}; a share lies between 0 and 100 %", sign.end())
    return _countable(target, scenario)


def _kind(measure: Measure, who: str, scenario: Scenario, text: str) -> str:
    """What `who` names: a channel or a pool that has the measure."""
    pools = scenario.staffing.pools if scenario.staffing else {}
    if not who:
        if TOTAL not in measure.scopes:
            raise _Wrong(f"{measure.name} is not counted over everything; name a channel, such as CHANNEL.{measure.name}")
        return ""
    if who in scenario.channels and CHANNEL in measure.scopes:
        return "channel"
    if who in pools and POOL in measure.scopes:
        return "pool"
    if who in scenario.channels or who in pools:
        what = "channel" if who in scenario.channels else "pool"
        raise _Wrong(f"{measure.name} is not counted by {what}", text.find(who))
    names = [*scenario.channels, *pools]
    raise _Wrong(f"{short(who)} is no channel and no pool{nearest(who, names)}; there are: {listing(sorted(names))}", text.find(who))


def _direction(measure: Measure, sign: str, at: int) -> bool:
    if sign in ("=", "==", "<", ">"):
        raise _Wrong(f"found {sign}; a promise is >= or <=", at)
    if measure.name in NOT_BY_PEOPLE:
        raise _Wrong(f"{measure.name} does not improve with more people, so that no number of them can be promised to reach it")
    at_least = sign in (">=", "≥")
    better = "lower" if measure.name in AT_MOST else measure.better
    if better is None:
        raise _Wrong(f"of {measure.name} neither more nor less is better; promise something else")
    if at_least != (better == "higher"):
        raise _Wrong(f"found {sign}; of {measure.name} {better} is better: write {'>=' if better == 'higher' else '<='}", at)
    return at_least


def _right(text: str, at: int) -> tuple[str, Over, float]:
    """(value, over what, share of days) of what stands behind the comparison."""
    parts = re.split(r"\s+(?=in\b|on\b)", text.strip(), maxsplit=1)
    if len(parts) == 1:
        return parts[0], Over.MEAN, 1.0
    words = " ".join(parts[1].split())
    if words in ("in each interval", "in every interval"):
        return parts[0], Over.EACH, 1.0
    if words == "in the worst interval":
        return parts[0], Over.WORST, 1.0
    if words.startswith("on "):
        return parts[0], Over.DAYS, _days(words, at + text.find("on "))
    raise _Wrong(f"found {short(words)}; allowed are: in each interval, in the worst interval, on 90 % of days", at + text.find(parts[1]))


def _days(text: str, at: int) -> float:
    found = DAYS.match(text.strip())
    try:
        share = _share(found["share"]) if found else None
    except Unreadable:
        share = None
    if share is None or not 0.0 < share < 1.0:
        raise _Wrong(f"found {short(text)}; a share of days between 0 and 100 % is needed, such as 90 % of days", at)
    return share


def _share(text: str) -> float:
    value, unit = split(text)
    if unit not in ("", "%"):
        raise Unreadable(f"has the unit {unit!r}")
    return float(value / 100 if unit else value)


def _value(text: str, measure: Measure, scenario: Scenario, at: int) -> float:
    need = {"share": "a share, such as 0.8 or 80 %", "s": "a duration with a unit, such as 20 s or 4 h", "money": "an amount of money"}
    try:
        if measure.unit == "share":
            return _share(text)
        if measure.unit == "s":
            value, unit = split(text)
            if unit not in DURATIONS:
                raise Unreadable(f"has the unit {unit!r}" if unit else "has no unit")
            return float(value * DURATIONS[unit])
        if measure.unit == "money":
            return amount(text, scenario.currency)
        return float(number(text.strip()))
    except (Unreadable, ArithmeticError, ValueError) as e:
        words = str(e) if isinstance(e, Unreadable) else "is no number"
        raise _Wrong(f"found {short(text.strip())}, which {words}; {need.get(measure.unit, 'a number is needed')}", at) from None


def _formula(kpi: str, kind: str, how: str | None, text: str) -> tuple[str | None, float | None]:
    """(formula, target time) in brackets behind a service level."""
    if how is None:
        return None, None
    at = text.find("(")
    if kpi not in ("service_level", "service_level_worst_interval") or kind != "channel":
        raise _Wrong("only the service level of a channel has a formula in brackets", at)
    names = [f.name.lower() for f in Formula]
    formula, within = None, None
    for part in (p.strip() for p in how.split(",")):
        if part in names:
            formula = part
            continue
        try:
            value, unit = split(part)
            within = float(value * DURATIONS[unit])
        except (Unreadable, KeyError):
            words = f"found {short(part)}; a formula ({listing(names)}) or a time, such as 20 s, is needed"
            raise _Wrong(f"{words}{nearest(part, names)}", at) from None
    return formula, within


def _countable(target: Target, scenario: Scenario) -> Target:
    """The target, if the scenario counts what it speaks of."""
    channel = scenario.channels.get(target.who) if target.kind == "channel" else None
    if channel is not None and channel.help is None:
        raise _Wrong(f"nobody helps on {target.who}: it is self-service")
    rated = target.kpi.startswith("service_level") and channel is not None and channel.help is not None
    if rated and channel is not None and channel.help is not None and channel.help.service_level is None and target.within_s is None:
        raise _Wrong(f"{target.who} names no service level; say within what time, such as {target.who}.service_level(20 s) >= 80 %")
    if target.measure.channels in ("inbox", "due") and channel is not None and channel.help is not None and channel.help.mode != "inbox":
        raise _Wrong(f"{target.kpi} is counted for inboxes; {target.who} is live")
    if target.over is Over.EACH and not target.by_interval:
        raise _Wrong(f"{target.kpi} is not counted by interval")
    if target.over is Over.WORST and not target.by_interval:
        raise _Wrong(f"{target.kpi} is not counted by interval")
    days = CHANNEL_DAY if target.kind == "channel" else ("day",)
    many = (scenario.clock.horizon - scenario.clock.warmup) > 86400.0
    if target.over is Over.DAYS and many and days not in target.measure.scopes:
        raise _Wrong(f"{target.kpi} is not counted by day, and the scenario has several: give it a horizon of one day, or promise the mean")
    return target


def formula_changes(targets: Iterable[Target]) -> dict[str, object]:
    """Changes of the scenario under which every promise is counted by the formula it names."""
    from omnisim.scenario.units import duration_text

    out: dict[str, object] = {}
    for t in targets:
        here = f"channels.{t.who}.help.service_level"
        if t.formula is not None:
            out[f"{here}.formula"] = t.formula
        if t.within_s is not None:
            out[f"{here}.within"] = duration_text(t.within_s)
    return out
