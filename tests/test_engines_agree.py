"""Both engines tell the same story: every record equal to the bit and in order, whatever the world."""

import dataclasses
import json
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
from worlds import load_world, world

import omnisim as om
from omnisim.agreement import Agreement, agree, first_difference
from omnisim.budget import Budget, BudgetExceeded
from omnisim.engines import compiled, reference
from omnisim.engines.compiled import Run, kernel
from omnisim.records import ROWS, Keep
from omnisim.replications import How, Worth, replicate
from omnisim.tables import Tables

ROOT = Path(__file__).resolve().parent.parent
DAY = ROOT / "scenarios" / "retail-day"


def same(tables, seed):
    return first_difference(reference.run(tables, seed), compiled.run(tables, seed))


def check_worlds(folder, seeds):
    """Law: reference = compiled; the differences are named, so that a failure can be told."""
    wrong = {}
    for seed in seeds:
        found = same(Tables.build(load_world(folder, seed)), seed)
        if found is not None:
            wrong[seed] = found
    assert wrong == {}


def test_two_hundred_worlds(tmp_path):
    check_worlds(tmp_path, range(1, 201))


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_two_thousand_worlds(tmp_path, part):
    check_worlds(tmp_path, range(1001 + 250 * part, 1251 + 250 * part))


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda p: p.relative_to(ROOT / "scenarios").as_posix())
def test_every_scenario(path):
    if path.parent.name != "base":
        assert same(Tables.build(om.load(path).with_({"scale": 0.1})), 3) is None


def test_worlds_at_the_edge(tmp_path):
    """Durations of zero, probabilities of 0 and 1, shifts without anybody, everybody at one moment."""
    for seed in range(1, 25):
        w = world(seed)
        g = random.Random(seed)
        for channel in w["channels"].values():
            help_ = channel.get("help")
            if help_ and g.random() < 0.5:
                help_["handling"] = {"law": "constant", "value": "0 s"}
            if help_ and g.random() < 0.5:
                help_["resolve"] = g.choice((0.0, 1.0))
            if help_ and help_["mode"] == "live" and g.random() < 0.5:
                help_["patience"] = {"law": "constant", "value": "0 s"}
            if "browse" in channel and g.random() < 0.5:
                channel["browse"]["time"] = {"law": "constant", "value": "0 s"}
        retry = w.get("journey", {}).get("issue", {}).get("retry")
        if retry:
            retry |= {"delay": {"law": "constant", "value": "0 s"}, "after_abandoned": 1.0, "after_unresolved": 1.0, "most": 3}
        at_once = {"law": "constant", "value": "0 s"}
        shop, shipping = w.get("journey", {}).get("shop", {}), w.get("shipping", {})
        message = w.get("marketing", {}).get("cart_message", {})
        pickup, back, returns = shipping.get("pickup", {}), shop.get("back", {}), w.get("returns", {})
        for block, key in ((shipping, "lead"), (pickup, "ready"), (pickup, "collect"), (returns, "after"), (shop, "switch_delay"),
                           (back, "delay"), (message, "delay")):  # fmt: skip
            if key in block and g.random() < 0.6:
                block[key] = at_once
        for pool in w["staffing"]["pools"].values():
            if g.random() < 0.5:
                pool.pop("shifts", None)
                pool["agents"] = [0, 2, 0, 0, 3, 3, 1, 0]
            for shift in pool.get("shifts", ()):
                if g.random() < 0.5:
                    shift |= {"agents": g.choice((0, 3)), "breaks": [{"after": "0 s", "length": g.choice(("0 s", shift["length"]))}]}
        first = next(iter(w["demand"].values()))
        for key in ("rate", "volume", "profile", "surge"):
            first.pop(key, None)
        first["at"] = {"00:00": 40, "2001-01-01 01:00": 40, "2001-01-01 01:30": 1}
        path = tmp_path / f"edge{seed}.yaml"
        path.write_text(json.dumps(w), encoding="utf-8")
        assert same(Tables.build(om.load(path)), seed) is None, seed


