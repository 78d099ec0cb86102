"""Law: a wrong experiment file is answered with everything that is wrong, each with line, column, path and what would be right."""

from pathlib import Path

import pytest
from tiny_experiments import TINY, write

from omnisim.experiment import Experiment
from omnisim.experiment.changes import changes, said
from omnisim.scenario import ScenarioError

ROOT = Path(__file__).resolve().parent.parent


def problems(folder, text):
    path = write(folder, text)
    with pytest.raises(ScenarioError) as e:
        Experiment.load(path)
    return [str(p).removeprefix(f"{folder}/") for p in e.value.problems]


def cells(folder, factors, design="factorial"):
    text = TINY.replace("  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}\n", factors) + f"design: {design}\n"
    return [c.settings for c in Experiment.load(write(folder, text)).question.cells]


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_experiments_load(path):
    assert Experiment.load(path).points > 1


SEEDS = "seeds: 6"
WRONG = {
    "a misspelt key": (("kpis:", "kpi:"), "tiny.yaml:10:1: kpi: 'kpi' is not a known key (did you mean 'kpis'?)"),
    "a misspelt KPI": (("asa_s", "asas"), "tiny.yaml:10:8: kpis[0]: found 'asas'; allowed are"),
    "the nearest KPI": (("asa_s", "asas"), "(did you mean 'asa_s'?)"),
    "no such scenario": (("queue.yaml", "queu.yaml"), "tiny.yaml:4:1: scenario: there is no such file (did you mean 'queue.yaml'?)"),
    "a scenario elsewhere": (("queue.yaml", "../../x.yaml"), "leads out of the scenario root"),
    "an absolute path": (("queue.yaml", "/etc/passwd"), "the path must be relative"),
    "a wrong path": (("handling.mean", "handlin.mean"), "strategies.fast.set.channels.call_center.help.handlin.mean: 'handlin' is"),
    "its place": (("handling.mean", "handlin.mean"), "tiny.yaml:7:"),
    "a level that is none": (("[1, 2]", "[1, two]"), "tiny.yaml:9:59: factors.agents.levels[1]: "),
    "a level of the wrong unit": (("[1, 2]", "[1, 2 h]"), "factors.agents.levels[1]"),
    "no level": (("[1, 2]", "[]"), "factors.agents.levels: is empty"),
    "twice the same level": (("[1, 2]", "[1, 1]"), "stands here twice"),
    "levels and a range": (("[1, 2]", "[1, 2], low: 1"), "factors.agents.low: levels are listed"),
    "half a range": (("levels: [1, 2]", "low: 1"), "high is missing"),
    "a range without steps": (("levels: [1, 2]", "low: 1, high: 3"), "count or step is needed"),
    "a range upside down": (("levels: [1, 2]", "low: 3, high: 1, step: 1"), "it must be above low"),
    "two units": (("levels: [1, 2]", "low: 3 min, high: 1 h, count: 3"), "found the unit 'h'; low has 'min'"),
    "no quantity": (("levels: [1, 2]", "low: few, high: 3, count: 3"), "factors.agents.low: few is no quantity"),
    "log from 0": (("levels: [1, 2]", "low: 0, high: 3, count: 3, scale: log"), "need a low above 0"),
    "step and count": (("levels: [1, 2]", "low: 0, high: 3, count: 3, step: 1"), "give one of both"),
    "seeds twice": ((SEEDS, "seeds: {count: 6, until: {kpi: asa_s, precision: 5 %}}"), "exactly one of count and until"),
    "until what": ((SEEDS, "seeds: {until: {kpi: asa_s}}"), "exactly one of precision, settled: true and best_within"),
    "until of a KPI that is not given": ((SEEDS, "seeds: {until: {kpi: cm3, precision: 5 %}}"), "until.kpi: these scenarios give no cm3"),
    "fewer than ten": ((SEEDS, "seeds: {least: 5, until: {kpi: asa_s, precision: 5 %}}"), "seeds.least: found 5; it must be 10"),
    "most below least": ((SEEDS, "seeds: {least: 50, most: 20, until: {kpi: asa_s, precision: 5 %}}"), "it must be at most most, 20"),
    "an unknown design": ((SEEDS, "seeds: 6\ndesign: factoral"), "design: found 'factoral'; allowed are: factorial, one_at_a_time"),
    "a design without points": ((SEEDS, "seeds: 6\ndesign: sobol"), "design.points: is required and missing"),
    "points of a factorial": ((SEEDS, "seeds: 6\ndesign: {kind: factorial, points: 3}"), "belongs to latin_hypercube and sobol"),
    "no power of two": ((SEEDS, "seeds: 6\ndesign: {kind: sobol, points: 12}"), "found 12; a Sobol design needs a power of two"),
    "a base that is no level": ((SEEDS, "seeds: 6\ndesign: {kind: one_at_a_time, base: {agents: 3}}"), "3 is no level of agents"),
    "a base of nothing": ((SEEDS, "seeds: 6\ndesign: {kind: one_at_a_time, base: {agent: 1}}"), "(did you mean 'agents'?)"),
    "a row with a gap": ((SEEDS, "seeds: 6\ndesign: {kind: list, rows: [{}]}"), "design.rows[0]: a value is missing for agents"),
    "a row too many": ((SEEDS, "seeds: 6\ndesign: {kind: list, rows: [{agents: 1, x: 2}]}"), "design.rows[0].x: 'x' is no factor"),
    "a row that is wrong": ((SEEDS, "seeds: 6\ndesign: {kind: list, rows: [{agents: none}]}"), "design.rows[0].agents"),
    "another version": (("omnisim: 1", "omnisim: 2"), "tiny.yaml:2:10: omnisim: found 2"),
    "a tag": (("How many agents?", "!!python/object:os.system x"), "tags"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_the_message_a_person_needs(name, tmp_path):
    (old, new), expected = WRONG[name]
    assert old in TINY
    found = problems(tmp_path, TINY.replace(old, new))
    assert any(expected in line for line in found), found
    assert all(line.split(":")[1].isdigit() and line.split(":")[2].isdigit() for line in found)


def test_all_problems_at_once(tmp_path):
    text = TINY.replace("50 s", "50").replace("[1, 2]", "[1, 2], low: 1").replace("asa_s", "asas")
    assert len(problems(tmp_path, text)) >= 2
    text = (
        TINY.replace("50 s", "50")
        .replace("queue.yaml", "queue.yaml\nset: {clock.horizn: 2 h}")
        .replace("levels: [1, 2]", "low: 2, high: 1, step: 1")
    )
    assert len(problems(tmp_path, text)) == 3


def test_a_wrong_scenario_is_told_at_its_own_place(tmp_path):
    path = write(tmp_path)
    (tmp_path / "queue.yaml").write_text("omnisim: 1\nclock: {horizon: 8}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"queue.yaml:2:18: clock.horizon"):
        Experiment.load(path)


@pytest.mark.parametrize("text", ["", "- a\n", "12", "a: [", "a: &x 1", "\x00"])
def test_what_is_no_experiment_at_all(tmp_path, text):
    assert len(problems(tmp_path, text)) >= 1


def test_the_first_strategy_of_the_file_is_the_baseline(tmp_path):
    assert list(Experiment.load(write(tmp_path)).question.strategies) == ["slow", "fast"]
    other = TINY.replace("  slow: {}\n", "").replace("factors:", "  slow: {}\nfactors:")
    assert list(Experiment.load(write(tmp_path, other)).question.strategies) == ["fast", "slow"]


def test_a_strategy_may_be_another_file_and_all_may_be_changed_at_once(tmp_path):
    text = TINY.replace("  slow: {}\n", "  slow: {file: other.yaml}\n").replace("strategies:", "set: {clock.horizon: 2 h}\nstrategies:")
    path = write(tmp_path, text)
    (tmp_path / "other.yaml").write_text("omnisim: 1\nextends: queue.yaml\nstaffing: {pools: {phone: {agents: 7}}}\n", encoding="utf-8")
    slow, fast = Experiment.load(path).question.strategies.values()
    assert slow.staffing.pools["phone"].agents == 7
    assert fast.staffing.pools["phone"].agents == 1
    assert slow.clock.horizon == fast.clock.horizon == 7200.0
    shorter = Experiment.load(path, {"clock.horizon": "3 h"}).question.strategies["slow"]
    assert shorter.clock.horizon == 7200.0, "what the file says stands above the command line's general change"


def test_levels_of_ranges(tmp_path):
    rate = "  rate: {path: demand.calls.rate, low: 1 /min, high: 4 /min, %s}\n"
    assert [c["rate"] for c in cells(tmp_path, rate % "count: 4")] == ["1 /min", "2 /min", "3 /min", "4 /min"]
    assert [c["rate"] for c in cells(tmp_path, rate % "count: 3, scale: log")] == ["1 /min", "2 /min", "4 /min"]
    assert [c["rate"] for c in cells(tmp_path, rate % "step: 1.5")] == ["1 /min", "2.5 /min", "4 /min"]
    agents = "  agents: {path: staffing.pools.phone.agents, low: 1, high: 8, step: 2}\n"
    assert [c["agents"] for c in cells(tmp_path, agents)] == [1, 3, 5, 7]
    spread = [c["agents"] for c in cells(tmp_path, agents, "{kind: latin_hypercube, points: 8}")]
    assert sorted(spread) == [1, 1, 3, 3, 5, 5, 7, 7] or set(spread) == {1, 3, 5, 7}


def test_a_whole_number_in_a_spread_design_needs_a_step(tmp_path):
    text = TINY.replace("levels: [1, 2]", "low: 1, high: 8") + "design: {kind: latin_hypercube, points: 4}\n"
    assert "for whole numbers say step: 1" in problems(tmp_path, text)[0]


def test_levels_by_name_show_the_name_and_set_the_value(tmp_path):
    factor = "  staff: {path: staffing.pools.phone.agents, levels: {night: {'00:00': 1, '08:00': 2}, day: 3}}\n"
    text = TINY.replace("  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}\n", factor)
    first, second = Experiment.load(write(tmp_path, text)).question.cells
    assert (first.settings, second.settings) == ({"staff": "night"}, {"staff": "day"})
    assert second.changes == {"staffing.pools.phone.agents": 3}
    listed = Experiment.load(write(tmp_path, text + "design: {kind: list, rows: [{staff: day}, {staff: 4}]}\n")).question.cells
    assert [c.changes["staffing.pools.phone.agents"] for c in listed] == [3, 4]


def test_one_path_or_several(tmp_path):
    factor = "  rate: {path: [demand.calls.rate, demand.more.rate], levels: [1 /min, 2 /min]}\n"
    text = TINY.replace("  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}\n", factor)
    text = text.replace("strategies:", "set: {demand.more: {goal: issue, rate: 3 /min, enter: {call_center: 1}}}\nstrategies:")
    cell = Experiment.load(write(tmp_path, text)).question.cells[1]
    assert cell.settings == {"rate": "2 /min"}
    assert list(cell.changes) == ["demand.calls.rate", "demand.more.rate"]


def test_designs_reach_the_cells(tmp_path):
    two = "  agents: {path: staffing.pools.phone.agents, levels: [1, 2, 3]}\n  rate: {path: demand.calls.rate, levels: [1 /min, 2 /min]}\n"
    assert len(cells(tmp_path, two)) == 6
    one = cells(tmp_path, two, "{kind: one_at_a_time, base: {agents: 2}}")
    assert one[0] == {"agents": 2, "rate": "1 /min"}
    assert len(one) == 4
    assert len(cells(tmp_path, two, "{kind: sobol, points: 8}")) == 8


def test_text_that_looks_like_something_else_stays_text(tmp_path):
    text = TINY.replace("path: staffing.pools.phone.agents, levels: [1, 2]", "path: name, levels: ['12', 'no', '1e5', 'a: b', '[x', '<b>']")
    e = Experiment.load(write(tmp_path, text))
    names = [e.question.strategies["slow"].with_(c.changes).name for c in e.question.cells]
    assert names == ["12", "no", "1e5", "a: b", "[x", "<b>"]


def test_what_changed_is_said(tmp_path):
    before = said(Experiment.load(write(tmp_path / "a")).question)
    assert changes(before, before) == []
    text = TINY.replace("[1, 2]", "[1, 2, 3]").replace("seeds: 6", "seeds: 8")
    path = write(tmp_path / "b", text)
    (tmp_path / "b" / "queue.yaml").write_text((tmp_path / "b" / "queue.yaml").read_text().replace("19 USD", "21 USD"), encoding="utf-8")
    lines = changes(before, said(Experiment.load(path).question))
    assert "the file: factors.agents.levels: [1, 2] -> [1, 2, 3]" in lines
    assert "the file: seeds.count: 6 -> 8" in lines
    assert "the scenario of slow: staffing.pools.phone.wage: 19 USD/h -> 21 USD/h" in lines
    newer = {**before, "engine": "other", "order": ["fast", "slow"]}
    assert ["engine" in line or "order" in line for line in changes(before, newer)] == [True, True]
