"""Routing: each policy does what its name says, each neutral setting changes nothing, overflow and reserve act at their moments."""

import json

import numpy as np
import pytest

import omnisim as om
from omnisim.agreement import first_difference
from omnisim.engines import compiled, reference
from omnisim.rules import routing
from omnisim.rules.person import PERSON
from omnisim.scenario import check
from omnisim.tables import Tables
from omnisim.words import Contact, Duty, Outcome


def calls(**help_):
    return {"help": {"mode": "live", "handling": {"law": "constant", "value": "10 min"}, **help_}}


def mails(**help_):
    return {"help": {"mode": "inbox", "handling": {"law": "constant", "value": "10 min"}, **help_}}


def at(channel, *moments):
    """One contact at each of these clock times."""
    return {"goal": "issue", "at": dict.fromkeys(moments, 1), "enter": {channel: 1.0}}


def play(path, demand, channels, pools, seed=1, journey=None, **staffing):
    """Both engines on a small world: the touches, which must be equal."""
    w = {
        "omnisim": 1,
        "name": "t",
        "clock": {"horizon": "2 h", "at_end": "drain"},
        "demand": demand,
        "channels": channels,
        "staffing": {"pools": pools, **staffing},
    }
    if journey:
        w["journey"] = journey
    (path / "t.yaml").write_text(json.dumps(w), encoding="utf-8")
    tables = Tables.build(om.load(path / "t.yaml"))
    seen = compiled.run(tables, seed)
    told = reference.run(tables, seed)
    assert first_difference(told, seen) is None
    assert told.events == seen.events
    return tables, seen


def starts(tables, seen, channel):
    """(minute of arrival, of start, pool) of the contacts of a channel, by arrival."""
    rows = seen.touches[seen.touches["channel"] == tables.channels.index(channel)]
    rows = rows[np.argsort(rows["arrived"], kind="stable")]
    return [(t["arrived"] / 60, t["started"] / 60, tables.pools[t["pool"]] if t["pool"] >= 0 else "") for t in rows]


# ---- the rules -----------------------------------------------------------------------------------------------------


def test_whose_turn_it_is():
    """Of three who wait: rank 1 for 10 s, rank 2 for 100 s (weight 3), rank 3 for 250 s."""
    waiting = [(1, 1.0, 990.0), (2, 3.0, 900.0), (3, 1.0, 750.0)]

    def order(rule, ageing=0.0):
        return sorted(range(3), key=lambda n: routing.turn(rule, waiting[n][0], waiting[n][1], ageing, waiting[n][2], 1000.0))

    assert order(Contact.PRIORITY) == [0, 1, 2]
    assert order(Contact.LONGEST_WAIT) == [2, 1, 0]
    assert order(Contact.WEIGHTED_WAIT) == [1, 2, 0]
    assert order(Contact.AGEING, 100.0) == [2, 0, 1]
    assert order(Contact.AGEING, 0.0) == order(Contact.LONGEST_WAIT)
    assert order(Contact.AGEING, 1e9) == order(Contact.PRIORITY)


def test_when_a_pool_may_help():
    assert [bool(routing.may_help(30.0, 2, n, 100.0, 110.0)) for n in (1, 2, 3)] == [False, False, True]
    assert [bool(routing.may_help(30.0, 2, 1, 100.0, now)) for now in (129.0, 130.0)] == [False, True]
    assert not routing.may_help(np.inf, routing.ENDLESS, 10**6, 0.0, 1e9)


def test_who_may_start_a_message():
    assert [int(routing.least_in_hand(idle, 2)) for idle in (4, 3, 2, 1)] == [0, 0, 1, routing.NOBODY_MAY]
    assert [int(routing.least_in_hand(idle, 0)) for idle in (1, 0)] == [0, 1]


def test_chance_gives_each_the_same_share():
    """4,000 people choose among 5: each is chosen within 4 standard errors of a fifth; the same person chooses the same."""
    people = np.zeros(4000, PERSON)
    people["key0"], people["key1"] = np.arange(4000, dtype=np.uint64), np.uint64(7)
    chosen = np.array([int(routing.nth(people, i, np.uint64(3), 0, 5)) for i in range(len(people))])
    share = np.bincount(chosen, minlength=5) / len(chosen)
    assert len(share) == 5
    assert (abs(share - 0.2) < 4 * np.sqrt(0.2 * 0.8 / len(chosen))).all()
    assert all(int(routing.nth(people, i, np.uint64(3), 0, 5)) == chosen[i] for i in range(50))


