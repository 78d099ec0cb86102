"""Bots before the agents, and transfers between agents: their shares, what is neutral, what follows."""

import json
from pathlib import Path

import numpy as np
import pytest

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.rules.bots import FIRST_VISIT, bot_ends, bot_s, containment, is_up, meets_bot
from omnisim.tables import Tables
from omnisim.words import Bot, End, Goal, Mode, Outcome

Z = 5.0  # a share of n draws strays further than Z standard errors once in 1.7 million


def near(share, p, n):
    return abs(share - p) <= Z * max((p * (1 - p) / n) ** 0.5, 1e-12)


def file(bot=None, **more):
    channel = {"help": {"mode": "live", "handling": {"law": "exponential", "mean": "4 min"}, "resolve": 0.7}}
    if bot is not None:
        channel["bot"] = {"time": {"law": "exponential", "mean": "1 min"}, "contain": 0.4, **bot}
    out = {
        "omnisim": 1,
        "clock": {"horizon": "40 h"},
        "demand": {
            "a": {"goal": "issue", "rate": "1 /min", "enter": {"phone": 1.0}},
            "b": {"goal": "issue", "rate": "1 /min", "enter": {"phone": 1}},
        },
        "channels": {"phone": channel},
        "staffing": {"pools": {"desk": {"agents": 30, "wage": "20 USD/h", "skills": {"phone": {}}}}},
        "journey": {
            "issue": {"retry": {"after_abandoned": 0.5, "after_unresolved": 0.8, "delay": {"law": "exponential", "mean": "10 min"}}}
        },
    }
    return {**out, **more}


def world(folder: Path, given):
    path = folder / "w.yaml"
    path.write_text(json.dumps(given), encoding="utf-8")
    return om.load(path)


def play(folder, given, seed=1):
    return compiled.run(Tables.build(world(folder, given)), seed)


def talks(seen):
    return seen.touches[(seen.touches["bot"] != Bot.NONE) & (seen.touches["mode"] == Mode.BROWSE)]


def test_containment_by_reason_and_false_closure_are_the_stated_shares(tmp_path):
    seen = play(tmp_path, file({"reasons": {"a": 0.6}, "false_closure": 0.25}))
    t = talks(seen)
    t = t[t["outcome"] == Outcome.BROWSED]
    for stream, share in ((0, 0.6), (1, 0.4)):
        mine = t[t["stream"] == stream]
        assert near((mine["bot"] == Bot.SOLVED).mean(), share, len(mine))
        rest = mine[mine["bot"] != Bot.SOLVED]
        assert near((rest["bot"] == Bot.FALSE_CLOSURE).mean(), 0.25, len(rest))
    assert set(t["bot"]) == {Bot.SOLVED, Bot.FALSE_CLOSURE, Bot.ESCALATED}
    assert (t["visit"] >= FIRST_VISIT).all()
    solved = t["bot"] == Bot.SOLVED
    assert (t["resolved"][solved] == 1).all()
    assert (t["resolved"][~solved] == 0).all()
    after = seen.touches[seen.touches["bot"] == Bot.AFTER]
    first = {(int(x["customer"]), int(x["serial"])): x for x in t}
    for x in after:  # at once, on the channel the bot names, and the next touch is not the bot's
        was = first[int(x["customer"]), int(x["serial"]) - 1]
        assert was["bot"] == Bot.ESCALATED
        assert x["arrived"] == was["ended"]
    lost = {int(j["customer"]) for j in seen.journeys if j["end"] == End.LOST}
    assert lost & {int(x["customer"]) for x in t[t["bot"] == Bot.FALSE_CLOSURE]}, "some who were closed falsely never come back"


def test_bot_ends_uses_the_containment_of_the_moment():
    assert containment(0.5, 0.2, 100.0, 0) == pytest.approx(0.1)
    assert containment(0.5, 0.2, 100.0, 10**6) == 0.5
    assert not is_up(np.array([[2.0, 10.0, 20.0]]), 2, 10.0)
    assert is_up(np.array([[2.0, 10.0, 20.0]]), 2, 20.0)
    assert is_up(np.array([[2.0, 10.0, 20.0]]), 1, 10.0)
    assert callable(bot_ends)
    assert callable(bot_s)
    assert callable(meets_bot)


