"""When the second and the third slot are filled: on which agent, and how long they are held back."""

import json

import pytest

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.staffing.exact import chats
from omnisim.tables import Tables
from omnisim.words import Outcome


def chat_desk(path, at, skill, agents=2, fill="spread", patience="never", handling="10 min"):
    """Chats of 10 min that come at these seconds, to agents of one pool."""
    moments = {f"s{i:02d}": f"2001-01-01 00:{s // 60:02d}:{s % 60:02d}" for i, s in enumerate(at)}
    file = {
        "omnisim": 1,
        "name": "desk",
        "clock": {"horizon": "2 h", "at_end": "drain"},
        "demand": {name: {"goal": "issue", "at": {moment: 1}, "enter": {"c": 1}} for name, moment in moments.items()},
        "channels": {"c": {"help": {"mode": "live", "handling": {"law": "constant", "value": handling}, "patience": patience}}},
        "staffing": {"pools": {"p": {"agents": agents, "fill": fill, "skills": {"c": skill}}}},
    }
    path.write_text(json.dumps(file), encoding="utf-8")
    tables = Tables.build(om.load(path))
    one, other = reference.run(tables, 1), compiled.run(tables, 1)
    assert one.digest() == other.digest()
    assert one.events == other.events
    rows = one.touches
    return sorted((int(t["arrived"]), int(t["started"]) if t["started"] >= 0 else None, int(t["agent"])) for t in rows)


def test_spread_takes_the_emptiest_and_stack_the_fullest_who_can(tmp_path):
    at, skill = [0, 10, 20, 30], {"concurrency": 2}
    assert chat_desk(tmp_path / "a.yaml", at, skill) == [(0, 0, 0), (10, 10, 1), (20, 20, 0), (30, 30, 1)]
    assert chat_desk(tmp_path / "b.yaml", at, skill, fill="stack") == [(0, 0, 0), (10, 10, 0), (20, 20, 1), (30, 30, 1)]


def test_a_further_slot_waits_for_a_line(tmp_path):
    """One agent with three slots: the second chat waits, and when a third comes more than one wait and the first of them is taken."""
    skill = {"concurrency": 3, "join": {"above": 1}}
    # at 20 s: two wait, the one of 10 s is taken; at 30 s: two wait, the one of 20 s; at 40 s: nobody has a slot
    seen = chat_desk(tmp_path / "a.yaml", [0, 10, 20, 30, 40], skill, agents=1)
    # at 600 s the first ends, two are in hand and two wait: the one of 30 s is taken; alone, the last waits until nobody is in hand
    assert seen == [(0, 0, 0), (10, 20, 0), (20, 30, 0), (30, 600, 0), (40, 1200, 0)]


def test_a_further_slot_waits_for_a_time(tmp_path):
    """The second chat is taken when it has waited a minute; an idle agent takes the third at once."""
    skill = {"concurrency": 2, "join": {"after": "1 min"}}
    assert chat_desk(tmp_path / "a.yaml", [0, 10, 630], skill, agents=1, handling="5 min") == [(0, 0, 0), (10, 70, 0), (630, 630, 0)]


def test_whichever_comes_first(tmp_path):
    skill = {"concurrency": 3, "join": {"after": "1 min", "above": 1}}
    seen = chat_desk(tmp_path / "a.yaml", [0, 10, 20], skill, agents=1)
    assert seen == [(0, 0, 0), (10, 20, 0), (20, 80, 0)]


def test_who_gives_up_before_the_slot_is_used(tmp_path):
    patience = {"law": "constant", "value": "30 s"}
    seen = chat_desk(tmp_path / "a.yaml", [0, 10], {"concurrency": 2, "join": {"after": "1 min"}}, agents=1, patience=patience)
    assert seen == [(0, 0, 0), (10, None, -1)]


def test_neutral_settings_change_nothing_at_all(tmp_path):
    """Law: above 0, after 0 s, and either fill with one slot each are exactly as if nothing was said."""
    at = [0, 5, 7, 30, 31, 95, 300, 601, 602]
    plain = chat_desk(tmp_path / "a.yaml", at, {"concurrency": 2})
    for join in ({"above": 0}, {"after": "0 s"}, {"above": 0, "after": "1 h"}):
        assert chat_desk(tmp_path / "b.yaml", at, {"concurrency": 2, "join": join}) == plain
    one = chat_desk(tmp_path / "c.yaml", at, {})
    assert chat_desk(tmp_path / "d.yaml", at, {"join": {"above": 3}}, fill="stack") == one


@pytest.mark.parametrize("fill", ["spread", "stack"])
def test_the_exact_chain_of_chats(tmp_path, fill):
    """Law: chats at 0.9 a minute, 4 agents with 2 slots, 6 and 9 min, patience 2 min: within 4 standard errors of the chain."""
    path = tmp_path / "chats.yaml"
    path.write_text(
        "omnisim: 1\nname: chats\nclock: {horizon: 3 d, warmup: 4 h}\ndemand: {m: {goal: issue, rate: 0.9 /min, enter: {c: 1}}}\n"
        "channels: {c: {help: {mode: live, handling: {law: exponential, mean: 6 min}, patience: {law: exponential, mean: 2 min}}}}\n"
        f"staffing: {{pools: {{p: {{agents: 4, fill: {fill}, skills: {{c: {{concurrency: 2, slowdown: [1, 1.5]}}}}}}}}}}\n",
        encoding="utf-8",
    )
    answer = om.run(path, seeds=20)
    r = chats(0.9, [6, 9], 4, 2, most_loaded=fill == "stack")
    for name, exact in {
        "delay_rate": r.callers.p_wait,
        "abandon_rate": r.callers.p_abandon,
        "wait_mean_s": 60 * r.callers.wait_mean,
        "handle_time_s": 60 * r.handle_mean,
        "occupancy": r.busy,
        "concurrency_mean": r.concurrency,
    }.items():
        k = answer.kpi(name)
        assert abs(k.mean - exact) <= 4 * k.sd / k.n**0.5, (name, k.mean, exact)
    assert answer.kpi("contacts_handled").mean > 2000
    assert Outcome.ABANDONED in compiled.run(Tables.build(om.load(path)), 1).touches["outcome"]