# ---- which agent takes an arriving contact -------------------------------------------------------------------------


def test_chance_picks_agents_not_pools(tmp_path):
    """One idle agent in a pool and nine in another: the one gets a tenth of the calls that find everybody idle."""
    pools = {"few": {"agents": 1, "skills": {"a": {}}}, "many": {"agents": 9, "skills": {"a": {"preference": 2}}}}
    demand = {"s": {"goal": "issue", "rate": "0.05 /min", "enter": {"a": 1.0}}}
    channel = {"a": {"help": {"mode": "live", "handling": {"law": "constant", "value": "1 ms"}}}}
    taken = []
    for seed in range(60):
        tables, seen = play(tmp_path, demand, channel, pools, seed, routing={"agent": "random"})
        taken += [tables.pools[p] for p in seen.touches["pool"]]
    share = taken.count("few") / len(taken)
    assert len(taken) > 250
    assert abs(share - 0.1) < 4 * np.sqrt(0.1 * 0.9 / len(taken))
    assert len(set(seen.touches["agent"])) > 1


def test_specialists_come_first_whatever_their_preference(tmp_path):
    pools = {
        "all": {"agents": 1, "skills": {"a": {"preference": 1}, "b": {}, "c": {}}},
        "two": {"agents": 1, "skills": {"a": {"preference": 2}, "b": {}}},
        "one": {"agents": 1, "skills": {"a": {"preference": 3}}},
    }
    channels = {"a": calls(), "b": calls(), "c": calls()}
    demand = {"s": at("a", "00:00", "00:01", "00:02")}
    said = {"agent": "specialist_first"}
    assert [p for _, _, p in starts(*play(tmp_path, demand, channels, pools, routing=said), "a")] == ["one", "two", "all"]
    assert [p for _, _, p in starts(*play(tmp_path, demand, channels, pools), "a")] == ["all", "two", "one"]


# ---- which waiting contact a freed agent takes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ({"contact": "priority"}, "aba"),
        ({"contact": "longest_wait"}, "abb"),
        ({"contact": "weighted_wait"}, "aba"),
        ({"contact": "ageing", "ageing": "30 s"}, "abb"),
        ({"contact": "ageing", "ageing": "30 min"}, "aba"),
    ],
)
def test_a_freed_agent_takes(tmp_path, rule, order):
    """One agent; b (rank 2) arrives at minutes 1 and 11, a (rank 1, weight 3) at 0 and 12: who is taken third, at minute 20?"""
    pools = {"p": {"agents": 1, "skills": {"a": {"priority": 1, "weight": 3.0}, "b": {"priority": 2}}}}
    demand = {"s": at("a", "00:00", "00:12"), "t": at("b", "00:01", "00:11")}
    tables, seen = play(tmp_path, demand, {"a": calls(), "b": calls()}, pools, routing=rule)
    told = seen.touches[np.argsort(seen.touches["started"])]
    assert "".join(tables.channels[c] for c in told["channel"])[:3] == order


# ---- overflow ------------------------------------------------------------------------------------------------------


MAIN = {"agents": 1, "skills": {"a": {}}}


def helper(**overflow):
    return {"main": MAIN, "spare": {"agents": 2, "skills": {"a": {"preference": 2, "overflow": overflow}}}}


def test_a_pool_helps_out_after_a_delay(tmp_path):
    """The delay passes for the second at minute 3, for the third at 4; the fourth comes when the first is still served."""
    demand = {"s": at("a", "00:00", "00:01", "00:02", "00:11")}
    seen = starts(*play(tmp_path, demand, {"a": calls()}, helper(after="2 min")), "a")
    assert seen == [(0, 0, "main"), (1, 3, "spare"), (2, 4, "spare"), (11, 11, "main")]


def test_a_pool_helps_out_when_many_wait(tmp_path):
    """More than one waits from minute 2 on: the first in line is taken then."""
    demand = {"s": at("a", "00:00", "00:01", "00:02", "00:03")}
    seen = starts(*play(tmp_path, demand, {"a": calls()}, helper(above=1)), "a")
    assert seen == [(0, 0, "main"), (1, 2, "spare"), (2, 3, "spare"), (3, 10, "main")]


