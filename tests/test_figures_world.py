"""A made-up comparison: real tables and columns, invented numbers, so that figures and page are tested without an engine."""

import dataclasses
import pathlib
import tempfile
from types import SimpleNamespace
from typing import Any

import numpy as np

from omnisim.answers import Answer, Comparison
from omnisim.flows import ENDS, PARTS, Flows
from omnisim.kpis import columns
from omnisim.replications import Result
from omnisim.scenario import load
from omnisim.tables import Tables

SCENARIO = """
omnisim: 1
name: made up
clock: {start: "2026-03-03 00:00", horizon: 24 h, interval: 30 min}
demand:
  calls: {goal: issue, rate: 60 /h, enter: {phone: .6, chat: .3, mail: .1}, preceded: {web: .5}}
channels:
  phone:
    hours: "Mon-Sun 08:00-20:00"
    help:
      mode: live
      handling: {law: exponential, mean: 5 min}
      patience: {law: exponential, mean: 3 min}
      service_level: {within: 20 s, target: 80 %}
  chat:
    hours: "Mon-Sun 08:00-20:00"
    help:
      mode: live
      handling: {law: exponential, mean: 8 min}
      patience: {law: exponential, mean: 2 min}
      service_level: {within: 45 s}
  mail: {help: {mode: inbox, handling: {law: constant, value: 6 min}, deadline: 8 h}}
  web: {browse: {time: {law: constant, value: 5 min}}}
staffing:
  pools:
    team: {agents: 12, wage: 20 USD/h, skills: {phone: {}, chat: {}, mail: {}}}
journey: {issue: {retry: {after_unresolved: .5, after_abandoned: .5, delay: {law: constant, value: 5 min}}}}
context: {preset: multichannel}
customers: {segments: {calm: {share: .5}, hurried: {share: .5}}}
"""
NAMES = ("Multichannel", "Siloed", "Omnichannel")
PROVENANCE = (
    {
        "path": "channels.phone.help.handling",
        "value": "5 min",
        "low": "4 min",
        "high": "6 min",
        "unit": "min",
        "grade": "B",
        "source": "a survey",
        "year": 2022,
    },
    {
        "path": "context.identify",
        "value": 0.55,
        "low": 0.3,
        "high": 0.8,
        "unit": "share",
        "grade": "C",
        "source": "assumption",
        "note": "a guess",
    },
    {"path": "world.busyness_cv", "value": "0.1", "grade": "A", "source": "a log"},
)
VERDICT: dict[str, Any] = {
    "headline": "Omnichannel serves customers better and costs more.",
    "paragraphs": ["It is a trade-off.", "Look at the numbers."],
    "only_if": [
        {
            "text": "It pays only if the hub is cheap.",
            "threshold": 1200.0,
            "low": 1100.0,
            "high": 1300.0,
            "yours": 900.0,
            "unit": "USD/day",
            "grade": "C",
        },
        {
            "text": "Or if a solved issue is worth much.",
            "threshold": 4.6,
            "low": None,
            "high": None,
            "yours": None,
            "unit": "USD/issue",
            "grade": None,
        },
    ],
    "fair": [{"name": "same staff", "strategy": "Omnichannel", "text": "Same people, better service."}],
    "self_service": [
        {
            "strategy": "Omnichannel",
            "kpi": "agent_minutes_per_issue",
            "unit": "min",
            "counted": {"difference": -1.0, "low": -1.2, "high": -0.8},
            "not_counted": {"difference": -0.3, "low": -0.4, "high": -0.2},
        }
    ],
    "rests_on": {"A": 1, "B": 1, "C": 1, "own": 0},
    "seeds": {"n": 6, "text": "Enough."},
}


def tables(**changes: Any) -> Tables:
    """Tables of the scenario above, with names changed."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made-up.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        return dataclasses.replace(Tables.build(load(path)), **changes)


def scenario(name: str, world: Tables, provenance: tuple[Any, ...], warnings: tuple[str, ...]) -> Any:
    """What the page asks of a scenario."""
    day = tuple((d * 86400.0 + 28800.0, d * 86400.0 + 72000.0) for d in range(7))
    hours = {c: SimpleNamespace(hours=day if "phone" in c or "chat" in c else None) for c in world.channels}
    return SimpleNamespace(
        name=name,
        path=f"/somewhere/else/{name}.yaml",
        changes=(),
        warnings=warnings,
        context=SimpleNamespace(preset=None),
        channels=hours,
        hash=lambda: f"{sum(map(ord, name)):064x}",
        provenance=lambda: list(provenance),
    )


def walks(rng: np.random.Generator, channels: int, customers: int, orders: int = 0) -> np.ndarray:
    """Moves of customers, and of needs from orders, that wander at random and end: flows that are conserved because people are."""
    moves = np.zeros((1 + channels + 1, channels + len(ENDS)), np.int64)
    for i in range(customers + orders):
        at = 0 if i < customers else 1 + channels
        for _ in range(int(rng.integers(1, 5))):
            to = int(rng.integers(0, channels))
            moves[at, to] += 1
            at = 1 + to
        moves[at, channels + int(rng.integers(0, 3))] += 1
    return moves


def result(world: Tables, seed: int, strategy: int) -> Result:
    """One replication: the luck of the seed is shared by all strategies, the strategy shifts it."""
    luck, own = np.random.default_rng(seed), np.random.default_rng([seed, strategy])
    num, den = [], []
    for column in columns(world):
        base = luck.uniform(0.4, 0.7) + 0.05 * strategy + own.normal(0.0, 0.01)
        size = float(luck.integers(80, 120)) if column.unit == "share" and column.kpi != "perception_gap" else 1.0
        num.append(size * (base if column.unit in ("share", "media") else 100.0 * base))
        den.append(size)
    minutes = own.uniform(10.0, 400.0, (len(world.channels), len(PARTS)))
    return Result(seed, np.array(num), np.array(den), Flows(1000 * walks(own, len(world.channels), 60), minutes), 1000)


def comparison(
    names: tuple[str, ...] = NAMES,
    seeds: int = 6,
    verdict: dict[str, Any] | None = None,
    provenance: tuple[Any, ...] = PROVENANCE,
    warnings: tuple[str, ...] = ("explicit keys win over the preset",),
    command: str = "omnisim compare a.yaml b.yaml c.yaml",
    **changes: Any,
) -> Comparison:
    """A comparison of so many strategies over so many seeds."""
    world = tables(**changes)
    which = tuple(range(1, seeds + 1))
    answers = []
    for s, name in enumerate(names):
        results = tuple(result(world, seed, s) for seed in which)
        answers.append(Answer(scenario(name, world, provenance, warnings), world, which, results))
    made = Comparison(tuple(answers), command)
    made.__dict__["verdict"] = VERDICT if verdict is None else verdict  # as the cached property would
    return made


def test_the_made_up_world_is_conserved_and_reproducible():
    one, two = comparison(), comparison()
    assert [e.mean for e in one.baseline.estimates] == [e.mean for e in two.baseline.estimates]
    channels = len(one.baseline.tables.channels)
    for answer in one.answers:
        moves = answer.moves
        assert np.allclose(moves[:, :channels].sum(axis=0), moves[1:-1].sum(axis=1), rtol=1e-12)
