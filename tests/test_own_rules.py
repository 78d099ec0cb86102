"""A person's own rules: registered, named in a scenario, the same on both engines, refused with a clear message."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import omnisim as om
from omnisim.agreement import agree
from omnisim.cli import main
from omnisim.own import PLACES, RULES, linked
from omnisim.tables import Tables
from omnisim.words import Outcome

ROOT = Path(__file__).resolve().parent.parent
RULES_FILE = """
import math
import omnisim as om

@om.rule("duration")
def by_powers(u, mean_s, a, b, c):
    return mean_s * (a + 1.0) * u ** a

@om.rule("try_again")
def worn_out(chance, outcome, contacts, waited_s, repeats, completeness):
    return chance * 0.5 ** (contacts - 1.0)

@om.rule("utility")
def shy(utility, wait_s, goal, segment, contacts, failures):
    return utility - 0.5 * failures
"""
SCENARIO = """
omnisim: 1
name: own
clock: {horizon: 6 h}
demand: {calls: {goal: issue, rate: 3 /min, enter: {phone: 0.6, chat: 0.4}}}
channels:
  phone: {help: {mode: live, handling: {law: own, rule: by_powers, mean: 3 min, a: 2},
    patience: {law: exponential, mean: 1 min}, resolve: 0.6}}
  chat: {help: {mode: live, handling: {law: mixture, parts: [{share: 0.5, law: own, rule: by_powers, mean: 3 min, a: 1},
    {share: 0.5, law: constant, value: 2 min}]}, patience: {law: exponential, mean: 1 min}, resolve: 0.6}}
journey: {issue: {retry: {after_abandoned: 0.9, after_unresolved: 0.9, delay: {law: exponential, mean: 5 min}, rule: worn_out,
  channel: {free: 1}}}}
customers: {choice: {wait: 0.1 /min, rule: shy}}
staffing: {pools: {p: {agents: 7, skills: {phone: {}, chat: {}}}}}
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "rules.py").write_text(RULES_FILE, encoding="utf-8")
    (tmp_path / "own.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


@pytest.fixture
def scenario(files):
    import runpy

    runpy.run_path(str(files / "rules.py"))
    return om.load(files / "own.yaml")


def test_both_engines_tell_the_same_story_with_own_rules(scenario):
    assert agree(scenario, seeds=3).equal


def test_own_duration_is_what_the_function_says(scenario):
    """Mean of (a + 1) u^a is 1: the handling times average 180 s within 4 standard errors (false-alarm rate 6e-5)."""
    seen = om.simulate(scenario, 1)
    t = seen.touches
    mine = t[(t["outcome"] == Outcome.HANDLED) & (t["channel"] == Tables.build(scenario).channels.index("phone"))]
    talk = mine["ended"] - mine["started"]
    assert abs(talk.mean() - 180.0) < 4 * talk.std() / math.sqrt(len(talk))
    assert talk.max() <= 540.0 + 1e-6, "(a + 1) x mean is the longest there is"


def test_own_rules_decide_who_tries_again_and_what_a_channel_is_worth(scenario):
    plain = scenario.with_({"journey.issue.retry.rule": None, "customers.choice.rule": None})
    tired = om.simulate(scenario.with_({"customers.choice.rule": None}), 1)
    assert tired.journeys["contacts"].mean() < om.simulate(plain, 1).journeys["contacts"].mean() - 0.1
    shy = om.simulate(scenario.with_({"journey.issue.retry.rule": None}), 1)
    assert (shy.journeys["end"] == 5).sum() > (om.simulate(plain, 1).journeys["end"] == 5).sum(), "failures drive people elsewhere"


def test_without_an_own_rule_nothing_is_linked(scenario):
    tables = Tables.build(scenario.with_({"journey.issue.retry.rule": None, "customers.choice.rule": None}))
    assert linked(tables.retry, tables.own) is tables.retry
    plain = Tables.build(om.load(ROOT / "scenarios" / "retail-day" / "siloed.yaml"))
    assert plain.linked() is plain


def test_an_unregistered_rule_is_refused_with_those_that_are(files, scenario):
    path = files / "wrong.yaml"
    path.write_text(SCENARIO.replace("rule: worn_out", "rule: worn_aut"), encoding="utf-8")
    with pytest.raises(om.ScenarioError, match=r"wrong.yaml:11:\d+: journey.issue.retry.rule: .*no rule of this name for try_again"):
        om.load(path)
    with pytest.raises(om.ScenarioError, match="worn_out"):
        om.load(path)
    path.write_text(SCENARIO.replace("rule: by_powers, mean: 3 min, a: 2", "mean: 3 min, a: 2"), encoding="utf-8")
    with pytest.raises(om.ScenarioError, match=r"rule: is required and missing"):
        om.load(path)


def test_a_rule_that_is_gone_from_this_process_is_named(scenario):
    tables = Tables.build(scenario)
    rule = RULES.pop("worn_out")
    try:
        with pytest.raises(LookupError, match="worn_out"):
            tables.linked()
    finally:
        RULES["worn_out"] = rule


def test_a_place_takes_its_own_number_of_arguments():
    with pytest.raises(ValueError, match="is no place for a rule; places are duration"):
        om.rule("weather")
    with pytest.raises(ValueError, match=r"a rule for duration takes 5 numbers \(u, mean_s, a, b, c\), not 1"):
        om.rule("duration")(lambda u: u)


def test_rules_come_in_on_the_command_line(files, capsys):
    RULES.clear()
    args = [str(files / "own.yaml"), "--rules", str(files / "rules.py"), "--seeds", "1"]
    main(["agree", *args], standalone_mode=False)
    assert "equal to the bit" in capsys.readouterr().out
    main(["run", *args, "--engine", "reference", "--workers", "2"], standalone_mode=False)
    assert "own: 1 seeds" in capsys.readouterr().out
    (files / "bad.py").write_text("x = 1\ny = undefined\n", encoding="utf-8")
    out = subprocess.run(
        [sys.executable, "-m", "omnisim", "run", args[0], "--rules", str(files / "bad.py")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert out.returncode == 2
    assert re.search(r"bad.py:2: NameError", out.stderr)
    assert "Traceback" not in out.stderr


def test_own_rules_without_the_compiler(files, scenario):
    code = f"""
import runpy
runpy.run_path({str(files / "rules.py")!r})
import omnisim as om
print(om.simulate(om.load({str(files / "own.yaml")!r}).with_({{"clock.horizon": "1 h"}}), 1, engine="compiled").digest())
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=True
    )
    assert out.stdout.split() == [om.simulate(scenario.with_({"clock.horizon": "1 h"}), 1).digest()]


def test_every_place_is_in_the_guide():
    guide = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
    for place, numbers in PLACES.items():
        assert f'@om.rule("{place}")' in guide
        row = next(line for line in guide.splitlines() if line.startswith("|") and f'"{place}"' in line)
        assert all(f"`{n}`" in row for n in numbers), place
