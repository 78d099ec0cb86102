"""Who has to wait: announced waits and balking, messages left, calls back, languages, patience from a survival table."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

import omnisim as om
from omnisim.calibrate.survival import kaplan_meier
from omnisim.engines import compiled, reference
from omnisim.laws import sample
from omnisim.records import TOUCH
from omnisim.rules import person, serving
from omnisim.rules.waiting import (
    ACCEPTED,
    BY_QUEUE,
    LAST_WAIT,
    LONGEST,
    accepts_call,
    announced,
    balks,
    is_offered_a_call,
    leaves_message,
)
from omnisim.staffing.exact.callbacks import callbacks
from omnisim.tables import Tables
from omnisim.words import End, Goal, Mode, Outcome

EXPONENTIAL = {"law": "exponential", "mean": "4 min"}


def file(rate="1 /min", agents=4, patience=None, **help_):
    patience = {"law": "exponential", "mean": "3 min"} if patience is None else patience
    return {
        "omnisim": 1,
        "clock": {"horizon": "40 h"},
        "demand": {"calls": {"goal": "issue", "rate": rate, "enter": {"phone": 1.0}}},
        "channels": {"phone": {"help": {"mode": "live", "handling": EXPONENTIAL, "patience": patience, **help_}}},
        "staffing": {"pools": {"desk": {"agents": agents, "skills": {"phone": {}}}}},
    }


def tables(folder: Path, given):
    path = folder / "w.yaml"
    path.write_text(json.dumps(given), encoding="utf-8")
    return Tables.build(om.load(path))


def play(folder, given, seed=1):
    return compiled.run(tables(folder, given), seed)


# ---- announced waits --------------------------------------------------------------------------------------------------------


def test_the_announced_wait_is_place_x_handling_over_agents(tmp_path):
    assert announced(BY_QUEUE, 0, 240.0, 4, 0.0) == 60.0
    assert announced(BY_QUEUE, 0, 240.0, 0, 0.0) == LONGEST
    assert announced(LAST_WAIT, 9, 240.0, 4, 12.5) == 12.5
    assert not balks(60.0, 60.0, 1.0)
    assert balks(60.0, 59.0, 1.0)
    t = play(tmp_path, file(announce={})).touches
    told = t[~np.isnan(t["told"])]
    assert (told["delayed"] == 1).all()
    events = sorted([(x["arrived"], 1) for x in t] + [(x["started"], -1) for x in t if x["started"] > 0] + [])
    assert events, "somebody came"
    for x in told[:500]:
        waits = (t["arrived"] < x["arrived"]) & (np.where(np.isnan(t["started"]), t["ended"], t["started"]) > x["arrived"])
        assert x["told"] == (waits.sum() + 1) * 240.0 / 4


def test_who_hears_too_much_gives_up_at_once_by_his_own_patience(tmp_path):
    plain = play(tmp_path, file(patience={"law": "constant", "value": "100 s"}))
    t = play(tmp_path, file(patience={"law": "constant", "value": "100 s"}, announce={})).touches
    heard = t[~np.isnan(t["told"])]
    assert ((heard["balked"] == 1) == (heard["told"] > 100.0)).all()
    gone = heard[heard["balked"] == 1]
    assert (gone["outcome"] == Outcome.ABANDONED).all()
    assert (gone["ended"] == gone["arrived"]).all()
    assert sorted(plain.touches["arrived"]) == sorted(t["arrived"]), "no new luck"
    answer = om.run(om.load(tmp_path / "w.yaml"), seeds=2, workers=1)
    assert 0 < answer.kpi("contacts_balked").mean <= answer.kpi("contacts_abandoned").mean
    assert answer.kpi("announced_wait_s").mean > 0


def test_the_last_wait_is_that_of_whom_an_agent_took_last(tmp_path):
    t = play(tmp_path, file(announce={"by": "last_wait"})).touches
    begun = t[~np.isnan(t["started"])]
    begun = begun[np.argsort(begun["started"], kind="stable")]
    for x in t[~np.isnan(t["told"])][:500]:
        i = int(np.searchsorted(begun["started"], x["arrived"], side="left"))
        before = begun[:i][-1] if i else None
        assert x["told"] == (before["started"] - before["arrived"] if before is not None else 0.0)


def test_an_announcement_nobody_minds_changes_nothing(tmp_path):
    """Law: a factor that nobody's patience falls short of: the day is the same, but for what was said."""
    patient = file(patience={"law": "constant", "value": "1 h"}, announce={"factor": 1000.0})
    silent = file(patience={"law": "constant", "value": "1 h"})
    a, b = play(tmp_path, silent).touches.copy(), play(tmp_path, patient).touches.copy()
    b["told"] = math.nan
    assert all(a[name].tobytes() == b[name].tobytes() for name in a.dtype.names)


