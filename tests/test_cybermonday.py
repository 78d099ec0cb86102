"""Cyber Monday, ordinary days and the shipping presets: what the files say and share, before anything is simulated."""

import importlib.util
import math
import pathlib
import sys
from typing import Any

import numpy as np
import pytest
import yaml

import omnisim as om
from omnisim.tables import Tables

ROOT = pathlib.Path(__file__).resolve().parent.parent
EVENT, YEAR, SHIPPING = (ROOT / "scenarios" / name for name in ("cybermonday", "retail-year", "shipping"))
STRATEGIES = ("siloed", "multichannel", "omnichannel", "multichannel-same-spend", "omnichannel-same-service")
PRESET_KEYS = {"context.preset", "context.identify", "context.link", "context.latency", "context.coherence", "context.hub.cost"}
BOTH = pytest.mark.parametrize("folder", [EVENT, YEAR], ids=lambda p: p.name)


def script(name: str) -> Any:
    """A script of the scenario's folder as a module."""
    spec = importlib.util.spec_from_file_location(f"cybermonday_{name}", EVENT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def size() -> Any:
    """The script that sizes the staff."""
    return script("size")


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if isinstance(tree, dict) and tree:
        return {k: v for key, below in tree.items() for k, v in leaves(below, f"{path}.{key}" if path else str(key)).items()}
    return {path: tree}


def differing(a: Any, b: Any) -> set[str]:
    one, other = leaves(a.resolved()), leaves(b.resolved())
    gone = {"name", "provenance"}
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path) and path.split(".")[0] not in gone}


def under(paths: set[str], allowed: set[str]) -> bool:
    return all(any(path == key or path.startswith(key + ".") for key in allowed) for path in paths)


@pytest.mark.parametrize("path", sorted([*EVENT.glob("*.yaml"), *YEAR.glob("*.yaml"), *SHIPPING.glob("*.yaml")]), ids=lambda p: p.stem)
def test_every_file_loads_without_a_warning_and_has_a_shop(path: pathlib.Path) -> None:
    scenario = om.load(path)
    assert scenario.warnings == ()
    tables = Tables.build(scenario)
    assert tables.has_shop
    assert tables.has_money or path.stem == "help"


@BOTH
def test_strategies_differ_only_in_what_they_claim(folder: pathlib.Path) -> None:
    multichannel, omnichannel = om.load(folder / "multichannel.yaml"), om.load(folder / "omnichannel.yaml")
    assert under(differing(multichannel, om.load(folder / "siloed.yaml")), PRESET_KEYS)
    assert under(differing(multichannel, omnichannel), PRESET_KEYS | {"costs.capital"})
    staff = {f"staffing.pools.{pool}.agents" for pool in ("phone", "chat", "store", "inbox")}
    assert under(differing(multichannel, om.load(folder / "multichannel-same-spend.yaml")), staff)
    assert under(differing(omnichannel, om.load(folder / "omnichannel-same-service.yaml")), staff)


def test_the_ordinary_days_differ_only_in_time_demand_and_staff() -> None:
    for name in ("siloed", "multichannel", "omnichannel"):
        found = differing(om.load(EVENT / f"{name}.yaml"), om.load(YEAR / f"{name}.yaml"))
        assert under(found, {"clock", "demand", "staffing.pools"}), found


def test_the_visitors_are_those_of_the_portal() -> None:
    s = om.load(EVENT / "multichannel.yaml")
    volumes = {n: d.volume for n, d in s.demand.items() if d.goal == "shop"}
    assert sum(volumes.values()) == 2_300_000
    assert [round(volumes[n] / 2_300_000, 4) for n in ("online", "walk_in", "callers")] == [0.77, 0.2, 0.03]
    assert Tables.build(s).expected_arrivals == pytest.approx(23_000 + 2 * 4.8)
    day = om.load(YEAR / "multichannel.yaml")
    rates = sum(d.rate[0][1] * 86400 for d in day.demand.values() if d.goal == "shop")
    assert rates == pytest.approx(2_300_000 / 2 / 5)


def test_baskets_average_75() -> None:
    s = om.load(EVENT / "base.yaml")
    shop = Tables.build(s).shop
    share = np.diff(shop.products["upto"], prepend=0.0)
    value = shop.products["price"] * (1.0 + shop.products["more_items"])
    assert share @ value == pytest.approx(7500, abs=2)
    segments = s.customers.segments.values()
    assert sum(g.share * g.basket_factor for g in segments) == pytest.approx(1.0)
    more = shop.products["more_items"]
    items2 = 1.0 + more * (1.0 + more) / (1.0 + more) ** 2
    square = (share * value**2 * np.exp(shop.products["sigma"] ** 2) * items2).sum() * sum(g.share * g.basket_factor**2 for g in segments)
    assert 0.95 < math.sqrt(square / 7500**2 - 1.0) < 1.12  # measured on orders


def test_a_promise_and_a_fee_cost_what_was_solved() -> None:
    """The share of carts bought on the web, by quadrature over what a cart differs in, before any question."""
    shop = Tables.build(om.load(SHIPPING / "as-promised.yaml")).shop
    r, p = shop.rules[0], shop.products
    g = np.random.default_rng(7)
    n = 100_000
    pick = np.searchsorted(p["upto"], g.random(n), side="right")
    items = np.minimum(100.0, 1.0 + np.floor(np.log1p(-g.random(n)) / np.log(p["more_items"][pick] / (1.0 + p["more_items"][pick]))))
    sigma = p["sigma"][pick]
    basket = p["price"][pick] * items * np.exp(sigma * g.standard_normal(n) - sigma**2 / 2.0)
    factor = shop.regions["lead_factor"][np.searchsorted(shop.regions["upto"], g.random(n), side="right")]
    device = np.searchsorted(shop.devices["upto"], g.random(n), side="right")
    pads = (basket < r["above"]) & (r["above"] <= r["reach"] * basket) & (g.random(n) < r["pad"] * shop.devices["pad"][device])
    fee = np.where((basket < r["above"]) & ~pads, r["fee"], 0.0)

    def bought(days: float) -> float:
        loss = r["fee_weight"] * fee / basket + r["lead_weight"] * days * factor
        b = shop.front[0]["buy"]
        return float((1.0 / (1.0 + np.exp(-(math.log(b / (1.0 - b)) + shop.devices["buy"][device] - loss)))).mean())

    assert bought(6.0) / bought(7.0) - 1.0 == pytest.approx(0.015, abs=0.003)
    assert 0.157 < pads.sum() / (basket < r["above"]).sum() < 0.23
    assert bought(7.0) == pytest.approx(0.2, abs=0.03)


