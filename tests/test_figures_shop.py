"""Figures and page of a shop: their facts are the numbers, the bridge leads to EBIT, and without a shop nothing of it is shown."""

import csv
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import scipy.stats
import shop_world
from shop_world import STORE, WEB
from test_figures_world import comparison as without_a_shop

from omnisim.annual import by_seed
from omnisim.figures import FIGURES, bridge, fees, funnel, losing, scorecard
from omnisim.figures.looks import OKABE_ITO, looks_of
from omnisim.figures.panel import alone, together
from omnisim.figures.svg import drawn
from omnisim.kpis import MEASURES
from omnisim.report import numbers, write
from omnisim.report.english import TEXT

OURS = (bridge, funnel, fees, losing, scorecard)


@pytest.fixture(scope="module")
def made():
    return shop_world.comparison(week=True, ignorance=shop_world.ignorance())


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    return write(made, tmp_path_factory.mktemp("shop"))


def part(answer, kpi, **scope):
    j = next(j for j, c in enumerate(answer.columns) if c.kpi == kpi and dict(c.scope) == scope)
    return answer.sample().value[:, j]


@pytest.mark.parametrize("figure", OURS, ids=lambda f: f.NAME)
def test_without_a_shop_there_is_nothing_to_show(figure):
    assert figure.facts(without_a_shop()) == []
    assert figure in FIGURES


def test_the_funnel_holds_means_and_paired_differences(made):
    rows = funnel.facts(made)
    assert {r["channel"] for r in rows} == {"store", "web"}
    assert {(r["stage"], r["strategy"]) for r in rows} == {(s, n) for s in funnel.STAGES for n in made.names}
    for r in rows:
        i = made.names.index(r["strategy"])
        values = part(made.answers[i], r["stage"], channel=r["channel"])
        assert r["mean"] == pytest.approx(values.mean())
        if i == 0:
            assert r["difference"] is r["from"] is None
            continue
        diff = values - part(made.baseline, r["stage"], channel=r["channel"])
        assert r["difference"] == pytest.approx(diff.mean())
        if diff.std() > 0:
            assert (r["low"], r["high"]) == pytest.approx(scipy.stats.t.interval(0.95, len(diff) - 1, diff.mean(), scipy.stats.sem(diff)))
        assert (r["from"] + r["to"]) / 2 == pytest.approx(r["mean"])


def test_the_bridge_leads_from_net_sales_to_ebit(made):
    rows = bridge.facts(made)
    for name, answer in zip(made.names, made.answers, strict=True):
        mine = [r for r in rows if r["strategy"] == name]
        assert [r["piece"] for r in mine] == [*bridge.PIECES, "ebit"]
        assert sum(r["mean"] for r in mine[:-1]) == pytest.approx(mine[-1]["mean"]), "nothing is left out, nothing stands twice"
        assert mine[-1]["mean"] == pytest.approx(by_seed(answer, "ebit").mean())
        assert mine[0]["mean"] == pytest.approx(by_seed(answer, "net_sales").mean())
    money = {name for name, m in MEASURES.items() if m.when == "money" and m.scopes == ((),) and m.unit == "money"}
    told = {k for plus, minus in bridge.PIECES.values() for k in (*plus, *minus)}
    assert money - told == {"extra_sales", "cm4", "cm4_per_shopper", "ebit", "ebit_per_order"}


def test_the_bars_of_a_bridge_meet(made):
    """Each step begins where the last one ended, and EBIT ends where the last step does."""
    from matplotlib.figure import Figure

    rows = bridge.facts(made)
    for name in made.names:
        ax = Figure().add_axes((0.0, 0.0, 1.0, 1.0))
        bridge.draw(rows, name, ax, looks_of(made), TEXT)
        bars = [(b.get_x(), b.get_x() + b.get_width()) for b in ax.patches]
        at = 0.0
        for start, end in bars[:-1]:
            assert start == pytest.approx(at)
            at = end
        assert bars[-1] == pytest.approx((0.0, at), abs=1e-6)
        assert ax.get_xlim()[0] <= min(min(b) for b in bars)
        assert ax.get_xlim()[1] >= max(max(b) for b in bars)


def test_fees_are_the_orders_sent_home(made):
    rows = fees.facts(made)
    assert {r["strategy"] for r in rows} == {"Multichannel", "Omnichannel"}, "the baseline and the strategy in focus"
    for name in ("Multichannel", "Omnichannel"):
        answer = made.answers[made.names.index(name)]
        mine = [r for r in rows if r["strategy"] == name]
        assert sum(r["orders"] for r in mine) == pytest.approx(part(answer, "orders", channel="web").mean()), "the store's are taken along"
        assert {r["above"] for r in mine} == {75.0}
        (full,) = [r for r in mine if r["padded"] > 0]
        assert full["from"] == pytest.approx(1.0), "who fills a basket up fills it up to the threshold"
        hist = np.array([r.sales.hist for r in answer.results])
        for r in mine:
            b = round(r["from"] / 0.1)
            known = hist[:, b, 0] > 0
            assert r["cm2"] == pytest.approx((hist[known, b, 3] / hist[known, b, 0] / 100).mean())
    assert fees.facts(shop_world.comparison(seeds=2, shop=shop_world.shop(above=0.0))) == [], "no threshold"


