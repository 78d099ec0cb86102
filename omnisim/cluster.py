"""Workers on other machines, by dask.distributed: a connection, and proof that they compute the same bits.

    with connected(address or None, workers) as cluster:      cluster.executor, cluster.workers

Every worker must have the same code, compiler and mathematical functions; one that has not is named, and nothing is computed.  One that
joins later is asked before its first replication (`crew`).
"""

from __future__ import annotations

import functools
import hashlib
import math
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAIT_S = 30.0  # for a scheduler to answer and a first worker to be there


class ClusterError(RuntimeError):
    """A cluster that cannot be used: not reachable, without workers, or with another omnisim."""


@dataclass(frozen=True)
class Cluster:
    """Workers that are ready: an Executor, and how many tasks it works at at once."""

    executor: Executor
    workers: int


@functools.cache
def fingerprint() -> Mapping[str, str]:
    """What decides the bits of a result on this machine.

    `functions`: SHA-256 of 4,000 values of the mathematical functions that laws and rules use: their last bits differ between
    mathematical libraries and processors.
    """
    import numba
    import numpy as np

    from omnisim.store.keys import engine_version

    h = hashlib.sha256()
    for k in range(1, 1001):
        x = k / 1001.0
        h.update(np.array([math.log1p(-x), math.exp(x), math.lgamma(3.0 * x), x**0.37]).tobytes())
    return {
        "omnisim": engine_version()[:12],
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numba": numba.__version__,
        "numpy": np.__version__,
        "functions": h.hexdigest()[:12],
    }


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """What is other there than here, in words.

    >>> differences({"numba": "0.61", "numpy": "2.1"}, {"numba": "0.60", "numpy": "2.1"})
    ['numba 0.60 (here 0.61)']
    """
    return [f"{name} {there.get(name, 'missing')} (here {value})" for name, value in here.items() if there.get(name) != value]


def run_rules(source: str, path: str) -> None:
    """A person's own rules, on a worker: the file's text is run there as it was here."""
    import runpy
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(path).name
        copy.write_text(source, encoding="utf-8")
        runpy.run_path(str(copy), run_name="omnisim_rules")


@contextmanager
def connected(address: str | None, workers: int | None = None, rules: str | None = None) -> Iterator[Cluster]:
    """The workers of a scheduler at `address`; without one, `workers` processes on this machine that end with the block.

    `rules`: a Python file with rules of your own, which every worker runs first.
    Raises ClusterError where dask is not installed, nobody answers, no worker is there, or one differs.
    """
    try:
        import distributed as dask_distributed
        from dask import config
    except ImportError:
        raise ClusterError('dask.distributed is not installed: install the extra `dist` (pip install ".[dist]")') from None
    dask: Any = dask_distributed  # its functions have no types
    with config.set({"distributed.comm.timeouts.connect": f"{WAIT_S:g}s", "distributed.admin.tick.limit": "1h"}):
        own = None
        try:
            if address is None:
                own = dask.LocalCluster(n_workers=workers or 1, threads_per_worker=1, dashboard_address=":0", silence_logs=50)
            client = dask.Client(address if own is None else own, timeout=WAIT_S, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as e:
            if own is not None:
                own.close()
            raise ClusterError(f"no scheduler answers at {address}: {str(e).splitlines()[0]}") from None
        try:
            yield _ready(client, address, rules)
        finally:
            client.close()
            if own is not None:
                own.close()


def _ready(client: Any, address: str | None, rules: str | None) -> Cluster:
    """The cluster, once its workers have been looked at."""
    try:
        client.wait_for_workers(1, timeout=WAIT_S)
    except TimeoutError:
        raise ClusterError(f"the scheduler at {address} has no worker") from None
    try:
        found = client.run(fingerprint)
    except ImportError as e:
        raise ClusterError(f"a worker cannot import omnisim: {e}") from None
    wrong = {worker: differences(fingerprint(), there) for worker, there in found.items()}
    if any(wrong.values()):
        lines = [f"  {worker}: {', '.join(what)}" for worker, what in sorted(wrong.items()) if what]
        raise ClusterError("workers that would not give the same bits:\n" + "\n".join(lines))
    if rules is not None:
        client.register_plugin(_plugin(Path(rules).read_text(encoding="utf-8"), rules))
    return Cluster(client.get_executor(pure=False), sum(client.nthreads().values()))


def _plugin(source: str, path: str) -> Any:
    """Runs a person's own rules on every worker, those too that come later."""
    from distributed import WorkerPlugin

    class Rules(WorkerPlugin):
        """The rules, on a worker that starts."""

        name = "omnisim-rules"

        def setup(self, worker: Any) -> None:
            """Called by the worker."""
            run_rules(source, path)

    return Rules()