def test_a_great_many_people_and_agents_make_room_as_they_come(tmp_path):
    """Rows, heaps and output grow while the run goes on: more present than any first guess, more rows at once than fit."""
    path = tmp_path / "crowd.yaml"
    path.write_text(
        "omnisim: 1\nname: crowd\nclock: {horizon: 2 h, interval: 30 min}\n"
        "demand: {m: {goal: issue, at: {'00:00': 3000, '00:45': 3000}, enter: {c: 1.0}}}\n"
        "channels: {c: {hours: Mon-Sun 00:00-01:00, help: {mode: live, handling: {law: exponential, mean: 5 min}, "
        "patience: {law: exponential, mean: 1 h}, at_close: disconnect}}}\n"
        "journey: {issue: {retry: {after_abandoned: 0.5, after_unresolved: 0, delay: {law: exponential, mean: 20 min}, "
        "channel: {same: 1.0}}}}\n"
        "staffing: {pools: {p: {agents: [500, 20, 700, 0], skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    tables = Tables.build(om.load(path))
    assert same(tables, 1) is None
    keep = Keep()
    run = Run(tables, 1, Budget(), keep, rows=8)
    run.go()
    assert keep.records(1, run.end_s, run.events).digest() == compiled.run(tables, 1).digest()


def test_stopped_and_resumed_at_random_events_it_is_the_same_run(tmp_path):
    g = random.Random(7)
    for seed in range(1, 41):
        tables = Tables.build(load_world(tmp_path, seed))
        keep = Keep()
        run = Run(tables, seed, Budget(), keep, rows=g.choice((16, 100, 4096)))
        for until in (g.uniform(0.0, tables.horizon_s), tables.horizon_s):
            while not run.advance(until, g.randint(1, 30)):
                if g.random() < 0.2:
                    run.drain()
        run.go()
        whole = compiled.run(tables, seed)
        assert keep.records(seed, run.end_s, run.events).digest() == whole.digest()
        assert run.events == whole.events


def test_kpis_and_flows_do_not_depend_on_engine_or_chunks(tmp_path):
    for seed in range(1, 41):
        tables = Tables.build(load_world(tmp_path, seed))
        one, other = replicate(tables, seed, How("reference")), replicate(tables, seed, How("compiled"))
        small = Worth(tables)
        run = Run(tables, seed, Budget(), small, rows=8)
        run.go()
        for result in (other, small.result(seed, run.events)):
            for field in ("num", "den"):
                assert getattr(one, field).tobytes() == getattr(result, field).tobytes(), (seed, field)
            assert one.flows.moves.tobytes() == result.flows.moves.tobytes()
            assert one.flows.minutes.tobytes() == result.flows.minutes.tobytes()
            assert one.events == result.events


def test_threads_processes_and_engines_give_the_same_answer():
    small = om.load(DAY / "omnichannel.yaml").with_({"scale": 0.05})
    answers = [
        om.run(small, seeds=3, workers=1),
        om.run(small, seeds=3, workers=2),
        om.run(small, seeds=3, workers=8, engine="compiled"),
        om.run(small, seeds=3, workers=2, engine="reference"),
    ]
    assert len({a.num.tobytes() + a.den.tobytes() for a in answers}) == 1
    assert [a.engine for a in answers] == ["compiled", "compiled", "compiled", "reference"]


def digests(code, **env):
    """Digests of a few worlds in a fresh Python."""
    script = f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})\n" + textwrap.dedent(code)
    out = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=900
    )
    assert out.returncode == 0, out.stderr
    return out.stdout.split()


SOME_WORLDS = """
import tempfile
from pathlib import Path
from worlds import load_world
from omnisim.engines import compiled
from omnisim.tables import Tables
with tempfile.TemporaryDirectory() as folder:
    for seed in {seeds}:
        print(compiled.run(Tables.build(load_world(Path(folder), seed)), seed).digest())
"""


def expected(tmp_path, seeds):
    return [reference.run(Tables.build(load_world(tmp_path, seed)), seed).digest() for seed in seeds]