def test_what_was_announced_is_believed(tmp_path):
    """Who balked at a channel takes another one, where waits weigh."""
    given = file(announce={}, agents=1)
    given["channels"]["chat"] = {"help": {"mode": "live", "handling": EXPONENTIAL}}
    given["staffing"]["pools"]["chats"] = {"agents": 20, "skills": {"chat": {}}}
    retry = {
        "after_abandoned": 1.0,
        "after_unresolved": 0.0,
        "delay": {"law": "constant", "value": "1 min"},
        "channel": {"free": 1.0},
        "most": 1,
    }
    given["journey"] = {"issue": {"retry": retry}}
    given["customers"] = {"choice": {"wait": "5 /min", "outside": -1000.0}}
    t = play(tmp_path, given).touches
    balked = {int(x["customer"]) for x in t[(t["balked"] == 1) & (t["serial"] == 0)]}
    then = t[(t["serial"] == 1) & np.isin(t["customer"], list(balked))]
    assert len(then) > 100
    assert (then["channel"] == 0).mean() > 0.99  # chat: the announced minutes cost 5 each, a Gumbel variate seldom as much


# ---- messages ---------------------------------------------------------------------------------------------------------------


def test_who_has_waited_so_long_leaves_a_message(tmp_path):
    assert leaves_message(tables(tmp_path, file(leave_message={"after": "2 min"})).channel[0], 120.0)
    assert not leaves_message(tables(tmp_path, file(leave_message={"after": "2 min"})).channel[0], 119.0)
    plain = play(tmp_path, file(rate="1.2 /min")).touches
    t = play(tmp_path, file(rate="1.2 /min", leave_message={"after": "2 min"})).touches
    left = t[t["outcome"] == Outcome.DEFLECTED]
    assert len(left) > 50
    assert np.allclose(left["ended"] - left["arrived"], 120.0)
    gone = t[t["outcome"] == Outcome.ABANDONED]
    assert (gone["ended"] - gone["arrived"] < 120.0).all()
    assert (plain["ended"] - plain["arrived"])[plain["outcome"] == Outcome.ABANDONED].max() > 120.0
    answer = om.run(om.load(tmp_path / "w.yaml"), seeds=3, workers=1)
    parts = ("handled", "abandoned", "blocked", "closed", "deflected", "open")
    assert sum(answer.kpi(f"contacts_{part}").mean for part in parts) == pytest.approx(answer.kpi("contacts_offered").mean)


def test_messages_that_nobody_waits_for_change_nothing(tmp_path):
    assert play(tmp_path, file(leave_message={"after": "50 h"})).digest() == play(tmp_path, file()).digest()


def test_a_message_goes_to_its_inbox(tmp_path):
    given = file(leave_message={"after": "1 min", "to": "voicemail"})
    given["channels"]["voicemail"] = {"help": {"mode": "inbox", "handling": EXPONENTIAL}}
    given["staffing"]["pools"]["back"] = {"agents": 3, "skills": {"voicemail": {}}}
    seen = play(tmp_path, given)
    t = seen.touches
    left = t[t["outcome"] == Outcome.DEFLECTED]
    mails = {int(x["customer"]): x for x in t[t["mode"] == Mode.INBOX]}
    for x in left:
        if int(x["customer"]) in mails:
            assert mails[int(x["customer"])]["arrived"] == x["ended"]
    assert len(mails) >= len(left) - 1 > 50
    ends = {int(j["customer"]): j["end"] for j in seen.journeys}
    answered = [c for c, x in mails.items() if x["outcome"] == Outcome.HANDLED]
    assert all(ends[c] == End.RESOLVED for c in answered)


