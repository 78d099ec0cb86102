"""Law: an experiment gives the same table to the bit, whoever computes it and however often it is interrupted."""

import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tiny_experiments import REPLICATIONS, TINY, digest, write

import omnisim as om
from omnisim import crew as crews
from omnisim.cli import main
from omnisim.experiment import stopping
from omnisim.experiment.table import behind, leaders
from omnisim.replications import replicate
from omnisim.store import NAME, Store
from omnisim.tables import Tables

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tiny(tmp_path):
    return om.Experiment.load(write(tmp_path / "file"))


def call(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def test_the_numbers_are_those_of_run(tiny):
    table = tiny.run(workers=1)
    assert [(r.strategy, r.settings) for r in table.rows] == [(s, {"agents": n}) for n in (1, 2) for s in ("slow", "fast")]
    for row in table.rows:
        scenario = tiny.question.strategies[row.strategy].with_({"staffing.pools.phone.agents": row.settings["agents"]})
        answer = om.run(scenario, seeds=6, workers=1)
        mean = answer.kpi("asa_s").mean
        assert row.spread(0).mean == mean
        assert row.seeds == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    "how",
    [
        {"workers": 2},
        {"workers": 1, "engine": "reference"},
        {"workers": 2, "engine": "reference", "start": "fork"},
        {"workers": 2, "engine": "reference", "start": "spawn"},
    ],
    ids=["2 threads", "reference", "fork", "spawn"],
)
def test_whoever_computes_it(tiny, how):
    first = digest(tiny.run(workers=1))
    assert digest(tiny.run(**how)) == first


def test_any_executor_will_do(tiny):
    first = digest(tiny.run(workers=1))
    with ThreadPoolExecutor(2) as threads:
        assert digest(tiny.run(executor=threads)) == first
        assert threads.submit(int).result() == 0, "it is not shut down"
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as processes:
        assert digest(tiny.run(executor=processes, engine="reference")) == first


def test_what_is_kept_is_taken_and_the_rest_computed(tiny, tmp_path):
    whole = tiny.run(workers=2, store=tmp_path / "s")
    assert (whole.counts.computed, whole.counts.kept) == (REPLICATIONS, 0)
    again = tiny.run(workers=2, store=tmp_path / "s")
    assert (again.counts.computed, again.counts.kept) == (0, REPLICATIONS)
    assert digest(again) == digest(whole) == digest(tiny.run(workers=1))
    more = tiny.with_seeds(8).run(workers=1, store=tmp_path / "s")
    assert (more.counts.computed, more.counts.kept) == (8, REPLICATIONS)
    assert digest(tiny.run(store=tmp_path / "s")) == digest(whole)


def test_another_engine_takes_nothing_of_the_old_one(tiny, tmp_path, monkeypatch):
    tiny.run(workers=1, store=tmp_path / "s")
    monkeypatch.setattr("omnisim.store.keys.engine_version", lambda: "another")
    assert tiny.run(workers=1, store=tmp_path / "s").counts.kept == 0


def test_damaged_rows_are_computed_anew(tiny, tmp_path):
    first = digest(tiny.run(workers=1, store=tmp_path / "s"))
    with Store(tmp_path / "s") as store:
        store._db.execute("UPDATE results SET body = x'00' WHERE seed = 3")
    table = tiny.run(workers=1, store=tmp_path / "s")
    assert (table.counts.damaged, table.counts.computed) == (4, 4)
    assert digest(table) == first


def test_interrupted_at_any_point_and_resumed(tiny, tmp_path):
    """Stopped after so and so many results; each time the rest gives the same table."""
    first = digest(tiny.run(workers=1))

    for n in range(0, REPLICATIONS, 5):
        folder = tmp_path / f"s{n}"
        with Store(folder) as store:
            put, left = store.put, [n]

            def stopping_put(rows, put=put, left=left):
                put(rows[: left[0]])
                left[0] -= len(rows)
                if left[0] <= 0:
                    raise KeyboardInterrupt

            store.put = stopping_put
            with pytest.raises(KeyboardInterrupt):
                tiny.sweep(store).run(1)
        table = tiny.run(workers=2, store=folder)
        assert table.counts.kept >= n
        assert digest(table) == first


