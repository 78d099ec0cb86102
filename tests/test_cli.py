"""Law: a verb says what it found, or what is wrong, on one screen; JSON stands alone; exit codes are kept."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from omnisim.cli import main

ROOT = Path(__file__).resolve().parent.parent
DAY = ROOT / "scenarios" / "retail-day"

QUEUE = """
omnisim: 1
name: queue
clock: {horizon: 4 h, interval: 1 h}
demand: {calls: {goal: issue, rate: 2 /min, enter: {call_center: 1.0}}}
channels: {call_center: {help: {mode: live, handling: {law: exponential, mean: 5 min}, patience: {law: exponential, mean: 3 min}}}}
staffing: {pools: {phone: {agents: 10, wage: 19 USD/h, skills: {call_center: {}}}}}
"""


@pytest.fixture
def queue(tmp_path):
    path = tmp_path / "queue.yaml"
    path.write_text(QUEUE, encoding="utf-8")
    return str(path)


@pytest.fixture
def short_day(tmp_path):
    """Two hours of the retail day under two strategies, at a tenth of its size."""
    sets = ["--set", "clock.horizon=14 h", "--set", "clock.warmup=0 s", "--set", "scale=0.1", "--seeds", "2", "--workers", "1"]
    return [str(DAY / "multichannel.yaml"), str(DAY / "omnichannel.yaml"), *sets]


def call(*args):
    return CliRunner().invoke(main, list(args))


def test_run_shows_kpis_with_intervals_within_80_columns(queue):
    out = call("run", queue, "--seeds", "3", "--workers", "1")
    assert out.exit_code == 0, out.output
    assert "Abandon rate" in out.output
    assert "call_center" in out.output
    assert max(map(len, out.stdout.splitlines())) <= 80


def test_json_on_standard_output_stands_alone(queue):
    out = call("run", queue, "--seeds", "2", "--workers", "1", "--json", "-")
    found = json.loads(out.stdout)
    assert found["scenario"] == "queue"
    assert found["seeds"] == [1, 2]


def test_json_in_a_file_and_a_table_on_the_screen(queue, tmp_path):
    target = tmp_path / "out.json"
    out = call("run", queue, "--seeds", "2", "--seed", "5", "--workers", "1", "--json", str(target))
    assert json.loads(target.read_text())["seeds"] == [5, 6]
    assert "95 % interval" in out.output


def test_set_changes_one_value(queue):
    few = json.loads(call("run", queue, "--seeds", "1", "--set", "demand.calls.rate=1 /min", "--json", "-").stdout)
    offered = {k["name"]: k["mean"] for k in few["kpis"] if k["scope"] == {}}["contacts_offered"]
    assert 180 < offered < 300


def test_compare_gives_a_verdict_differences_and_a_report(short_day, tmp_path):
    out = call("compare", *short_day, "--report", str(tmp_path / "page"))
    assert out.exit_code == 0, out.output
    for word in ("against Multichannel", "Repeat told rate", "only if", "Rests on", "Report:"):
        assert word in out.output
    assert max(map(len, (line for line in out.stdout.splitlines() if "Report:" not in line))) <= 80
    page = (tmp_path / "page" / "report.html").read_text(encoding="utf-8")
    assert "<title>" in page
    found = json.loads(call("compare", *short_day, "--json", "-").stdout)
    assert {"command", "baseline", "strategies", "differences", "verdict"} <= set(found)


def test_a_wrong_file_gives_all_errors_with_their_places_and_code_2(queue):
    path = Path(queue)
    path.write_text(QUEUE.replace("mode: live", "mode: life").replace("rate: 2 /min", "rate: 2"), encoding="utf-8")
    out = call("run", queue)
    assert out.exit_code == 2
    lines = out.stderr.strip().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(f"{queue}:")
        assert line.removeprefix(f"{queue}:").split(":")[0].isdigit()
    assert "'live'" in out.stderr or "live" in out.stderr
    assert "Traceback" not in out.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "nowhere.yaml"), "nowhere.yaml"),
        (("run", "QUEUE", "--set", "demand"), "path=value"),
        (("run", "QUEUE", "--set", "demand.cals.rate=1 /min"), "demand.cals"),
        (("run", "QUEUE", "--kpi", "abandon"), "nearest"),
        (("run", "QUEUE", "--seeds", "0"), "--seeds"),
        (("compare", "QUEUE"), "two files"),
        (("trace", "QUEUE", "--customer", "calz:1"), "calls"),
        (("trace", "QUEUE", "--customer", "abc"), "abc"),
        (("define", "service_levl"), "service_level"),
    ],
)
def test_wrong_input_says_what_is_wrong_and_ends_with_2(queue, args, said):
    out = call(*(queue if a == "QUEUE" else a for a in args))
    assert out.exit_code == 2, out.output
    assert said in out.output
    assert "Traceback" not in out.output


def test_a_budget_ends_with_3(queue):
    out = call("run", queue, "--seeds", "1", "--max-events", "50")
    assert out.exit_code == 3
    assert "limit: events" in out.stderr


def test_an_unwritable_target_is_one_line(queue):
    out = call("run", queue, "--seeds", "1", "--json", "/nowhere/at/all.json")
    assert out.exit_code == 2
    assert "Traceback" not in out.output


def test_check_show_and_schema(queue):
    assert "ok (1 channels, 1 streams)" in call("check", queue).output
    shown = call("show", queue, "--origin").output
    assert "queue.yaml:6" in shown
    schema = json.loads(call("schema").output)
    assert "channels" in schema["properties"]
    assert not json.loads(call("schema", "--partial").output).get("required")


def test_define_says_unit_and_formula():
    out = call("define", "service_level").output
    assert "share" in out
    assert "=" in out
    assert len(call("define").output.splitlines()) > 30


def test_trace_tells_one_customer_side_by_side(short_day):
    out = call("trace", *short_day[:2], "--customer", "calls:3", "--set", "scale=0.1")
    assert out.exit_code == 0, out.output
    assert "arrives" in out.output
    assert max(map(len, out.output.splitlines())) <= 80
    left = [line[:39].rstrip() for line in out.output.splitlines()]
    right = [line[41:].rstrip() for line in out.output.splitlines() if len(line) > 41]
    assert any("Multichannel" in line for line in left)
    assert any("Omnichannel" in line for line in right)


def test_help_is_quick():
    """Below 150 ms on a free machine: the best of several starts, compared with Python's own start."""

    def best(*command):
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
            times.append(time.perf_counter() - begun)
        return min(times)

    bare = best(sys.executable, "-c", "import click")
    assert best(sys.executable, "-m", "omnisim", "--help") < bare + 0.08


