"""The retail day: what the strategies share and where they differ, that the staff meets its targets, and what must come out.

Sizes are never asserted: they follow from stated inputs.  Signs and exact sums are.
"""

import importlib.util
import math
import pathlib
import sys
from fractions import Fraction
from typing import Any

import pytest
import yaml

import omnisim as om

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASE = ROOT / "scenarios" / "base" / "retailer.yaml"
DAY = ROOT / "scenarios" / "retail-day"
FILES = sorted(DAY.rglob("*.yaml"))
PRESET_KEYS = {"context.preset", "context.identify", "context.link", "context.latency", "context.coherence", "context.hub.cost"}
SEEDS = range(3001, 3007)  # never used while the staff was sized


@pytest.fixture(scope="module")
def size() -> Any:
    """The script that sized the staff."""
    spec = importlib.util.spec_from_file_location("retail_day_size", DAY / "size.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def day(name: str) -> Any:
    return om.load(DAY / f"{name}.yaml")


@pytest.fixture(scope="module")
def compared() -> Any:
    """Multichannel against siloed, omnichannel and same spend, on fresh seeds."""
    return om.compare([day("multichannel"), day("siloed"), day("omnichannel"), day("multichannel-same-spend")], seeds=SEEDS)


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if isinstance(tree, dict) and tree:
        return {k: v for key, below in tree.items() for k, v in leaves(below, f"{path}.{key}" if path else str(key)).items()}
    return {path: tree}


def differing(a: Any, b: Any) -> set[str]:
    one, other = leaves(a.resolved()), leaves(b.resolved())
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)} - {"name"}


def under(paths: set[str], allowed: set[str]) -> bool:
    return all(any(path == key or path.startswith(key + ".") for key in allowed) for path in paths)


# ---- what the files say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [BASE, *FILES], ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_file_loads_and_says_only_its_differences(path: pathlib.Path) -> None:
    scenario = om.load(path)
    assert {c for c in ("store", "web", "app", "social", "call_center", "email", "chat") if c in scenario.channels} == set(
        scenario.channels
    )
    if path != BASE:
        assert "extends:" in path.read_text(encoding="utf-8")
    beaten = [w for w in scenario.warnings if "wins over preset" in w]
    assert len(scenario.warnings) == len(beaten) == (1 if path.parent.name == "few-switches" and path.stem == "omnichannel" else 0)


def test_names_tell_them_apart() -> None:
    names = [om.load(path).name for path in FILES]
    assert len(set(names)) == len(names)


def test_the_base_leaves_to_the_preset_what_a_preset_sets() -> None:
    context = om.load(BASE).context
    assert context is not None
    assert context.preset is None
    assert set(context.identify.values()) == {1.0}
    assert {share for row in context.link.values() for share in row.values()} == {0.0}
    assert (context.latency, context.coherence, context.hub.cost) == (0.0, 1.0, 0.0)


def test_strategies_differ_only_in_what_they_claim() -> None:
    multichannel = day("multichannel")
    for name in ("siloed", "omnichannel"):
        found = differing(multichannel, day(name))
        assert found
        assert under(found, PRESET_KEYS), found
    found = differing(multichannel, day("multichannel-same-spend"))
    assert found
    assert under(found, {f"staffing.pools.{pool}.agents" for pool in ("phone", "chat", "store")}), found


@pytest.mark.parametrize("folder", ["wrong-records", "few-switches"])
def test_each_variant_puts_both_strategies_into_one_world(folder: str) -> None:
    found = differing(day(f"{folder}/multichannel"), day(f"{folder}/omnichannel"))
    assert under(found, PRESET_KEYS), found


def test_every_effect_and_harm_without_a_source_is_off() -> None:
    context = om.load(BASE).context
    assert context is not None
    assert (context.effects.lookup_time, context.effects.patience_factor, context.effects.contradiction_loss) == (0.0, 1.0, 0.0)
    harms = context.harms
    assert {harms.false_match, harms.stale, harms.wrong_record_time, harms.wrong_record_loss, harms.induced_contacts} == {0.0}


def test_every_number_says_what_it_rests_on() -> None:
    """Each row has a grade and a source; no number of the file is without a row, but for words, rules and switches that are off."""
    rows = {row.path: row for row in day("multichannel").provenance()}
    assert all(row.grade in {"A", "B", "C"} and row.source for row in rows.values())
    said = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    blocks = {key: said[key] for key in ("demand", "world", "channels", "journey", "context", "customers")}
    words = {"goal", "mode", "law", "redraw", "share", "outside", "patience"}
    for path in leaves(blocks):
        if path.rsplit(".", 1)[-1] not in words:
            assert any(path == row or path.startswith(row + ".") for row in rows), f"{path} rests on nothing"


def test_what_was_calibrated_stands_in_the_file() -> None:
    """tests/test_calibrate.py finds these numbers in the logs."""
    scenario = om.load(BASE)
    phone = scenario.channels["call_center"].help
    assert phone is not None
    assert phone.patience is not None
    assert (phone.patience.law, phone.patience.mean, phone.patience.cv, phone.handling.cv) == ("weibull", 417.0, 1.12, 1.16)
    assert scenario.world.busyness_cv == 0.064


def test_the_arithmetic_of_the_volumes() -> None:
    demand = om.load(BASE).demand
    after, before = 30_000 * 0.07, 30_000 / (0.67 * 0.023 + 0.31 * 0.038 + 0.02 * 0.032) * 15e-4
    expected = {
        "calls": 0.45 * after + 0.25 * before,
        "chats": 0.22 * after + 0.45 * before,
        "mails": 0.25 * after + 0.15 * before,
        "social_messages": 0.08 * after + 0.15 * before,
        "store_questions": 40_000 / 0.25 / 100,
    }
    assert set(demand) == set(expected)
    for name, issues in expected.items():
        assert 86400 * demand[name].rate[0][1] == pytest.approx(issues, rel=0.005), name
        assert math.fsum(demand[name].preceded.values()) == pytest.approx(0.0 if name == "store_questions" else 0.57)