def test_a_failed_replication_is_a_row_with_its_error(tmp_path):
    e = om.Experiment.load(write(tmp_path, TINY + "budget: {events: 100}\n"))
    table = e.run(workers=1, store=tmp_path / "s")
    failed = {r.n: dict(r.failed) for r in table.rows}
    assert table.counts.failed == sum(map(len, failed.values())) > 0
    assert all("limit: events" in text for f in failed.values() for text in f.values())
    assert all(np.isnan(r.values[r.seeds.index(s)]).all() for r in table.rows for s in r.failed)
    again = e.run(workers=1, store=tmp_path / "s")
    assert (again.counts.computed, again.counts.failed, digest(again)) == (0, table.counts.failed, digest(table))
    assert e.run(workers=1, store=tmp_path / "s", retry=True).counts.computed == table.counts.failed
    richer = om.Experiment.load(write(tmp_path, TINY))
    assert richer.run(workers=1, store=tmp_path / "s").counts.failed == 0, "under another budget they are tried again"
    assert "replications failed; the first: more than 100 events" in leaders(table)


def test_a_point_that_makes_no_scenario_says_why_and_the_others_are_run(tmp_path):
    factors = (
        "  agents: {path: staffing.pools.phone.agents, levels: [2, [1, 2, 3]]}\n  step: {path: clock.interval, levels: [20 min, 30 min]}\n"
    )
    text = TINY.replace("  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}\n", factors)
    text = text.replace("strategies:", "set: {clock.interval: 20 min}\nstrategies:")
    table = om.Experiment.load(write(tmp_path, text)).run(workers=1, store=tmp_path / "s")
    wrong = [r for r in table.rows if r.error]
    assert [(r.settings["step"], len(r.seeds)) for r in wrong] == [("30 min", 0)] * 2
    assert all("one entry an interval is needed" in r.error for r in wrong)
    assert len(table.ranked) == 6
    assert "2 points make no scenario" in leaders(table)


def test_seeds_until_a_precision_follow_from_the_numbers_alone(tmp_path):
    text = TINY.replace("seeds: 6", "seeds: {most: 40, until: {kpi: contacts_offered, precision: 5 %}}")
    e = om.Experiment.load(write(tmp_path, text))
    table = e.run(workers=2, store=tmp_path / "s")
    for row in table.rows:
        assert 15 <= len(row.seeds) <= 40
        n = stopping.precise(row.values[:, 1], 0.05)
        assert row.enough == (n is not None)
    lengths = {len(r.seeds) for r in table.rows if r.cell == 0}
    assert len(lengths) == 1, "strategies of a cell have the same seeds"
    assert digest(e.run(workers=1)) == digest(table) == digest(e.run(workers=2, store=tmp_path / "s"))


def test_seeds_until_a_sign_is_settled(tmp_path):
    text = TINY.replace("seeds: 6", "seeds: {most: 60, until: {kpi: asa_s, settled: true}}")
    e = om.Experiment.load(write(tmp_path, text))
    out = call("sweep", tmp_path / "tiny.yaml", "--store", tmp_path / "s", "--workers", "1")
    assert out.exit_code == 0, out.output
    assert "seeds settle the sign of ASA" in out.output or "seeds settle the sign of" in out.output
    table = e.run(workers=2, store=tmp_path / "s")
    slow, fast = table.rows[:2]
    assert slow.enough
    assert stopping.settled(fast.values[:, 0] - slow.values[:, 0]) == len(slow.seeds)


def test_what_cannot_be_settled_says_so(tmp_path):
    text = TINY.replace("seeds: 6", "seeds: {most: 12, until: {kpi: asa_s, precision: 1 %}}")
    table = om.Experiment.load(write(tmp_path, text)).run(workers=1)
    assert all(not r.enough and len(r.seeds) == 12 for r in table.rows)
    assert "12?" in leaders(table)
    assert "leave open" in leaders(table)


def test_a_budget_ends_it_with_what_is_known(tmp_path):
    path = write(tmp_path, TINY + "budget: {replications: 10}\n")
    out = call("sweep", path, "--store", tmp_path / "s", "--workers", "1")
    assert out.exit_code == 3
    assert "limit: budget.replications" in out.output
    assert "replications are kept in" in out.output
    for _ in range(3):
        out = call("sweep", path, "--store", tmp_path / "s", "--workers", "1")
    assert out.exit_code == 0, out.output
    assert digest(om.Experiment.load(path).run(store=tmp_path / "s")) == digest(om.Experiment.load(write(tmp_path)).run())


