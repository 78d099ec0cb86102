"""A bot before people, people alone, a bot alone, and a bot that closes what it has not solved: `scenarios/hybrid-service`.

The same customers with the same luck live through all four.  Intervals are 95 % t intervals of 10 pairs; what is asserted lies
4 half widths and more inside (a false alarm less than once in 10,000).
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

import omnisim as om
from omnisim.engines import compiled
from omnisim.report.deciding import spent
from omnisim.report.english import TEXT
from omnisim.tables import Tables
from omnisim.words import Bot, End

FOLDER = Path(__file__).resolve().parent.parent / "scenarios" / "hybrid-service"
NAMES = ("human-only", "hybrid", "bot-only", "false-closure")
SEEDS = range(1, 11)
LEAVES = {"at once": 0.05, "later": 0.09, "never": 0.25}  # stated intent to leave, by outcome (SQM 2022)


@pytest.fixture(scope="module")
def answers():
    return {name: om.run(om.load(FOLDER / f"{name}.yaml"), seeds=SEEDS, workers=1) for name in NAMES}


@pytest.fixture(scope="module")
def defection():
    """Share of customers who mean to leave, by strategy and seed: resolved at the first attempt, at a later one, or never."""
    out = {}
    for name in NAMES:
        tables = Tables.build(om.load(FOLDER / f"{name}.yaml"))
        out[name] = np.array([leaving(compiled.run(tables, seed)) for seed in SEEDS])
    return out


def leaving(seen):
    handed_on = np.bincount(seen.touches["customer"][seen.touches["bot"] == Bot.AFTER], minlength=len(seen.journeys))
    j = seen.journeys
    attempts = j["touches"] - handed_on[j["customer"]]
    resolved = j["end"] == End.RESOLVED
    shares = {"at once": resolved & (attempts == 1), "later": resolved & (attempts > 1), "never": ~resolved}
    return sum(share * shares[how].mean() for how, share in LEAVES.items())


def sure(x):
    """(mean, half width) of a sample of differences."""
    return x.mean(), t.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))


def clearly_less(a, b):
    mean, half = sure(a - b)
    return mean + 4 * half < 0


def test_hybrid_loses_fewer_than_the_bot_alone_and_costs_less_than_people_alone(answers, defection):
    assert clearly_less(defection["hybrid"], defection["bot-only"])
    assert clearly_less(cost(answers, "hybrid"), cost(answers, "human-only"))
    assert clearly_less(lost(answers, "hybrid"), lost(answers, "bot-only"))


def test_false_closure_makes_the_bot_worse_than_none(answers, defection):
    assert clearly_less(defection["human-only"], defection["false-closure"])
    assert clearly_less(lost(answers, "human-only"), lost(answers, "false-closure"))
    assert answers["false-closure"].kpi("bot_containment").mean == pytest.approx(0.80, abs=0.02), "as claimed"
    assert answers["false-closure"].kpi("bot_resolution").mean == pytest.approx(0.35, abs=0.02), "as it is"


def test_the_honest_bot_loses_fewer_than_people_alone(answers, defection):
    """It gives a second chance to solve: contained, or answered."""
    assert clearly_less(defection["hybrid"], defection["human-only"])


def test_they_are_staffed_for_the_same_service_and_not_with_one_too_many():
    spec = importlib.util.spec_from_file_location("hybrid_size", FOLDER / "size.py")
    size = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(size)
    for name in size.STAFFED:
        assert size.served(name, 0)[1] >= 0.80
        assert size.served(name, -1)[1] < 0.80


def test_every_input_says_where_it_comes_from():
    graded = {row.path: row.grade for name in NAMES for row in om.load(FOLDER / f"{name}.yaml").provenance()}
    for path in ("channels.chat.bot.contain", "channels.chat.bot.cost", "channels.chat.help.resolve", "channels.chat.help.handling.mean"):
        assert graded[path] == "B"
    assert graded["channels.chat.bot.false_closure"] == "C"


def cost(answers, name):
    return per_seed(answers[name], "cost_to_serve")


def lost(answers, name):
    return 1.0 - per_seed(answers[name], "resolution_rate")


def per_seed(answer, kpi):
    from omnisim.annual import by_seed

    found = by_seed(answer, kpi)
    assert found is not None
    return np.asarray(found)


def test_the_page_names_what_is_spent_on_bots():
    """What each strategy spends: its lines add up, and the bots are among them."""
    comparison = om.compare([om.load(FOLDER / f"{name}.yaml") for name in ("human-only", "hybrid")], seeds=2, workers=1)
    lines = {head: [float(x.replace("\u202f", "")) for x in row] for head, row in spent(comparison, TEXT)}
    assert lines["Bots, USD"][0] == 0 < lines["Bots, USD"][1]
    for k in range(2):
        assert lines["Together, USD"][k] == pytest.approx(lines["Labour, USD"][k] + lines["Bots, USD"][k], abs=1.1)  # each is rounded
