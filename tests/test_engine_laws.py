"""Laws of the engine over generated worlds: nothing is lost, nobody is in two places, nobody waits beside a free agent.

Each law is checked on the records by arithmetic that knows nothing of the engine.
"""

import itertools
import json
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_shop_laws import check_needs, check_orders, check_steps
from test_stock import check_stock
from worlds import load_world, world

import omnisim as om
from omnisim.calendars import staff_at
from omnisim.engines import reference
from omnisim.kpis import columns, measure
from omnisim.rules.team import pace
from omnisim.rules.waiting import ACCEPTED
from omnisim.tables import Tables
from omnisim.words import Bot, Carried, Duty, LawCode, Mode, Need, Outcome, Reason, ShiftEnd, Step, Way

WORLDS = range(200)
A_FEW = range(0, 200, 8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("worlds")


def check_all(tables, seen):
    for check in (check_touches, check_journeys, check_agents, check_nobody_waits_beside_a_free_agent, check_first_come_first_served,
                  check_help_and_reserve, check_lines, check_work, check_steps, check_orders, check_needs, check_stock):  # fmt: skip
        check(tables, seen)


def simulate(folder, seed, **changes):
    tables = Tables.build(load_world(folder, seed, **changes))
    return tables, reference.run(tables, seed)


@pytest.mark.parametrize("batch", range(8))
def test_laws_hold_in_every_world(folder, batch):
    happened = 0
    for seed in WORLDS[batch::8]:
        tables, seen = simulate(folder, seed)
        check_all(tables, seen)
        check_littles_law(tables, seen)
        happened += len(seen.touches)
    assert happened > 1000


@settings(max_examples=25)
@given(seed=st.integers(10_000, 2**40))
def test_laws_hold_in_worlds_that_hypothesis_finds(folder, seed):
    tables, seen = simulate(folder, seed)
    check_all(tables, seen)
    check_littles_law(tables, seen)


@pytest.mark.long
def test_laws_hold_in_two_thousand_worlds(folder):
    for seed in range(1000, 3000):
        check_all(*simulate(folder, seed))


def check_touches(tables, seen):
    """Law: every touch is one thing at one time, and ends as it says."""
    t = seen.touches
    outcome = t["outcome"]
    assert len({(c, s) for c, s in zip(t["customer"], t["serial"], strict=True)}) == len(t)
    ended = outcome != Outcome.OPEN
    assert (np.isnan(t["ended"]) == ~ended).all()
    assert (t["ended"][ended] >= t["arrived"][ended]).all()
    served = np.isin(outcome, (Outcome.HANDLED, Outcome.BROWSED))
    assert not np.isnan(t["started"][served]).any()
    assert (t["started"][served] >= t["arrived"][served]).all()
    assert (t["ended"][served] >= t["started"][served]).all()
    assert np.isnan(t["started"][outcome == Outcome.DEFLECTED]).all()
    begun = t[np.isin(outcome, (Outcome.ABANDONED, Outcome.BLOCKED, Outcome.CLOSED)) & ~np.isnan(t["started"])]
    cut = (begun["outcome"] == Outcome.CLOSED) & (tables.shift_end[begun["pool"]] == ShiftEnd.CUT)
    assert (cut | (begun["handed"] > 0)).all(), "only who was served when a shift ended is served and not handled"
    assert ((t["handed"] > 0) | (t["held_s"] == 0)).all()
    assert (t["held_s"] >= 0).all()
    blocked = outcome == Outcome.BLOCKED
    assert (t["ended"][blocked] == t["arrived"][blocked]).all()
    at_once = served & (t["delayed"] == 0)
    assert (t["started"][at_once] == t["arrived"][at_once]).all()
    q = t["completeness"][~np.isnan(t["started"])]
    assert ((q >= 0) & (q <= 1)).all()
    assert (t["since"] <= t["arrived"]).all()
    assert (t["arrived"] <= seen.end_s).all()


def check_journeys(tables, seen):
    """Law: a journey is the sum of its touches; every customer has exactly one."""
    j = seen.journeys
    assert sorted(j["customer"]) == list(range(len(j)))
    by = defaultdict(list)
    for t in seen.touches:
        by[int(t["customer"])].append(t)
    for row in j:
        mine = by[int(row["customer"])]
        assert len(mine) == row["touches"]
        assert sum(t["mode"] != Mode.BROWSE for t in mine) == row["contacts"]
        assert sum(int(t["missed"]) for t in mine) == row["missed"]
        assert sum(int(t["contradicted"]) for t in mine) == row["contradictions"]
        assert len({int(tables.medium_of[t["channel"]]) for t in mine}) == row["media"]
        failed = (Outcome.ABANDONED, Outcome.BLOCKED, Outcome.CLOSED, Outcome.DEFLECTED)
        assert sum(t["outcome"] in failed and not t["aside"] for t in mine) == row["failures"]
        if tables.has_context:
            # an answer that begins in the very instant of its deadline: before it where a talk had ended, after it where somebody came
            due = [(t, t["arrived"] + tables.deadline_s[t["channel"]]) for t in mine if t["mode"] != Mode.BROWSE if t["completeness"] < 1]
            told = sum(not t["aside"] or t["started"] < end for t, end in due)
            either = sum(bool(t["aside"]) and t["started"] == end for t, end in due)
            assert told <= row["repeats"] <= told + either


def check_agents(tables, seen):
    """Law: busy + wrap + idle = shift; nobody above his concurrency or off shift; as many on duty as planned."""
    work = defaultdict(list)
    for t in seen.touches:
        if t["pool"] >= 0:
            end = t["ended"] + t["wrap_s"] if t["outcome"] != Outcome.OPEN else np.inf
            work[int(t["pool"]), int(t["agent"])].append(
                (float(t["started"]), float(end), int(tables.concurrency[t["pool"], t["channel"]]))
            )
    stints = defaultdict(list)
    for s in seen.stints:
        stints[int(s["pool"]), int(s["agent"])].append((float(s["start"]), float(s["end"]), int(s["load"]), int(s["duty"])))
    handed = seen.touches["handed"].any()
    if handed:  # of a contact that was handed over the row knows the last agent: the sum of all remains
        total = sum(min(b, seen.end_s) - a for mine in work.values() for a, b, _ in mine) - seen.touches["held_s"].sum()
        assert sum((s[1] - s[0]) * s[2] for mine in stints.values() for s in mine) == pytest.approx(total, abs=1e-5)
    for who, mine in () if handed else work.items():
        pieces = sorted(stints[who])
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(pieces))
        for start, end, load, _ in pieces:
            middle = 0.5 * (start + end)
            if not start < middle < end:
                continue  # no moment lies between two neighbouring numbers
            in_hand = [c for a, b, c in mine if a <= start and b >= end]
            assert len(in_hand) == load
            if load:
                assert load <= min(in_hand)
        total = sum(min(b, seen.end_s) - a for a, b, _ in mine)
        assert sum((b - a) * load for a, b, load, _ in pieces) == pytest.approx(total, abs=1e-6)
    check_rosters(tables, seen, stints)
    for p in np.flatnonzero(tables.team["rostered"] == 0):
        on = sum(s[1] - s[0] for who, mine in stints.items() for s in mine if who[0] == p and s[3] == Duty.ON)
        planned, now, at = 0.0, int(tables.staff0[p]), 0.0
        for change in tables.calendar:
            if change["who"] == len(tables.channels) + p:
                planned += now * (change["time"] - at)
                now, at = int(change["value"]), float(change["time"])
        planned += now * (seen.end_s - at)
        assert on == pytest.approx(planned, abs=1e-6)


