"""People: shifts with breaks, shrinkage, adherence, training, pools of another firm; each by figures that can be done by hand."""

import json

import numpy as np
import pytest
from worlds import plain_world

import omnisim as om
from omnisim import ledger
from omnisim.engines import reference
from omnisim.kpis import columns, measure
from omnisim.laws import LAW
from omnisim.rosterbuild import half_up
from omnisim.rosters import plan, roster
from omnisim.rules import team
from omnisim.rules.roster import MOVE, REST, STRETCH, roster_moves
from omnisim.tables import Tables
from omnisim.words import Duty, Outcome

H = 3600.0


def tables_of(tmp_path, pool, horizon="24 h", start="2026-11-30 00:00", at=None, handling="5 min", more=None, help_=None):
    """One queue, one pool `desk`; calls come at `at` (moment: number), or one a minute."""
    calls = {"goal": "issue", "enter": {"phone": 1.0}, **({"at": at} if at else {"rate": "1 /min"})}
    w = {
        "omnisim": 1,
        "clock": {"start": start, "horizon": horizon},
        "demand": {"calls": calls},
        "channels": {"phone": {"help": {"mode": "live", "handling": {"law": "constant", "value": handling}, **(help_ or {})}}},
        "staffing": {"pools": {"desk": {"skills": {"phone": {}}, **pool}, **(more or {})}},
    }
    path = tmp_path / "roster.yaml"
    path.write_text(json.dumps(w), encoding="utf-8")
    return Tables.build(om.load(path))


def stints(seen, agent, pool=0):
    mine = seen.stints[(seen.stints["agent"] == agent) & (seen.stints["pool"] == pool)]
    return [(Duty(int(s["duty"])).name, float(s["start"]), float(s["end"])) for s in mine]


DAY_SHIFT = {"start": "08:00", "length": "8 h", "agents": 1}


def test_a_shift_with_breaks_hour_by_hour(tmp_path):
    breaks = [{"after": "2 h", "length": "15 min", "paid": True}, {"after": "4 h", "length": "30 min"}]
    t = tables_of(tmp_path, {"wage": "20 USD/h", "shifts": [{**DAY_SHIFT, "breaks": breaks}]}, at={"2026-11-30 03:00": 1})
    seen = reference.run(t, 1)
    hours = [(name, a / H, b / H) for name, a, b in stints(seen, 0)]
    assert hours == [
        ("ON", 8.0, 8 + 1 / 12), ("ON", 8 + 1 / 12, 10.0), ("PAID_BREAK", 10.0, 10.25), ("ON", 10.25, 12.0), ("BREAK", 12.0, 12.5),
        ("ON", 12.5, 16.0),
    ]  # fmt: skip
    got = {c.kpi: v for c, v in zip(columns(t), measure(t, seen).value, strict=True) if c.scope == ()}
    assert got["staffed_hours"] == pytest.approx(7.5)
    assert got["labour_cost"] == 150.0
    assert got["break_hours"] == pytest.approx(0.75)
    assert got["shrinkage"] == pytest.approx(0.75 / 8)
    assert got["adherence"] == 1.0


def test_who_is_busy_when_his_break_begins_finishes_first_and_comes_back_in_time(tmp_path):
    shift = {**DAY_SHIFT, "breaks": [{"after": "2 h", "length": "15 min"}, {"after": "4 h", "length": "5 min"}]}
    at = {"2026-11-30 09:55": 1, "2026-11-30 11:58": 1, "2026-11-30 15:58": 1}
    seen = reference.run(tables_of(tmp_path, {"shifts": [shift]}, at=at, handling="10 min"), 1)
    minutes = [(name, a / 60 - 480, b / 60 - 480) for name, a, b in stints(seen, 0)]
    late = minutes.index(("BREAK", 125.0, 135.0))  # five minutes late, and shorter by as much
    assert minutes[late - 1] == ("FINISHING", 120.0, 125.0)
    assert ("FINISHING", 240.0, 245.0) in minutes, "a talk that outlasts the break leaves nothing of it"
    assert ("ON", 245.0, 248.0) in minutes
    assert minutes[-1] == ("FINISHING", 480.0, 488.0)
    assert sum(name == "BREAK" for name, _, _ in minutes) == 1


def test_a_shift_across_midnight_belongs_to_the_day_on_which_it_begins(tmp_path):
    night = {"start": "22:00", "length": "8 h", "agents": 1, "days": "Sun, Mon"}
    t = tables_of(tmp_path, {"shifts": [night]}, "72 h", at={"2026-11-30 03:00": 0})  # starts on a Monday
    assert [(n, a / H, b / H) for n, a, b in stints(reference.run(t, 1), 0)] == [("ON", 0.0, 6.0), ("ON", 22.0, 30.0)]


def test_shifts_without_agents_or_days_within_the_run_are_empty(tmp_path):
    none = [{**DAY_SHIFT, "agents": 0}, {**DAY_SHIFT, "days": "Sat"}]
    seen = reference.run(tables_of(tmp_path, {"shifts": none}), 1)
    assert len(seen.stints) == 0
    assert (seen.touches["outcome"] == Outcome.OPEN).all()