# ---- languages --------------------------------------------------------------------------------------------------------------


def spanish(agents, load="1 /min"):
    given = file(rate=load, agents=agents[0], patience="never")
    given["channels"]["llamadas"] = {
        "medium": "phone",
        "language": "es",
        "help": {"mode": "live", "handling": EXPONENTIAL, "service_level": {"within": "20 s", "target": 0.8}},
    }
    given["channels"]["phone"]["help"]["service_level"] = {"within": "20 s", "target": 0.8}
    given["customers"] = {"segments": {"most": {"share": 0.8}, "spanish": {"share": 0.2, "language": "es"}}}
    given["staffing"]["pools"]["spanish"] = {"agents": agents[1], "skills": {"llamadas": {}}}
    return given


def test_who_turns_to_a_medium_gets_the_channel_of_his_language(tmp_path):
    t = tables(tmp_path, spanish((5, 2)))
    assert t.service.languages.tolist() == [[[1, 1]], [[0, 0]]]  # most: phone, also from llamadas; spanish: llamadas
    seen = compiled.run(t, 1)
    assert ((seen.touches["segment"] == 1) == (seen.touches["channel"] == 0)).all()
    assert (seen.touches["channel"] == 0).any()
    plain = {**spanish((5, 2)), "customers": {"segments": {"most": {"share": 0.8}, "spanish": {"share": 0.2}}}}
    assert (play(tmp_path, plain).touches["channel"] == 1).all()


def test_a_small_language_pool_serves_worse_at_equal_load(tmp_path):
    """Law of pooling: 16 erlangs on 20 agents beside 4 on 5: equal load, and the small pool's service level is far lower.

    Erlang C: .8 in 20 s; the difference over 10 seeds lies more than 8 standard errors from 0.
    """
    tables(tmp_path, spanish((20, 5), "5 /min"))
    answer = om.run(om.load(tmp_path / "w.yaml"), seeds=10, workers=1)
    many, few = (answer.kpi("service_level", channel=c) for c in ("phone", "llamadas"))
    assert many.mean - few.mean > 0.1
    assert many.low - few.high > 0.05
    assert answer.kpi("occupancy", pool="desk").mean == pytest.approx(answer.kpi("occupancy", pool="spanish").mean, abs=0.03)


def test_spoken_is_the_channel_of_his_language_but_where_he_helps_himself(tmp_path):
    t = tables(tmp_path, spanish((5, 2)))
    people = np.zeros(2, person.PERSON)
    people["segment"] = (0, 1)
    assert [serving.spoken(people, i, t.channel, t.service.languages, c) for i in (0, 1) for c in (0, 1)] == [1, 1, 0, 0]
    assert serving.spoken(people, 1, t.channel, np.zeros((0, 0, 0), np.int64), 1) == 1
    alone = t.channel.copy()
    alone["browse"] = 0
    people["goal"], people["stage"] = Goal.SHOP, 0
    assert serving.spoken(people, 1, alone, t.service.languages, 1) == 1


# ---- patience ---------------------------------------------------------------------------------------------------------------

PATIENCES = {
    "mixture": {"law": "mixture", "parts": [{"share": 0.3, "law": "constant", "value": "0 s"}, {"share": 0.7, **EXPONENTIAL}]},
    "constant": {"law": "constant", "value": "90 s"},
    "weibull": {"law": "weibull", "mean": "3 min", "cv": 1.5},
    "survival": {"law": "survival", "times": ["30 s", "90 s", "4 min"], "shares": [0.8, 0.6, 0.3], "tail": "exponential"},
}


@pytest.mark.parametrize("name", PATIENCES)
def test_every_law_of_patience_works_in_both_engines(tmp_path, name):
    t = tables(tmp_path, {**file(patience=PATIENCES[name], agents=3), "clock": {"horizon": "6 h"}})
    a, b = reference.run(t, 1), compiled.run(t, 1)
    assert a.digest() == b.digest()
    assert (a.touches["outcome"] == Outcome.ABANDONED).any()
    if name == "mixture":
        gone = a.touches[(a.touches["outcome"] == Outcome.ABANDONED) & (a.touches["ended"] == a.touches["arrived"])]
        delayed = int((a.touches["delayed"] == 1).sum())
        assert 1e-7 < binom.cdf(len(gone), delayed, 0.3) < 1 - 1e-7, "three in ten of those who have to wait go at once"