def check_work(tables, seen):
    """Law: of a talk of constant work, the sum of (time / slowdown then) is the work: none is lost and none is drawn anew (1e-9)."""
    c = tables.context[0]
    if c["on"] and (c["repeat_time"] or c["lookup_time"] or c["wrong_record_time"]):
        return
    stints = defaultdict(list)
    for s in seen.stints:
        stints[int(s["pool"]), int(s["agent"])].append(s)
    for t in seen.touches:
        p, channel = int(t["pool"]), int(t["channel"])
        handed_on = tables.channel[channel]["transfers"]  # of a message left behind the row says no more whether it would have been
        if p < 0 or t["outcome"] != Outcome.HANDLED or t["handed"] or (t["aside"] and handed_on):
            continue  # handed over: two agents' work
        law = tables.laws[tables.channel[channel]["handling"]]
        if law["code"] != LawCode.CONSTANT or t["transfer"] >= 0 or t["bot"] > 0:  # handing on takes time, hard cases more of it
            continue
        done, first = 0.0, int(tables.slows[p, channel])
        for s in stints[p, int(t["agent"])]:
            spent = min(s["end"], t["ended"]) - max(s["start"], t["started"])
            if spent > 0:
                done += spent / (tables.slowdown[first + s["load"] - 1] if first >= 0 else 1.0)
        work = law["mean"] * (tables.service.bots["hard"][t["before"]] if t["bot"] == Bot.AFTER else 1.0)
        work += tables.channel[channel]["handover"] if t["transfer"] >= 0 else 0.0
        speed = tables.speed[p, channel] * pace(tables.team, p, t["started"])
        assert done == pytest.approx(work / speed, rel=1e-9, abs=1e-9)


