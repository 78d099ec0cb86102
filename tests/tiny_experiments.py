"""Experiments so small that a test can run them many times: an hour of M/M/c, a few dozen customers."""

import hashlib
from pathlib import Path

QUEUE = """
omnisim: 1
name: queue
clock: {horizon: 1 h}
demand: {calls: {goal: issue, rate: 0.8 /min, enter: {call_center: 1}}}
channels: {call_center: {help: {mode: live, handling: {law: exponential, mean: 1 min}, patience: never}}}
staffing: {pools: {phone: {agents: 1, wage: 19 USD/h, skills: {call_center: {}}}}}
"""
TINY = """
omnisim: 1
question: How many agents?
scenario: queue.yaml
strategies:
  slow: {}
  fast: {set: {channels.call_center.help.handling.mean: 50 s}}
factors:
  agents: {path: staffing.pools.phone.agents, levels: [1, 2]}
kpis: [asa_s, contacts_offered]
seeds: 6
"""
REPLICATIONS = 24


def write(folder: Path, text: str = TINY, name: str = "tiny.yaml") -> Path:
    """The experiment and its scenario in a folder; the path of the experiment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "queue.yaml").write_text(QUEUE, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def digest(table) -> str:
    """All that a table says of its points, to the bit."""
    h = hashlib.sha256()
    for row in table.rows:
        said = (row.n, row.strategy, row.settings, row.seeds, row.enough, dict(row.failed), row.error)
        h.update(repr(said).encode() + row.values.tobytes())
    return h.hexdigest()
