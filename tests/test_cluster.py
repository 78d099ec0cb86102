"""Workers by dask.distributed, here a cluster of two on this machine: the same bits as without, whoever dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from tiny_experiments import REPLICATIONS, TINY, digest, write

import omnisim as om
from omnisim import cluster
from omnisim.cli import main
from omnisim.crew import Crew, WorkerDied, WorkerDiffers
from omnisim.replications import How
from omnisim.tables import Tables

pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def two():
    """Two workers."""
    with cluster.connected(None, 2) as found:
        assert found.workers == 2
        yield found


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return om.Experiment.load(write(tmp_path_factory.mktemp("tiny")))


def test_the_same_to_the_bit_as_threads(two, tiny, tmp_path):
    first = digest(tiny.run(workers=1))
    assert digest(tiny.run(executor=two)) == first
    assert digest(tiny.run(executor=two, engine="reference")) == first
    whole = tiny.run(executor=two, store=tmp_path / "s")
    again = tiny.run(workers=2, store=tmp_path / "s")
    assert (whole.counts.computed, again.counts.kept, again.counts.computed) == (REPLICATIONS, REPLICATIONS, 0)
    assert digest(again) == first


def test_small_replications_go_in_batches(two, tiny):
    tables = Tables.build(next(iter(tiny.question.strategies.values())))
    batches = set()
    with Crew[int](How(), 2, two.executor, far=cluster.fingerprint()) as crew:
        done, n = 0, 0
        while done < 600:
            while crew.wants_more and n < 600:
                crew.submit(n, tables, n)
                n += 1
            batches |= {len(b) for b in crew._running.values()}
            outcomes = crew.finished()
            assert not [o for _, o in outcomes if isinstance(o, Exception)]
            done += len(outcomes)
    assert done == 600
    assert max(batches) > 10, "a replication takes a millisecond or so: the way to a worker takes longer"


def kill_one(executor):
    """End one worker process."""
    client = executor._client
    pid = min(client.run(os.getpid).values())
    os.kill(pid, signal.SIGKILL)


def test_a_worker_that_is_killed_costs_nothing(two, tmp_path):
    experiment = om.Experiment.load(write(tmp_path, TINY.replace("seeds: 6", "seeds: 600")))
    expected = digest(experiment.run(workers=1))
    killer = threading.Timer(0.2, kill_one, [two.executor])
    killer.start()
    table = experiment.run(executor=two)
    killer.join()
    assert table.counts.failed == 0
    assert digest(table) == expected
    two.executor._client.wait_for_workers(2, timeout=60)  # a new one has come in its place


class Deadly:
    """Tables that kill whoever looks into them."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        os._exit(9)


def test_a_replication_that_always_kills_is_given_up_and_the_others_are_done(two, tiny):
    tables = Tables.build(next(iter(tiny.question.strategies.values())))
    found = {}
    with Crew[int](How(), 2, two.executor, far=cluster.fingerprint()) as crew:
        for n in range(12):
            crew.submit(n, Deadly() if n == 5 else tables, n)
        while crew.busy:
            found |= dict(crew.finished())
    assert sorted(found) == list(range(12))
    assert [n for n, outcome in found.items() if isinstance(outcome, Exception)] == [5]
    assert isinstance(found[5], WorkerDied)
    two.executor._client.wait_for_workers(2, timeout=60)


def test_a_worker_with_another_omnisim_computes_nothing(two, tiny):
    other = dict(cluster.fingerprint()) | {"numba": "0.1"}
    with Crew[int](How(), 2, two.executor, far=other) as crew:
        crew.submit(1, Tables.build(next(iter(tiny.question.strategies.values()))), 1)
        with pytest.raises(WorkerDiffers, match=r"numba .* \(here 0\.1\)"):
            crew.finished()


def test_differing_workers_are_named_before_anything_is_computed(two, monkeypatch):
    address, real = two.executor._client.scheduler.address, cluster.differences
    monkeypatch.setattr(cluster, "differences", lambda here, there: real({**here, "functions": "other"}, there))
    words = r"would not give the same bits:\n  tcp://.*functions [0-9a-f]{12} \(here other\)"
    with pytest.raises(cluster.ClusterError, match=words), cluster.connected(address):
        pass


def test_own_rules_run_on_every_worker(two, tmp_path):
    """A law of one's own, said in a file that `--rules` names."""
    rules = tmp_path / "mine.py"
    rules.write_text(
        'import omnisim\nimport math\n\n\n@omnisim.rule("duration")\ndef tested_on_workers(u, mean_s, a, b, c):\n'
        "    return -mean_s * math.log1p(-u)\n"
    )
    path = write(tmp_path / "e", TINY)
    (path.parent / "queue.yaml").write_text(
        (path.parent / "queue.yaml")
        .read_text()
        .replace("{law: exponential, mean: 1 min}", "{law: own, rule: tested_on_workers, mean: 1 min}")
    )
    address = two.executor._client.scheduler.address
    found = {}
    for name, more in (("far", ["--dask", address]), ("here", ["--workers", "1"])):
        command = [
            "sweep",
            str(path),
            "--rules",
            str(rules),
            "--store",
            str(tmp_path / name),
            *more,
            "--json",
            str(tmp_path / f"{name}.json"),
        ]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        found[name] = om.store.Store(tmp_path / name)
    results = []
    for store in found.values():
        results.append(store.read("SELECT key, body FROM results ORDER BY key"))
        store.close()
    assert len(results[0]) == REPLICATIONS
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--dask", "tcp://127.0.0.1:1"], "no scheduler answers at tcp://127.0.0.1:1"),
        (["--dask", "tcp://127.0.0.1:1", "--dask-local", "2"], "one of them"),
        (["--dask-local", "2", "--workers", "2"], "--workers is for this machine"),
    ],
)
def test_what_cannot_be_is_said_with_exit_code_2(tmp_path, monkeypatch, words, said):
    monkeypatch.setattr(cluster, "WAIT_S", 1.0)
    done = CliRunner().invoke(main, ["sweep", str(write(tmp_path)), "--store", str(tmp_path / "s"), *words])
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert "Traceback" not in done.output


def test_no_worker_outlives_its_parent(tmp_path):
    code = (
        "import os, time\nfrom omnisim import cluster\n"
        "if __name__ == '__main__':\n"
        "    with cluster.connected(None, 2) as found:\n"
        "        print(*found.executor._client.run(os.getpid).values(), flush=True)\n        time.sleep(60)\n"
    )
    (tmp_path / "parent.py").write_text(code)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "parent.py")], stdout=subprocess.PIPE, text=True, env=env)
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.kill()
    parent.communicate()
    end = time.monotonic() + 20
    while time.monotonic() < end and any(alive(pid) for pid in workers):
        time.sleep(0.1)
    assert not [pid for pid in workers if alive(pid)]


def alive(pid):
    """Is there such a process, and is it no zombie?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
