"""Law: a textbook scenario is recognised and the simulation agrees with its exact numbers; a wrong one is found out; the rest is named."""

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

import omnisim as om
from omnisim.cli import main
from omnisim.crosscheck import cross_check
from omnisim.staffing.known import Known, Row, Stops, recognise

ROOT = Path(__file__).resolve().parent.parent
THEORY = ROOT / "scenarios" / "theory"

# file -> (model, horizon of a short run)
MODELS = {
    "backlog": ("a batch in rounds", None),
    "balking": ("M/M/30+G", "1 d"),
    "erlang-a": ("M/M/50+M (Erlang A)", "1 d"),
    "erlang-b": ("M/G/10/10 (Erlang B)", "1 d"),
    "fixed-patience": ("M/M/28+G", "1 d"),
    "jackson": ("Jackson network of 4 channels", "3 d"),
    "mg1": ("M/G/1", "60 d"),
    "mm1": ("M/M/1 (Erlang C)", "10 d"),
    "mmc": ("M/M/50 (Erlang C)", "2 d"),
    "moving-demand": ("M(t)/G/infinity: agents for everybody", None),
    "overflow": ("N-model", "2 d"),
    "priorities": ("M/M/8, 2 priorities", "8 d"),
    "priorities-fifo": ("M/M/8+G of 2 channels in order of arrival", "8 d"),
    "redials": ("M/M/7+M with redials", "2 d"),
    "wrap": ("M/M/11 with wrap-up", "2 d"),
}


# limited cross-training has no exact model; of the arrivals nobody asks who serves them (their handling time is constant)
WITHOUT = ("skills-k2", "skills-k3", "arrivals", "arrivals-busy")


def test_every_theory_scenario_is_recognised():
    """Also those that are added later: each is an instance of something."""
    for path in sorted(THEORY.glob("*.yaml")):
        if path.stem in WITHOUT:
            continue
        known = recognise(om.load(path))
        assert known.rows, path.name
        if path.stem in MODELS:
            assert known.model == MODELS[path.stem][0], path.name


@pytest.mark.parametrize("name", MODELS)
def test_the_simulation_agrees_with_the_exact_numbers(name):
    scenario = om.load(THEORY / f"{name}.yaml")
    horizon = MODELS[name][1]
    found = cross_check(scenario.with_({"clock.horizon": horizon}) if horizon else scenario, seeds=12, seed=500, workers=1)
    assert found.agrees, found.text()
    assert max(map(len, found.text().splitlines())) <= 80
    assert sum(r.errors is not None for r in found.rows) >= 4


SCENARIO = """
omnisim: 1
name: queue
clock: {clock}
demand: {demand}
channels: {channels}
staffing: {staffing}
"""
ONE = "{calls: {goal: issue, rate: 2 /min, enter: {phone: 1}}}"
TWO = "{a: {goal: issue, rate: 1 /min, enter: {a: 1}}, b: {goal: issue, rate: 0.8 /min, enter: {b: 1}}}"
STEADY = "{horizon: 2 d, warmup: 4 h}"
STEPS = '{calls: {goal: issue, rate: {"00:00": 2 /min, "03:00": 3 /min, "06:00": 1 /min}, enter: {phone: 1}}}'
STAFF = '{pools: {p: {agents: {"00:00": 10, "02:00": 16, "05:30": 6, "07:00": 3, "09:00": 8}, skills: {phone: {}}}}}'
POOL = "{pools: {p: {agents: 12, skills: {phone: {}}}}}"
LEVEL = "service_level: {within: 20 s}"
FOUR = "{law: exponential, mean: 4 min}"
PATIENCE = "patience: {law: exponential, mean: 3 min}"


def phone(*more, law="{law: exponential, mean: 5 min}"):
    return "{phone: {help: {mode: live, handling: " + ", ".join([law, *more]) + "}}}"


def written(tmp_path, clock=STEADY, demand=ONE, channels=None, staffing=POOL):
    path = tmp_path / "queue.yaml"
    text = SCENARIO
    for key, value in {"clock": clock, "demand": demand, "channels": channels or phone(), "staffing": staffing}.items():
        text = text.replace("{" + key + "}", value)
    path.write_text(text, encoding="utf-8")
    return path


