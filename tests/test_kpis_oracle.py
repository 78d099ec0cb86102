"""Every KPI a second time: plain Python over lists of rows, one sentence of the definition at a time.

Also the stand-in for tables and the makers of records that the other KPI tests use.
"""

import itertools
import math
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pytest

from omnisim.budget import Budget
from omnisim.engines import reference
from omnisim.kpis import columns
from omnisim.kpis.measuring import Accumulator, measure
from omnisim.loyaltybuild import Loyalty
from omnisim.records import JOURNEY, ORDER, STINT, TOUCH, Records
from omnisim.rules.loyalty import LOYALTY, TIE
from omnisim.rules.serving import CHANNEL
from omnisim.rules.team import TEAM
from omnisim.scenario import load
from omnisim.servicebuild import no_service
from omnisim.shoptables import Shop, no_shop
from omnisim.tables import Tables
from omnisim.words import Bot, Duty, End, Formula, Goal, Mode, Need, Outcome, Per

NAN = math.nan
HOUR = 3600.0


@dataclass
class World:
    """What the KPI code reads of `tables.Tables`."""

    horizon_s: float = 3600.0
    warmup_s: float = 0.0
    interval_s: float = 0.0
    start: datetime = datetime(2026, 11, 30)
    currency: str = "USD"
    channels: list[str] = field(default_factory=lambda: ["phone"])
    media: list[str] | None = None
    medium_of: np.ndarray | None = None
    mode: np.ndarray | None = None
    pools: list[str] = field(default_factory=lambda: ["desk"])
    segments: list[str] = field(default_factory=lambda: ["everybody"])
    within_s: np.ndarray | None = None
    short_s: np.ndarray | None = None
    formula: np.ndarray | None = None
    strict: np.ndarray | None = None
    deadline_s: np.ndarray | None = None
    sl_target: np.ndarray | None = None
    spans: tuple[tuple[str, float, float], ...] = ()  # periods: name, start and end in s of the week
    agents_max: np.ndarray | None = None
    concurrency: np.ndarray | None = None
    wage_per_h: np.ndarray | None = None
    has_wage: np.ndarray | None = None
    price: np.ndarray | None = None
    price_per: np.ndarray | None = None
    training_per_day: np.ndarray | None = None
    team: np.ndarray | None = None
    hub_per_day: float = 0.0
    has_context: bool = False
    free: bool = False
    goals: frozenset[Goal] = frozenset({Goal.ISSUE})
    shop: Shop | None = None  # None: no shop
    bot_costs: tuple[float, ...] = ()  # [channel] minor units a conversation; NaN: no bot
    has_nodes: bool = False
    has_coupons: bool = False
    waits: tuple[int, ...] = ()  # channels that announce, take messages and call back
    transfers: tuple[tuple[int, int], ...] = ()  # (channel, channel to which its agents hand some on)
    channel: np.ndarray | None = None  # [channel] with the field "browse"; from `mode`

    def __post_init__(self):
        c, p = len(self.channels), len(self.pools)
        self.shop = self.shop or no_shop(c)
        self.has_shop, self.has_money = bool(self.shop.rules[0]["on"]), bool(self.shop.rules[0]["has_money"])

        self.service, self.has_bonds = no_service(c), False
        self.loyalty = Loyalty(np.zeros(1, LOYALTY), np.zeros(1, TIE))
        for i, cost in enumerate(self.bot_costs):
            if not math.isnan(cost):
                self.service.bots[i]["on"], self.service.bots[i]["cost"] = 1, cost
        for i in self.waits:
            self.service.waiting[i] = (1, 1, 1)
        for one, other in self.transfers:
            self.service.transfer[one, other] = 0.3

        def given(name, default):
            value = getattr(self, name)
            setattr(self, name, np.asarray(default if value is None else value))

        self.media = self.media or list(self.channels)
        given("medium_of", np.arange(c))
        given("mode", np.zeros(c, np.int64))
        given("within_s", np.full(c, NAN))
        given("short_s", self.within_s)
        given("formula", np.zeros(c, np.int64))
        given("strict", np.zeros(c, np.int64))
        given("sl_target", np.full(c, NAN))
        given("deadline_s", np.full(c, math.inf))
        given("agents_max", np.full(p, 3))
        given("concurrency", np.ones((p, c), np.int64))
        given("wage_per_h", np.zeros(p))
        given("has_wage", np.zeros(p, bool))
        given("price", np.zeros(p))
        given("price_per", np.zeros(p, np.int64))
        given("training_per_day", np.zeros(p))
        given("team", np.zeros(p, TEAM))
        self.has_rosters = bool(self.team["rostered"].any())
        if self.channel is None:
            self.channel = np.zeros(c, CHANNEL)
            self.channel["browse"] = np.where(self.mode == Mode.BROWSE, 0, -1)
        self.periods = sorted({name for name, _, _ in self.spans})
        self.period_spans = np.array([(a, b, self.periods.index(name)) for name, a, b in self.spans], float).reshape(-1, 3)
        last = (self.start + timedelta(seconds=self.horizon_s, microseconds=-1)).date()
        self.day_names = [(self.start.date() + timedelta(days=d)).isoformat() for d in range((last - self.start.date()).days + 1)]
        self.slots = self.concurrency.max(axis=1)
        n = math.ceil(self.horizon_s / self.interval_s) if self.interval_s else 0
        self.interval_starts = [(self.start + timedelta(seconds=i * self.interval_s)).strftime("%Y-%m-%dT%H:%M") for i in range(n)]


