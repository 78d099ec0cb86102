"""Law: what an experiment's analyses say follows from its numbers, fits 80 columns, and stands alike on terminal, page and JSON."""

import csv
import io
import json
import math
import re

import numpy as np
import pytest
from click.testing import CliRunner
from test_experiment_file import problems
from tiny_experiments import TINY, write

import omnisim as om
from omnisim.cli import main
from omnisim.estimate import holm, spread, t_test
from omnisim.experiment.differences import headline
from omnisim.experiment.finding import Finding, text
from omnisim.experiment.table import Row, Table
from omnisim.figures.asked import BY_FINDING
from omnisim.report import asked, study
from omnisim.store import Store

FACTORS = """
factors:
  agents: {path: staffing.pools.phone.agents, low: 1, high: 4, step: 1}
  talk: {path: channels.call_center.help.handling.mean, low: 40 s, high: 80 s}
"""
ONE = TINY.replace("strategies:\n  slow: {}\n  fast: {set: {channels.call_center.help.handling.mean: 50 s}}\n", "")
AGENTS = "factors:\n  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}\n"


def experiment(folder, text_, **factors):
    return om.Experiment.load(write(folder, text_))


def spread_out(design):
    """An experiment over both ranges with this design."""
    assert AGENTS in ONE
    return ONE.replace(AGENTS, FACTORS.lstrip()) + f"design: {design}\n"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """slow and fast with one or two agents, six seeds; two KPIs of which one has a better end."""
    return experiment(tmp_path_factory.mktemp("tiny"), TINY).run(workers=1)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A table for each design."""
    designs = {
        "factorial": "factorial",
        "one_at_a_time": "{kind: one_at_a_time, base: {agents: 2}}",
        "sobol": "{kind: sobol, points: 16}",
        "saltelli": "{kind: saltelli, points: 4}",
        "morris": "{kind: morris, trajectories: 3}",
    }
    out = {}
    for name, design in designs.items():
        said = spread_out(design)
        if name in ("factorial", "one_at_a_time"):
            said = said.replace("high: 80 s", "high: 80 s, count: 3")
        said = said.replace(
            "kpis: [asa_s, contacts_offered]", "kpis: [asa_s, occupancy, abandon_rate]\ntradeoff: [asa_s, abandon_rate]"
        ).replace("seeds: 6", "seeds: 4")
        out[name] = experiment(tmp_path_factory.mktemp(name), said).run(workers=1)
    return out


def finding(table, name) -> Finding:
    (found,) = [f for f in table.findings if f.name == name]
    return found


def column(table, strategy, **settings):
    (row,) = [r for r in table.rows if r.strategy == strategy and {k: str(v) for k, v in r.settings.items()} == settings]
    return row.values[:, 0]


def test_each_design_has_its_analysis(swept):
    said = {name: [f.name for f in table.findings] for name, table in swept.items()}
    assert said == {
        "factorial": ["effects", "surface", "pareto", "convergence"],
        "one_at_a_time": ["steps", "pareto", "convergence"],
        "sobol": ["surface", "pareto", "convergence"],
        "saltelli": ["indices", "pareto", "convergence"],
        "morris": ["screening", "pareto", "convergence"],
    }


def test_differences_are_paired_and_adjusted_over_all_cells(tiny):
    found = finding(tiny, "differences")
    diffs = [column(tiny, "fast", agents=str(n)) - column(tiny, "slow", agents=str(n)) for n in (1, 2)]
    spreads = [spread(d) for d in diffs]
    adjusted, errors = holm([t_test(s) for s in spreads])
    for f, s, p, error in zip(found.facts, spreads, adjusted, errors, strict=True):
        assert (f["difference"], f["p"]) == (pytest.approx(s.mean), pytest.approx(p))
        assert (f["low"], f["high"]) == (pytest.approx(s.interval(error)[0]), pytest.approx(s.interval(error)[1]))
        assert f["verdict"] == ("better" if p <= 0.05 else "open"), "asa_s: less is better"


def test_main_effects_are_differences_of_means(tiny):
    found = finding(tiny, "effects")
    means = np.array([[column(tiny, s, agents=str(n)).mean() for n in (1, 2)] for s in ("slow", "fast")])
    by = {(f["factor"], f["level"]): f for f in found.facts}
    assert by["agents", "2"]["effect"] == pytest.approx(means[:, 1].mean() - means.mean())
    assert by["strategy", "fast"]["mean"] == pytest.approx(means[1].mean())
    assert by["agents", "1"]["share"] + by["strategy", "fast"]["share"] <= 1.0
    assert found.facts[0]["share"] == max(f["share"] for f in found.facts), "what matters most comes first"


def test_a_level_set_to_itself_has_exactly_no_effect(tmp_path):
    """A factor that changes nothing: the seats of a pool nobody uses."""
    idle = "  idle: {path: clock.interval, levels: [30 min, 60 min]}\n"
    table = experiment(tmp_path, TINY.replace("kpis:", f"{idle}kpis:")).run(workers=1)
    assert {f["effect"] for f in finding(table, "effects").facts if f["factor"] == "idle"} == {0.0}


def test_steps_are_against_the_base(swept):
    table = swept["one_at_a_time"]
    base = column(table, "scenario", agents="2", talk="40 s")
    for f in finding(table, "steps").facts:
        settings = {"agents": "2", "talk": "40 s"} | {f["factor"]: f["level"]}
        assert f["effect"] == pytest.approx((column(table, "scenario", **settings) - base).mean())
        assert f["low"] <= f["effect"] <= f["high"]


def test_talk_and_agents_matter_in_every_design(swept):
    first = finding(swept["saltelli"], "indices").facts
    assert {f["factor"] for f in first} == {"agents", "talk"}
    assert sum(f["total"] for f in first) > 0.5
    for f in finding(swept["morris"], "screening").facts:
        assert f["mu_star"] >= abs(f["mu"]) > 0.0
        assert (f["mu"] > 0.0) == (f["factor"] == "talk"), "longer talks, longer waits; more agents, shorter ones"
    grid = [f for f in finding(swept["sobol"], "surface").facts if f["kind"] == "grid"]
    assert len(grid) == 625
    assert all(f["sd"] >= 0.0 for f in grid)


def test_two_strategies_are_analysed_by_their_difference(tmp_path):
    said = TINY.replace(AGENTS, FACTORS.lstrip().replace("talk: {path: channels.call_center.help.handling.mean, low: 40 s, high: 80 s}",
                                                        "rate: {path: demand.calls.rate, low: .4 /min, high: .9 /min}"))  # fmt: skip
    table = experiment(tmp_path, said + "design: {kind: saltelli, points: 4}\n").run(workers=1)
    assert {f["of"] for f in finding(table, "indices").facts} == {"fast - slow"}
    assert finding(table, "differences").facts
    assert "fast - slow" in finding(table, "indices").title


def test_the_front_is_that_of_the_means(swept):
    found = finding(swept["factorial"], "pareto")
    assert found.more["kpis"] == ("asa_s", "abandon_rate")
    for f in found.facts:
        beaten = any(g["x"] <= f["x"] and g["y"] <= f["y"] and (g["x"], g["y"]) != (f["x"], f["y"]) for g in found.facts)
        assert f["front"] != beaten
        assert 0.0 <= f["probability"] <= 1.0


def test_convergence_ends_where_the_leader_table_stands(tiny):
    last = {f["strategy"]: f for f in finding(tiny, "convergence").facts}
    first, second = tiny.ranked[:2]
    (f,) = [f for f in last.values() if f["strategy"].startswith(second.strategy) and str(second.settings["agents"]) in f["strategy"]]
    assert f["seeds"] == 6
    assert f["difference"] == pytest.approx((second.values[:, 0] - first.values[:, 0]).mean())


def test_everything_printed_is_at_most_80_columns_wide(tiny, swept):
    for table in (tiny, *swept.values()):
        for line in str(table).splitlines():
            assert len(line) <= 80, line
        for found in table.findings:
            assert found.sentence.endswith(".")
            assert "nan" not in text(found)


def test_a_long_name_is_cut_and_control_characters_do_not_reach_the_terminal():
    rows = (("x" * 200, "1.0", "[0.9, 1.1]"), ("\x1b[31mred", "2.0", "[1.9, 2.1]"))
    shown = text(Finding("effects", "t" * 200, "s.", ("point", "mean", "interval"), rows, ()))
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "\x1b" not in shown
    assert "[0.9, 1.1]" in shown


def test_json_holds_every_fact(tiny):
    said = json.loads(json.dumps(tiny.to_json(), allow_nan=False))
    assert [f["name"] for f in said["findings"]] == [f.name for f in tiny.findings]
    assert said["findings"][0]["facts"][0]["difference"] == tiny.findings[0].facts[0]["difference"]


def test_headline_names_the_best_its_interval_and_who_cannot_be_told_from_it(tiny):
    line = headline(tiny)
    assert "ASA is best with fast, agents 2" in line
    assert "6 seeds" in line
    alone = Table("x", "", ("asa_s",), {"asa_s": "s"}, (Row(0, 0, "a", {}, (1,), np.array([[3.0]])),), tiny.counts, "a")
    assert "no interval" in headline(alone)
    none = Table("x", "", ("asa_s",), {"asa_s": "s"}, (), tiny.counts, "a")
    assert "No point has a value" in headline(none)


RACE = (
    ONE.replace("levels: [1, 2]", "levels: [1, 2, 3, 4]").replace("kpis: [asa_s, contacts_offered]", "kpis: [asa_s]")
    .replace("seeds: 6", "seeds: {least: 10, most: 200, until: {kpi: asa_s, best_within: 5}}")
)  # fmt: skip


def test_the_best_is_selected_with_fewer_seeds_for_who_lags(tmp_path):
    race = experiment(tmp_path, RACE)
    table = race.run(workers=1)
    assert table.race.best is not None
    assert table.ranked[0].settings == {"agents": 4} or table.ranked[0].spread(0).mean < table.ranked[1].spread(0).mean + 5.0
    seeds = {r.settings["agents"]: len(r.seeds) for r in table.rows}
    assert min(seeds.values()) < max(seeds.values()) == table.race.n
    assert all(seeds[list(seeds)[i]] == n for i, n in table.race.dropped.items())
    found = finding(table, "selection")
    assert "With a probability of 95 % at least" in found.sentence
    assert [f["state"] for f in found.facts].count("best") == 1
    spent = sum(len(r.seeds) for r in table.rows)
    assert f"{spent} replications instead of {4 * table.race.n}" in found.sentence


def test_a_race_is_the_same_whoever_runs_it_and_however_often_it_is_stopped(tmp_path):
    race = experiment(tmp_path, RACE)
    whole = [(r.settings, r.seeds, r.values.tobytes()) for r in race.run(workers=2).rows]
    stopped = experiment(tmp_path, RACE + "budget: {replications: 17}\n")
    store = tmp_path / "kept"
    for _ in range(12):
        table = stopped.run(workers=1, store=store)
        if not table.over:
            break
    assert [(r.settings, r.seeds, r.values.tobytes()) for r in table.rows] == whole
    again = race.run(workers=1, store=store)
    assert again.counts.computed == 0
    assert [(r.settings, r.seeds, r.values.tobytes()) for r in again.rows] == whole
    with Store(store) as kept:
        assert kept.read("SELECT count(*) FROM points")[0][0] == 4


def test_a_race_that_runs_out_of_seeds_says_so(tmp_path):
    said = RACE.replace("[1, 2, 3, 4]", "[3, 4, 5]").replace("most: 200", "most: 12").replace("best_within: 5", "best_within: 0.0001")
    table = experiment(tmp_path, said).run(workers=1)
    assert table.race.best is None
    assert all(not r.enough for r in table.rows if len(r.seeds) == 12)
    assert "the seeds allowed do not tell the best" in finding(table, "selection").sentence


WRONG = {
    "a KPI without a better end": ("best_within: 5", "kpi: asa_s", "kpi: contacts_offered", "neither more nor less is better"),
    "two rules at once": ("best_within: 5", "best_within: 5", "best_within: 5, precision: 5 %", "exactly one of precision, settled"),
    "an indifference of nothing": ("best_within: 5", "best_within: 5", "best_within: 0", "best_within: found 0; it must be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_about_a_race(name, tmp_path):
    _, old, new, expected = WRONG[name]
    assert old in RACE
    found = problems(tmp_path, RACE.replace(old, new))
    assert any(expected in line for line in found), found


DESIGNS = {
    "walks of something else": ("{kind: sobol, points: 8, trajectories: 3}", "belongs to morris, not to sobol"),
    "no walks": ("morris", "design.trajectories: is required and missing"),
    "no points": ("saltelli", "design.points: is required and missing"),
    "no power of two": ("{kind: saltelli, points: 12}", "found 12; Saltelli's design needs a power of two, such as 16"),
    "too many": ("{kind: saltelli, points: 524288}", "2,097,152 points; at most 1,000,000 are run"),
    "aims that are not there": ("factorial\ntradeoff: [asa_s, cm3]", "tradeoff[1]: cm3 is none of the kpis of this file"),
    "one aim": ("factorial\ntradeoff: [asa_s]", "tradeoff: two different KPIs are needed"),
    "an aim without a better end": ("factorial\ntradeoff: [asa_s, contacts_offered]", "neither more nor less is better"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_what_is_wrong_about_a_design(name, tmp_path):
    design, expected = DESIGNS[name]
    found = problems(tmp_path, spread_out(design).replace("high: 80 s", "high: 80 s, count: 3"))
    assert any(expected in line for line in found), found


def test_without_its_library_a_design_says_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "SALib", None)
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    (line,) = problems(tmp_path, spread_out("{kind: morris, trajectories: 3}"))
    assert 'pip install ".[opt]"' in line
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.exceptions", None)
    table = experiment(tmp_path, spread_out("{kind: sobol, points: 16}").replace("seeds: 6", "seeds: 2")).run(workers=1)
    assert 'pip install ".[opt]"' in finding(table, "surface").sentence


def test_saltelli_and_morris_have_as_many_points_as_they_say(tmp_path):
    assert experiment(tmp_path, spread_out("{kind: saltelli, points: 8}")).points == 8 * 4
    assert experiment(tmp_path, spread_out("{kind: morris, trajectories: 5}")).points == 5 * 3


# --- the page


def test_the_report_holds_every_finding_with_its_figure_and_table(tiny, tmp_path):
    page = asked.write(tiny, tmp_path, "omnisim sweep tiny.yaml --report").read_text(encoding="utf-8")
    assert "omnisim sweep tiny.yaml --report" in page
    assert "<script" not in page
    assert headline(tiny).split(":")[0] in page
    for found in tiny.findings:
        assert found.title in page
        assert found.sentence in page
        assert found.name not in BY_FINDING or (tmp_path / "figures" / f"{found.name}.svg").stat().st_size > 1000
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "ids are unique"


@pytest.mark.parametrize(("design", "name"), [("one_at_a_time", "steps"), ("sobol", "surface"), ("saltelli", "indices"),
                                              ("morris", "screening"), ("factorial", "pareto")])  # fmt: skip
def test_each_finding_is_drawn_with_its_facts_beside_it(swept, design, name):
    found = finding(swept[design], name)
    drawn = asked.picture(found)
    assert "</svg>" in drawn.file
    assert drawn.told.title == found.title
    assert found.sentence in drawn.told.alt
    assert len(drawn.table.rows) == len(found.rows)
    assert drawn.told.caption.endswith(".")


def test_points_csv_holds_every_number(tiny):
    rows = list(csv.DictReader(io.StringIO(asked.points_csv(tiny))))
    assert len(rows) == 4 * 2
    for row in rows:
        values = tiny.rows[int(row["point"])].values[:, tiny.kpis.index(row["kpi"])]
        assert float(row["mean"]) == pytest.approx(values.mean())
        assert float(row["sd"]) == pytest.approx(values.std(ddof=1))


def test_the_same_numbers_give_the_same_bytes(tiny):
    found = finding(tiny, "effects")
    assert asked.picture(found) == asked.picture(found)
    assert study.html(asked.page(tiny, "x")) == study.html(asked.page(tiny, "x"))


def test_what_a_file_says_is_text_on_the_page(tmp_path):
    nasty = '<img src=x onerror="alert(1)">'
    table = experiment(tmp_path, TINY.replace("How many agents?", f"'{nasty}'").replace("seeds: 6", "seeds: 2")).run(workers=1)
    page = asked.write(table, tmp_path / "r", f"omnisim sweep {nasty}").read_text(encoding="utf-8")
    assert nasty not in page
    assert "&lt;img" in page


def test_the_verb_writes_the_report_beside_the_store(tmp_path):
    path = write(tmp_path, TINY.replace("seeds: 6", "seeds: 2"))
    done = CliRunner().invoke(main, ["sweep", str(path), "--store", str(tmp_path / "s"), "--report", "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert f"Report: {tmp_path / 's' / 'report.html'}" in done.output.replace("\n", "")
    assert "against slow" in done.output
    assert "Main effects" in done.output


# --- one long run


def steady(folder, *args, text_=""):
    path = folder / "queue.yaml"
    write(folder)
    if text_:
        path.write_text(path.read_text(encoding="utf-8").replace("{horizon: 1 h}", text_), encoding="utf-8")
    return CliRunner().invoke(main, ["steady", str(path), *args])


def test_a_long_run_is_long_enough_and_a_short_one_is_flagged(tmp_path):
    written = ("--json", str(tmp_path / "x.json"), "--figure", str(tmp_path / "x.svg"))
    done = steady(tmp_path, "--seeds", "2", *written, text_="{horizon: 60 d}")
    assert done.exit_code == 0, done.output
    assert "long enough" in done.output
    said = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert said["batch_means"]["low"] < 240.0 < said["batch_means"]["high"], "M/M/1 at load .8: 240 s"
    assert not said["refused"]
    assert "</svg>" in (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert all(len(line) <= 80 for line in done.output.splitlines())
    short = steady(tmp_path, "--seeds", "1", text_="{horizon: 12 h}")
    assert short.exit_code == 1
    assert "TOO SHORT" in short.output or "refused" in short.output


def test_a_day_is_no_steady_state_and_a_wrong_channel_is_said(tmp_path):
    done = CliRunner().invoke(main, ["steady", "scenarios/retail-day/multichannel.yaml", "--seeds", "1", "--set", "scale=.2"])
    assert "Not a steady state: the arrivals of calls have a profile" in done.output.replace("\n  ", " ")
    assert steady(tmp_path, "--channel", "nowhere").exit_code == 2
    assert steady(tmp_path, text_="{horizon: 5 min}").exit_code == 2


def test_numbers_of_a_table_are_finite_or_said_to_be_missing(swept):
    for table in swept.values():
        for found in table.findings:
            for fact in found.facts:
                for value in fact.values():
                    assert not isinstance(value, float) or math.isfinite(value)