AB = f"{{a: {phone('AAA', law='{law: exponential, mean: 3 min}')[8:-1]}, b: {phone('BBB')[8:-1]}}}"
WORLDS = {
    "lines": ("M/M/12/16", {"channels": phone("queue_limit: 4", LEVEL)}),
    "lines and patience": ("M/M/12/16+M", {"channels": phone("queue_limit: 4", PATIENCE, LEVEL)}),
    "lines and balking": (
        "M/M/12/15+M",
        {
            "channels": phone(
                "queue_limit: 3", "patience: [{share: 0.3, law: constant, value: 0 s}, {share: 0.7, law: exponential, mean: 2 min}]", LEVEL
            )
        },
    ),
    "overflow": (
        "overflow, M/M/8 to 3",
        {
            "channels": phone("queue_limit: 0"),
            "staffing": "{pools: {a: {agents: 8, skills: {phone: {preference: 1}}}, b: {agents: 3, skills: {phone: {preference: 2}}}}}",
        },
    ),
    "two pools that are one": (
        "M/M/11+M (Erlang A)",
        {
            "channels": phone(PATIENCE, LEVEL),
            "staffing": "{pools: {a: {agents: 8, skills: {phone: {}}}, b: {agents: 3, skills: {phone: {}}}}}",
        },
    ),
    "two priorities with patience": (
        "M/M/7+M, two priorities",
        {
            "demand": TWO,
            "channels": AB.replace("AAA", "patience: {law: exponential, mean: 2 min}").replace(
                "BBB", "patience: {law: exponential, mean: 6 min}"
            ),
            "staffing": "{pools: {p: {agents: 7, skills: {a: {priority: 1}, b: {priority: 2}}}}}",
        },
    ),
    "two queues apart": (
        "M/M/4+M (Erlang A); M/M/5/11",
        {
            "demand": TWO,
            "channels": AB.replace("AAA", PATIENCE).replace("BBB", "queue_limit: 6"),
            "staffing": "{pools: {p: {agents: 4, skills: {a: {}}}, q: {agents: 5, skills: {b: {}}}}}",
        },
    ),
    "chats": (
        "chats, 4 agents with up to 3",
        {"channels": phone(PATIENCE), "staffing": "{pools: {p: {agents: 4, skills: {phone: {concurrency: 3}}}}}"},
    ),
    "a mixture of patiences": (
        "M/M/12+G",
        {
            "channels": phone(
                "patience: [{share: 0.4, law: uniform, low: 0 s, high: 4 min}, {share: 0.6, law: weibull, mean: 5 min, cv: 0.7}]", LEVEL
            )
        },
    ),
    "triangular work": (
        "M/G/1",
        {
            "demand": "{calls: {goal: issue, rate: 10 /h, enter: {phone: 1}}}",
            "clock": "{horizon: 30 d, warmup: 1 d}",
            "channels": phone(law="{law: triangular, low: 1 min, mode: 2 min, high: 9 min}"),
            "staffing": POOL.replace("12", "1"),
        },
    ),
    "a day in steps, drained": (
        "M(t)/M/s(t)+M from empty, then drained",
        {
            "clock": "{horizon: 10 h, interval: 1 h, at_end: drain}",
            "demand": STEPS,
            "channels": phone(PATIENCE, LEVEL),
            "staffing": STAFF,
        },
    ),
    "a day in steps, cut": (
        "M(t)/M/s(t)+M from empty, cut at the end",
        {
            "clock": "{horizon: 10 h, interval: 1 h}",
            "demand": STEPS,
            "channels": phone(
                "patience: [{share: 0.3, law: constant, value: 0 s}, {share: 0.7, law: exponential, mean: 4 min}]",
                "service_level: {within: 3 min, formula: abandons_count_as_met}",
            ),
            "staffing": STAFF.replace('"07:00": 3', '"07:00": 0'),
        },
    ),
    "trunk lines": (
        "M/M/12/16",
        {
            "channels": phone(LEVEL),
            "staffing": "{trunks: {t: {channels: [phone], limit: 16}}, pools: {p: {agents: 12, skills: {phone: {}}}}}",
        },
    ),
    "two channels on the same lines": (
        "M/M/7/11 of 2 channels in order of arrival",
        {
            "demand": TWO,
            "channels": f"{{a: {phone()[8:-1]}, b: {phone()[8:-1]}}}",
            "staffing": "{trunks: {t: {channels: [a, b], limit: 11}}, pools: {p: {agents: 7, skills: {a: {}, b: {}}}}}",
        },
    ),
    "every agent takes every contact": (
        "M/M/8/12+M: every agent takes every contact",
        {
            "demand": TWO,
            "channels": f"{{a: {phone(PATIENCE)[8:-1]}, b: {phone(PATIENCE)[8:-1]}}}",
            "staffing": "{trunks: {t: {channels: [a, b], limit: 12}}, pools: {p: {agents: 5, skills: {a: {}, b: {priority: 2}}}, "
            "q: {agents: 3, skills: {b: {}, a: {priority: 2}}}}}",
        },
    ),
    "queues apart on the same lines": (
        "2 queues on 11 lines",
        {
            "demand": TWO,
            "channels": f"{{a: {phone(PATIENCE)[8:-1]}, b: {phone()[8:-1]}}}",
            "staffing": "{trunks: {t: {channels: [a, b], limit: 11}}, pools: {p: {agents: 5, skills: {a: {}}}, "
            "q: {agents: 5, skills: {b: {}}}}}",
        },
    ),
    "blending of a stream": (
        "blending, 14 agents, reserve 3",
        {
            "demand": ONE[:-1] + ", mails: {goal: issue, rate: 2 /min, enter: {email: 1}}}",
            "channels": phone("patience: {law: exponential, mean: 2 min}", law="{law: exponential, mean: 4 min}")[:-1]
            + ", email: {help: {mode: inbox, handling: {law: exponential, mean: 5 min}}}}",
            "staffing": "{pools: {p: {agents: 14, skills: {phone: {priority: 1}, email: {priority: 2}}, reserve: 3}}}",
        },
    ),
    "blending": (
        "blending, 14 agents, reserve 2",
        {
            "demand": ONE[:-1] + ', mails: {goal: issue, at: {"2001-01-01 00:00": 20000}, enter: {email: 1}}}',
            "channels": phone("patience: {law: exponential, mean: 2 min}", law="{law: exponential, mean: 4 min}")[:-1]
            + ", email: {help: {mode: inbox, handling: {law: exponential, mean: 5 min}}}}",
            "staffing": "{pools: {p: {agents: 14, skills: {phone: {priority: 1}, email: {priority: 2}}, reserve: 2}}}",
        },
    ),
    "callbacks": (
        "M/M/9+M with callbacks",
        {
            "channels": phone("patience: {law: exponential, mean: 2 min}, callback: {offer: {wait_above: 0 s}, accept: 0.5}", law=FOUR),
            "staffing": POOL.replace("12", "9"),
        },
    ),
    "callbacks behind a reserve": (
        "M/M/10+M with callbacks",
        {
            "channels": phone(
                "patience: {law: exponential, mean: 3 min}, callback: {offer: {wait_above: 50 s, queue_above: 4}, accept: 0.7}", law=FOUR
            ),
            "staffing": POOL.replace("12", "10").replace("}}}}", "}}, reserve: 2}}"),
        },
    ),
    "days of gamma busyness": (
        "M(t)/M/s(t)+M of gamma busyness from empty, then drained",
        {
            "clock": '{start: "2001-01-01 08:00", horizon: 10 h, interval: 1 h, at_end: drain}\nworld: {busyness_cv: 0.2}',
            "demand": STEPS.replace("03:00", "11:00").replace("06:00", "15:00"),
            "channels": phone(PATIENCE, LEVEL),
            "staffing": STAFF,
        },
    ),
    "a day with a limit": (
        "M/M/12 from empty, then drained",
        {"clock": "{horizon: 8 h, at_end: drain}", "channels": phone("queue_limit: 5", LEVEL, law="{law: exponential, mean: 6 min}")},
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_other_numbers_agree_too(name, tmp_path):
    model, said = WORLDS[name]
    scenario = om.load(written(tmp_path, **said))
    assert recognise(scenario).model == model
    found = cross_check(scenario, seeds=30 if "day" in name else 12, seed=900, workers=1)
    assert found.agrees, found.text()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("erlang-a", {"clock.horizon": "2 d", "staffing.pools.phone.agents": 51}),
        ("mg1", {"clock.horizon": "300 d", "channels.call_center.help.handling.cv": 2.2}),
        ("overflow", {"staffing.pools.B.skills.second.priority": 1, "staffing.routing.contact": "longest_wait"}),
        ("redials", {"journey.issue.retry.after_abandoned": 0.6}),
        ("wrap", {"channels.call_center.help.wrap.mean": "1.7 min"}),
    ],
)
def test_an_engine_that_did_something_else_would_be_found_out(name, change):
    """The exact numbers of the file against a simulation of something a little different."""
    scenario = om.load(THEORY / f"{name}.yaml")
    wrong = cross_check(scenario.with_({"clock.horizon": "10 d"} | change), seeds=30, workers=1, known=recognise(scenario))
    assert not wrong.agrees
    assert max(abs(r.errors) for r in wrong.rows if r.errors is not None) > 6
    assert "do not describe the same queue" in wrong.text()
    assert "*" in wrong.table()