def test_losses_by_channel_and_region_are_all_losses(made):
    rows = losing.facts(made)
    for name, answer in zip(made.names, made.answers, strict=True):
        by = {by: [r for r in rows if (r["strategy"], r["by"]) == (name, by)] for by in losing.BY}
        assert sum(r["losing"] for r in by["channel"]) == pytest.approx(sum(r["losing"] for r in by["region"]))
        assert sum(r["lost"] for r in by["channel"]) == pytest.approx(sum(r["lost"] for r in by["region"]))
        assert all(r["lost"] <= 0.0 for r in rows)
        for r in by["channel"]:
            assert r["share"] == pytest.approx(part(answer, "lossmaking_order_share", channel=r["part"]).mean())
        for r in by["region"]:
            assert r["share"] == pytest.approx(part(answer, "lossmaking_order_share", region=r["part"]).mean())
    alone_ = losing.facts(shop_world.comparison(seeds=2, shop=shop_world.shop(regions=())))
    assert {r["by"] for r in alone_} == {"channel"}


def test_the_scorecard_holds_both_views(made):
    rows = scorecard.facts(made)
    assert {r["what"] for r in rows if r["view"] == "firm"} == {"chat", "phone"}
    assert [r["what"] for r in rows if r["view"] == "customer"][:: len(made.names)] == list(scorecard.CUSTOMER)
    assert {r["target"] for r in rows if r["view"] == "firm"} == {0.8}
    for r in rows:
        answer = made.answers[made.names.index(r["strategy"])]
        scope = {"channel": r["what"]} if r["view"] == "firm" else {}
        assert r["mean"] == pytest.approx(part(answer, r["kpi"], **scope).mean())


@pytest.mark.parametrize("figure", OURS, ids=lambda f: f.NAME)
def test_every_panel_is_drawn_alike_twice_in_colours_that_all_can_tell_apart(figure, made):
    facts = figure.facts(made)
    told = figure.told(facts, TEXT)
    assert len(told.alt) > 40
    assert "{" not in told.title + told.alt + told.caption
    table = figure.table(facts, TEXT)
    assert all(len(row) == len(table.heads) for row in table.rows)
    for panel in figure.panels(facts):
        raw = [drawn(panel.width, panel.height, alone(figure, facts, panel, looks_of(made), TEXT)) for _ in range(2)]
        assert raw[0] == raw[1]
        used = {c.upper() for c in re.findall(r"#[0-9a-fA-F]{6}", raw[0])}
        assert used <= {*OKABE_ITO.values(), "#010203", "#FFFFFF", "#000000", "#CCCCCC"}
    width, height, _ = together(figure, facts, looks_of(made), TEXT)
    assert width <= 840.0
    assert height > 100.0


@pytest.mark.parametrize("name", ["$x^2$ and $", "日本語 🚀", "a\x07b\x00c", "<b>&amp;", "x" * 300, " "])
def test_any_name_can_be_drawn(name):
    c = shop_world.comparison(names=(name, name + "2"), channels=["chat", "phone", name[:60] + "store", "web"], seeds=2, size=60)
    for figure in OURS:
        facts = figure.facts(c)
        for panel in figure.panels(facts):
            svg = drawn(panel.width, panel.height, alone(figure, facts, panel, looks_of(c), TEXT))
            assert ET.fromstring(svg).tag.endswith("svg")


def test_one_seed_is_enough_for_what_needs_no_interval():
    c = shop_world.comparison(seeds=1, size=60)
    for figure in OURS:
        facts = figure.facts(c)
        assert all(r["low"] is r["high"] is None for r in facts)
        figure.table(facts, TEXT)
        for panel in figure.panels(facts):
            drawn(panel.width, panel.height, alone(figure, facts, panel, looks_of(c), TEXT))


# the page


def test_the_page_has_a_section_on_money_only_where_there_are_prices(page, tmp_path):
    text = page.read_text(encoding="utf-8")
    sections = re.findall(r'<section id="([\w-]+)"', text)
    assert sections == ["numbers", "only-if", "money", "views", "figures", "assumed", "seeds", "again", "definitions"]
    figures = re.findall(r'<figure id="figure-(\w+)"', text)
    assert figures[:6] == ["bridge", "funnel", "fees", "losing", "views", "scorecard"]
    free = write(shop_world.comparison(seeds=2, names=("Multichannel", "Omnichannel"), shop=shop_world.shop(money=False)), tmp_path)
    plain = free.read_text(encoding="utf-8")
    assert 'id="money"' not in plain
    assert 'id="figure-funnel"' in plain
    assert not (tmp_path / "figures" / "bridge.svg").exists()


def test_the_page_says_both_intervals_how_orders_are_booked_and_what_is_not_known(page, made):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
    for said in (
        made.verdict["sentence"],
        TEXT["money.matching"],
        TEXT["money.cut"],
        "51.9 ordinary weeks",
        "journey.shop.purchase.fee",
        "10 – 14",
        "300 – 3000 USD/day",
        "Not varied, having no range of numbers: journey.shop.switch.",
        "3 inputs drawn together from their ranges (40 points, one seed each)",
    ):
        assert said in text, said


def test_every_measure_of_the_money_section_is_defined(page):
    text = page.read_text(encoding="utf-8")
    shown = set(re.findall(r'href="#kpi-(\w+)"', text))
    assert {"ebit", "cm2", "cm4", "orders", "conversion"} <= shown
    for kpi in shown:
        assert f'<dt id="kpi-{kpi}">' in text
        assert f"omnisim define {kpi}" in text


def test_regions_stand_in_the_last_column_of_the_table(made):
    rows = list(csv.DictReader(numbers.csv(made).splitlines()))
    assert list(rows[0])[-1] == "region"
    assert {r["region"] for r in rows if r["kpi"] == "cm2"} == {"", "far", "near"}
    assert "region" not in numbers.csv(without_a_shop()).splitlines()[0].split(",")
    assert (STORE, WEB) == (2, 3)