def check_rosters(tables, seen, stints):
    """Law: busy + wrap-up + idle + break + training + missing + absent = time on the roster, for every agent; off duty nobody works.

    The last staffing of a run that drains holds until its end.
    """
    rostered = defaultdict(list)
    for s in tables.roster:
        end = seen.end_s if s["end"] >= tables.horizon_s else float(s["end"])
        if s["end"] > 0.0:
            rostered[int(s["pool"]), int(s["number"])].append((max(0.0, float(s["start"])), end))
    for who in {*rostered, *(w for w in stints if tables.team["rostered"][w[0]])}:
        spans, seconds = rostered[who], 0.0
        for start, end, load, duty in stints[who]:
            inside = sum(max(0.0, min(end, b) - max(start, a)) for a, b in spans)
            if duty == Duty.FINISHING:
                assert load > 0
            else:
                assert inside == pytest.approx(end - start, abs=1e-6), "on the roster only"
                assert load == 0 or duty == Duty.ON
            seconds += inside
        assert seconds == pytest.approx(sum(b - a for a, b in spans), abs=1e-6)


def check_nobody_waits_beside_a_free_agent(tables, seen):
    """Law: while a contact waits, no idle agent on duty could take it (a closed inbox apart), as far as routing lets him:

    calls back are made only while the channel is open, and not by pools that help out;
    a pool that helps out may be idle until the first in line has waited `after` and while no more than `above` wait, and a pool
    with a reserve keeps so many idle agents from messages.
    """
    idle, waiting, lines = defaultdict(list), defaultdict(list), defaultdict(list)
    for t in seen.touches:
        if t["delayed"] and t["mode"] != Mode.BROWSE and t["outcome"] != Outcome.BLOCKED and t["callback"] != ACCEPTED:
            waiting[int(t["channel"])].append((float(t["arrived"]), left_line(t, seen)))
    for c, spans in waiting.items():
        lines[c] = edges(spans)
    for s in seen.stints:
        if s["load"] == 0 and s["duty"] == Duty.ON:
            idle[int(s["pool"])].append((float(s["start"]), float(s["end"])))
    for t in seen.touches:
        c = int(t["channel"])
        if t["mode"] == Mode.BROWSE or t["delayed"] == 0 or t["outcome"] in (Outcome.BLOCKED, Outcome.CLOSED):
            continue
        called = t["callback"] == ACCEPTED
        if (t["mode"] == Mode.INBOX or called) and (tables.open0[c] == 0 or (tables.calendar["who"] == c).any()):
            continue
        until = left_line(t, seen)
        for p in np.flatnonzero(tables.concurrency[:, c] > 0):
            skill = tables.skill[p, c]
            if called and skill["above"] > 0:
                continue  # a pool that helps out calls nobody back
            behind = t["mode"] == Mode.INBOX or (called and not tables.channel[c]["keep_place"])
            reserve = int(tables.reserve[p]) if behind else 0
            beside = [(max(a, float(t["arrived"])), min(b, until)) for a, b in idle[int(p)]]
            beside = [(a, b) for a, b in beside if b - a > 1e-9]
            if skill["above"] == 0 and reserve == 0:
                assert beside == [], (tables.name, t)
            for a, b in beside:
                # between two of these moments nobody of the pool comes or goes, nobody joins or leaves the line
                for moment in cut(a, b, [*edges(idle[int(p)]), *(lines[c] if skill["above"] else ()), t["arrived"] + skill["after"]]):
                    many = number_at(waiting[c], moment) > skill["above"]
                    helps = skill["above"] == 0 or many or moment > t["arrived"] + skill["after"]
                    assert not helps or number_at(idle[int(p)], moment) <= reserve, (tables.name, t, moment)


