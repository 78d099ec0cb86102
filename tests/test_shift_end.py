"""What becomes of the contact in hand when a shift ends: finished, handed over to a colleague, or cut."""

import json

import numpy as np
import pytest

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.records import TOUCH
from omnisim.rules import serving
from omnisim.tables import Tables
from omnisim.words import Duty, Outcome


def moment(second):
    return f"2001-01-01 00:{second // 60:02d}:{second % 60:02d}"


def two_pools(path, rule, at, first=(1, 0), second=(0, 1), handling="10 min", clock=None, help_=None, skill=None, other=None):
    """Pools a and b with so many agents in the first and in the second 5 min, contacts at these seconds."""
    file = {
        "omnisim": 1,
        "name": "shift end",
        "clock": {"horizon": "10 min", "interval": "5 min", "at_end": "drain", **(clock or {})},
        "demand": {f"s{i:02d}": {"goal": "issue", "at": {moment(s): 1}, "enter": {"c": 1}} for i, s in enumerate(at)},
        "channels": {"c": {"help": {"mode": "live", "handling": {"law": "constant", "value": handling}, **(help_ or {})}}},
        "staffing": {
            "pools": {
                "a": {"agents": list(first), "at_shift_end": rule, "wage": "60 USD/h", "skills": {"c": skill or {}}},
                "b": {"agents": list(second), "wage": "60 USD/h", "skills": {"c": {"preference": 2, **(other or {})}}},
            }
        },
    }
    path.write_text(json.dumps(file), encoding="utf-8")
    return Tables.build(om.load(path))


def both(tables, seed=1):
    one, other = reference.run(tables, seed), compiled.run(tables, seed)
    assert one.digest() == other.digest()
    assert one.events == other.events
    return one


def row(t):
    return {name: t[name].item() for name in ("outcome", "pool", "handed", "held_s", "started", "ended", "wrap_s")}


def test_finish_is_as_it_was(tmp_path):
    [t] = both(two_pools(tmp_path / "a.yaml", "finish", [0])).touches
    assert row(t) == {"outcome": Outcome.HANDLED, "pool": 0, "handed": 0, "held_s": 0.0, "started": 0.0, "ended": 600.0, "wrap_s": 0.0}


def test_hand_over_goes_on_with_what_is_left(tmp_path):
    """10 min of work begun at 0 s, handed over at 5 min to a colleague of twice the speed who is free then: 2.5 min more."""
    seen = both(two_pools(tmp_path / "a.yaml", "hand_over", [0], other={"speed": 2.0}))
    [t] = seen.touches
    assert row(t) == {"outcome": Outcome.HANDLED, "pool": 1, "handed": 1, "held_s": 0.0, "started": 0.0, "ended": 450.0, "wrap_s": 0.0}
    assert Duty.FINISHING not in seen.stints["duty"]


def test_who_is_handed_over_waits_without_patience_and_before_others(tmp_path):
    """The colleague is busy until 6 min; one who came at 4 min waits behind and gives up after 3 min, who was handed over does not."""
    patience = {"patience": {"law": "constant", "value": "3 min"}}
    tables = two_pools(tmp_path / "a.yaml", "hand_over", [0, 10, 240, 245], first=(1, 0), second=(1, 1), handling="350 s", help_=patience)
    by = {int(t["customer"]): t for t in both(tables).touches}
    assert row(by[0]) == {"outcome": 1, "pool": 1, "handed": 1, "held_s": 60.0, "started": 0.0, "ended": 410.0, "wrap_s": 0.0}
    assert (by[1]["started"], by[1]["ended"], by[1]["pool"]) == (10.0, 360.0, 1)
    assert (by[2]["started"], by[2]["ended"]) == (410.0, 760.0), "the first of those who waited, after who was handed over"
    assert (by[3]["outcome"], by[3]["ended"]) == (Outcome.ABANDONED, 425.0)