def test_either_condition_is_enough(tmp_path):
    demand = {"s": at("a", "00:00", "00:01", "00:02")}
    seen = starts(*play(tmp_path, demand, {"a": calls()}, helper(after="5 min", above=1)), "a")
    assert seen == [(0, 0, "main"), (1, 2, "spare"), (2, 7, "spare")]


def test_who_gives_up_before_the_delay_is_not_helped(tmp_path):
    demand = {"s": at("a", "00:00", "00:01", "00:02")}
    channel = {"a": calls(patience={"law": "constant", "value": "2 min"})}
    tables, seen = play(tmp_path, demand, channel, helper(after="2 min"))
    assert (seen.touches["outcome"] == Outcome.ABANDONED).sum() == 2, "patience that ends with the delay ends first"
    tables, seen = play(tmp_path, demand, channel, helper(after="1 min"))
    assert starts(tables, seen, "a")[1:] == [(1, 2, "spare"), (2, 3, "spare")]


def test_a_waiting_message_is_helped_in_opening_hours_only(tmp_path):
    channel = {"a": {**mails(), "hours": "Mon-Sun 00:30-24:00"}}
    seen = starts(*play(tmp_path, {"s": at("a", "00:00", "00:10", "00:29")}, channel, helper(after="5 min")), "a")
    assert seen == [(0, 30, "main"), (10, 30, "spare"), (29, 34, "spare")]


# ---- reserve -------------------------------------------------------------------------------------------------------


def test_a_reserve_keeps_idle_agents_from_messages(tmp_path):
    """Three agents, two of them kept: one mail at a time; a call takes a kept agent; a second mail waits for two idle others."""
    pools = {"p": {"agents": 3, "reserve": 2, "skills": {"a": {}, "m": {"priority": 2}}}}
    demand = {"s": at("m", "00:00", "00:01"), "t": at("a", "00:02")}
    tables, seen = play(tmp_path, demand, {"a": calls(), "m": mails()}, pools)
    assert starts(tables, seen, "m") == [(0, 0, "p"), (1, 12, "p")]
    assert starts(tables, seen, "a") == [(2, 2, "p")]


def test_an_agent_who_comes_on_duty_lets_a_message_begin(tmp_path):
    pools = {"p": {"agents": {"00:00": 1, "00:20": 2}, "reserve": 1, "skills": {"m": {}, "a": {}}}}
    tables, seen = play(tmp_path, {"s": at("m", "00:05")}, {"a": calls(), "m": mails()}, pools)
    assert starts(tables, seen, "m") == [(5, 20, "p")]


def test_who_writes_already_goes_on_when_enough_are_idle_again(tmp_path):
    """Two mails at a time, one agent kept: the second mail joins the first agent when the call of the other has ended."""
    pools = {"p": {"agents": 2, "reserve": 1, "skills": {"a": {"preference": 1}, "m": {"concurrency": 2}}}}
    demand = {"s": at("m", "00:00", "00:03"), "t": at("a", "00:01")}
    channels = {"a": calls(handling={"law": "constant", "value": "5 min"}), "m": mails()}
    tables, seen = play(tmp_path, demand, channels, pools)
    assert starts(tables, seen, "m") == [(0, 0, "p"), (3, 6, "p")]
    assert len({int(n) for n in seen.touches["agent"][seen.touches["channel"] == tables.channels.index("m")]}) == 1


# ---- lines ---------------------------------------------------------------------------------------------------------


def test_lines_are_held_waiting_and_talking_but_not_wrapping_up(tmp_path):
    """Two lines, one agent: the third is blocked; at minute 10 the talk has ended and the line is free, though he wraps up."""
    channels = {"a": calls(wrap={"law": "constant", "value": "10 min"}), "b": calls()}
    pools = {"p": {"agents": 1, "skills": {"a": {}, "b": {}}}}
    demand = {"s": at("a", "00:00", "00:05", "00:10"), "t": at("b", "00:06", "00:11")}
    tables, seen = play(tmp_path, demand, channels, pools, trunks={"lines": {"channels": ["a", "b"], "limit": 2}})
    blocked = seen.touches[seen.touches["outcome"] == Outcome.BLOCKED]
    assert sorted(blocked["arrived"] / 60) == [6, 11]
    assert list(starts(tables, seen, "a")) == [(0, 0, "p"), (5, 20, "p"), (10, 40, "p")]


# ---- settings that change nothing ----------------------------------------------------------------------------------


