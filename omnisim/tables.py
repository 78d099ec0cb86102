"""What a scenario means: names become indices, clocks become seconds, blocks become arrays.

    scenario.Scenario  ->  Tables   (independent of the seed; the one thing both engines and the KPIs read)

Only this module and `records` know both names and indices.  All names are sorted, so the order of blocks in a file
changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import DAY, WEEK, calendar, intervals, second_of_day
from omnisim.campaigns import question_name, stream_name, streams
from omnisim.deliverybuild import foresee
from omnisim.demand import build_sources
from omnisim.draws import name_hash
from omnisim.lawrows import LawRows
from omnisim.loyaltybuild import Loyalty, build_loyalty
from omnisim.own import linked
from omnisim.rosterbuild import build_roster, build_team, is_rostered
from omnisim.rules.choice import TASTE
from omnisim.rules.context import CONTEXT
from omnisim.rules.journey import RETRY_RULE
from omnisim.rules.person import FACTS, SEGMENT, STREAM
from omnisim.rules.serving import CHANNEL
from omnisim.rules.waiting import BY_QUEUE, LAST_WAIT
from omnisim.servicebuild import Service, build_service
from omnisim.shopbuild import build_shop
from omnisim.shoptables import Shop
from omnisim.skillrows import skills, trunks
from omnisim.stockbuild import Shelves, build_shelves
from omnisim.words import Agent, Contact, Fact, Fill, Formula, Goal, Mode, Per, ShiftEnd

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

LEVELS = {
    "L0": (),
    "L1": (Fact.IDENTITY,),
    "L2": (Fact.IDENTITY, Fact.HISTORY, Fact.PREFERENCE),
    "L3": (Fact.IDENTITY, Fact.HISTORY, Fact.PREFERENCE, Fact.CART),
    "L4": tuple(Fact),
}
ANNOUNCE = {"queue": BY_QUEUE, "last_wait": LAST_WAIT}
ALL_CARRIED = tuple(Fact)
MOST_DAYS = 3660  # of a longer run nothing is told by day


@dataclass(frozen=True)
class Tables:
    """A scenario as arrays.  Shapes stand beside the fields; times are seconds from the start of the run."""

    name: str
    currency: str
    start: datetime
    horizon_s: float
    warmup_s: float
    drain: bool
    interval_s: float  # 0: none
    interval_starts: list[str]
    day_names: list[str]  # calendar days of [0, horizon); none where there are more than MOST_DAYS
    periods: list[str]  # named spans of the week
    period_spans: np.ndarray  # [span, (start, end, s of the week; period)]
    # names, sorted; an index anywhere points in here
    channels: list[str]
    media: list[str]
    pools: list[str]
    streams: list[str]
    segments: list[str]
    sources: list[str]
    # channels
    channel: np.ndarray  # [channel] CHANNEL
    medium_of: np.ndarray  # [channel]
    mode: np.ndarray  # [channel]
    identify: np.ndarray  # [channel]
    believed: np.ndarray  # [channel] TASTE
    within_s: np.ndarray  # [channel] NaN: no service level asked for
    short_s: np.ndarray
    formula: np.ndarray
    strict: np.ndarray
    sl_target: np.ndarray
    deadline_s: np.ndarray  # [channel] infinite: none
    # people
    stream: np.ndarray  # [stream] STREAM
    segment: np.ndarray  # [segment] SEGMENT
    enter: np.ndarray  # [stream, channel]
    preceded: np.ndarray  # [stream, channel]
    habit: np.ndarray  # [segment, channel]
    fit: np.ndarray  # [goal, channel]
    allowed: np.ndarray  # [goal, channel]
    free: bool  # people may choose freely
    wait_weight: float  # utility per second
    outside: float  # utility
    # journeys
    switch: np.ndarray  # [channel, channel]
    missed: np.ndarray  # [inbox channel, channel]
    retry: np.ndarray  # [1] RETRY_RULE
    retry_to: np.ndarray  # [channel..., same, free]
    # context
    context: np.ndarray  # [1] CONTEXT
    link: np.ndarray  # [origin medium, medium]
    pair: np.ndarray  # [origin medium, medium] hash of the pair
    hub_down: np.ndarray  # [outage, (from, to)]
    hub_per_day: float
    has_context: bool
    # laws
    laws: np.ndarray
    points: np.ndarray
    own: tuple[str, ...]  # names of a person's own rules; `linked` puts their addresses into laws, retry and believed
    # arrivals
    source: np.ndarray  # [source] SOURCE
    pieces: np.ndarray  # PIECE
    stream_of_source: np.ndarray
    busyness_cv: float
    days: int
    expected_arrivals: float
    largest_batch: int
    # staff
    agent_rule: int
    contact_rule: int
    ageing_s: float
    priority: np.ndarray  # [pool, channel]; 0: no such skill
    preference: np.ndarray  # [pool, channel]
    speed: np.ndarray  # [pool, channel]
    concurrency: np.ndarray  # [pool, channel]; 0: no such skill
    slows: np.ndarray  # [pool, channel] where its slowdown begins in `slowdown`; -1: one contact does not slow another
    slowdown: np.ndarray  # [...] factors of handling time with 1, 2 ... in hand, skill after skill
    skill: np.ndarray  # [pool, channel] SKILL
    reserve: np.ndarray  # [pool] idle agents kept from messages
    fill: np.ndarray  # [pool] words.Fill
    trunk_limit: np.ndarray  # [trunk] lines; channel["trunk"] says whose
    slots: np.ndarray  # [pool] largest concurrency
    agents_max: np.ndarray  # [pool]
    wage_per_h: np.ndarray  # [pool]
    has_wage: np.ndarray  # [pool]
    shift_end: np.ndarray  # [pool] words.ShiftEnd
    price: np.ndarray  # [pool] what another firm is paid
    price_per: np.ndarray  # [pool] words.Per
    training_per_day: np.ndarray  # [pool] cost of training, all agents
    staff0: np.ndarray  # [pool] on duty at the start
    open0: np.ndarray  # [channel] 1: open at the start
    calendar: np.ndarray  # changes during (0, horizon): calendars.CHANGE; without the pools with rosters, see `rosters.plan`
    team: np.ndarray  # [pool] rules.team.TEAM
    roster: np.ndarray  # rules.roster.STRETCH, by pool, agent and time
    rests: np.ndarray  # rules.roster.REST
    goals: frozenset[Goal]
    shop: Shop
    service: Service
    goods: Shelves
    loyalty: Loyalty

    @property
    def visit_columns(self) -> int:
        """Columns of the counters of visits: the channels and, where there are bots, as many for conversations with them."""
        return len(self.channels) * (2 if self.has_bots else 1)

    @property
    def has_bots(self) -> bool:
        """Does a bot stand before any agents?"""
        return bool(self.service.bots["on"].any())

    @property
    def has_calls(self) -> bool:
        """Is anybody called back?"""
        return bool(self.channel["offers"].any())

    @property
    def has_shop(self) -> bool:
        """Does anybody come to buy?"""
        return bool(self.shop.rules[0]["on"])

    @property
    def has_money(self) -> bool:
        """Do orders have prices?"""
        return bool(self.shop.rules[0]["has_money"])

    @property
    def has_coupons(self) -> bool:
        """Does anybody get a coupon off his basket?"""
        by_message = self.shop.message_to.any() and self.shop.rules[0]["coupon"] > 0.0
        return self.has_money and bool(by_message or self.stream["coupon"].any())

    @property
    def has_bonds(self) -> bool:
        """Are customers followed from need to need?"""
        return bool(self.loyalty.rules[0]["on"])

    @property
    def has_rosters(self) -> bool:
        """Are the agents of any pool individuals with rosters?"""
        return len(self.roster) > 0 or bool(self.team["rostered"].any())

    @property
    def has_nodes(self) -> bool:
        """Is it told where goods lie, and how many?"""
        return len(self.goods.nodes) > 0

    @property
    def has_contacts(self) -> bool:
        """Is any channel served by agents?"""
        return bool((self.mode != Mode.BROWSE).any())

    def linked(self) -> Tables:
        """These tables with the addresses of a person's own rules; LookupError where one is not registered here."""
        if not self.own:
            return self
        return replace(self, laws=linked(self.laws, self.own), retry=linked(self.retry, self.own), believed=linked(self.believed, self.own))

    @staticmethod
    def build(scenario: Scenario) -> Tables:
        """The tables of a scenario."""
        return _build(scenario)