@BOTH
def test_the_plans_cost_what_they_say(size: Any, folder: pathlib.Path) -> None:
    def paid(name: str) -> float:
        s = om.load(folder / f"{name}.yaml")
        return float(size.DAY.cost(s, {pool: size.DAY.by_half_hour(s, pool) for pool in s.staffing.pools}))

    money = float(size.money_of(folder))
    assert money == pytest.approx(900 + 60000 / 1095, abs=0.01)
    more = paid("multichannel-same-spend") - paid("multichannel")
    assert money - 9.5 < more <= money  # what is left buys no further half hour
    assert paid("omnichannel-same-service") <= paid("omnichannel") == paid("multichannel") == paid("siloed")
    text = (folder / "multichannel-same-spend.yaml").read_text(encoding="utf-8")
    assert f"{paid('multichannel'):.2f} + " in text


def test_the_staff_meets_its_targets(size: Any) -> None:
    """Each target lies within or below the interval, on 8 seeds that sized nothing (docs/staffing-of-cyber-monday.md has 40)."""
    for name in ("multichannel", "multichannel-same-spend", "omnichannel-same-service"):
        scenario = om.load(EVENT / f"{name}.yaml")
        found = size.DAY.live_evidence(om.run(scenario, seeds=range(3001, 3009))) + size.inbox_evidence(scenario, range(3001, 3003))
        assert {e.channel for e in found} == {"call_center", "chat", "store", "email", "social"}
        for e in found:
            assert e.high >= e.target, (name, e)


@pytest.mark.long
@BOTH
def test_the_staff_meets_its_targets_surely(size: Any, folder: pathlib.Path) -> None:
    """One-sided 95 % lower bounds over 60 fresh seeds reach the targets."""
    for name in ("multichannel", "multichannel-same-spend", "omnichannel-same-service"):
        for e in size.DAY.live_evidence(om.run(om.load(folder / f"{name}.yaml"), seeds=range(5001, 5061))):
            assert e.met, (name, e)


def test_the_size_at_which_the_hub_pays(capsys: pytest.CaptureFixture[str]) -> None:
    scale = script("scale")
    assert scale.crossing((1, 2, 4), (-3.0, -1.0, 1.0)) == 3.0
    assert scale.crossing((1, 2, 4), (-3.0, -1.0, -0.5)) is None
    one, three = om.load(EVENT / "omnichannel.yaml"), scale.of_size("omnichannel", 3)
    assert three.scale == pytest.approx(3 * one.scale)
    for pool, said in one.staffing.pools.items():
        assert three.staffing.pools[pool].agents.points == tuple((at, 3 * n) for at, n in said.agents.points)
    assert (three.context.hub.cost, three.costs.capital) == (one.context.hub.cost, one.costs.capital)
    scale.main(2, (1, 6))
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:2]] == ["23,000", "138,000"]
    assert said[2].startswith("Omnichannel begins to earn more at about ")


def test_contacts_by_balance_of_flows(size: Any) -> None:
    s = om.load(EVENT / "multichannel.yaml")
    contacts = size.expected(s)
    assert set(contacts) == set(s.channels)
    assert sum(contacts["call_center"]) > 69000 * 0.01 / 2  # everybody who calls first, and more
    assert (contacts["web"], contacts["app"]) == ([0.0] * 24, [0.0] * 24)  # nobody answers there
    assert sum(size.by_hour(s, s.demand["online"])) == pytest.approx(1771000 * 0.01 / 2)


def test_every_number_says_what_it_rests_on() -> None:
    rows = {row.path: row for row in om.load(EVENT / "omnichannel.yaml").provenance()}
    assert all(row.grade in {"A", "B", "C"} and row.source for row in rows.values())
    said = yaml.safe_load((EVENT / "base.yaml").read_text(encoding="utf-8"))
    words = {"goal", "mode", "law", "sell", "medium", "carry", "skills", "agents", "policy", "desk", "outside"}
    blocks = {k: v for k, v in said.items() if k not in ("omnisim", "extends", "name", "clock", "provenance", "staffing")}
    missing = []
    for path, value in leaves(blocks).items():
        known = path.rsplit(".", 1)[-1] in words or value is None or path.startswith("journey.shop.carry") or path == "costs.capital"
        if not known and not any(path == row or path.startswith(row + ".") for row in rows):
            missing.append(path)
    assert missing == []


def test_rows_that_can_be_varied_have_a_range() -> None:
    """Ignorance is drawn from these: every scalar with a range can be set to both ends of it."""
    s = om.load(EVENT / "multichannel.yaml")
    blocks = ("journey.shop", "shipping", "returns", "costs", "fulfilment", "marketing", "catalog", "demand.online.volume")
    rows = [r for r in s.provenance() if r.low and r.high and r.path.startswith(blocks)]
    assert len(rows) > 50
    for row in rows:
        for end in (row.low, row.high):
            s.with_({row.path: end})