def test_any_hash_seed_gives_the_same_story(tmp_path):
    code = SOME_WORLDS.format(seeds="range(1, 6)")
    assert digests(code, PYTHONHASHSEED="1") == digests(code, PYTHONHASHSEED="4711") == expected(tmp_path, range(1, 6))


def test_the_same_story_without_the_compiler(tmp_path):
    """Structured rows behave differently as plain Python: this is how one finds out early."""
    code = SOME_WORLDS.format(seeds="range(1, 7)")
    assert digests(code, NUMBA_DISABLE_JIT="1") == expected(tmp_path, range(1, 7))


def test_no_row_is_read_or_written_outside_its_array(tmp_path):
    """With bounds checked, thirty worlds run without an IndexError (compiled anew, so this takes a while)."""
    code = SOME_WORLDS.format(seeds="range(1, 31)")
    assert digests(code, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path / "cache")) == expected(tmp_path, range(1, 31))


def test_the_kernel_has_exactly_one_signature(tmp_path):
    """Every table and every state has one type, so that nothing is compiled twice or behind the user's back."""
    for seed in range(1, 31):
        compiled.run(Tables.build(load_world(tmp_path, seed)), seed)
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        if path.parent.name != "base":
            compiled.run(Tables.build(om.load(path).with_({"scale": 0.01})), 1)
    assert len(kernel.advance.signatures) == len(kernel.start.signatures) == 1


def test_an_edited_rule_changes_both_engines(tmp_path):
    """In a copy of the package one rule is edited: neither engine goes on with the old one."""
    shutil.copytree(ROOT / "omnisim", tmp_path / "omnisim", ignore=shutil.ignore_patterns("__pycache__"))
    code = f"""
    import sys; sys.path.insert(0, {str(tmp_path)!r})
    import omnisim as om
    assert om.__file__.startswith({str(tmp_path)!r})
    from omnisim.engines import compiled, reference
    from omnisim.tables import Tables
    t = Tables.build(om.load({str(DAY / "omnichannel.yaml")!r}).with_({{"scale": 0.02}}))
    print(reference.run(t, 1).digest(), compiled.run(t, 1).digest())
    """
    before = digests(code)
    rule = tmp_path / "omnisim" / "rules" / "serving.py"
    text = rule.read_text(encoding="utf-8")
    assert text.count("return work / speed") == 1
    rule.write_text(text.replace("return work / speed", "return 1.01 * work / speed"), encoding="utf-8")
    after = digests(code)
    assert before[0] == before[1] != after[0] == after[1]


def test_agree_says_equal_and_how_much_was_compared():
    answer = agree(om.load(DAY / "siloed.yaml").with_({"scale": 0.02}), seeds=2)
    assert answer.equal
    assert answer.touches > 50
    assert answer.sentence().startswith("equal to the bit: ")


def altered(kind, change):
    """The compiled engine, but for one row."""

    def run(tables, seed, how, report=None):
        seen = (compiled if how.compiled else reference).run(tables, seed)
        return dataclasses.replace(seen, **{kind: change(getattr(seen, kind))}) if how.compiled else seen

    return run


def later(rows):
    rows = rows.copy()
    rows["ended"][5] += 1e-9
    return rows


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("touches", later, ["touches[5]", "ended", "reference", "compiled", "customer"]),
        ("journeys", lambda rows: rows[:-1], ["journeys[", "compiled   has no such row"]),
        ("stints", lambda rows: np.concatenate([rows[1:2], rows[1:]]), ["stints[0]", "agent "]),
        ("end_s", lambda s: s + 1.0, ["all rows are equal, but the reference ends at"]),
    ],
)
def test_agree_names_the_first_row_that_differs(monkeypatch, kind, change, words):
    monkeypatch.setattr("omnisim.agreement.records", altered(kind, change))
    answer = agree(om.load(DAY / "siloed.yaml").with_({"scale": 0.02}))
    assert not answer.equal
    for word in words:
        assert word in answer.sentence(), answer.sentence()
    assert max(map(len, answer.sentence().splitlines())) <= 140