def _grid(rows: list[str], columns: list[str], cells: Any) -> np.ndarray:
    """A matrix from a mapping of mappings by name; 0 where nothing is said."""
    out = np.zeros((len(rows), len(columns)))
    for r, row in enumerate(rows):
        for name, value in cells.get(row, {}).items():
            out[r, columns.index(name)] = value
    return out


def _build(s: Scenario) -> Tables:
    clock = s.clock
    channels = sorted(s.channels)
    media = sorted({s.channels[c].medium for c in channels})
    demand = streams(s)
    names = sorted(demand)
    pools = sorted(s.staffing.pools) if s.staffing else []
    laws = LawRows(second_of_day=second_of_day(clock.start))
    modes = np.array([_mode(s.channels[c]) for c in channels], np.int64)
    channel = _channels(s, channels, media, laws)
    stream = _streams(s, names, channels, laws)
    sources = build_sources(s, names)
    retry, retry_to = _retry(s, channels, laws)
    context, link, identify, down, hub = _context(s, channels, media, channel)
    customers = _customers(s, channels, modes, laws)
    skill = skills(s, pools, channels)
    trunk_limit = trunks(s, channels, channel)
    channel["overflows"] = ((skill["skill"]["above"] > 0) | (skill["skill"]["join_above"] > 0)).any(axis=0)
    rostered = [s.staffing is not None and is_rostered(s.staffing.pools[p]) for p in pools]
    staff0, open0, changes, agents_max = calendar(s, channels, pools, rostered)
    roster, rests, rostered_max = build_roster(s, pools)
    team = build_team(s, pools, laws)
    shop = build_shop(s, channels, customers["names"], laws)
    goods = build_shelves(s, shop, laws)
    loyalty = build_loyalty(s, names, laws)
    foresee(s, shop.rules[0], laws.array(), np.array(laws.points, float))
    service = build_service(s, channels, names, customers["names"], shop.region_names)
    pair = np.array([[name_hash(f"{o}>{d}") for d in media] for o in media], np.uint64)
    helps = {c: s.channels[c].help for c in channels}
    level = [h.service_level if h else None for h in helps.values()]
    markov = s.journey.markov if s.journey else None
    wages = [s.staffing.pools[p].wage if s.staffing else None for p in pools]
    return Tables(
        name=s.name,
        currency=s.currency,
        start=clock.start,
        horizon_s=clock.horizon,
        warmup_s=clock.warmup,
        drain=clock.at_end == "drain",
        interval_s=clock.interval or 0.0,
        interval_starts=_interval_names(clock),
        day_names=_day_names(clock),
        periods=sorted(clock.periods),
        period_spans=_period_spans(clock),
        channels=channels,
        media=media,
        pools=pools,
        streams=names,
        segments=customers["names"],
        sources=sources.names,
        channel=channel,
        medium_of=channel["medium"].copy(),
        mode=modes,
        identify=identify,
        believed=customers["tastes"],
        within_s=np.array([x.within if x else math.nan for x in level]),
        short_s=np.array([(x.within if x.short is None else x.short) if x else math.nan for x in level]),
        formula=np.array([Formula[x.formula.upper()] if x else 0 for x in level], np.int64),
        strict=np.array([int(x.strict) if x else 0 for x in level], np.int64),
        sl_target=np.array([x.target if x and x.target is not None else math.nan for x in level]),
        deadline_s=channel["deadline"].copy(),
        stream=stream,
        segment=customers["segments"],
        enter=_grid(names, channels, {n: d.enter for n, d in demand.items()}),
        preceded=_grid(names, channels, {n: d.preceded for n, d in demand.items()}),
        habit=customers["habit"],
        fit=customers["fit"],
        allowed=customers["allowed"],
        free=customers["free"],
        wait_weight=customers["wait"],
        outside=customers["outside"],
        switch=_grid(channels, channels, markov.switch if markov else {}),
        missed=_grid(channels, channels, {c: h.missed for c, h in helps.items() if h}),
        retry=retry,
        retry_to=retry_to,
        context=context,
        link=link,
        pair=pair,
        hub_down=down,
        hub_per_day=hub,
        has_context=s.context is not None,
        laws=laws.array(),
        points=np.array(laws.points, float),
        own=tuple(laws.own),
        source=sources.rows,
        pieces=sources.pieces,
        stream_of_source=sources.rows["stream"].copy(),
        busyness_cv=s.world.busyness_cv,
        days=sources.days,
        expected_arrivals=sources.expected,
        largest_batch=sources.largest_batch,
        agent_rule=int(Agent[s.staffing.routing.agent.upper()]) if s.staffing else 0,
        contact_rule=int(Contact[s.staffing.routing.contact.upper()]) if s.staffing else 0,
        ageing_s=(s.staffing.routing.ageing or 0.0) if s.staffing else 0.0,
        priority=skill["priority"],
        preference=skill["preference"],
        speed=skill["speed"],
        concurrency=skill["concurrency"],
        slows=skill["slows"],
        slowdown=skill["slowdown"],
        skill=skill["skill"],
        fill=np.array([Fill[s.staffing.pools[p].fill.upper()] if s.staffing else 0 for p in pools], np.int64),
        reserve=np.array([s.staffing.pools[p].reserve if s.staffing else 0 for p in pools], np.int64),
        trunk_limit=trunk_limit,
        slots=skill["concurrency"].max(axis=1) if pools and channels else np.zeros(len(pools), np.int64),
        agents_max=np.maximum(agents_max, rostered_max),
        wage_per_h=np.array([w or 0.0 for w in wages], float),
        has_wage=np.array([w is not None for w in wages], bool),
        shift_end=np.array([ShiftEnd[s.staffing.pools[p].at_shift_end.upper()] if s.staffing else 0 for p in pools], np.int64),
        **_prices(s, pools, np.maximum(agents_max, rostered_max)),
        staff0=staff0,
        open0=open0,
        calendar=changes,
        team=team,
        roster=roster,
        rests=rests,
        goals=frozenset(Goal[d.goal.upper()] for d in demand.values()),
        shop=shop,
        service=service,
        goods=goods,
        loyalty=loyalty,
    )