@pytest.mark.parametrize("tail", ["exponential", "last", "never"])
def test_a_survival_table_gives_back_its_curve(tmp_path, tail):
    law = {"law": "survival", "times": ["30 s", "90 s", "4 min"], "shares": [0.8, 0.6, 0.3], "tail": tail}
    t = tables(tmp_path, file(patience=law))
    values = np.array([sample(t.laws, t.points, t.channel[0]["patience"], u) for u in (np.arange(100_000) + 0.5) / 100_000])
    assert (np.diff(values[np.isfinite(values)]) >= 0).all()
    for time, share in ((29.9, 1.0), (30.0, 0.8), (89.9, 0.8), (90.0, 0.6), (239.9, 0.6)):
        assert (values > time).mean() == pytest.approx(share, abs=2e-5)
    late = values[70_001:]
    expected = {"last": 240.0, "never": math.inf, "exponential": 240.0 + 240.0 / -math.log(0.3)}[tail]
    assert late.mean() == pytest.approx(expected, rel=2e-3)
    said = om.load(tmp_path / "w.yaml").channels["phone"].help.patience
    assert said.mean == pytest.approx(values.mean(), rel=2e-3)


def test_a_log_becomes_a_table_becomes_a_law_and_comes_back(tmp_path):
    """Round trip: a log's Kaplan-Meier curve, written as a table and read as patience, gives a log with the same curve."""
    rng = np.random.default_rng(1)
    n = 20_000
    patience, answer = rng.weibull(0.8, n) * 120.0, rng.exponential(90.0, n)
    first = kaplan_meier(np.minimum(patience, answer).round(), patience < answer)
    (tmp_path / "patience.csv").write_text(first.table(), encoding="utf-8")
    law = {"law": "survival", "file": "patience.csv", "tail": "exponential"}
    t = compiled.run(tables(tmp_path, {**file(patience=law, rate="6 /min", agents=20), "clock": {"horizon": "100 h"}}), 1).touches
    waited = t[(t["delayed"] == 1) & (t["outcome"] != Outcome.OPEN)]
    gave_up = waited["outcome"] == Outcome.ABANDONED
    second = kaplan_meier(np.where(gave_up, waited["ended"], waited["started"]) - waited["arrived"], gave_up)
    assert gave_up.sum() > 5000
    for time in (5.5, 20.5, 60.5, 120.5):
        i = int(np.searchsorted(second.time_s, time, side="right")) - 1
        error = (second.high[i] - second.low[i]) / 3.92
        assert abs(second.at(time) - first.at(time)) <= 5.0 * error, "five standard errors of Greenwood"
        assert error < 0.02
    again = om.load(tmp_path / "w.yaml")
    path = tmp_path / "again.yaml"
    path.write_text(again.resolved_text(), encoding="utf-8")
    assert om.load(path).channels == again.channels, "written out, the table is in the file"


# ---- calls back -------------------------------------------------------------------------------------------------------------


def called(seen):
    return seen.touches[seen.touches["callback"] == ACCEPTED]


def test_who_accepts_a_call_loses_no_patience_and_is_called_by_an_agent(tmp_path):
    given = file(rate="1.2 /min", callback={"offer": {"queue_above": 1}, "accept": 0.6})
    seen = play(tmp_path, given)
    t = seen.touches
    offered = t[t["callback"] > 0]
    share = (offered["callback"] == ACCEPTED).mean()
    assert abs(share - 0.6) < 5 * math.sqrt(0.24 / len(offered))
    assert set(called(seen)["outcome"]) <= {Outcome.HANDLED, Outcome.OPEN}
    in_line = [
        (x["arrived"], x["ended"] if np.isnan(x["started"]) else x["started"]) for x in t[(t["delayed"] == 1) & (t["callback"] != ACCEPTED)]
    ]
    for x in t[t["delayed"] == 1][:400]:
        before = sum(a < x["arrived"] < b for a, b in in_line)
        assert (x["callback"] > 0) == (before > 1)
    starts = {x["started"] for x in called(seen)}
    for x in called(seen):  # behind all who hold the line
        if x["outcome"] == Outcome.HANDLED:
            assert not any(a < x["started"] < b for a, b in in_line)
    assert len(starts) > 100
    answer = om.run(om.load(tmp_path / "w.yaml"), seeds=2, workers=1)
    assert answer.kpi("callbacks_offered").mean >= answer.kpi("callbacks_accepted").mean >= answer.kpi("callbacks_dialled").mean > 0
    assert answer.kpi("callback_time_s").mean > 0