def test_the_leader_table_fits_a_terminal_and_ranks_by_the_first_kpi(tmp_path):
    long = TINY.replace("slow: {}", f"{'s' * 60}: {{}}")
    for kpis in ("asa_s, contacts_offered", "labour_cost", "service_level" if False else "abandon_rate"):
        e = om.Experiment.load(write(tmp_path, long.replace("asa_s, contacts_offered", kpis)))
        text = leaders(e.run(workers=1))
        assert max(map(len, text.splitlines())) <= 80, text
    table = om.Experiment.load(write(tmp_path)).run(workers=1)
    means = [r.spread(0).mean for r in table.ranked]
    assert means == sorted(means), "of a wait the least is the best"
    gaps = behind(table)
    assert set(gaps) == {r.n for r in table.ranked[1:]}
    first, second = table.ranked[:2]
    assert gaps[second.n][0].mean == pytest.approx(float((second.values[:, 0] - first.values[:, 0]).mean()))


def test_the_json_stands_alone(tmp_path):
    path = write(tmp_path)
    out = call("sweep", path, "--store", tmp_path / "s", "--workers", "1", "--json", "-")
    found = json.loads(out.stdout)
    assert [p["settings"] for p in found["points"]] == [{"agents": 1}, {"agents": 1}, {"agents": 2}, {"agents": 2}]
    assert found["counts"]["computed"] == REPLICATIONS
    assert found["points"][0]["kpis"]["asa_s"]["n"] == 6


def test_seeds_and_changes_of_the_command_line(tmp_path):
    path = write(tmp_path)
    args = ("--store", tmp_path / "s", "--workers", "1", "--json", "-")
    found = json.loads(call("sweep", path, "--seeds", "3", "--seed", "7", "--set", "demand.calls.rate=0.1 /min", *args).stdout)
    assert found["points"][0]["seeds"] == [7, 8, 9]
    assert found["points"][0]["kpis"]["contacts_offered"]["mean"] < 15


def test_what_changed_is_said_when_it_goes_on(tmp_path):
    path = write(tmp_path)
    call("sweep", path, "--store", tmp_path / "s", "--workers", "1")
    write(tmp_path, TINY.replace("[1, 2]", "[1, 3]"))
    out = call("sweep", path, "--store", tmp_path / "s", "--workers", "1")
    assert "changed since the last time: the file: factors.agents.levels: [1, 2] -> [1, 3]" in out.output
    assert "12 replications computed, 12 taken from the store, 0 failed." in out.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sweep", "nowhere.yaml"), "nowhere.yaml"),
        (("sweep", "FILE", "--set", "x"), "path=value"),
        (("sweep", "FILE", "--workers", "0"), "--workers"),
        (("sweep", "FILE", "--store", "FILE"), "tiny.yaml"),
        (("export", "EMPTY", "--csv"), "there is no store here"),
        (("export", "STORE"), "say what to write"),
        (("export", "STORE", "--csv", "--experiment", "x"), "there is no experiment 'x'; the store has tiny"),
        (("doctor", "EMPTY"), "there is no store here"),
    ],
)
def test_wrong_input_is_one_line_and_2(tmp_path, tiny, args, said):
    path = write(tmp_path)
    (tmp_path / "empty").mkdir()
    tiny.with_seeds(1).run(workers=1, store=tmp_path / "s")
    places = {"FILE": path, "EMPTY": tmp_path / "empty", "STORE": tmp_path / "s"}
    out = call(*(places.get(a, a) for a in args))
    assert out.exit_code == 2, out.output
    assert said in out.output
    assert "Traceback" not in out.output


def test_the_doctor_says_how_it_is_and_ends_with_1_where_something_was_damaged(tmp_path, tiny):
    tiny.run(workers=1, store=tmp_path / "s")
    assert call("doctor", tmp_path / "s").exit_code == 0
    with Store(tmp_path / "s") as store:
        store._db.execute("UPDATE results SET body = x'00' WHERE seed = 3")
    assert call("doctor", tmp_path / "s", "--look").exit_code == 1
    out = call("doctor", tmp_path / "s")
    assert out.exit_code == 1
    assert "4 damaged rows: taken out" in out.output
    assert call("doctor", tmp_path / "s").exit_code == 0


def test_two_sweeps_share_a_store(tmp_path, tiny):
    """One is stopped after some results; a second process's sweep takes what is there, and both end with the same table."""
    first = digest(tiny.run(workers=1))
    with Store(tmp_path / "s") as one, Store(tmp_path / "s") as other:
        assert not other.first
        a, b = tiny.sweep(one), tiny.sweep(other)
        left, right = a.run(1), b.run(1)
    assert digest(left) == digest(right) == first
    assert (left.counts.computed, right.counts.computed) == (REPLICATIONS, 0)