def rows(dtype, *given, **common):
    """A record array: each of `given` is a dict of fields; fields not given are 0, indices of nobody -1, times NaN."""
    blank = {"pool": -1, "agent": -1, "started": NAN, "ended": NAN, "since": NAN, "completeness": NAN, "idle_since": NAN, "duty": Duty.ON}
    blank |= {"transfer": -1, "told": NAN, "parent": -1, "kept": -1, "promised": NAN, "asks_at": NAN, "returns_at": NAN, "next": math.inf}
    blank |= {"warned_at": NAN, "line_at": NAN}
    if dtype is STINT:
        blank = {"duty": Duty.ON}
    out = np.zeros(len(given), dtype)
    for row, fields in zip(out, given, strict=True):
        for name, value in {**blank, **common, **fields}.items():
            if name in dtype.names:
                row[name] = value
    return out


def records(touches=(), journeys=(), stints=(), end_s=3600.0, orders=()):
    return Records(1, rows(TOUCH, *touches), rows(JOURNEY, *journeys), rows(STINT, *stints), end_s, 0, rows(ORDER, *orders))


def handled(arrived, wait, talk, **more):
    return {
        "arrived": arrived,
        "started": arrived + wait,
        "ended": arrived + wait + talk,
        "outcome": Outcome.HANDLED,
        "pool": 0,
        "agent": 0,
        "delayed": int(wait > 0),
        "completeness": 1.0,
        "goal": Goal.ISSUE,
        **more,
    }


def gone(arrived, wait, outcome=Outcome.ABANDONED, **more):
    return {"arrived": arrived, "ended": arrived + wait, "outcome": outcome, "delayed": 1, "goal": Goal.ISSUE, **more}


def kpis(world, seen):
    """{(name, scope as a dict's sorted items): value} of the defined columns."""
    values = measure(world, seen).value
    return {(c.kpi, c.scope): v for c, v in zip(columns(world), values, strict=True) if not math.isnan(v)}


def total(world, seen, name, **scope):
    return kpis(world, seen).get((name, tuple(sorted(scope.items()))))


# --- worlds of chance -------------------------------------------------------------------------------------------------------


def chance_world(rng):
    """Five channels on four media, three pools, everything switched on."""
    horizon = float(rng.choice([3600.0, 5000.0, 86400.0, 100_000.0]))
    team = np.zeros(3, TEAM)
    team["rostered"] = rng.random(3) < 0.6
    return World(
        horizon_s=horizon,
        warmup_s=float(rng.choice([0.0, 0.1, 0.37])) * horizon,
        interval_s=float(rng.choice([0.0, 900.0, 1800.0, 3600.0])) if horizon < 80_000 else float(rng.choice([0.0, 7200.0])),
        start=datetime(2026, 11, 30, int(rng.integers(24)), 30),
        currency=str(rng.choice(["USD", "JPY", "KWD"])),
        channels=["billing", "chat", "email", "phone", "web"],
        media=["chat", "email", "phone", "web"],
        medium_of=[2, 0, 1, 2, 3],
        mode=[Mode.LIVE, Mode.LIVE, Mode.INBOX, Mode.LIVE, Mode.BROWSE],
        pools=["back", "desk", "zeal"],
        segments=["new", "old"],
        within_s=[20.0, 60.0, 3600.0, 20.0, NAN] if rng.random() < 0.7 else [NAN, 60.0, NAN, NAN, NAN],
        short_s=[20.0, 5.0, 5.0, 10.0, NAN],
        formula=rng.integers(0, 4, 5),
        strict=rng.integers(0, 2, 5),
        sl_target=[0.4, NAN, 0.5, 0.3, NAN],
        spans=(("early", 0.0, 6 * HOUR), ("early", 24 * HOUR, 30 * HOUR), ("late", 20 * HOUR, 26 * HOUR)),
        deadline_s=[math.inf, math.inf, 1800.0, math.inf, math.inf],
        agents_max=[2, 3, 1],
        concurrency=[[0, 3, 2, 0, 0], [1, 0, 0, 1, 0], [1, 1, 1, 1, 0]],
        wage_per_h=[19.33, 0.0, 24.5],
        has_wage=[True, False, True],
        price=[0.0, float(rng.choice([4.2, 0.333, 61.5])), 0.0],
        price_per=[Per.NOTHING, rng.choice([Per.CONTACT, Per.MINUTE, Per.HOUR]), Per.NOTHING],
        training_per_day=[float(rng.choice([0.0, 12.345])), 0.0, 0.0],
        team=team,
        hub_per_day=float(rng.choice([0.0, 900.0])),
        has_context=True,
        free=True,
        goals=frozenset(Goal),
        bot_costs=(NAN, float(rng.choice([0.0, 35.5])), NAN, NAN, NAN),
        transfers=((3, 0),),
        waits=(0, 3),
    )