def test_a_day_that_treats_the_end_of_a_shift_otherwise_would_be_found_out(tmp_path):
    said = WORLDS["a day in steps, drained"][1]
    known = recognise(om.load(written(tmp_path, **said)))
    other = om.load(written(tmp_path, **said | {"staffing": STAFF.replace("05:30", "05:50")}))
    assert not cross_check(other, seeds=30, workers=1, known=known).agrees


REFUSED = {
    "callbacks that keep their place": (
        {"channels": phone("callback: {offer: {queue_above: 0}, accept: 0.5, keep_place: true}", law=FOUR)},
        "callback.keep_place",
    ),
    "callbacks and wrap-up": (
        {"channels": phone("callback: {offer: {queue_above: 0}, accept: 0.5}, wrap: {law: exponential, mean: 1 min}", law=FOUR)},
        "channels.phone.help.wrap",
    ),
    "callbacks beside another channel": (
        {
            "demand": TWO,
            "channels": AB.replace("AAA", PATIENCE).replace("BBB", "callback: {offer: {queue_above: 0}, accept: 0.5}"),
            "staffing": "{pools: {p: {agents: 4, skills: {a: {}, b: {}}}}}",
        },
        "callbacks are known for one channel and one pool",
    ),
    "opening hours": ({"channels": phone().replace("{phone: {", '{phone: {hours: "08:00-18:00", ')}, "channels.phone.hours"),
    "lognormal work": ({"channels": phone(law="{law: lognormal, mean: 5 min, cv: 1}")}, "handling time must be exponential"),
    "an overload": ({"staffing": POOL.replace("12", "9")}, "grows without bound"),
    "no warm-up for a model of the steady state": (
        {"clock": "{horizon: 2 d}", "channels": phone("wrap: {law: exponential, mean: 1 min}")},
        "clock.warmup",
    ),
    "busyness of several days": ({"clock": "{horizon: 2 d}\nworld: {busyness_cv: 0.2}"}, "world.busyness_cv"),
    "messages that run out": (
        {
            "demand": ONE[:-1] + ', mails: {goal: issue, at: {"2001-01-01 00:00": 500}, enter: {email: 1}}}',
            "channels": phone()[:-1] + ", email: {help: {mode: inbox, handling: {law: exponential, mean: 5 min}}}}",
            "staffing": "{pools: {p: {agents: 14, skills: {phone: {priority: 1}, email: {priority: 2}}, reserve: 2}}}",
        },
        "must never run out",
    ),
    "a reserve by another rule": (
        {"staffing": "{routing: {agent: random}, pools: {p: {agents: 4, skills: {phone: {concurrency: 3}}}}}"},
        "staffing.routing.agent",
    ),
    "nobody": ({"demand": ONE.replace("2 /min", "0 /min")}, "nobody arrives"),
    "a mixture of priorities": (
        {
            "demand": TWO,
            "channels": AB.replace("AAA", PATIENCE).replace("BBB", "queue_limit: 6"),
            "staffing": "{pools: {p: {agents: 4, skills: {a: {}, b: {}}}}}",
        },
        "queue_limit",
    ),
    "wrap-up and several at once": (
        {
            "channels": phone("wrap: {law: exponential, mean: 1 min}"),
            "staffing": POOL.replace("phone: {}", "phone: {concurrency: 2}"),
        },
        "concurrency",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_stands_in_the_way_is_named(name, tmp_path):
    said, word = REFUSED[name]
    with pytest.raises(Stops, match=word.replace(".", r"\.")):
        recognise(om.load(written(tmp_path, **said)))


def test_every_obstacle_of_a_retailer_at_once():
    with pytest.raises(Stops) as stopped:
        recognise(om.load(ROOT / "scenarios" / "retail-day" / "omnichannel.yaml"))
    paths = {o.path for o in stopped.value.obstacles}
    assert {"context", "customers", "channels.store.hours", "channels.web.browse"} <= paths


def call(*args):
    return CliRunner().invoke(main, list(args))


def test_the_verb(tmp_path):
    file = str(THEORY / "erlang-b.yaml")
    short = ["--set", "clock.horizon=8 h", "--seeds", "6", "--workers", "1"]
    out = call("exact", file, *short)
    assert out.exit_code == 0, out.output
    assert "M/G/10/10 (Erlang B)" in out.output
    assert "21.458" in out.output
    assert max(map(len, out.stdout.splitlines())) <= 80
    found = json.loads(call("exact", file, *short, "--json", "-").stdout)
    assert found["model"] == "M/G/10/10 (Erlang B)"
    assert found["seeds"] == [1, 2, 3, 4, 5, 6]
    row = next(r for r in found["rows"] if r["name"] == "delay_rate")
    assert row["exact"] == pytest.approx(0.214582343, abs=1e-9)
    assert row["low"] < row["simulated"] < row["high"]
    assert row["standard_errors"] == pytest.approx((row["simulated"] - row["exact"]) / row["standard_error"], rel=1e-9)
    target = tmp_path / "rows.json"
    assert call("exact", file, *short, "--json", str(target)).exit_code == 0
    assert json.loads(target.read_text())["rows"] == found["rows"]


def test_the_verb_refuses_with_exit_code_2_and_on_80_columns():
    out = call("exact", str(ROOT / "scenarios" / "retail-day" / "omnichannel.yaml"))
    assert out.exit_code == 2
    assert "context" in out.stderr
    assert out.stdout == ""
    assert max(map(len, out.stderr.splitlines())) <= 80


def test_the_verb_says_unequal_with_exit_code_1(monkeypatch):
    """Where the formula says something else: as if the recogniser had counted one agent more."""
    import omnisim.staffing.known as known

    other = recognise(om.load(THEORY / "erlang-a.yaml").with_({"staffing.pools.phone.agents": 53}))
    monkeypatch.setattr(known, "recognise", lambda scenario: other)
    out = call("exact", str(THEORY / "erlang-a.yaml"), "--seeds", "12", "--workers", "1", "--set", "clock.horizon=1 d")
    assert out.exit_code == 1
    assert "further out than chance allows" in " ".join(out.stdout.split())


def test_what_hardly_ever_happens_is_not_judged():
    """Nobody of 960 callers waits; the formula says one in a million does: that is no contradiction."""
    scenario = om.load(THEORY / "erlang-a.yaml").with_({"clock.horizon": "3 h", "staffing.pools.phone.agents": 90})
    rows = {r.row.kpi: r for r in cross_check(scenario, seeds=2, workers=1).rows}
    assert rows["wait_mean_s"].row.value > 0
    assert rows["wait_mean_s"].errors is None
    assert abs(rows["delay_rate"].errors) < 1
    assert math.isfinite(rows["occupancy"].errors)


def test_a_row_and_a_check_need_numbers():
    with pytest.raises(ValueError, match="would be nan"):
        Row("occupancy", math.nan)
    scenario = om.load(THEORY / "erlang-b.yaml").with_({"clock.horizon": "4 h"})
    with pytest.raises(ValueError, match="two seeds"):
        cross_check(scenario, seeds=1)
    with pytest.raises(ValueError, match="not measured"):
        cross_check(scenario, seeds=2, workers=1, known=Known("x", "y", (Row("occupancy", 0.5, {"pool": "nobody"}),)))