def test_the_second_begins_at_the_other_end(tmp_path, tiny):
    with Store(tmp_path / "s") as one, Store(tmp_path / "s") as other:
        a, b = tiny.sweep(one), tiny.sweep(other)
        assert (list(a._cells), list(b._cells)) == ([0, 1], [1, 0])


def _dies(tables, seed, how, *more):
    if seed == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return replicate(tables, seed, how, *more)


def test_a_replication_that_always_kills_its_worker_is_given_up_and_the_others_are_done(tiny, monkeypatch, tmp_path):
    monkeypatch.setattr(crews, "replicate", _dies)
    table = tiny.run(workers=2, store=tmp_path / "s", engine="reference", start="fork")
    assert {s for r in table.rows for s in r.failed} == {4}
    assert table.counts.failed == 4
    assert all("died 3 times" in text for r in table.rows for text in r.failed.values())
    assert table.counts.computed == REPLICATIONS


def _dies_once(tables, seed, how, *more):
    if seed == 4 and not os.path.exists(os.environ["OMNISIM_TEST_DIED"]):
        Path(os.environ["OMNISIM_TEST_DIED"]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return replicate(tables, seed, how, *more)


def test_a_worker_that_dies_costs_nothing(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("OMNISIM_TEST_DIED", str(tmp_path / "died"))
    monkeypatch.setattr(crews, "replicate", _dies_once)
    table = tiny.run(workers=2, engine="reference", start="fork")
    assert (tmp_path / "died").exists()
    monkeypatch.undo()
    assert digest(table) == digest(tiny.run(workers=1))


def test_a_store_says_what_it_is_about(tiny, tmp_path):
    """Whoever opens the file with any SQLite finds scenario texts that hash to their names."""
    import hashlib
    import sqlite3
    import zlib

    tiny.run(workers=1, store=tmp_path / "s")
    db = sqlite3.connect(tmp_path / "s" / NAME)
    rows = db.execute("SELECT scenario, text FROM scenarios").fetchall()
    db.close()
    assert len(rows) == 4
    assert all(hashlib.sha256(zlib.decompress(text)).hexdigest() == name for name, text in rows)


def test_the_shipped_experiment_runs_and_ranks(tmp_path):
    e = om.Experiment.load(ROOT / "experiments" / "context-vs-staff.yaml").with_seeds(2)
    table = e.run(workers=2, store=tmp_path / "s")
    assert len(table.rows) == 9
    assert table.counts.failed == 0
    by = {(r.strategy, r.settings["phone"]): r for r in table.rows}
    resolution = table.kpis.index("first_contact_resolution")
    assert by["omnichannel", "three"].spread(resolution).mean > by["siloed", "three"].spread(resolution).mean
    abandon = table.kpis.index("abandon_rate")
    assert by["siloed", "four"].spread(abandon).mean < by["siloed", "two"].spread(abandon).mean


def test_a_result_of_the_store_costs_less_than_a_millisecond(tmp_path):
    """CPU time to pack, seal, compare and write one result of the retail day (1,579 columns): best of five."""
    import dataclasses
    import time

    from omnisim.store.database import Row

    tables = Tables.build(om.load(ROOT / "scenarios" / "retail-day" / "multichannel.yaml").with_({"scale": 0.02}))
    one = replicate(tables, 1)
    assert len(one.num) > 1000
    best = 9.0
    with Store(tmp_path) as store:
        for k in range(5):
            rows = [Row("a", "b", 100 * k + i, dataclasses.replace(one, seed=100 * k + i)) for i in range(20)]
            begun = time.process_time()
            store.put(rows)
            best = min(best, (time.process_time() - begun) / 20)
    assert best < 1e-3


def test_the_program_of_the_page_runs():
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    program = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
    out = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert out.returncode == 0, out.stderr[-1500:]
    assert "the best first" in out.stdout


def test_the_file_of_the_page_says_what_is_right(tmp_path):
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    text = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    path = tmp_path / "page.yaml"
    path.write_text(text.replace("../scenarios/retail-day/multichannel.yaml", "scenarios/retail-day/multichannel.yaml"), encoding="utf-8")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    assert om.Experiment.load(path).points == 3 * 4 * 2