def chance_records(rng, world, n=120):
    """Rows that keep the rules of the records and are otherwise arbitrary; three in ten on a grid of whole 30 s."""
    grid = rng.random() < 0.3
    drain = rng.random() < 0.5
    end_s = world.horizon_s * (1.1 if drain else 1.0)

    def t(low, high):
        x = rng.uniform(low, max(low, high))  # a sum may be past the end in its last place
        return max(low, min(high, round(x / 30.0) * 30.0)) if grid else x

    touches = [chance_touch(rng, world, t, end_s) for _ in range(n)]
    journeys = []
    for _ in range(n):
        arrived = t(0, world.horizon_s)
        goal = Goal(rng.integers(3))
        ends = [End.OPEN, End.RESOLVED, End.LOST, End.OUTSIDE] if goal == Goal.ISSUE else [End.OPEN, End.CONVERTED, End.LEFT, End.OUTSIDE]
        end = rng.choice(ends)
        few = {k: int(rng.random() < 0.2) for k in ("failures", "repeats", "contradictions", "missed")}
        j = {"arrived": arrived, "goal": goal, "end": end, "segment": rng.integers(2), **few}
        j |= {
            "media": rng.integers(1, 4),
            "contacts": rng.integers(0, 5),
            "first_resolved": int(end == End.RESOLVED and rng.random() < 0.6),
        }
        if end != End.OPEN:
            j["ended"] = t(arrived, end_s)
        elif rng.random() < 0.5:
            j["idle_since"] = t(arrived, end_s)
        journeys.append(j)
    stints = []
    for p in range(3):
        for agent in range(world.agents_max[p]):
            at = t(0, world.horizon_s / 3)
            while at < end_s:
                until = min(end_s, t(at, at + world.horizon_s / 4))
                finishing = rng.random() < 0.2
                load = int(rng.integers(1 if finishing else 0, world.slots[p] + 1))
                duty = Duty.FINISHING if finishing else Duty.ON
                if world.has_rosters and not finishing and rng.random() < 0.3:
                    duty, load = Duty(int(rng.integers(Duty.BREAK, len(Duty) + 1))), 0
                if until > at:
                    stints.append({"pool": p, "agent": agent, "duty": duty, "load": load, "start": at, "end": until})
                at = until + (t(0, 600) if rng.random() < 0.2 else 0) + (30.0 if until == at else 0.0)
    return records(touches, journeys, stints, end_s)


def chance_touch(rng, world, t, end_s):
    channel = int(rng.integers(5))
    mode = Mode(int(world.mode[channel])) if rng.random() < 0.9 else Mode.BROWSE
    arrived = t(0, world.horizon_s)
    row = {"arrived": arrived, "channel": channel, "mode": mode, "segment": rng.integers(2), "goal": rng.integers(3)}
    row |= {"serial": rng.integers(3), "since": t(max(0.0, arrived - 2000), arrived), "switched": rng.integers(2)}
    row["contradicted"] = int(row["switched"] and rng.random() < 0.3)
    if mode == Mode.BROWSE:
        ended = t(arrived, end_s)
        if channel == 1 and rng.random() < 0.8:
            bot = Bot(int(rng.choice([Bot.TALKS, Bot.SOLVED, Bot.FALSE_CLOSURE, Bot.ESCALATED, Bot.UNSOLVED])))
            return row | {"bot": bot} | ({"outcome": Outcome.OPEN} if bot == Bot.TALKS else {"outcome": Outcome.BROWSED, "ended": ended})
        return row | ({"outcome": Outcome.OPEN} if rng.random() < 0.1 else {"outcome": Outcome.BROWSED, "ended": ended})
    outcome = Outcome(int(rng.integers(5)))
    if channel in (0, 3):
        if outcome == Outcome.CLOSED and rng.random() < 0.5:
            outcome = Outcome.DEFLECTED
        if rng.random() < 0.5:
            row |= {"told": t(0, 900), "balked": int(outcome == Outcome.ABANDONED and rng.random() < 0.5)}
        row["callback"] = int(rng.integers(3))
    row |= {"outcome": outcome, "delayed": rng.integers(2)}
    wait = 0.0 if rng.random() < 0.3 else min(end_s - arrived, t(0, float(rng.choice([40.0, 3000.0, 30_000.0]))))
    if outcome == Outcome.HANDLED or (outcome == Outcome.OPEN and rng.random() < 0.5):
        able = np.flatnonzero(world.concurrency[:, channel])
        row |= {"started": arrived + wait, "pool": rng.choice(able), "agent": 0, "wrong_record": int(rng.random() < 0.2)}
        row |= {"completeness": rng.choice([0.0, 0.3, 1.0, rng.random()]), "remembers": rng.integers(2), "wrap_s": t(0, 60)}
        if outcome == Outcome.HANDLED:
            row["ended"] = t(arrived + wait, end_s)
            row["transfer"] = 0 if channel == 3 and rng.random() < 0.3 else -1
    elif outcome in (Outcome.ABANDONED, Outcome.CLOSED, Outcome.DEFLECTED):
        row["ended"] = arrived + wait
    elif outcome == Outcome.BLOCKED:
        row["ended"] = arrived
    return row