# ---- the staff -------------------------------------------------------------------------------------------------------


def test_the_hubs_money_buys_exactly_so_many_half_hours(size: Any) -> None:
    """Never more than the hub costs, nobody loses an agent, and what is left buys no further half hour."""
    today, more = day("multichannel"), day("multichannel-same-spend")
    pools = sorted(today.staffing.pools)
    before = {pool: size.by_half_hour(today, pool) for pool in pools}
    after = {pool: size.by_half_hour(more, pool) for pool in pools}
    assert all(b >= a for pool in pools for a, b in zip(before[pool], after[pool], strict=True))
    for channel, pool in size.LIVE.items():  # nobody is paid for a door that is shut
        assert all(size.is_open(today, channel, i) for i in range(48) if after[pool][i] > before[pool][i])
    assert after["inbox"] == before["inbox"]
    hub = Fraction(str(day("omnichannel").context.hub.cost))
    spent = size.cost(more, after) - size.cost(today, before)
    assert Fraction(0) < spent <= hub == 900
    assert hub - spent < min(size.half_hour_cost(today, pool) for pool in size.LIVE.values())


def test_the_staff_meets_its_targets(size: Any, compared: Any) -> None:
    """Each target lies within or below the interval on seeds that were not used for sizing."""
    found = size.live_evidence(compared.baseline) + size.inbox_evidence(day("multichannel"), SEEDS)
    assert {e.channel for e in found} == {"call_center", "chat", "store", "email", "social"}
    for e in found:
        assert e.high >= e.target, e


@pytest.mark.long
def test_the_staff_meets_its_targets_surely(size: Any) -> None:
    """One-sided 95 % lower bounds over 60 fresh seeds reach the targets, and the targets are not beaten by far."""
    for e in size.evidence(day("multichannel"), range(5001, 5061)):
        assert e.met, e
        assert e.kpi != "service_level" or e.mean < e.target + 0.06, e


def test_the_formula_alone_is_near(size: Any) -> None:
    """The shipped plan is the formula for the contacts of ample staff, corrected by simulation: some per cent of hours apart."""
    scenario = day("multichannel")
    per_h, handle_s = size.demand(scenario, 4)
    plan = size.by_formula(scenario, per_h, handle_s)
    for pool in plan:
        shipped = size.by_half_hour(scenario, pool)
        assert [n > 0 for n in shipped] == [n > 0 for n in plan[pool]]
        assert sum(plan[pool]) == pytest.approx(sum(shipped), rel=0.12), pool


# ---- what must come out ----------------------------------------------------------------------------------------------


def surely(compared: Any, kpi: str, strategy: str, **scope: str) -> int:
    """Sign of a difference whose interval leaves out 0, else 0."""
    d = compared.difference(kpi, strategy, **scope)
    return 1 if d.low > 0 else -1 if d.high < 0 else 0


def test_memory_that_crosses_channels_does_what_the_inputs_say(compared: Any) -> None:
    """Given 75 s to repeat a story and .2 of resolution lost without it: more memory, fewer minutes, more settled at once."""
    for kpi, sign in (
        ("context_hit_rate", 1), ("repeat_told_rate", -1), ("contradiction_rate", -1), ("first_contact_resolution", 1),
        ("agent_minutes", -1), ("agent_minutes_per_issue", -1), ("contacts_per_issue", -1), ("journey_success", 1), ("hub_cost", 1),
    ):  # fmt: skip
        assert surely(compared, kpi, "Omnichannel") == sign, kpi
    for kpi, sign in (("context_hit_rate", -1), ("repeat_told_rate", 1), ("contradiction_rate", 1)):
        assert surely(compared, kpi, "Siloed") == sign, kpi
    assert compared.difference("hub_cost", "Omnichannel").difference == 900.0
    assert compared.difference("hub_cost", "Siloed").difference == 0.0


def test_more_people_answer_sooner_and_remember_no_better(compared: Any) -> None:
    name = "Multichannel, same spend"
    for channel in ("call_center", "chat", "store"):
        assert surely(compared, "service_level", name, channel=channel) == 1, channel
    assert surely(compared, "abandon_rate", name) == -1
    cost = compared.difference("labour_cost", name)
    assert 860 < cost.difference < 940  # the shifts cost 900 more; work finished after them moves a little
    assert abs(compared.difference("context_hit_rate", name).difference) < 0.01


def test_the_firms_view_is_rosier_than_the_customers(compared: Any) -> None:
    """Targets met on every queue while far fewer journeys succeed."""
    assert compared.baseline.kpi("perception_gap").low > 0.1


def test_with_wrong_records_multichannel_is_better() -> None:
    found = om.compare([day("wrong-records/multichannel"), day("wrong-records/omnichannel")], seeds=range(3001, 3009))
    name = "Omnichannel, wrong records"
    for kpi in ("service_level", "resolution_rate"):
        assert surely(found, kpi, name) == -1, kpi
    assert surely(found, "agent_minutes", name) == 1
    assert surely(found, "cost_per_resolved", name) == 1


def test_with_few_switches_the_hub_does_not_pay() -> None:
    found = om.compare([day("few-switches/multichannel"), day("few-switches/omnichannel")], seeds=range(3001, 3005))
    assert surely(found, "cost_per_resolved", "Omnichannel, few switches") == 1