def test_planned_shrinkage_is_exact_over_the_days_and_in_turn(tmp_path):
    shift = {**DAY_SHIFT, "agents": 12}
    t = tables_of(tmp_path, {"shifts": [shift], "shrinkage": {"planned": "12 %"}}, "2400 h")
    moves = roster(t, 1)
    trained = moves[moves["duty"] == Duty.TRAINING]
    assert len(trained) == 144, "of 12 x 100 agent days"
    assert set(np.unique(trained["number"], return_counts=True)[1]) == {12}, "everybody as often"
    per_day = np.bincount((trained["time"] // 86400).astype(int), minlength=100)
    assert set(per_day) == {1, 2}
    assert half_up(12 * 0.12) == 1


def test_agents_by_number_shrink_to_whole_numbers(tmp_path):
    t = tables_of(tmp_path, {"agents": {"00:00": 5, "12:00": 10}, "wage": "10 USD/h", "shrinkage": {"planned": 0.3}}, at={"00:00": 0})
    seen = reference.run(t, 1)
    on = seen.stints[seen.stints["duty"] == Duty.ON]
    assert (on["end"] - on["start"]).sum() / H == 12 * 3 + 12 * 7, "1.5 of 5 is 2, 3 of 10 is 3"
    assert ledger.post(t, seen).accounts["labour/desk"] == 100 * 10 * 12 * 15, "and all are paid"


def absences(t, seed):
    moves = roster(t, seed)
    gone = moves[moves["duty"] == Duty.PAID_ABSENT]
    return {(int(m["number"]), int(m["time"] // 86400)) for m in gone}


def test_absence_is_one_draw_an_agent_and_day(tmp_path):
    away = {"shrinkage": {"absence": 0.1}}
    shift = {**DAY_SHIFT, "agents": 40}
    t = tables_of(tmp_path, {"shifts": [shift], **away}, "1200 h")
    n = 40 * 50
    counts = [len(absences(t, seed)) for seed in range(20)]
    assert abs(sum(counts) / (20 * n) - 0.1) < 4 * np.sqrt(0.1 * 0.9 / (20 * n))
    more = tables_of(tmp_path, {"shifts": [shift, {**DAY_SHIFT, "start": "12:00"}], **away}, "2400 h",
                     more={"other": {"agents": 3, "skills": {"phone": {}}, **away}})  # fmt: skip
    assert {(i, d) for i, d in absences(more, 3) if i < 40 and d < 50 and (i, d) in absences(t, 3)} == absences(t, 3)
    busy = tables_of(tmp_path, {"shifts": [shift], "shrinkage": {"absence": 0.1, "absence_cv": 1.0}}, "1200 h")
    spread = [np.bincount([d for _, d in absences(x, 1)], minlength=50).var() for x in (t, busy)]
    assert spread[1] > 2 * spread[0], "a day's common factor"


def test_by_number_absence_holds_all_day_and_others_keep_their_luck(tmp_path):
    pool = {"agents": {"00:00": 4, "06:00": 8, "20:00": 4}, "shrinkage": {"absence": 0.3}}
    t = tables_of(tmp_path, pool, "120 h")
    for seed in range(5):
        rows = reference.run(t, seed).stints
        for agent in range(8):
            mine = rows[rows["agent"] == agent]
            for day in range(5):
                today = mine[(mine["start"] < (day + 1) * 86400) & (mine["end"] > day * 86400)]
                today = today[today["duty"] != Duty.FINISHING]
                kinds = {int(d) for d in today["duty"]}
                assert len(kinds) == 1 or agent < 4, "who is absent is absent all day (agents who stay over midnight meet two days)"


def test_late_and_early_are_missing_and_paid(tmp_path):
    stray = {"late": {"law": "constant", "value": "10 min"}, "early": {"law": "constant", "value": "5 min"}}
    breaks = [{"after": "0 s", "length": "15 min"}]
    t = tables_of(tmp_path, {"wage": "6 USD/h", "shifts": [{**DAY_SHIFT, "breaks": breaks}], "adherence": stray}, at={"00:00": 0})
    seen = reference.run(t, 1)
    minutes = [(name, a / 60 - 480, b / 60 - 480) for name, a, b in stints(seen, 0)]
    assert minutes == [("MISSING", 0.0, 10.0), ("BREAK", 10.0, 15.0), ("ON", 15.0, 475.0), ("MISSING", 475.0, 480.0)]
    got = {c.kpi: v for c, v in zip(columns(t), measure(t, seen).value, strict=True) if c.scope == ()}
    assert got["adherence"] == pytest.approx(460 / 475)
    assert ledger.post(t, seen).accounts["labour/desk"] == 4800 - 50
    gone = {"late": {"law": "constant", "value": "9 h"}}
    assert [s[0] for s in stints(reference.run(tables_of(tmp_path, {"shifts": [DAY_SHIFT], "adherence": gone}), 1), 0)] == ["MISSING"]


NEUTRAL = {
    "shrinkage": {"planned": 0, "absence": 0, "absence_cv": 1.0},
    "adherence": {"late": {"law": "constant", "value": "0 s"}},
    "training": {"share": 0, "speed": 1, "resolve": 1},
}


def test_neutral_is_exactly_none(tmp_path):
    for seed in range(12):
        w = plain_world(seed)
        digests = []
        for more in ({}, NEUTRAL, {"outsourced": {"price": "1 USD", "ramp": {"length": "5 h"}}}):
            v = json.loads(json.dumps(w))
            for pool in v["staffing"]["pools"].values():
                pool |= more
                if "outsourced" in more:
                    del pool["wage"]
            path = tmp_path / "w.yaml"
            path.write_text(json.dumps(v), encoding="utf-8")
            t = Tables.build(om.load(path))
            assert plan(t, seed).calendar is t.calendar
            digests.append(reference.run(t, seed).digest())
        assert len(set(digests)) == 1


def test_a_break_of_no_length_is_none(tmp_path):
    with_ = {**DAY_SHIFT, "agents": 4, "breaks": [{"after": "2 h", "length": "0 s"}]}
    digests = {reference.run(tables_of(tmp_path, {"shifts": [s]}), 2).digest() for s in (with_, {**DAY_SHIFT, "agents": 4})}
    assert len(digests) == 1


def test_training_and_ramp_change_speed_and_skill(tmp_path):
    row = np.zeros(1, team.TEAM)
    row[0]["taught"], row[0]["speed"], row[0]["resolve"] = 1, 1.25, 1.1
    row[0]["ramp_from"], row[0]["ramp_s"], row[0]["ramp_speed"], row[0]["ramp_resolve"] = 100.0, 200.0, 0.6, 0.5
    assert [team.learned(row[0], now) for now in (0.0, 100.0, 150.0, 300.0, 900.0)] == [0.0, 0.0, 0.25, 1.0, 1.0]
    assert [round(team.pace(row, 0, now), 12) for now in (0.0, 200.0, 300.0)] == [0.75, 1.0, 1.25]
    assert [round(team.skill(row, 0, now), 12) for now in (0.0, 200.0, 300.0)] == [0.55, 0.825, 1.1]
    taught = tables_of(tmp_path, {"agents": 3, "training": {"speed": 1.25, "resolve": 1.5}}, help_={"resolve": 0.5})
    plain = tables_of(tmp_path, {"agents": 3}, help_={"resolve": 0.5})
    a, b = (reference.run(x, 1).touches for x in (taught, plain))
    done = a["ended"] - a["started"]
    assert done[a["outcome"] == Outcome.HANDLED] == pytest.approx(240.0)
    rate = [x["resolved"][x["outcome"] == Outcome.HANDLED].mean() for x in (a, b)]
    n = (a["outcome"] == Outcome.HANDLED).sum()
    assert abs(rate[0] - 0.75) < 4 * np.sqrt(0.75 * 0.25 / n)
    assert rate[1] < 0.6


def test_what_training_and_another_firm_cost(tmp_path):
    at = {"2026-11-30 09:00": 7}
    t = tables_of(tmp_path, {"agents": 2, "training": {"cost": "3.30 USD/d"}, "wage": "1 USD/h"}, "36 h", at=at)
    assert ledger.post(t, reference.run(t, 1), rows=True).accounts["training/desk"] == 660 + 330
    for per, owed in (("contact", 7 * 421), ("minute", 421 * 35), ("hour", 421 * 72)):
        t = tables_of(tmp_path, {"agents": 2, "outsourced": {"price": "4.21 USD", "per": per}}, "36 h", at=at)
        books = ledger.post(t, reference.run(t, 1), rows=True)
        assert books.accounts["outsourced/desk"] == owed, per
        assert books.staff == ("outsourced/desk",)
        assert books.postings["amount"].sum() == owed
        got = {c.kpi: v for c, v in zip(columns(t), measure(t, reference.run(t, 1)).value, strict=True) if c.scope == ()}
        assert got["outsourcing_cost"] == owed / 100
        assert got["cost_to_serve"] == pytest.approx(owed / 700)
        assert "labour_cost" not in got


def test_roster_moves_of_one_agent_alone():
    """Of two words for one moment the later one holds; a shift that goes on at midnight is one."""
    rows = np.zeros(2, STRETCH)
    rows["day"], rows["start"], rows["end"] = (1, 2), (0.0, 100.0), (100.0, 200.0)
    rows[0]["upto"] = 1
    rests = np.array([(40.0, 50.0, 1)], REST)
    one = np.zeros(1, team.TEAM)
    one["late"] = one["early"] = -1
    moves = np.zeros(20, MOVE)
    n = roster_moves(1, rows, rests, one, np.zeros(0, LAW), np.zeros(0), moves)
    said = [(float(m["time"]), int(m["duty"])) for m in moves[:n]]
    assert said == [(0.0, Duty.ON), (40.0, Duty.PAID_BREAK), (50.0, Duty.ON), (100.0, Duty.ON), (200.0, 0)]
    one["absence"] = 1.0
    n = roster_moves(1, rows, rests, one, np.zeros(0, LAW), np.zeros(0), moves)
    assert [int(d) for d in moves["duty"][:n]] == [Duty.ABSENT, Duty.ABSENT, 0]