def left_line(t, seen):
    """When a contact stopped waiting."""
    return float(t["started"] if not np.isnan(t["started"]) else t["ended"] if not np.isnan(t["ended"]) else seen.end_s)


def edges(spans):
    return [x for span in spans for x in span]


def number_at(spans, moment):
    return sum(a < moment < b for a, b in spans)


def cut(a, b, moments):
    """A moment within each piece of (a, b) between these moments."""
    at = sorted({a, b, *(x for x in moments if a < x < b)})
    return [0.5 * (x + y) for x, y in itertools.pairwise(at) if y - x > 1e-9]


def check_help_and_reserve(tables, seen):
    """Law: a pool that helps out takes nobody before his time, and no message is started on an agent who is reserved."""
    idle, waiting = defaultdict(list), defaultdict(list)
    starts = Counter((int(t["pool"]), float(t["started"])) for t in seen.touches)
    for s in seen.stints:
        if s["load"] == 0 and s["duty"] == Duty.ON:
            idle[int(s["pool"])].append((int(s["agent"]), float(s["start"]), float(s["end"])))
    for t in seen.touches:
        if t["mode"] != Mode.BROWSE and t["outcome"] != Outcome.BLOCKED and t["callback"] != ACCEPTED:
            waiting[int(t["channel"])].append((float(t["arrived"]), left_line(t, seen)))
    for t in seen.touches:
        if t["mode"] == Mode.BROWSE or np.isnan(t["started"]):
            continue
        p, c, start = int(t["pool"]), int(t["channel"]), float(t["started"])
        skill = tables.skill[p, c]
        if seen.touches["handed"][seen.touches["channel"] == c].any():
            continue  # who was handed over waits again, and is with another agent than the one who began
        if skill["above"] > 0 and start < t["arrived"] + skill["after"]:
            assert sum(a <= start <= b for a, b in waiting[c]) > skill["above"], (tables.name, t)
        if t["mode"] == Mode.INBOX and tables.reserve[p] > 0 and starts[p, start] == 1:  # nobody else is taken at this moment
            # a colleague whose shift ends in this very moment may have been idle until just then
            assert sum(who != t["agent"] and a <= start <= b for who, a, b in idle[p]) >= tables.reserve[p], (tables.name, t)


def check_lines(tables, seen):
    """Law: never more lines of a trunk are held than there are, and who is blocked there found all of them held (or the places)."""
    for trunk, limit in enumerate(tables.trunk_limit):
        mine = [t for t in seen.touches if tables.channel["trunk"][t["channel"]] == trunk and t["mode"] == Mode.LIVE]
        holding = []
        for t in mine:
            at_once = t["outcome"] in (Outcome.BLOCKED, Outcome.CLOSED) and t["ended"] == t["arrived"] and t["delayed"] == 0
            if t["outcome"] != Outcome.BLOCKED and not at_once and t["callback"] != ACCEPTED and not t["balked"]:
                holding.append((float(t["arrived"]), seen.end_s + 1.0 if np.isnan(t["ended"]) else float(t["ended"])))
        held = 0
        for _, step in sorted([(a, 1) for a, _ in holding] + [(b, -1) for _, b in holding]):  # of one moment: who leaves first
            held += step
            assert held <= limit
        for t in mine:
            if t["outcome"] == Outcome.BLOCKED and t["delayed"] == 0:
                assert sum(a <= t["arrived"] <= b for a, b in holding) >= limit


def check_first_come_first_served(tables, seen):
    """Law: on one channel nobody who came later is served before one who still waits; those to be called are a line of their own."""
    started = ~np.isnan(seen.touches["started"]) & (seen.touches["mode"] != Mode.BROWSE)
    for c, called in itertools.product(range(len(tables.channels)), (False, True)):
        mine = seen.touches[(seen.touches["channel"] == c) & started & ((seen.touches["callback"] == ACCEPTED) == called)]
        latest = -1.0  # start of the last one served among those who came strictly earlier
        for _, together in itertools.groupby(mine[np.argsort(mine["arrived"])], key=lambda t: float(t["arrived"])):
            starts = [float(t["started"]) for t in together]
            assert min(starts) >= latest
            latest = max(latest, *starts)