SAME = [
    ({"agent": "preference", "contact": "longest_wait"}, {"agent": "preference", "contact": "ageing", "ageing": "0 s"}, {}),
    ({"agent": "preference", "contact": "priority"}, {"agent": "preference", "contact": "ageing", "ageing": "36525 d"}, {}),
    ({"agent": "preference", "contact": "longest_wait"}, {"agent": "preference", "contact": "weighted_wait"}, {}),
    ({"agent": "least_loaded", "contact": "priority"}, {"agent": "least_loaded", "contact": "priority"}, {"overflow": {"after": "0 s"}}),
    ({"agent": "preference", "contact": "priority"}, {"agent": "preference", "contact": "priority"}, {"overflow": {"above": 0}}),
    ({"agent": "random", "contact": "priority"}, {"agent": "random", "contact": "priority"}, {"overflow": {"after": "0 s", "above": 3}}),
    ({"agent": "preference", "contact": "priority"}, {"agent": "preference", "contact": "priority"}, {"weight": 5.0}),
]


@pytest.mark.parametrize(("one", "other", "skill"), SAME)
def test_neutral_settings_give_exactly_the_same_story(tmp_path, one, other, skill):
    """Exactly no effect: two queues, two pools, messages and patience; every row is equal."""
    demand = {c: {"goal": "issue", "rate": "0.7 /min", "enter": {c: 1.0}} for c in "ab"}
    demand["m"] = {"goal": "issue", "rate": "0.2 /min", "enter": {"m": 1.0}}
    law = {"law": "exponential", "mean": "3 min"}
    channels = {c: calls(handling=law, patience={"law": "exponential", "mean": "2 min"}) for c in "ab"}
    channels["m"] = mails(handling=law)

    def told(routing_, more, **rest):
        pools = {
            "p": {"agents": 2, "skills": {"a": {"priority": 1, **more}, "b": {"priority": 2}}, **rest},
            "q": {"agents": 3, "skills": {"b": {"priority": 1, "concurrency": 2}, "a": {"priority": 2, **more}, "m": more}, **rest},
        }
        return play(tmp_path, demand, channels, pools, 5, routing=routing_)[1]

    before = told(one, {})
    assert first_difference(before, told(other, skill)) is None
    assert first_difference(before, told(other, skill, reserve=0)) is None
    assert before.touches["delayed"].mean() > 0.2
    assert (before.stints["duty"] == Duty.ON).any()


# ---- what is said of settings that do nothing ----------------------------------------------------------------------


def test_warnings_name_what_has_no_effect(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(
        "omnisim: 1\nclock: {horizon: 1 h}\ndemand: {s: {goal: issue, rate: 1 /min, enter: {a: 1}}}\n"
        "channels: {a: {help: {mode: live, handling: {law: constant, value: 1 min}}}}\n"
        "staffing: {pools: {p: {agents: 1, reserve: 1, skills: {a: {overflow: {after: 1 min}}}}}}\n",
        encoding="utf-8",
    )
    said = [str(w) for w in check(path).warnings]
    assert len(said) == 2
    assert "staffing.pools.p.reserve: has no effect: the pool serves no inbox channel" in said[0]
    assert "every pool that serves a only helps out there; its contacts always wait first" in said[1]


@pytest.mark.parametrize(("blocked", "closed", "tries"), [(None, None, [4, 4]), (0.0, None, [1, 4]), (None, 0.0, [4, 1])])
def test_who_found_the_line_taken_or_shut_may_try_again_less_often(tmp_path, blocked, closed, tries):
    """a: no line at all; b: shut.  Three further attempts each, as after giving up, unless the file says otherwise."""
    retry = {"after_abandoned": 1.0, "delay": {"law": "constant", "value": "1 min"}, "most": 3}
    retry |= {k: v for k, v in (("after_blocked", blocked), ("after_closed", closed)) if v is not None}
    pools = {"p": {"agents": 1, "skills": {"a": {}, "b": {}}}}
    channels = {"a": calls(), "b": {**calls(), "hours": "Mon-Sun 23:00-24:00"}}
    demand = {"s": at("a", "00:00"), "t": at("b", "00:00")}
    lines = {"lines": {"channels": ["a"], "limit": 0}}
    tables, seen = play(tmp_path, demand, channels, pools, trunks=lines, journey={"issue": {"retry": retry}})
    assert [(seen.touches["channel"] == tables.channels.index(c)).sum() for c in "ab"] == tries