def test_a_bot_learns_with_what_it_has_handled(tmp_path):
    seen = play(tmp_path, file({"contain": 0.8, "learning": {"start": 0.0, "scale": 500}}))
    t = talks(seen)
    t = t[t["outcome"] == Outcome.BROWSED][:4000]  # in the order in which they ended
    chance = np.array([containment(0.8, 0.0, 500.0, n) for n in range(len(t))])
    solved = t["bot"] == Bot.SOLVED
    for part in np.array_split(np.arange(len(t)), 4):
        assert abs((solved[part] - chance[part]).sum()) <= Z * np.sqrt((chance[part] * (1 - chance[part])).sum())
    assert solved[:200].mean() < 0.3 < 0.7 < solved[-1000:].mean()


def test_an_outage_sends_everybody_to_the_agents(tmp_path):
    down = [{"from": "2001-01-01 10:00", "to": "2001-01-01 12:00"}]
    t = play(tmp_path, file({"down": down})).touches
    inside = (t["arrived"] >= 36000.0) & (t["arrived"] < 43200.0) & (t["bot"] != Bot.AFTER)
    assert (t["mode"][inside] == Mode.LIVE).all()
    assert (t["bot"][inside] == Bot.NONE).all()
    fresh = ~((t["arrived"] >= 36000.0) & (t["arrived"] < 43200.0)) & (t["bot"] != Bot.AFTER)
    assert (t["mode"][fresh] == Mode.BROWSE).all()


def contacts(seen):
    names = ["k", "source", "visit", "arrived", "started", "ended", "outcome", "resolved", "wrap_s", "pool", "agent"]
    return [repr(x.tolist()) for x in seen.touches[seen.touches["mode"] != Mode.BROWSE][names]]


def test_a_bot_that_does_nothing_changes_nothing(tmp_path):
    """Law: contain 0, no time, no false closure, hard 1: the agents' day is the same to the bit."""
    nothing = {"time": {"law": "constant", "value": "0 s"}, "contain": 0.0}
    assert contacts(play(tmp_path, file(nothing))) == contacts(play(tmp_path, file()))
    context = {"preset": "omnichannel", "effects": {"repeat_time": "60 s", "resolution_loss": 0.2}, "self_service_counts": False}
    assert contacts(play(tmp_path, file(nothing, context=context))) == contacts(play(tmp_path, file(context=context)))


def test_what_was_said_to_the_bot_follows_or_is_told_again(tmp_path):
    context = {"effects": {"repeat_time": "60 s"}}
    handling = {"law": "constant", "value": "4 min"}
    for follows, q, talk in ((True, 1.0, 240.0), (False, 0.0, 300.0)):
        given = file({"context": follows, "contain": 0.0}, context=context)
        given["channels"]["phone"]["help"] |= {"handling": handling, "resolve": 1.0}
        t = play(tmp_path, given).touches
        t = t[(t["bot"] == Bot.AFTER) & (t["outcome"] == Outcome.HANDLED)]
        assert (t["remembers"] == 1).all()
        assert (t["completeness"] == q).all()
        assert np.allclose(t["ended"] - t["started"], talk)


def test_hard_cases_remain(tmp_path):
    given = file({"hard": 1.5})
    given["channels"]["phone"]["help"]["handling"] = {"law": "constant", "value": "4 min"}
    t = play(tmp_path, given).touches
    t = t[(t["bot"] == Bot.AFTER) & (t["outcome"] == Outcome.HANDLED)]
    assert np.allclose(t["ended"] - t["started"], 360.0)


def test_nobody_to_hand_over_to(tmp_path):
    seen = play(tmp_path, file({"escalate": "nobody"}))
    assert (seen.touches["mode"] == Mode.BROWSE).all()
    assert set(seen.touches["bot"]) <= {Bot.TALKS, Bot.SOLVED, Bot.UNSOLVED}
    answer = om.run(world(tmp_path, file({"escalate": "nobody", "cost": "0.5 USD"})), seeds=2, workers=1)
    assert answer.kpi("bot_resolution").mean == pytest.approx(answer.kpi("bot_containment").mean)
    assert answer.kpi("bot_cost").mean == pytest.approx(0.5 * answer.kpi("bot_contacts").mean)
    assert answer.kpi("bot_false_closure").mean == 0.0


def test_a_better_bot_loses_nobody(tmp_path):
    """Law: with more containment, or less false closure, whom the bot solved first it solves again (one draw each)."""

    def outcomes(**bot):
        t = talks(play(tmp_path, file(bot)))
        return {(int(x["source"]), int(x["k"])): int(x["bot"]) for x in t if x["visit"] == FIRST_VISIT and x["outcome"] == Outcome.BROWSED}

    low, high = outcomes(contain=0.3, false_closure=0.4), outcomes(contain=0.5, false_closure=0.2)
    both = low.keys() & high.keys()
    assert len(both) > 3000
    assert all(high[k] == Bot.SOLVED for k in both if low[k] == Bot.SOLVED)
    assert not any(high[k] == Bot.FALSE_CLOSURE and low[k] == Bot.ESCALATED for k in both)