def check_littles_law(tables, seen):
    """Law: the time average of the number waiting = the sum of waits / time, pathwise (queue by event sweep, 1e-9)."""
    values = measure(tables, seen)
    found = {(c.kpi, c.scope): (n, d) for c, n, d in zip(columns(tables), values.num, values.den, strict=True)}
    a, b = tables.warmup_s, tables.horizon_s
    for c, name in enumerate(tables.channels):
        key = ("queue_mean", (("channel", name),))
        if key not in found:
            continue
        edges = []
        for t in seen.touches[seen.touches["channel"] == c]:
            until = t["started"] if not np.isnan(t["started"]) else t["ended"] if not np.isnan(t["ended"]) else seen.end_s
            edges += [(min(max(t["arrived"], a), b), 1), (min(max(until, a), b), -1)]
        area, n, last = 0.0, 0, a
        for time, step in sorted(edges):
            area += n * (time - last)
            n, last = n + step, time
        num, den = found[key]
        assert num / den == pytest.approx(area / (b - a), rel=1e-9, abs=1e-9)


def test_generated_worlds_use_every_mechanism():
    texts = [json.dumps(world(seed)) for seed in WORLDS]
    words = """inbox queue_limit disconnect wrap deadline withdraw markov redraw free surge
    preceded half_life time_to_live busyness_cv drain least_loaded longest_wait false_match stale induced_contacts
    bot learning false_closure escalate transfer transfer_time announce last_wait leave_message callback keep_place language
    hours own_memory down mixture gamma weibull medium level strict slowdown hand_over random specialist_first
    weighted_wait ageing overflow above reserve trunks weight after_blocked after_closed stack join"""
    for word in words.split():
        assert sum(word in text for text in texts) >= 5, word
    shop = """shop sell devices cart buy carry switch switch_delay ask share channel keen lift delay scale unanswered elsewhere purchase fee
    lead contradiction reasons back most orders question late faulty returned enter cart_lost regions zone distance lead_factor store
    catalog cv items margin weight basket_factor price_sensitivity login_rate device region fulfilment pick_item store_pick carriage
    item_mile card up_to promise policy threshold flat free_for above pad reach pickup ready collect cost desk extra returns after
    store_cost store_share loss late_factor factor cart_message open click coupon costs payment commission acquisition marketing fixed
    capital life campaigns response redeem most fatigue unsubscribe announced unaware marketplace commission fulfilment exchange duty
    language"""
    texts = [text for text in texts if '"goal": "shop"' in text]
    assert 0.25 < len(texts) / len(WORLDS) < 0.42
    for word in shop.split():
        assert sum(f'"{word}"' in text for text in texts) >= 5, word
    assert sum("300 s" in t or '"30 s"' in t for t in texts) / len(texts) > 0.2


def test_shops_of_generated_worlds_come_to_everything(folder):
    """Every step, reason, way and need happens, and deliveries fall on the instants at which agents end their talks."""
    happened, ties = Counter(), 0
    for seed in WORLDS:
        if world(seed)["demand"]["stream0"]["goal"] != "shop":
            continue
        _, seen = simulate(folder, seed)
        for words, codes in ((Step, seen.touches["step"]), (Reason, seen.touches["reason"]), (Need, seen.journeys["need"] % 8),
                             (Way, seen.orders["way"]), (Carried, seen.orders["state"])):  # fmt: skip
            happened.update(str(words(int(code))) for code in codes)
        happened.update(f"kept {k}" for k in seen.touches["kept"])
        happened.update(f"asked {k}" for k in seen.journeys["asked"])
        happened.update(f"messaged {k}" for k in seen.touches["messaged"])
        happened.update(f"returned {k}" for k in seen.orders["returned"])
        sent = seen.orders["due"][seen.orders["way"] != Way.TAKEN]
        ties += len(np.intersect1d(sent, seen.touches["ended"][seen.touches["mode"] != Mode.BROWSE]))
    wanted = [str(w) for words in (Step, Reason, Need, Way, Carried) for w in words]
    wanted += [f"kept {k}" for k in (-1, 0, 1)] + [f"asked {k}" for k in range(4)]
    wanted += [f"{what} {k}" for what in ("messaged", "returned") for k in range(3)]
    assert [w for w in wanted if happened[w] == 0] == []
    assert ties > 100