def test_help_imports_nothing_heavy():
    heavy = "numba numpy scipy matplotlib rich yaml"
    code = f"import sys; from omnisim.cli import main; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"


@pytest.mark.parametrize(("engine", "hours"), [("reference", 200), ("compiled", 200_000)])
def test_ctrl_c_ends_quickly_with_130_and_without_a_traceback(queue, engine, hours):
    call("run", queue, "--seeds", "1")  # compiled before the clock runs
    command = [sys.executable, "-m", "omnisim", "run", queue, "--seeds", "400", "--set", f"clock.horizon={hours} h", "--engine", engine]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=ROOT)
    stat = Path(f"/proc/{process.pid}/stat")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(600):
        used_s = sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        if children.read_text().strip() or used_s > 8.0:  # workers are there, or the threads have been busy for a while
            break
        time.sleep(0.1)
    time.sleep(1.0)
    os.killpg(process.pid, signal.SIGINT)
    begun = time.perf_counter()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert time.perf_counter() - begun < 5


def test_progress_without_a_terminal_is_a_line_with_the_time_left(capsys, monkeypatch):
    from omnisim.terminal import say_now_and_then

    clock = iter([0.0, 10.0, 20.0, 21.0, 40.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    show = say_now_and_then(15.0)
    for done in range(1, 5):
        show(done, 4)
    assert capsys.readouterr().err == "2 of 4 replications, about 20 s left\n"


def test_week_takes_every_file_up_to_the_next_option(short_day):
    from omnisim.cli import _command, compare

    a, b = short_day[:2]
    context = compare.make_context("compare", [a, b, "--week", b, a, "--seeds", "2", "--peaks", "3", "--ignorance", "4"])
    assert (context.params["files"], context.params["weeks"]) == ((a, b), (b, a))
    assert (context.params["peaks"], context.params["ignorance"], context.params["seeds"]) == (3, 4, 2)
    said = _command((a, b), (b, a), None, {**context.params})
    again = compare.make_context("compare", said.split()[2:])
    assert {**again.params} == {**context.params}, "the command that is printed is the command that was given"
    assert "--week" not in _command((a, b), (), None, {**context.params, "ignorance": 0})
    out = call("compare", a, b, "--week", a)
    assert out.exit_code == 2
    assert "--week needs one file a strategy" in out.output