# ---- transfers --------------------------------------------------------------------------------------------------------------


def two_desks(**help_):
    given = file()
    given["channels"]["phone"]["help"] |= help_
    given["channels"]["billing"] = {"medium": "phone", "help": {"mode": "live", "handling": {"law": "constant", "value": "3 min"}}}
    given["staffing"]["pools"]["desk"]["skills"]["billing"] = {}
    return given


def test_transfers_are_the_stated_share_at_once_and_one_chain(tmp_path):
    seen = play(tmp_path, two_desks(transfer={"billing": 0.3}, resolve=1.0))
    t = seen.touches
    first = t[(t["channel"] == 1) & (t["outcome"] == Outcome.HANDLED)]
    moved = first["transfer"] == 0
    assert near(moved.mean(), 0.3, len(first))
    assert (first["resolved"][moved] == 0).all()
    second = {int(x["customer"]): x for x in t[t["channel"] == 0]}
    for x in first[moved]:
        if int(x["customer"]) in second:
            assert second[int(x["customer"])]["arrived"] == x["ended"]
            assert second[int(x["customer"])]["answered_before"] == 0
    done = seen.journeys[seen.journeys["end"] == End.RESOLVED]
    assert (done["first_resolved"] == 1).all(), "a chain that is resolved in the end is resolved at first contact"
    assert (done["answered"] == 1).all()
    answer = om.run(world(tmp_path, two_desks(transfer={"billing": 0.3})), seeds=2, workers=1)
    assert answer.kpi("transfers", channel="phone").mean == pytest.approx(
        answer.kpi("transfer_rate", channel="phone").mean * answer.kpi("contacts_handled", channel="phone").mean, rel=1e-3
    )


def test_a_warm_transfer_takes_the_agents_time_and_a_cold_one_is_told_again(tmp_path):
    context = {"effects": {"repeat_time": "60 s"}}
    constant = {"law": "constant", "value": "4 min"}
    warm = play(tmp_path, {**two_desks(transfer={"billing": 0.3}, transfer_time="30 s", handling=constant), "context": context}).touches
    cold = play(tmp_path, {**two_desks(transfer={"billing": 0.3}, transfer_context=False, handling=constant), "context": context}).touches
    for t, talk, second in ((warm, 270.0, 180.0), (cold, 240.0, 240.0)):
        done = t[t["outcome"] == Outcome.HANDLED]
        first = done[(done["transfer"] >= 0) & (done["visit"] == 0)]
        assert np.allclose((first["ended"] - first["started"]), talk)
        other = done[(done["channel"] == 0) & (done["visit"] == 0) & (done["serial"] == 1)]
        assert len(other) > 500
        assert np.allclose(other["ended"] - other["started"], second)


def test_no_share_of_transfers_is_no_transfer(tmp_path):
    assert play(tmp_path, two_desks(transfer={"billing": 0.0})).digest() == play(tmp_path, two_desks()).digest()


def test_both_engines_with_a_bot_for_shoppers_questions(tmp_path):
    given = file({"false_closure": 0.3, "learning": {"start": 0.5, "scale": 100}})
    given["channels"]["web"] = {"browse": {"time": {"law": "exponential", "mean": "5 min"}}, "sell": True}
    given["demand"]["a"] = {"goal": "shop", "rate": "2 /min", "enter": {"web": 1.0}}
    given["journey"]["shop"] = {"cart": {"web": 0.5}, "ask": {"share": {"web": 0.6}, "channel": {"web": {"phone": 1.0}}}}
    given["clock"]["horizon"] = "8 h"
    t = Tables.build(world(tmp_path, given))
    a, b = reference.run(t, 1), compiled.run(t, 1)
    assert a.digest() == b.digest()
    asked = talks(a)[talks(a)["goal"] == Goal.SHOP]
    assert {Bot.SOLVED, Bot.FALSE_CLOSURE, Bot.ESCALATED} <= set(asked["bot"])
    answer = om.run(world(tmp_path, given), seeds=1, workers=1)
    assert 0 < answer.kpi("answered_questions").mean <= answer.kpi("questions").mean