def test_same_seed_same_story_other_seed_other_story(folder):
    different = 0
    for seed in A_FEW:
        tables, seen = simulate(folder, seed)
        assert seen.digest() == reference.run(tables, seed).digest()
        different += seen.digest() != reference.run(tables, seed + 1000).digest()
    assert different >= len(A_FEW) - 3  # a world may have no chance in it


def test_the_order_of_blocks_in_a_file_changes_nothing(folder):
    def backwards(value):
        if isinstance(value, dict):
            return {k: backwards(v) for k, v in reversed(value.items())}
        return [backwards(v) for v in value] if isinstance(value, list) else value

    for seed in A_FEW:
        _, seen = simulate(folder, seed)
        path = folder / f"backwards{seed}.yaml"
        path.write_text(json.dumps(backwards(world(seed))), encoding="utf-8")
        assert reference.run(Tables.build(om.load(path)), seed).digest() == seen.digest()


def test_a_longer_horizon_extends_the_records_of_the_shorter(folder):
    checked = orders = 0
    for seed in WORLDS:
        w = world(seed)
        if w["clock"]["at_end"] == "drain" or any("volume" in s for s in w["demand"].values()):
            continue
        if any(isinstance(p.get("agents"), list) for p in w["staffing"]["pools"].values()):
            continue
        _, short = simulate(folder, seed)
        _, long = simulate(folder, seed, clock={**w["clock"], "horizon": "6 h"})
        n = int((short.touches["outcome"] != Outcome.OPEN).sum())
        m = int((short.journeys["end"] != 0).sum())
        o = int((short.orders["next"] == np.inf).sum())
        orders += o
        for rows, more in (
            (short.touches[:n], long.touches[:n]),
            (short.journeys[:m], long.journeys[:m]),
            (short.orders[:o], long.orders[:o]),
        ):
            for field in rows.dtype.names:
                assert rows[field].tobytes() == more[field].tobytes(), (seed, field)
        checked += 1
    assert checked >= 10
    assert orders > 0


def test_another_stream_elsewhere_changes_nobodys_fate(folder):
    """Law: minimally different world: newcomers on their own channel with their own people touch nobody."""
    for seed in A_FEW:
        w = world(seed)
        _, seen = simulate(folder, seed)
        more = json.loads(json.dumps(w))
        more["demand"]["aaa"] = {"goal": "issue", "rate": "1 /min", "enter": {"zzz": 1.0}}
        more["channels"]["zzz"] = {"help": {"mode": "live", "handling": {"law": "constant", "value": "30 s"}}}
        more["staffing"]["pools"]["zzz"] = {"agents": 2, "skills": {"zzz": {}}}
        if (
            "retry" in more.get("journey", {}).get("issue", {})
            or "choice" in more.get("customers", {})
            or w.get("context", {}).get("preset")
        ):
            continue  # the new channel would be a new choice or a new medium for everybody
        path = folder / f"more{seed}.yaml"
        path.write_text(json.dumps(more), encoding="utf-8")
        t2 = Tables.build(om.load(path))
        seen2 = reference.run(t2, seed)
        mine = seen2.touches[seen2.touches["stream"] != t2.streams.index("aaa")]
        for field in ("arrived", "started", "ended", "outcome", "serial", "k", "completeness"):
            assert mine[field].tobytes() == seen.touches[field].tobytes()


def test_scaling_time_by_four_scales_every_moment_exactly(folder, tmp_path):
    def queue(factor):
        path = tmp_path / f"x{factor}.yaml"
        path.write_text(
            f"omnisim: 1\nname: t\nclock: {{horizon: {2 * factor} h, at_end: drain}}\n"
            f"demand: {{calls: {{goal: issue, rate: {2 / factor} /min, enter: {{c: 1.0}}}}}}\n"
            f"channels: {{c: {{help: {{mode: live, handling: {{law: lognormal, mean: {64 * factor} s, cv: 1}}, "
            f"patience: {{law: gamma, mean: {32 * factor} s, cv: 0.5}}}}}}}}\n"
            "staffing: {pools: {p: {agents: 2, skills: {c: {}}}}}\n",
            encoding="utf-8",
        )
        return reference.run(Tables.build(om.load(path)), 3).touches

    slow, fast = queue(4), queue(1)
    assert len(slow) == len(fast) > 50
    for field in ("arrived", "started", "ended"):
        assert (slow[field] == 4.0 * fast[field]).all() or np.array_equal(slow[field], 4.0 * fast[field], equal_nan=True)