def test_cut_ends_the_contact(tmp_path):
    seen = both(two_pools(tmp_path / "a.yaml", "cut", [0, 30], first=(2, 0)))
    assert [row(t) for t in seen.touches] == [
        {"outcome": Outcome.CLOSED, "pool": 0, "handed": 0, "held_s": 0.0, "started": s, "ended": 300.0, "wrap_s": 0.0} for s in (0.0, 30.0)
    ]
    assert Duty.FINISHING not in seen.stints["duty"]
    answer = om.run(tmp_path / "a.yaml", seeds=1)
    assert answer.kpi("contacts_closed").mean == 2
    assert answer.kpi("contacts_handled").mean == 0


@pytest.mark.parametrize("rule", ["hand_over", "cut"])
def test_a_talk_that_ends_with_the_shift_has_ended(tmp_path, rule):
    [t] = both(two_pools(tmp_path / "a.yaml", rule, [0], handling="5 min")).touches
    assert row(t) == {"outcome": Outcome.HANDLED, "pool": 0, "handed": 0, "held_s": 0.0, "started": 0.0, "ended": 300.0, "wrap_s": 0.0}


@pytest.mark.parametrize("rule", ["hand_over", "cut"])
def test_a_wrap_up_is_finished_by_who_talked(tmp_path, rule):
    """Talk to 4 min, wrap-up to 7 min: two minutes beyond the shift, paid, whatever becomes of talks."""
    wrap = {"wrap": {"law": "constant", "value": "3 min"}}
    seen = both(two_pools(tmp_path / "a.yaml", rule, [0], handling="4 min", help_=wrap))
    [t] = seen.touches
    assert (t["outcome"], t["ended"], t["wrap_s"]) == (Outcome.HANDLED, 240.0, 180.0)
    over = seen.stints[seen.stints["duty"] == Duty.FINISHING]
    assert [(s["start"], s["end"], s["load"]) for s in over] == [(300.0, 420.0, 1)]


def test_several_in_hand_go_back_by_arrival_and_are_taken_at_once(tmp_path):
    """Three chats of an agent go back at 5 min; of two colleagues with a slot each, the first two are taken; the third waits 1 min."""
    tables = two_pools(tmp_path / "a.yaml", "hand_over", [0, 60, 120], second=(0, 2), handling="6 min", skill={"concurrency": 3})
    t = both(tables).touches
    assert t["ended"].tolist() == [360.0, 420.0, 360.0 + 180.0]
    assert t["held_s"].tolist() == [0.0, 0.0, 60.0]
    assert t["agent"].tolist() == [0, 1, 0]


def test_slowdown_and_hand_over_lose_no_work(tmp_path):
    """Two chats of 10 min at factor 2 each have 5/2 min done at 5 min; alone at a colleague's each goes on for 7.5 min."""
    t = both(two_pools(tmp_path / "a.yaml", "hand_over", [0, 0], second=(0, 2), skill={"concurrency": 2, "slowdown": [1, 2]})).touches
    assert t["ended"].tolist() == [750.0, 750.0]


def test_nobody_is_left_to_go_on(tmp_path):
    """Drain: handed over and never taken, the contact is open at the end, and has waited since."""
    tables = two_pools(tmp_path / "a.yaml", "hand_over", [0], second=(0, 0))
    [t] = both(tables).touches
    assert (t["outcome"], t["handed"], t["started"]) == (Outcome.OPEN, 1, 0.0)
    assert t["held_s"] == 300.0, "from 5 min to the end of the run"


def test_a_channel_that_closes_clears_who_was_handed_over(tmp_path):
    tables = two_pools(tmp_path / "a.yaml", "hand_over", [0], second=(0, 0), help_={"at_close": "disconnect"})
    file = json.loads((tmp_path / "a.yaml").read_text(encoding="utf-8"))
    file["channels"]["c"]["hours"] = "Mon-Sun 00:00-00:08"
    (tmp_path / "b.yaml").write_text(json.dumps(file), encoding="utf-8")
    assert both(tables).touches["outcome"].tolist() == [Outcome.OPEN]
    [t] = both(Tables.build(om.load(tmp_path / "b.yaml"))).touches
    assert (t["outcome"], t["started"], t["ended"], t["held_s"]) == (Outcome.CLOSED, 0.0, 480.0, 180.0)