def _streams(s: Scenario, names: list[str], channels: list[str], laws: LawRows) -> np.ndarray:
    """[stream] STREAM."""
    rows = np.zeros(len(names), STREAM)
    speaks = any(r.language is not None for r in s.regions.values())
    demand = streams(s)
    for row, name in zip(rows, names, strict=True):
        d = demand[name]
        only = [channels.index(c) for c, share in d.enter.items() if share == 1.0]
        row["goal"], row["gap"], row["only"] = Goal[d.goal.upper()], laws.add(d.preceded_gap), only[0] if only else -1
        row["self_first"] = any(x > 0.0 for x in d.preceded.values())
        row["lives"] = int(speaks)
    for name, c in (s.marketing.campaigns if s.marketing else {}).items():
        for mine in (stream_name(name), question_name(name)):
            if mine in names:
                rows[names.index(mine)]["coupon"] = c.coupon
                rows[names.index(mine)]["unaware"] = 0.0 if c.announced else c.unaware
    return rows


def _mode(channel: Any) -> Mode:
    if channel.help is None:
        return Mode.BROWSE
    return Mode.LIVE if channel.help.mode == "live" else Mode.INBOX


def _channels(s: Scenario, channels: list[str], media: list[str], laws: LawRows) -> np.ndarray:
    rows = np.zeros(len(channels), CHANNEL)
    convert = s.journey.markov.convert if s.journey and s.journey.markov else {}
    for i, name in enumerate(channels):
        c = s.channels[name]
        h = c.help
        row = rows[i]
        row["hash"] = name_hash(name)
        row["mode"] = _mode(c)
        row["medium"] = media.index(c.medium)
        row["handling"] = laws.add(h.handling) if h else -1
        row["wrap"] = laws.add(h.wrap) if h else -1
        row["patience"] = laws.add(h.patience) if h else -1
        row["browse"] = laws.add(c.browse.time) if c.browse else -1
        row["queue_limit"] = h.queue_limit if h and h.queue_limit is not None else -1
        row["disconnect"] = int(bool(h and h.at_close == "disconnect"))
        row["withdraw"] = int(bool(h and h.withdraw))
        row["resolve"] = h.resolve if h else 0.0
        row["self_resolve"] = c.browse.resolve if c.browse else 0.0
        row["convert"] = convert.get(name, 0.0)
        row["deadline"] = h.deadline if h and h.deadline is not None else math.inf
        row["bot"] = laws.add(c.bot.time) if c.bot else -1
        row["transfers"] = int(bool(h and any(x > 0.0 for x in h.transfer.values())))
        row["warm"] = int(not h or h.transfer_context)
        row["handover"] = h.transfer_time if h else 0.0
        row["work"] = (h.handling.mean + (h.wrap.mean if h.wrap else 0.0)) if h else 0.0
        row["announce"] = ANNOUNCE[h.announce.by] if h and h.announce else 0
        row["balk"] = h.announce.factor if h and h.announce else 1.0
        call = h.callback if h else None
        row["speaks"] = int(bool(h and (h.callback or h.announce)))
        row["offers"] = int(call is not None)
        row["wait_above"] = call.offer.wait_above if call and call.offer.wait_above is not None else math.inf
        row["queue_above"] = call.offer.queue_above if call and call.offer.queue_above is not None else -1
        row["accept"] = call.accept if call else 0.0
        row["keep_place"] = int(bool(call and call.keep_place))
        message = h.leave_message if h else None
        row["message"] = message.after if message else math.inf
        row["message_to"] = channels.index(message.to) if message and message.to else -1
    return rows