def queue_file(path, agents, patience="never", rate="2 /min", extra=""):
    path.write_text(
        f"omnisim: 1\nname: t\nclock: {{horizon: 8 h, at_end: drain}}\n"
        f"demand: {{calls: {{goal: issue, rate: {rate}, enter: {{c: 1.0}}}}}}\n"
        f"channels: {{c: {{help: {{mode: live, handling: {{law: lognormal, mean: 3 min, cv: 1.2}}, patience: {patience}}}}}}}\n"
        f"staffing: {{pools: {{p: {{agents: {agents}, skills: {{c: {{}}}}}}}}}}\n{extra}",
        encoding="utf-8",
    )
    return Tables.build(om.load(path))


def waits(tables, seed):
    t = reference.run(tables, seed).touches
    order = np.argsort(t["k"])
    return (t["started"] - t["arrived"])[order]


def test_one_more_agent_never_makes_anybody_wait_longer_without_abandonment(tmp_path):
    for seed in range(1, 9):
        less, more = waits(queue_file(tmp_path / "a.yaml", 7), seed), waits(queue_file(tmp_path / "b.yaml", 8), seed)
        assert (more <= less).all()
        assert more.sum() < less.sum()


def test_with_patience_more_agents_help_the_means(tmp_path):
    """With abandonment single customers may be worse off; the means of 200 pairs are not, in 99 of 100 (binomial)."""
    patience = "{law: exponential, mean: 1 min}"
    worse = 0
    less, more = queue_file(tmp_path / "a.yaml", 6, patience), queue_file(tmp_path / "b.yaml", 7, patience)
    for seed in range(50):
        a, b = reference.run(less, seed).touches, reference.run(more, seed).touches
        worse += (b["outcome"] == Outcome.ABANDONED).mean() > (a["outcome"] == Outcome.ABANDONED).mean()
    assert worse == 0


def test_waits_follow_the_kiefer_wolfowitz_recursion(tmp_path):
    """Law: fed with the same draws, the classical recursion for G/G/c gives the same waits (1e-9)."""
    tables = queue_file(tmp_path / "a.yaml", 7)
    seen = reference.run(tables, 5)
    t = seen.touches[np.argsort(seen.touches["k"])]
    service = t["ended"] - t["started"]
    free = np.zeros(7)
    for row, work in zip(t, service, strict=True):
        i = int(np.argmin(free))
        start = max(float(row["arrived"]), free[i])
        assert start == pytest.approx(float(row["started"]), abs=1e-9)
        free[i] = start + work


def test_no_demand_and_no_staff_are_worlds_too(tmp_path):
    tables = queue_file(tmp_path / "a.yaml", 3, rate="0 /min")
    values = measure(tables, reference.run(tables, 1))
    assert len(values.num) == len(columns(tables))
    offered = next(i for i, c in enumerate(columns(tables)) if c.kpi == "contacts_offered" and c.scope == ())
    assert values.num[offered] == 0
    nobody = queue_file(tmp_path / "b.yaml", 0)
    seen = reference.run(nobody, 1)
    assert (seen.touches["outcome"] == Outcome.OPEN).all()
    assert len(seen.touches) > 500
    assert seen.end_s == nobody.horizon_s, "a drain ends when nobody is on duty and nothing is due"


def test_contacts_that_end_with_the_run_have_ended(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "omnisim: 1\nname: t\nclock: {horizon: 24 min}\ndemand: {m: {goal: issue, at: {'00:00': 10}, enter: {email: 1.0}}}\n"
        "channels: {email: {help: {mode: inbox, handling: {law: constant, value: 6 min}}}}\n"
        "staffing: {pools: {p: {agents: 2, skills: {email: {}}}}}\n",
        encoding="utf-8",
    )
    seen = reference.run(Tables.build(om.load(path)), 1)
    assert (seen.touches["outcome"] == Outcome.HANDLED).sum() == 8
    assert (seen.touches["outcome"] == Outcome.OPEN).sum() == 2
    assert np.isnan(seen.touches["started"][8:]).all(), "nobody starts at the instant the run ends"


def test_staff_lists_by_day_repeat_by_the_clock():
    from datetime import datetime

    pieces = staff_at((1, 2), datetime(2001, 1, 1, 6), 2 * 86400.0, 43200.0)
    assert pieces[:3] == [(0.0, 1), (21600.0, 2), (64800.0, 1)]