def test_a_kept_place_is_served_as_if_he_held_the_line(tmp_path):
    """Law: with patience without end, a call that keeps its place changes nothing but that nobody holds the line."""
    plain = play(tmp_path, file(patience="never", rate="0.95 /min")).touches
    kept = play(
        tmp_path, file(patience="never", rate="0.95 /min", callback={"offer": {"queue_above": 0}, "accept": 0.5, "keep_place": True})
    ).touches
    assert (kept["callback"] == ACCEPTED).sum() > 100
    assert sorted(plain["started"][~np.isnan(plain["started"])]) == pytest.approx(sorted(kept["started"][~np.isnan(kept["started"])]))
    assert {(int(x["k"]), float(x["started"])) for x in plain if x["started"] > 0} == {
        (int(x["k"]), float(x["started"])) for x in kept if x["started"] > 0
    }


def test_an_offer_that_nobody_accepts_changes_nothing(tmp_path):
    a, b = play(tmp_path, file()).touches, play(tmp_path, file(callback={"offer": {"wait_above": "0 s"}, "accept": 0})).touches.copy()
    assert (b["callback"] <= 1).all()
    assert b["callback"].any()
    b["callback"] = 0
    assert all(a[name].tobytes() == b[name].tobytes() for name in a.dtype.names)
    expected, rule = 30.0, tables(tmp_path, file(callback={"offer": {"wait_above": "30 s"}, "accept": 0})).channel[0]
    assert not is_offered_a_call(rule, 9, expected)
    assert is_offered_a_call(rule, 0, 30.5)


def test_accepts_call_is_one_draw_a_visit_so_that_more_acceptance_loses_nobody(tmp_path):
    rule = tables(tmp_path, file(callback={"offer": {"wait_above": "30 s"}, "accept": 0.4})).channel.copy()
    people, touch = np.zeros(4000, person.PERSON), np.zeros(1, TOUCH)
    people["key0"] = np.arange(4000)
    few = [accepts_call(p, touch[0], rule[0]) for p in people]
    rule["accept"] = 0.7
    many = [accepts_call(p, touch[0], rule[0]) for p in people]
    assert abs(np.mean(few) - 0.4) < 5 * math.sqrt(0.24 / 4000)
    assert not any(a and not b for a, b in zip(few, many, strict=True))
    rule["accept"] = 0.0
    assert not accepts_call(people[0], touch[0], rule[0])


@pytest.mark.parametrize("spare", [0, 1])
def test_calls_back_as_the_exact_model_has_them(tmp_path, spare):
    """M/M/9+M with callbacks (balance equations): within 2.5 half widths of 20 seeds of 50 h, five standard errors."""
    given = file(
        rate="2 /min", agents=9, patience={"law": "exponential", "mean": "2 min"}, callback={"offer": {"wait_above": "0 s"}, "accept": 0.5}
    )
    given["staffing"]["pools"]["desk"]["reserve"] = spare
    given["clock"] = {"horizon": "52 h", "warmup": "2 h"}
    tables(tmp_path, given)
    answer = om.run(om.load(tmp_path / "w.yaml"), seeds=20, workers=1)
    exact = callbacks(arrival_rate=2, service_mean=4, agents=9, patience_mean=2, accept=0.5, spare=spare)
    offered = answer.kpi("contacts_offered").mean
    for kpi, unit, value in (
        ("callbacks_accepted", offered, exact.p_callback),
        ("contacts_abandoned", offered, exact.callers.p_abandon),
        ("callback_time_s", 60.0, exact.callback_wait),
    ):
        found = answer.kpi(kpi)
        assert abs(found.mean / unit - value) <= 2.5 * (found.high - found.mean) / unit, kpi
