"""Law: whatever ends a process, whenever: nothing that was kept is lost, nothing is wrong afterwards, and nobody is left behind.

A short part in the ordinary run, the full number by `make crash`.
"""

import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from test_crash_store import often
from tiny_experiments import TINY, digest, write

import omnisim as om
from omnisim.store import Store, StoreError, examine

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 400  # a second or two of work
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")

PARENT = """
import omnisim as om, sys
if __name__ == "__main__":
    om.Experiment.load(sys.argv[1]).run(workers=2, engine="reference", start=sys.argv[2])
"""
LIMITED = """
import resource, signal, sys
from omnisim.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(sys.argv[2:])
"""


def env():
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": ""}


def sweep(path, store, *more):
    """A sweep in a process group of its own."""
    command = [sys.executable, "-m", "omnisim", "sweep", str(path), "--store", str(store), "--workers", "2", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=env(), cwd=ROOT)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """An experiment of a second or two and the digest of its table."""
    path = write(tmp_path_factory.mktemp("asked"), TINY.replace("seeds: 6", f"seeds: {SEEDS}"))
    experiment = om.Experiment.load(path)
    return path, experiment, digest(experiment.run(workers=1))


def wait_for_rows(process, store, at_least, most_s=120.0):
    """Wait until a running sweep has kept so many results (or is over)."""
    end = time.monotonic() + most_s
    while process.poll() is None and time.monotonic() < end:
        try:
            with Store(store, make=False) as kept:
                if kept.read("SELECT count(*) FROM results")[0][0] >= at_least:
                    return
        except StoreError:
            pass  # not made yet
        time.sleep(0.02)


@often(3, 300)
def test_killed_at_any_moment_and_resumed(asked, tmp_path, times):
    """Parent or whole group, at random moments, again and again on one store; now and then it is let finish."""
    path, experiment, expected = asked
    rng = random.Random(3)
    store, n = tmp_path / "s0", 0
    kept_before = 0
    for kill in range(times):
        process = sweep(path, store)
        wait_for_rows(process, store, kept_before + rng.randrange(1, 200))
        time.sleep(rng.random() * 0.3)
        (os.killpg if rng.random() < 0.5 else os.kill)(process.pid, signal.SIGKILL)
        process.communicate()
        with Store(store) as found:
            kept_now = found.read("SELECT count(*) FROM results")[0][0]
        assert kept_now >= kept_before, "nothing that was kept is lost"
        kept_before = kept_now
        if kept_now >= 4 * SEEDS or rng.random() < 0.2 or kill == times - 1:
            assert examine(store).well
            table = experiment.run(workers=2, store=store)
            assert table.counts.kept == kept_now
            assert table.counts.computed == 4 * SEEDS - kept_now
            assert digest(table) == expected
            n += 1
            store, kept_before = tmp_path / f"s{n}", 0


@often(2, 200)
def test_ctrl_c_at_any_moment(asked, tmp_path, times):
    """Within 3 s, 130, one line that says what is kept, no traceback; the rest gives the same table."""
    path, experiment, expected = asked
    rng = random.Random(5)
    interrupted = 0
    for n in range(times):
        store = tmp_path / f"s{n}"
        process = sweep(path, store)
        wait_for_rows(process, store, rng.choice([0, 1, 50, 400, 1200]))
        time.sleep(rng.random() * 0.2)
        os.killpg(process.pid, signal.SIGINT)
        begun = time.monotonic()
        _, err = process.communicate(timeout=60)
        took = time.monotonic() - begun
        assert "Traceback" not in err, err
        assert process.returncode in (0, 130), err
        if process.returncode == 130:
            interrupted += 1
            assert took < 3.0
            assert "replications are kept in" in err.strip().splitlines()[-1]
        if n % 10 == 0:
            assert digest(experiment.run(workers=2, store=store)) == expected
    assert interrupted > times / 4


def descendants(pid):
    """Processes that a process started, and those that they started."""
    try:
        found = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return found + [d for p in found for d in descendants(p)]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@often(1, 20)
@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_nobody_outlives_the_parent(tmp_path, start, times):
    """Killed while its workers are busy: 2 s later none of them is there."""
    text = TINY.replace("seeds: 6", "seeds: 9\nset: {clock.horizon: 2000 h}")
    path = write(tmp_path, text)
    rng = random.Random(7)
    for _ in range(times):
        process = subprocess.Popen([sys.executable, "-c", PARENT, str(path), start], env=env(), cwd=tmp_path, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while len(descendants(process.pid)) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.5 + rng.random())
        workers = descendants(process.pid)
        assert len(workers) >= 2
        process.kill()
        process.wait()
        end = time.monotonic() + 2.0
        while any(map(alive, workers)) and time.monotonic() < end:
            time.sleep(0.05)
        left = [w for w in workers if alive(w)]
        for w in left:
            os.kill(w, signal.SIGKILL)
        assert left == []


@often(3, 100)
def test_workers_that_are_killed_cost_nothing(asked, times):
    """So many worker processes killed at random in one sweep: every replication is done, with the same numbers."""
    _, experiment, expected = asked
    rng = random.Random(9)
    killed, over = [], threading.Event()

    def killer():
        while not over.is_set() and len(killed) < times:
            workers = multiprocessing.active_children()
            if workers:
                killed.append(rng.choice(workers).pid)
                os.kill(killed[-1], signal.SIGKILL)
            over.wait(rng.random() * 0.25)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        table = experiment.run(workers=2, engine="reference", start="fork")
    finally:
        over.set()
        thread.join()
    assert len(killed) >= min(times, 20), "the sweep was over before the killer was"
    assert table.counts.failed == 0
    assert digest(table) == expected


@often(2, 60)
def test_a_disk_that_refuses_is_one_line(asked, tmp_path, times):
    """A limit on the size of files, which SQLite meets as an error of the disk."""
    path, experiment, expected = asked
    rng = random.Random(11)
    soft = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    assert soft == resource.RLIM_INFINITY
    for n in range(times):
        size, store = rng.randrange(40_000, 400_000), tmp_path / f"s{n}"
        command = [sys.executable, "-c", LIMITED, str(size), "sweep", str(path), "--store", str(store), "--workers", "2"]
        out = subprocess.run(command, capture_output=True, text=True, env=env(), cwd=ROOT)
        assert out.returncode == 2, out.stdout + out.stderr
        assert "Traceback" not in out.stderr
        assert "the disk" in out.stderr.strip().splitlines()[-1]
        if n % 10 == 0:
            assert examine(store).well
            assert digest(experiment.run(workers=2, store=store)) == expected


def test_two_processes_share_the_work(asked, tmp_path):
    """Both end well, both say the same, and together they did little more than one would have done."""
    path, experiment, expected = asked
    processes = [sweep(path, tmp_path / "s", "--json", "-") for _ in range(2)]
    outs = [p.communicate(timeout=300) for p in processes]
    assert [p.returncode for p in processes] == [0, 0], outs
    import json

    found = [json.loads(out) for out, _ in outs]
    assert found[0]["points"] == found[1]["points"]
    done = sum(f["counts"]["computed"] for f in found)
    assert 4 * SEEDS <= done <= 4 * SEEDS + 4 * 64, "work done twice is what was in hand when they met"
    table = experiment.run(workers=1, store=tmp_path / "s")
    assert (table.counts.computed, digest(table)) == (0, expected)
    if all(f["counts"]["computed"] < 4 * SEEDS for f in found):
        assert any("share the work" in err for _, err in outs)