def test_agree_verb(monkeypatch, capsys):
    from omnisim.cli import main

    file = str(DAY / "siloed.yaml")
    assert main(["agree", file, "--seeds", "1", "--set", "scale=0.02"], standalone_mode=False) is None
    assert "equal to the bit" in capsys.readouterr().out
    monkeypatch.setattr("omnisim.agreement.agree", lambda *a, **k: Agreement(False, 1, 0, 0, 0, 0, "touches[5] ..."))
    with pytest.raises(SystemExit) as stop:
        main(["agree", file], standalone_mode=False)
    assert stop.value.code == 1
    assert "touches[5]" in capsys.readouterr().out


BUDGETS = [
    ({"events": 500}, "more than 500 events"),
    ({"touches": 3}, "a journey of more than 3 touches"),
    ({"wall_s": 0.0}, "of wall time"),
]


@pytest.mark.parametrize(("limit", "message"), BUDGETS)
def test_a_budget_ends_a_run_by_name(limit, message):
    for engine in ("compiled", "reference"):
        with pytest.raises(BudgetExceeded, match=message):
            om.run(om.load(DAY / "siloed.yaml").with_({"scale": 3}), seeds=1, budget=Budget(**limit), engine=engine)


def test_both_engines_meet_the_limit_of_one_instant_at_the_same_event(tmp_path):
    path = tmp_path / "loop.yaml"
    path.write_text(
        "omnisim: 1\nname: loop\nclock: {horizon: 1 h}\ndemand: {m: {goal: issue, rate: 1 /min, enter: {c: 1.0}}}\n"
        "channels: {c: {help: {mode: live, handling: {law: constant, value: 0 s}, resolve: 0}}}\n"
        "journey: {issue: {retry: {after_abandoned: 1, after_unresolved: 1, delay: {law: constant, value: 0 s}, channel: {same: 1.0}}}}\n"
        "staffing: {pools: {p: {agents: 1, skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    messages = []
    for engine in ("compiled", "reference"):
        with pytest.raises(BudgetExceeded) as stop:
            om.run(path, seeds=1, engine=engine, budget=Budget(instant=1000))
        messages.append(str(stop.value))
    assert messages[0] == messages[1]
    assert "events at one instant" in messages[0]


def test_memory_is_foretold_and_watched(tmp_path):
    path = tmp_path / "queue.yaml"
    path.write_text(
        "omnisim: 1\nname: queue\nclock: {horizon: 2000 h}\ndemand: {m: {goal: issue, rate: 60 /min, enter: {c: 1.0}}}\n"
        "channels: {c: {help: {mode: live, handling: {law: constant, value: 1 h}}}}\n"
        "staffing: {pools: {p: {agents: 1, skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(BudgetExceeded, match="limit: memory"):  # nobody is served: those present outgrow what was foretold
        om.run(path, seeds=1, budget=Budget(memory_mb=200.0))
    with pytest.raises(BudgetExceeded, match="customers expected"):
        om.run(path, seeds=1, budget=Budget(memory_mb=10.0))
    with pytest.raises(BudgetExceeded, match="customers expected"):
        om.run(path, seeds=1, engine="reference", budget=Budget(memory_mb=2000.0))


def test_memory_follows_those_present_not_those_ever_seen(tmp_path):
    """Ten times the customers, one after another, take no more rows than a tenth of them."""
    path = tmp_path / "long.yaml"
    text = (
        "omnisim: 1\nname: t\nclock: {{horizon: {} h}}\ndemand: {{m: {{goal: issue, rate: 60 /min, enter: {{c: 1.0}}}}}}\n"
        "channels: {{c: {{help: {{mode: live, handling: {{law: exponential, mean: 1 min}}, "
        "patience: {{law: exponential, mean: 1 h}}}}}}}}\n"
        "staffing: {{pools: {{p: {{agents: 80, skills: {{c: {{}}}}}}}}}}\n"
    )
    sizes = []
    for hours in (20, 200):
        path.write_text(text.format(hours), encoding="utf-8")
        tables = Tables.build(om.load(path))
        run = Run(tables, 1, Budget(), Worth(tables))
        run.go()
        sizes.append((len(run.state.people), len(run.state.contacts), len(run.state.heap)))
        customers = int(run.state.run[0]["customers"])
    assert sizes[0] == sizes[1]
    assert customers > 700_000


def test_rows_can_be_kept_in_files(tmp_path):
    file = om.load(DAY / "siloed.yaml").with_({"scale": 0.05})
    plain = om.run(file, seeds=2)
    kept = om.run(file, seeds=2, records=tmp_path / "rows")
    assert plain.num.tobytes() == kept.num.tobytes()
    seen = om.simulate(file, seed=2)
    for kind in ROWS:
        rows = np.load(tmp_path / "rows" / f"{file.name}-2.{kind}.npy")
        assert first_difference(dataclasses.replace(seen, **{kind: rows}), seen) is None
    assert len(list((tmp_path / "rows").iterdir())) == 2 * len(ROWS)
    with pytest.raises(BudgetExceeded):
        om.run(file, seeds=1, records=tmp_path / "none", budget=Budget(events=50))
    assert list((tmp_path / "none").iterdir()) == [], "a run that was stopped leaves nothing half written"


def test_progress_counts_running_replications_in_part():
    seen = []
    lock = threading.Lock()

    def progress(done, total):
        with lock:
            seen.append((done, total))

    om.run(DAY / "omnichannel.yaml", seeds=4, workers=2, progress=progress)
    assert seen[-1] == (4, 4)
    assert {total for _, total in seen} == {4}


def test_ctrl_c_is_heard_within_a_fifth_of_a_second(tmp_path):
    """A long run is interrupted from outside: exit code 130, and quickly (the limit leaves room for a busy machine)."""
    path = tmp_path / "long.yaml"
    path.write_text(
        "omnisim: 1\nname: t\nclock: {horizon: 90000 h}\ndemand: {m: {goal: issue, rate: 100 /min, enter: {c: 1.0}}}\n"
        "channels: {c: {help: {mode: live, handling: {law: exponential, mean: 1 min}, patience: {law: exponential, mean: 1 min}}}}\n"
        "staffing: {pools: {p: {agents: 100, skills: {c: {}}}}}\n",
        encoding="utf-8",
    )
    code = f"""
    import os, signal, threading, time
    import omnisim as om
    from omnisim.replications import get_ready
    from omnisim.tables import Tables
    scenario = om.load({str(path)!r})
    get_ready(Tables.build(scenario))
    waits = []
    for workers in (1, 2):
        sent = []
        def interrupt():
            sent.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(1.0, interrupt).start()
        try:
            om.run(scenario, seeds=2, workers=workers)
        except KeyboardInterrupt:
            waits.append(time.monotonic() - sent[0])
    print(*waits)
    """
    waits = [float(w) for w in digests(code)]
    assert len(waits) == 2
    assert max(waits) < 0.5, waits


def test_without_a_writable_cache_it_works_and_says_so(tmp_path):
    """HOME, cache and temporary folders that cannot be written: everything is compiled anew, and the answer is the same."""
    code = f"""
    import tempfile
    def refuse(*a, **k): raise PermissionError
    import os
    os.makedirs = refuse
    import omnisim.jit
    assert omnisim.jit.CACHE is None
    from omnisim.cli import main
    import sys
    sys.argv = ["omnisim", "run", {str(ROOT / "scenarios" / "theory" / "mm1.yaml")!r}, "--seeds", "1", "--set", "clock.horizon=2 h",
                "--set", "clock.warmup=0 s", "--json", "-"]
    main()
    """
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert out.returncode == 0, out.stderr
    assert "no folder is writable" in out.stderr
    assert re.search(r"compiled in \d+ s", out.stderr)
    found = {k["name"]: k["mean"] for k in json.loads(out.stdout)["kpis"] if not k["scope"]}
    same_here = om.run(om.load(ROOT / "scenarios" / "theory" / "mm1.yaml").with_({"clock.horizon": "2 h", "clock.warmup": "0 s"}), seeds=1)
    assert found["contacts_offered"] == same_here.kpi("contacts_offered").mean