# --- the definitions, slowly ------------------------------------------------------------------------------------------------


class Slow:
    """KPIs of one world and its records, each from the sentence that defines it."""

    def __init__(self, world, seen):
        def dicts(a):
            return [dict(zip(a.dtype.names, row.tolist(), strict=True)) for row in a]

        self.w = world
        self.end_s = seen.end_s
        self.all_touches, self.all_journeys, self.all_stints = dicts(seen.touches), dicts(seen.journeys), dicts(seen.stints)

    def within(self, a, b, low=None, high=None):
        low = self.w.warmup_s if low is None else low
        high = self.w.horizon_s if high is None else high
        return max(0.0, min(b, high) - max(a, low))

    def scope(self, column):
        """(touches, contacts, journeys, window, pools) that a scope speaks of."""
        w, s = self.w, dict(column.scope)
        low, high = w.warmup_s, w.horizon_s
        if "interval" in s:
            i = w.interval_starts.index(s["interval"])
            low, high = max(low, i * w.interval_s), min(high, (i + 1) * w.interval_s)
        if "day" in s:
            midnight = (datetime.fromisoformat(s["day"]) - w.start).total_seconds()
            low, high = max(low, midnight), min(high, midnight + 24 * HOUR)
        touches = [
            x
            for x in self.all_touches
            if ("channel" not in s or w.channels[x["channel"]] == s["channel"])
            and ("medium" not in s or w.media[w.medium_of[x["channel"]]] == s["medium"])
            and ("segment" not in s or w.segments[x["segment"]] == s["segment"])
            and ("pool" not in s or (x["pool"] >= 0 and w.pools[x["pool"]] == s["pool"]))
        ]
        journeys = [
            j
            for j in self.all_journeys
            if low <= j["arrived"] < high and j["need"] != Need.PICK and ("segment" not in s or w.segments[j["segment"]] == s["segment"])
        ]
        pools = [p for p in range(len(w.pools)) if "pool" not in s or w.pools[p] == s["pool"]]
        counted = [x for x in touches if low <= x["arrived"] < high and ("period" not in s or self.in_period(x["arrived"], s["period"]))]
        return touches, counted, journeys, (low, high), pools, s

    def in_period(self, moment, name):
        monday = datetime(2026, 11, 30)
        second = ((self.w.start - monday).total_seconds() + moment) % (168 * HOUR)
        return any(a <= second < b for of, a, b in self.w.spans if of == name)

    def pieces(self, contacts, length, offset):
        """Service levels of the pieces of this length that have one; `offset`: of second 0 in its piece."""
        pieces = {}
        for x in contacts:
            pieces.setdefault(int((offset + x["arrived"]) // length), []).append(x)
        parts = [self.service_level(p) for p in pieces.values()]
        return [a / b for a, b in parts if b]

    def kept(self, contacts, length, offset):
        """(pieces in which a channel met its target, pieces that have a service level), over the channels with a target."""
        met = rated = 0
        for c, target in enumerate(self.w.sl_target):
            if not math.isnan(target) and not math.isnan(self.w.within_s[c]):
                levels = self.pieces([x for x in contacts if x["channel"] == c], length, offset)
                met, rated = met + sum(level >= target for level in levels), rated + len(levels)
        return met, rated

    def ages(self, x, end):
        """(mean age while in the window x time there, time there) of a message that is answered at `end`."""
        a, b = max(x["arrived"], self.w.warmup_s), min(end, self.w.horizon_s)
        return ((a + b) / 2 - x["arrived"]) * (b - a) if b > a else 0.0, max(0.0, b - a)

    def value(self, column):
        touches, counted, journeys, (low, high), pools, scope = self.scope(column)
        contacts = [x for x in counted if x["mode"] != Mode.BROWSE]
        w = self.w

        def outcome(*which):
            return [x for x in contacts if x["outcome"] in which]

        def wait(x):
            return (x["ended"] if math.isnan(x["started"]) else x["started"]) - x["arrived"]

        def over(a, b):
            return a / b if b else NAN

        def mean(values):
            return math.fsum(values) / len(values) if values else NAN

        def p90(values):
            if not values:
                return NAN
            return float(math.ceil(sorted(values)[math.ceil(9 * len(values) / 10) - 1]))

        done = outcome(Outcome.HANDLED)
        waited = outcome(Outcome.HANDLED, Outcome.ABANDONED)
        answered = [x for x in contacts if not math.isnan(x["started"])]
        ended = [j for j in journeys if j["end"] != End.OPEN]
        issues = [j for j in ended if j["goal"] == Goal.ISSUE]
        buyers = [j for j in ended if j["goal"] != Goal.ISSUE]
        reached = [j for j in ended if j["end"] in (End.RESOLVED, End.CONVERTED)]
        fine = [j for j in reached if not (j["failures"] or j["repeats"] or j["contradictions"] or j["missed"])]
        mails = [x for x in done if x["mode"] == Mode.INBOX]
        due = [x for x in contacts if x["mode"] == Mode.INBOX and w.deadline_s[x["channel"]] < math.inf]
        talks = [x for x in counted if x["bot"] and x["mode"] == Mode.BROWSE]
        said = [x for x in talks if x["bot"] != Bot.TALKS]
        length = high - low
        minutes = [(x["ended"] - x["started"] - x["held_s"] + x["wrap_s"]) / 60 for x in done]

        def until(x, *names):
            return next((x[n] for n in names if not math.isnan(x[n])), self.end_s)

        told = [x for x in contacts if not math.isnan(x["told"])]
        called = [x for x in contacts if x["callback"] == 2]
        match column.kpi:
            case "contacts_deflected":
                return len(outcome(Outcome.DEFLECTED))
            case "announced_wait_s":
                return mean([x["told"] for x in told])
            case "contacts_balked":
                return sum(x["balked"] for x in told)
            case "callbacks_offered":
                return sum(x["callback"] > 0 for x in contacts)
            case "callbacks_accepted":
                return len(called)
            case "callbacks_dialled":
                return sum(not math.isnan(x["started"]) for x in called)
            case "callback_time_s":
                return mean([wait(x) for x in called if not math.isnan(x["started"])])
            case "contacts_offered":
                return len(contacts)
            case "contacts_handled" | "contacts_abandoned" | "contacts_blocked" | "contacts_closed" | "contacts_open":
                return len(outcome(Outcome[column.kpi.removeprefix("contacts_").upper()]))
            case "abandon_rate":
                return over(len(outcome(Outcome.ABANDONED)), len(contacts))
            case "delay_rate":
                return over(sum(x["delayed"] for x in contacts), len(contacts))
            case "wait_mean_s":
                return mean([wait(x) for x in waited])
            case "asa_s":
                return mean([wait(x) for x in done])
            case "wait_p90_s":
                return p90([wait(x) for x in waited])
            case "service_level":
                mine = contacts if "channel" in scope else [x for x in contacts if x["mode"] == Mode.LIVE]
                return over(*self.service_level(mine))
            case "blocked_rate":
                return over(len(outcome(Outcome.BLOCKED)), len(contacts))
            case "service_level_days_met":
                midnight = w.start.replace(hour=0, minute=0)
                return over(*self.kept(contacts, 24 * HOUR, (w.start - midnight).total_seconds()))
            case "service_level_intervals_met":
                return over(*self.kept(contacts, w.interval_s, 0.0))
            case "service_level_worst_interval":
                mine = contacts if "channel" in scope else [x for x in contacts if x["mode"] == Mode.LIVE]
                return min(self.pieces(mine, w.interval_s, 0.0), default=NAN)
            case "backlog_age_mean_s":
                ages = [self.ages(x, until(x, "ended")) for x in touches if x["mode"] == Mode.INBOX]
                return over(math.fsum(a for a, _ in ages), math.fsum(t for _, t in ages))
            case "backlog_oldest_s":
                seen = [(x["arrived"], until(x, "ended")) for x in touches if x["mode"] == Mode.INBOX]
                return max((min(b, high) - a for a, b in seen if self.within(a, b) > 0), default=0.0)
            case "idle_hours":
                mine = [x for x in self.all_stints if x["pool"] in pools and x["load"] == 0 and x["duty"] == Duty.ON]
                return math.fsum(self.within(x["start"], x["end"], low, high) for x in mine) / 3600
            case "handle_time_s":
                return mean([60 * m for m in minutes])
            case "queue_mean":
                return (
                    math.fsum(self.within(x["arrived"], until(x, "started", "ended")) for x in touches if x["mode"] != Mode.BROWSE) / length
                )
            case "reply_mean_s":
                return mean([x["ended"] - x["arrived"] for x in mails])
            case "reply_p90_s":
                return p90([x["ended"] - x["arrived"] for x in mails])
            case "replied_in_time_rate":
                good = [x for x in due if x["outcome"] == Outcome.HANDLED and x["ended"] - x["arrived"] <= w.deadline_s[x["channel"]]]
                return over(len(good), len(due))
            case "backlog_mean":
                return math.fsum(self.within(x["arrived"], until(x, "ended")) for x in touches if x["mode"] == Mode.INBOX) / length
            case "agent_minutes":
                return math.fsum(minutes)
            case "context_hit_rate":
                return mean([x["completeness"] for x in answered if x["remembers"]])
            case "repeat_told_rate":
                return over(sum(x["completeness"] < 1 for x in answered), len(answered))
            case "contradiction_rate":
                switched = [x for x in counted if x["switched"]]
                return over(sum(x["contradicted"] for x in switched), len(switched))
            case "wrong_record_rate":
                return over(sum(x["wrong_record"] for x in answered), len(answered))
            case "visitors":
                return len(journeys)
            case "journeys_ended":
                return len(ended)
            case "contacts_per_issue":
                return over(sum(j["contacts"] for j in issues), len(issues))
            case "first_contact_resolution":
                return over(sum(j["first_resolved"] for j in issues), len(issues))
            case "resolution_rate":
                return over(sum(j["end"] == End.RESOLVED for j in issues), len(issues))
            case "conversion":
                return over(sum(j["end"] == End.CONVERTED for j in buyers), len(buyers))
            case "journey_success":
                return over(len(fine), len(ended))
            case "perception_gap":
                return self.gap(contacts, over(len(fine), len(ended)))
            case "channels_per_journey":
                return over(sum(j["media"] for j in ended), len(ended))
            case "journey_time_s":
                return mean([j["ended"] - j["arrived"] for j in ended])
            case "retrying_mean":
                gaps = [self.within(x["since"], x["arrived"]) for x in touches if x["serial"] > 0]
                idle = [self.within(j["idle_since"], self.end_s) for j in self.all_journeys if not math.isnan(j["idle_since"])]
                return math.fsum(gaps + idle) / length
            case "outside_rate":
                return over(sum(j["end"] == End.OUTSIDE for j in ended), len(ended))
            case "agent_minutes_per_issue":
                return over(math.fsum(m for m, x in zip(minutes, done, strict=True) if x["goal"] == Goal.ISSUE), len(issues))
            case "labour_cost":
                return self.labour(pools)
            case "hub_cost":
                return self.hub()
            case "outsourcing_cost":
                return self.outsourced(pools)
            case "training_cost":
                return math.fsum(self.daily(w.training_per_day[p]) for p in pools)
            case "cost_to_serve":
                return over(self.staff_cost(pools) + self.bots({}), len(ended))
            case "cost_per_resolved":
                return over(self.staff_cost(pools) + self.bots({}) + self.hub(), len(reached))
            case "bot_cost":
                return self.bots(scope)
            case "bot_contacts":
                return len(talks)
            case "bot_containment":
                return over(sum(x["bot"] in (Bot.SOLVED, Bot.FALSE_CLOSURE) for x in talks), len(said))
            case "bot_resolution":
                return over(sum(x["bot"] == Bot.SOLVED for x in talks), len(said))
            case "bot_false_closure":
                return over(sum(x["bot"] == Bot.FALSE_CLOSURE for x in talks), len(said))
            case "transfers":
                return sum(x["transfer"] >= 0 for x in done)
            case "transfer_rate":
                return over(sum(x["transfer"] >= 0 for x in done), len(done))
        return self.staff(column.kpi, pools, low, high)

    def staff(self, kpi, pools, low, high):
        stints = [x for x in self.all_stints if x["pool"] in pools]

        def time(of, weight=lambda x: 1):
            return math.fsum(weight(x) * self.within(x["start"], x["end"], low, high) for x in stints if of(x))

        on = lambda x: x["duty"] == Duty.ON  # noqa: E731
        rostered = lambda x: x["duty"] != Duty.FINISHING  # noqa: E731
        away = lambda x: x["duty"] not in (Duty.FINISHING, Duty.ON)  # noqa: E731
        stray = lambda x: x["duty"] in (Duty.MISSING, Duty.ABSENT, Duty.PAID_ABSENT)  # noqa: E731
        busy = lambda x: x["load"] >= 1  # noqa: E731
        if kpi == "occupancy":
            a, b = time(busy), time(lambda x: x["duty"] in (Duty.ON, Duty.FINISHING))
        elif kpi == "shrinkage":
            a, b = time(away), time(rostered)
        elif kpi == "adherence":
            a, b = time(on), time(on) + time(stray)
        elif kpi == "break_hours":
            a, b = time(lambda x: x["duty"] in (Duty.BREAK, Duty.PAID_BREAK)), 3600
        elif kpi == "utilisation":
            a, b = time(on, lambda x: x["load"]), time(on, lambda x: int(self.w.slots[x["pool"]]))
        elif kpi == "concurrency_mean":
            a, b = time(busy, lambda x: x["load"]), time(busy)
        else:
            assert kpi == "staffed_hours"
            a, b = math.fsum(self.paid(x, low, high) for x in stints), 3600
        return a / b if b else NAN

    def paid(self, x, low, high):
        if x["duty"] in (Duty.BREAK, Duty.ABSENT):
            return 0.0
        after = self.within(x["start"], x["end"], self.w.horizon_s, math.inf)
        inside = self.within(x["start"], x["end"], low, high)
        return inside + (after if x["duty"] == Duty.FINISHING or x["load"] >= 1 else 0.0)

    def minor(self):
        return {"USD": 100, "JPY": 1, "KWD": 1000}[self.w.currency]

    def staff_cost(self, pools):
        training = math.fsum(self.daily(self.w.training_per_day[p]) for p in pools)
        return self.labour(pools) + self.outsourced(pools) + training

    def outsourced(self, pools):
        w, cost = self.w, 0
        for p in pools:
            mine = [x for x in self.all_touches if w.warmup_s <= x["arrived"] < w.horizon_s and x["mode"] != Mode.BROWSE]
            mine = [x for x in mine if x["pool"] == p and x["outcome"] == Outcome.HANDLED]
            if w.price_per[p] == Per.CONTACT:
                cost += math.floor(len(mine) * w.price[p] * self.minor() + 0.5)
            elif w.price_per[p] == Per.MINUTE:
                minutes = math.fsum(x["ended"] - x["started"] + x["wrap_s"] for x in mine) / 60
                cost += math.floor(minutes * w.price[p] * self.minor() + 0.5)
            elif w.price_per[p] == Per.HOUR:
                cost += round(self.hours_paid(p, w.price[p]) * self.minor())
        return cost / self.minor()

    def labour(self, pools):
        return sum(self.hours_paid(p, self.w.wage_per_h[p]) for p in pools if self.w.has_wage[p])

    def hours_paid(self, p, an_hour):
        """Agent by agent, interval by interval."""
        w, cost = self.w, 0
        n = len(w.interval_starts) or 1
        length = w.interval_s or w.horizon_s
        for agent in range(w.agents_max[p]):
            mine = [x for x in self.all_stints if (x["pool"], x["agent"]) == (p, agent) and x["duty"] not in (Duty.BREAK, Duty.ABSENT)]
            seconds = [
                math.fsum(self.within(x["start"], x["end"], max(w.warmup_s, i * length), min(w.horizon_s, (i + 1) * length)) for x in mine)
                for i in range(n)
            ]
            late = math.fsum(self.paid(x, w.horizon_s, w.horizon_s) for x in mine)
            if w.interval_s:
                seconds.append(late)
            else:
                seconds[0] += late
            cost += sum(round(an_hour * self.minor() * s / 3600) for s in seconds)
        return cost / self.minor()

    def bots(self, scope):
        """Conversations that began in the measured time, each channel's cost rounded by itself."""
        w, cost = self.w, 0
        for c, each in enumerate(w.service.bots["cost"].tolist()):
            if each > 0 and w.channels[c] == scope.get("channel", w.channels[c]):
                mine = [x for x in self.all_touches if x["channel"] == c and x["bot"] and x["mode"] == Mode.BROWSE]
                n = sum(w.warmup_s <= x["arrived"] < w.horizon_s for x in mine)
                cost += math.floor(n * each + 0.5)
        return cost / self.minor()

    def hub(self):
        return self.daily(self.w.hub_per_day)

    def daily(self, per_day):
        w = self.w
        midnight = w.start.replace(hour=0, minute=0)
        cost = 0
        while midnight < w.start + timedelta(seconds=w.horizon_s):
            at = (midnight - w.start).total_seconds()
            cost += round(per_day * self.minor() * self.within(at, at + 86400) / 86400)
            midnight += timedelta(days=1)
        return cost / self.minor()

    def service_level(self, contacts):
        """(numerator, denominator), each contact by the formula of its channel."""
        a = b = 0
        for x in contacts:
            c = x["channel"]
            if math.isnan(self.w.within_s[c]):
                continue
            answered, abandoned = not math.isnan(x["started"]), x["outcome"] == Outcome.ABANDONED
            waited = (x["started"] if answered else x["ended"]) - x["arrived"]
            within = waited < self.w.within_s[c] if self.w.strict[c] else waited <= self.w.within_s[c]
            short = waited < self.w.short_s[c] if self.w.strict[c] else waited <= self.w.short_s[c]
            formula = Formula(int(self.w.formula[c]))
            a += (answered and within) or (formula is Formula.ABANDONS_COUNT_AS_MET and abandoned and within)
            if formula is Formula.ANSWERED_IN_TIME_OVER_ANSWERED:
                b += answered
            elif formula is Formula.EXCLUDING_SHORT_ABANDONS:
                b += not (abandoned and short)
            else:
                b += 1
        return a, b

    def gap(self, contacts, success):
        offered = weighted = 0.0
        for c in range(len(self.w.channels)):
            mine = [x for x in contacts if x["channel"] == c]
            a, b = self.service_level(mine)
            if b:
                offered, weighted = offered + len(mine), weighted + len(mine) * a / b
        return weighted / offered - success if offered else NAN


@pytest.mark.parametrize("seed", range(40))
def test_every_kpi_equals_a_second_implementation(seed):
    rng = np.random.default_rng(seed)
    world = chance_world(rng)
    seen = chance_records(rng, world)
    slow = Slow(world, seen)
    for column, value in zip(columns(world), measure(world, seen).value, strict=True):
        assert value == pytest.approx(slow.value(column), rel=1e-12, abs=1e-12, nan_ok=True), column


@pytest.mark.parametrize(("file", "scale"), [("theory/backlog", 1.0), ("retail-day/omnichannel", 0.01)])
def test_every_kpi_of_a_shipped_scenario_equals_a_second_implementation(root, file, scale):
    """The same on what an engine wrote; of the intervals every seventh."""
    tables = Tables.build(load(str(root / f"scenarios/{file}.yaml"), {"scale": scale}))
    seen = reference.run(tables, 1, Budget())
    slow = Slow(tables, seen)
    for i, (column, value) in enumerate(zip(columns(tables), measure(tables, seen).value, strict=True)):
        if "interval" not in dict(column.scope) or i % 7 == 0:
            assert value == pytest.approx(slow.value(column), rel=1e-12, abs=1e-12, nan_ok=True), column


def test_the_worlds_of_chance_reach_every_column_kind():
    """So that the comparison above is not empty: each KPI and scope is defined in some world, and none only at 0."""
    seen_nonzero = {}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        world = chance_world(rng)
        for column, value in zip(columns(world), measure(world, chance_records(rng, world)).value, strict=True):
            key = (column.kpi, tuple(k for k, _ in column.scope))
            seen_nonzero[key] = seen_nonzero.get(key, False) or abs(value) > 0
    assert [key for key, reached in seen_nonzero.items() if not reached] == []


@pytest.mark.parametrize("seed", range(10))
def test_chunks_give_the_same_as_the_whole_to_the_bit(seed):
    rng = np.random.default_rng(seed)
    world = chance_world(rng)
    seen = chance_records(rng, world)
    a = Accumulator(world)
    for add, every, more in ((a.touches, seen.touches, True), (a.journeys, seen.journeys, True), (a.stints, seen.stints, False)):
        cuts = [0, *sorted(rng.integers(0, len(every), 5)), len(every)]
        for low, high in itertools.pairwise(cuts):
            add(every[low:high], *([seen.end_s] if more else []))
    whole, parts = measure(world, seen), a.values()
    assert whole.num.tobytes() == parts.num.tobytes()
    assert whole.den.tobytes() == parts.den.tobytes()


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_counted_twice_or_lost(seed):
    rng = np.random.default_rng(seed)
    world = chance_world(rng)
    got = kpis(world, chance_records(rng, world))
    ends = ["handled", "abandoned", "blocked", "closed", "deflected", "open"]
    scopes = {scope for name, scope in got if name == "contacts_abandoned"}
    assert len(scopes) == 1 + 4 + 3 + 2
    for scope in scopes:
        assert got["contacts_offered", scope] == sum(got.get((f"contacts_{end}", scope), 0.0) for end in ends)

    def parts(name, *keys):
        return [v for (kpi, scope), v in got.items() if kpi == name and tuple(k for k, _ in scope) == keys]

    for key in ("channel", "medium", "segment", *(["interval"] if world.interval_s else [])):
        assert sum(parts("contacts_offered", key)) == got["contacts_offered", ()]
    assert sum(parts("contacts_handled", "channel", "pool")) == got["contacts_handled", ()]
    assert sum(parts("visitors", "segment")) == got["visitors", ()]
    assert sum(parts("labour_cost", "pool")) == pytest.approx(got["labour_cost", ()], abs=1e-9)
    for name in ("queue_mean", "backlog_mean", "agent_minutes"):
        assert sum(parts(name, "channel")) == pytest.approx(got[name, ()], rel=1e-12)
    assert sum(parts("staffed_hours", "pool")) == pytest.approx(got["staffed_hours", ()], rel=1e-12)
    for scope in [s for name, s in got if name == "utilisation"]:
        assert 0 <= got["utilisation", scope] <= 1
        assert got.get(("concurrency_mean", scope), 1.0) >= 1


def test_the_accumulator_gives_the_same_bits_without_the_compiler():
    code = "import test_kpis_oracle as t; print(t.digest())"
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.path.dirname(__file__)}
    plain = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert plain.stdout.strip() == digest()


def digest():
    import hashlib

    h = hashlib.sha256()
    for seed in range(3):
        rng = np.random.default_rng(seed)
        world = chance_world(rng)
        values = measure(world, chance_records(rng, world))
        h.update(values.num.tobytes() + values.den.tobytes())
    return h.hexdigest()