def _retry(s: Scenario, channels: list[str], laws: LawRows) -> tuple[np.ndarray, np.ndarray]:
    rule = np.zeros(1, RETRY_RULE)
    to = np.zeros(len(channels) + 2)
    r = s.journey.issue.retry if s.journey and s.journey.issue else None
    if r is not None:
        most = -1 if r.most is None else r.most
        blocked, closed = (r.after_abandoned if x is None else x for x in (r.after_blocked, r.after_closed))
        own = laws.number(r.rule)
        rule[0] = (1, r.after_abandoned, r.after_unresolved, laws.add(r.delay), most, int(r.redraw), own, blocked, closed)
        for name, share in r.channel.items():
            to[{"same": len(channels), "free": len(channels) + 1}.get(name, -1) if name in ("same", "free") else channels.index(name)] = (
                share
            )
    return rule, to


def _context(
    s: Scenario, channels: list[str], media: list[str], channel: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    row = np.zeros(1, CONTEXT)
    link = np.zeros((len(media), len(media)))
    c = s.context
    if c is None:
        for key in ("time_to_live", "half_life"):
            row[0][key] = math.inf
        for key in ("coherence", "own_memory", "patience_factor"):
            row[0][key] = 1.0
        return row, link, np.ones(len(channels)), np.zeros((0, 2)), 0.0
    r = row[0]
    r["on"] = 1
    r["self_service_counts"] = int(c.self_service_counts)
    r["latency"] = c.latency
    r["time_to_live"] = math.inf if c.time_to_live is None else c.time_to_live
    r["half_life"] = math.inf if c.half_life is None else c.half_life
    r["coherence"] = c.coherence
    r["own_memory"] = c.own_memory
    for key in ("repeat_time", "lookup_time", "resolution_loss", "patience_factor", "contradiction_loss"):
        r[key] = getattr(c.effects, key)
    for key in ("false_match", "stale", "wrong_record_time", "wrong_record_loss", "consent_friction"):
        r[key] = getattr(c.harms, key)
    r["weight"] = [getattr(c.weights, f.name.lower()) for f in Fact]
    carried = LEVELS[c.level] if c.level is not None else ALL_CARRIED
    r["carried"] = [float(f in carried) for f in Fact]
    assert len(Fact) == FACTS
    for o, origin in enumerate(media):
        for d, medium in enumerate(media):
            if o != d:
                link[o, d] = c.link.get(origin, {}).get(medium, 0.0)
    identify = np.array([c.identify[name] for name in channels])
    channel["friction"] = np.where(identify > 0.0, c.harms.consent_friction, 0.0)
    start = s.clock.start
    down = [((d.from_ - start).total_seconds(), (d.to - start).total_seconds()) for d in c.hub.down]
    return row, link, identify, np.array(down, float).reshape(-1, 2), c.hub.cost


_SEGMENT = (  # column, field of a segment, value where there are none
    ("patience", "patience_factor", 1.0),
    ("effort", "effort_sensitivity", 1.0),
    ("price", "price_sensitivity", 1.0),
    ("basket", "basket_factor", 1.0),
    ("buy", "buy", 0.0),
    ("login", "login_rate", 1.0),
    ("existing", "existing", 0.0),
    ("frequency", "frequency_factor", 1.0),
)


def _customers(s: Scenario, channels: list[str], modes: np.ndarray, laws: LawRows) -> dict[str, Any]:
    c = s.customers
    named = c.segments if c and c.segments else {}
    names = sorted(named) or ["everybody"]
    rows = np.zeros(len(names), SEGMENT)
    upto = 0.0
    for i, name in enumerate(names):
        g = named.get(name)
        upto += g.share if g else 1.0
        for key, said, neutral in _SEGMENT:
            rows[i][key] = getattr(g, said) if g else neutral
        rows[i]["upto"] = upto
    choice = c.choice if c else None
    tastes = np.zeros(len(channels), TASTE)
    for i, name in enumerate(channels):
        effort = choice.effort.get(name, 0.0) if choice else 0.0
        nudge = choice.nudge.get(name, 0.0) if choice else 0.0
        own = laws.number(choice.rule if choice else None)
        tastes[i] = (name_hash(name), s.channels[name].believed_wait, effort, nudge, own)
    goals = [g.name.lower() for g in Goal]
    allowed = np.ones((len(goals), len(channels)), np.int64)
    allowed[Goal.ISSUE] = modes != Mode.BROWSE  # an issue wants help; a visitor takes any channel
    for k, name in enumerate(channels):  # a medium is chosen, not one of its languages
        me = s.channels[name]
        others = [o for o in s.channels.values() if o.medium == me.medium and o.help is not None and o.language is None]
        if me.language is not None and others:
            allowed[:, k] = 0
    allowed[Goal.SHOP] = [int(c.browse is not None or c.sell) for c in (s.channels[name] for name in channels)]
    return {
        "names": names,
        "segments": rows,
        "tastes": tastes,
        "habit": _grid(names, channels, {n: g.habit for n, g in named.items()}),
        "fit": _grid(goals, channels, choice.fit if choice else {}),
        "allowed": allowed,
        "free": choice is not None,
        "wait": choice.wait if choice else 0.0,
        "outside": choice.outside if choice else 0.0,
    }


def _prices(s: Scenario, pools: list[str], most: np.ndarray) -> dict[str, np.ndarray]:
    price, per, training = np.zeros(len(pools)), np.zeros(len(pools), np.int64), np.zeros(len(pools))
    for p, name in enumerate(pools):
        assert s.staffing is not None
        pool = s.staffing.pools[name]
        if pool.outsourced is not None:
            price[p], per[p] = pool.outsourced.price, Per[pool.outsourced.per.upper()]
        if pool.training is not None:
            training[p] = pool.training.cost * float(most[p])
    return {"price": price, "price_per": per, "training_per_day": training}


def _day_names(clock: Any) -> list[str]:
    n = math.ceil((second_of_day(clock.start) + clock.horizon) / DAY)
    if n > MOST_DAYS:
        return []
    return [(clock.start + timedelta(days=d)).date().isoformat() for d in range(n)]


def _period_spans(clock: Any) -> np.ndarray:
    spans = [(a, b, n) for n, name in enumerate(sorted(clock.periods)) for a, b in clock.periods[name] or ((0.0, WEEK),)]
    return np.array(spans, float).reshape(-1, 3)


def _interval_names(clock: Any) -> list[str]:
    if not clock.interval:
        return []
    n = intervals(clock.horizon, clock.interval)
    return [(clock.start + timedelta(seconds=i * clock.interval)).isoformat(timespec="seconds") for i in range(n)]