def test_a_message_keeps_its_deadline(tmp_path):
    """An inbox: handed over at 5 min, nobody goes on, the deadline passes at 8 min and the message is taken back."""
    help_ = {"mode": "inbox", "deadline": "8 min", "missed": {"c": 0.5}, "withdraw": True}
    outcomes = set()
    for seed in range(8):
        seen = both(two_pools(tmp_path / "a.yaml", "hand_over", [0], second=(0, 0), help_=help_, clock={"horizon": "9 min"}), seed)
        first = seen.touches[seen.touches["serial"] == 0][0]
        assert first["missed"] == 1
        outcomes.add(int(first["outcome"]))
    assert outcomes == {Outcome.OPEN, Outcome.ABANDONED}


def test_on_hold_is_the_time_between_two_agents():
    touches = np.zeros(1, TOUCH)
    for down, up in ((100.0, 160.0), (200.0, 230.0)):
        serving.lay_down(touches, 0, down)
        serving.take_up(touches, 0, up)
    assert touches["handed"].tolist() == [2]
    assert touches["held_s"].tolist() == [90.0]
    serving.take_up(touches, 0, 300.0)
    assert touches["held_s"].tolist() == [90.0], "it is on hold no more"


def test_handling_time_leaves_out_the_time_on_hold(tmp_path):
    two_pools(tmp_path / "a.yaml", "hand_over", [0, 10], first=(1, 0), second=(1, 1), handling="350 s")
    answer = om.run(tmp_path / "a.yaml", seeds=1)
    assert answer.kpi("handle_time_s").mean == 350.0
    assert answer.kpi("wait_mean_s").mean == 0.0


def crowd(path, rule, agents):
    file = {
        "omnisim": 1,
        "name": "crowd",
        "clock": {"horizon": "12 h", "interval": "30 min"},
        "demand": {"m": {"goal": "issue", "rate": "3 /min", "enter": {"c": 1}}},
        "channels": {"c": {"help": {"mode": "live", "handling": {"law": "exponential", "mean": "20 min"}}}},
        "staffing": {
            "pools": {
                "a": {"agents": agents, "at_shift_end": rule, "skills": {"c": {"concurrency": 2}}},
                "b": {"agents": 30, "skills": {"c": {}}},
            }
        },
    }
    path.write_text(json.dumps(file), encoding="utf-8")
    return Tables.build(om.load(path))


def test_a_whole_floor_goes_home_at_once(tmp_path):
    """300 agents with 600 contacts leave at one instant: more rows than a first guess; the shift is kept to the second."""
    agents = [300 if n % 4 < 2 else 0 for n in range(24)]
    for rule in ("hand_over", "cut"):
        tables = crowd(tmp_path / f"{rule}.yaml", rule, agents)
        seen = both(tables)
        assert seen.touches["handed" if rule == "hand_over" else "started"].size > 1000
        assert Duty.FINISHING not in seen.stints["duty"]
        on = (seen.stints["end"] - seen.stints["start"])[seen.stints["pool"] == 0].sum()
        assert on == pytest.approx(300 * 6 * 3600, rel=1e-9)
    handed = reference.run(crowd(tmp_path / "c.yaml", "hand_over", agents), 1).touches
    finish = reference.run(crowd(tmp_path / "d.yaml", "finish", agents), 1).touches
    done = {int(t["k"]): t["ended"] - t["started"] for t in finish if t["outcome"] == Outcome.HANDLED}
    again = [t for t in handed if t["outcome"] == Outcome.HANDLED and t["handed"] and int(t["k"]) in done]
    assert len(again) > 50
    for t in again:  # agents of one speed: what two of them did is the work that was drawn
        assert t["ended"] - t["started"] - t["held_s"] == pytest.approx(done[int(t["k"])], rel=1e-9, abs=1e-7)
