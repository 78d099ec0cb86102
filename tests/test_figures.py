"""Figures: their facts are the numbers, flows are conserved to the pixel, colours stay with strategies, bytes are the same."""

import hashlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
import scipy.stats
import shop_world
from hypothesis import given
from hypothesis import strategies as st
from test_figures_world import NAMES, comparison, tables

from omnisim.figures import FIGURES, bridge, fees, funnel, losing, minutes, moves, scorecard, settling, tradeoff, views
from omnisim.figures.by_half_hour import ABANDONED, SERVICE
from omnisim.figures.looks import INK, OKABE_ITO, looks, looks_of, short_names
from omnisim.figures.numbers import interval, number, signed
from omnisim.figures.panel import alone, spread, together
from omnisim.figures.svg import drawn, file, page
from omnisim.flows import ENDS, PARTS
from omnisim.report.english import TEXT

SHOP = (bridge, funnel, fees, losing, scorecard)  # see test_figures_shop
PLAIN = tuple(f for f in FIGURES if f not in SHOP)


@pytest.fixture(scope="module")
def made():
    return comparison()


@pytest.fixture(scope="module")
def shop():
    return shop_world.comparison()


def values(answer: Any, kpi: str, **scope: str) -> np.ndarray:
    """One KPI by seed, straight from the made-up numerators and denominators."""
    j = next(j for j, c in enumerate(answer.columns) if c.kpi == kpi and dict(c.scope) == scope)
    return np.array([r.num[j] / r.den[j] for r in answer.results])


def raw(figure: Any, facts: Any, made: Any, panel: int = 0) -> str:
    p = figure.panels(facts)[panel]
    return drawn(p.width, p.height, alone(figure, facts, p, looks_of(made), TEXT))


# facts


def test_tradeoff_holds_means_and_paired_differences(made):
    rows = tradeoff.facts(made)
    assert {(r["kpi"], r["strategy"]) for r in rows} == {(k, n) for k in ("service_level", "journey_success") for n in NAMES}
    for row in rows:
        s = NAMES.index(row["strategy"])
        assert row["x"] == pytest.approx(values(made.answers[s], "cost_per_resolved").mean())
        assert row["y"] == pytest.approx(values(made.answers[s], row["kpi"]).mean())
        if s:
            diff = values(made.answers[s], row["kpi"]) - values(made.answers[0], row["kpi"])
            assert row["y_diff"] == pytest.approx(diff.mean())
            own = scipy.stats.t.interval(0.95, len(diff) - 1, diff.mean(), scipy.stats.sem(diff))
            assert row["y_low"] <= own[0] + 1e-12, "the interval shown is adjusted, so no narrower than the plain one"
            assert row["y_high"] >= own[1] - 1e-12
        else:
            assert row["baseline"]
            assert row["x_diff"] is row["y_low"] is None


@pytest.mark.parametrize(("figure", "kpi"), [(SERVICE, "service_level"), (ABANDONED, "abandon_rate")])
def test_by_half_hour_holds_every_open_half_hour_of_every_live_channel(made, figure, kpi):
    rows = figure.facts(made)
    assert {r["channel"] for r in rows} == {"phone", "chat"}, "an inbox has no waiting callers, a website no agents"
    hours = {r["interval"][11:16] for r in rows}
    assert min(hours) == "08:00"
    assert max(hours) == "19:30"
    assert len(rows) == 2 * 24 * 3
    for row in rows[::7]:
        seen = values(made.answers[NAMES.index(row["strategy"])], kpi, channel=row["channel"], interval=row["interval"])
        assert row["mean"] == pytest.approx(seen.mean())
        low, high = scipy.stats.t.interval(0.95, len(seen) - 1, seen.mean(), scipy.stats.sem(seen))
        assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert {r["channel"]: r["target"] for r in rows} == {"phone": 0.8, "chat": None}


def test_hours_that_wrap_the_week_and_none_at_all_are_open():
    made = comparison()
    for answer in made.answers:
        answer.scenario.channels["phone"].hours = (
            (6 * 86400.0 + 72000.0, 7 * 86400.0),
            (0.0, 3600.0),
            (86400.0, 88200.0),
        )  # Sun 20-24, Mon 0-1, Tue 0-0:30
        answer.scenario.channels["chat"].hours = None
    rows = [r for r in SERVICE.facts(made) if r["baseline"]]  # the day is a Tuesday
    assert [r["interval"][11:16] for r in rows if r["channel"] == "phone"] == ["00:00"]
    assert len([r for r in rows if r["channel"] == "chat"]) == 48


def test_minutes_are_those_of_the_answers(made):
    rows = minutes.facts(made)
    for name, answer in zip(NAMES, made.answers, strict=True):
        mine = [r for r in rows if r["strategy"] == name]
        assert sum(r["minutes"] for r in mine) == pytest.approx(float(np.mean([r.flows.minutes.sum() for r in answer.results])))
        again = sum(r["minutes"] for r in mine if r["part"] == PARTS[1])
        assert again == pytest.approx(float(np.mean([r.flows.minutes[:, 1].sum() for r in answer.results])))


def test_views_add_up(made):
    for row, answer in zip(views.facts(made), made.answers, strict=True):
        assert row["success"] == pytest.approx(values(answer, "journey_success").mean())
        assert row["service"] - row["success"] == pytest.approx(values(answer, "perception_gap").mean())


def test_settling_ends_with_the_paired_t_interval(made):
    rows = settling.facts(made)
    assert {r["seeds"] for r in rows} == {2, 3, 4, 5, 6}
    for name in NAMES[1:]:
        diff = values(made.answers[NAMES.index(name)], "service_level") - values(made.answers[0], "service_level")
        for n in (2, 6):
            row = next(r for r in rows if (r["kpi"], r["strategy"], r["seeds"]) == ("service_level", name, n))
            low, high = scipy.stats.t.interval(0.95, n - 1, diff[:n].mean(), scipy.stats.sem(diff[:n]))
            assert (row["difference"], row["low"], row["high"]) == pytest.approx((diff[:n].mean(), low, high))


def test_what_flows_into_a_channel_flows_out_of_it(made):
    rows = moves.facts(made)
    for name, answer in zip(NAMES, made.answers, strict=True):
        mine = [r for r in rows if r["strategy"] == name]
        for channel in answer.tables.channels:
            into = sum(r["moves"] for r in mine if (r["to_kind"], r["to"]) == ("channel", channel))
            out = sum(r["moves"] for r in mine if (r["from_kind"], r["from"]) == ("channel", channel))
            assert into == pytest.approx(out, rel=1e-12)
        came = sum(r["moves"] for r in mine if r["from_kind"] == "arriving")
        assert came == pytest.approx(60000.0)
        assert sum(r["moves"] for r in mine if r["to_kind"] == "end") == pytest.approx(came)
        assert sum(r["moves"] for r in mine) == pytest.approx(float(answer.moves.sum()))


# drawings


def test_the_drawn_bands_fill_the_drawn_bars_exactly(made):
    """Flow is conserved to the pixel: at every bar the bands that touch it are as thick together as it is high."""
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch, Rectangle

    facts = moves.facts(made)
    figure = Figure(figsize=(430 / 72, 460 / 72), dpi=72)
    moves.draw(facts, "Multichannel", figure.add_axes((0, 0, 1, 1)), looks_of(made), TEXT)
    patches = figure.axes[0].patches
    bars = [p for p in patches if isinstance(p, Rectangle)]
    bands = [p.get_path().vertices for p in patches if isinstance(p, PathPatch)]
    assert len(bars) == len({(r["from_kind"], r["from"]) for r in facts}) + len({(r["to_kind"], r["to"]) for r in facts})
    for bar in bars:
        x, low, high = bar.get_x(), bar.get_y(), bar.get_y() + bar.get_height()
        touching = []
        for v in bands:
            for upper, lower in ((v[0], v[7]), (v[3], v[4])):  # its two ends
                if x - 1.0 <= upper[0] <= x + bar.get_width() + 1.0 and low - 1e-6 <= upper[1] <= high + 1e-6:
                    touching.append((upper[1], lower[1]))
        assert sum(b - a for a, b in touching) == pytest.approx(bar.get_height(), rel=1e-9)
        assert min(a for a, _ in touching) == pytest.approx(low)
        assert max(b for _, b in touching) == pytest.approx(high)


def test_bars_of_minutes_are_as_long_as_the_minutes(made):
    from matplotlib.figure import Figure

    facts = minutes.facts(made)
    ax = Figure(dpi=72).add_axes((0, 0, 1, 1))
    minutes.draw(facts, "all", ax, looks_of(made), TEXT)
    outlines = [p for p in ax.patches if not p.get_fill()]
    assert [p.get_width() * 60.0 for p in outlines] == pytest.approx(
        [sum(r["minutes"] for r in facts if r["strategy"] == n) for n in NAMES]
    )


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f.NAME)
def test_every_figure_says_what_it_shows(figure, made, shop):
    made = shop if figure in SHOP else made
    facts = figure.facts(made)
    told = figure.told(facts, TEXT)
    assert told.title
    assert told.caption.endswith(".")
    assert told.title in told.alt
    table = figure.table(facts, TEXT)
    assert table.rows
    assert all(len(row) == len(table.heads) for row in table.rows)
    assert all("{" not in text for text in (*table.heads, told.title, told.alt, told.caption))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f.NAME)
def test_a_drawing_is_fit_for_a_page_and_for_a_file(figure, made, shop):
    made = shop if figure in SHOP else made
    facts = figure.facts(made)
    inside = page(raw(figure, facts, made), "one", 'a "quoted" <b>')
    assert "://" not in inside
    assert INK not in inside
    assert "currentColor" in inside
    assert 'aria-label="a &quot;quoted&quot; &lt;b&gt;"' in inside
    ids = re.findall(r' id="([^"]*)"', inside)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', inside)) <= set(ids)
    assert all(i.startswith("one-") for i in ids)
    width, height, draw = together(figure, facts, looks_of(made), TEXT)
    root = ET.fromstring(file(drawn(width, height, draw), figure.NAME, "title <1>", "alt & more"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == space + "svg"
    assert root.findtext(space + "title") == "title <1>"
    assert root.findtext(space + "desc") == "alt & more"
    texts = {t.text for t in root.iter(space + "text")}
    for panel in figure.panels(facts):
        assert all(t.text in texts for t in ET.fromstring(raw(figure, facts, made)).iter(space + "text")), panel.key


def test_a_drawing_does_not_depend_on_the_users_settings(made):
    import matplotlib as mpl

    facts = tradeoff.facts(made)
    before = raw(tradeoff, facts, made)
    with mpl.rc_context({"lines.linewidth": 20, "axes.facecolor": "red", "font.size": 30, "svg.hashsalt": "other", "svg.fonttype": "path"}):
        assert raw(tradeoff, facts, made) == before
        assert mpl.rcParams["lines.linewidth"] == 20


def test_drawing_leaves_no_global_state_and_facts_load_no_matplotlib():
    code = """
import sys
from test_figures_world import comparison
from omnisim.figures import FIGURES
made = comparison()
facts = [f.facts(made) for f in FIGURES]
assert not [m for m in sys.modules if m.startswith("matplotlib")], "facts are numbers"
from test_figures import raw
for figure, rows in zip(FIGURES, facts):
    if rows:
        raw(figure, rows, made)
assert "matplotlib.pyplot" not in sys.modules
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=__file__.rsplit("/", 1)[0], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "fine", done.stderr


def test_same_facts_same_bytes_in_any_process():
    code = """
import hashlib
from test_figures_world import comparison
from test_figures import raw
from test_figures import PLAIN
made = comparison(seeds=3)
print(hashlib.sha256("".join(raw(f, f.facts(made), made) for f in PLAIN).encode()).hexdigest())
"""
    seen = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=__file__.rsplit("/", 1)[0],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": __file__.rsplit("/", 2)[0]},
        )
        seen.add(done.stdout)
    made = comparison(seeds=3)
    here = hashlib.sha256("".join(raw(f, f.facts(made), made) for f in PLAIN).encode()).hexdigest()
    assert seen == {here + "\n"}


@pytest.mark.parametrize("name", ["$x^2$ and $", "日本語 🚀", "a\x07b\x00c", "<b>&amp;", "x" * 300, "\\frac", " "])
def test_any_name_can_be_drawn(name):
    made = comparison(names=(name, name + "2"), channels=[name[:60] + "chat", "mail", "phone", "web"], seeds=2)
    for figure in PLAIN:
        facts = figure.facts(made)
        for i in range(len(figure.panels(facts))):
            assert ET.fromstring(raw(figure, facts, made, i)).tag.endswith("svg"), "well-formed, whatever the name"


def test_one_seed_and_one_channel_are_enough_for_what_needs_no_interval():
    made = comparison(seeds=1, names=NAMES[:2])
    shown = [f.NAME for f in PLAIN if f.facts(made)]
    assert shown == ["tradeoff", "service_by_half_hour", "abandonment_by_half_hour", "moves", "minutes", "views"]
    for figure in PLAIN[:-1]:
        raw(figure, figure.facts(made), made)


def test_a_world_without_money_service_level_or_intervals_still_has_its_figures():
    none = np.full(4, np.nan)
    made = comparison(within_s=none, has_wage=np.zeros(1, bool), interval_s=0.0, interval_starts=[])
    shown = {f.NAME: f.facts(made) for f in PLAIN if f.facts(made)}
    assert set(shown) == {"tradeoff", "moves", "minutes", "settling"}
    assert {r["cost_kpi"] for r in shown["tradeoff"]} == {"agent_minutes_per_issue"}
    for figure in PLAIN:
        if figure.NAME in shown:
            raw(figure, shown[figure.NAME], made)
            figure.told(shown[figure.NAME], TEXT)


# looks, labels, numbers


def test_multichannel_and_omnichannel_keep_their_colours_in_any_company():
    blue, vermillion = OKABE_ITO["blue"], OKABE_ITO["vermillion"]
    for names in (
        ("Multichannel", "Omnichannel"),
        ("A", "omnichannel, no hub", "B", "multichannel"),
        ("Omnichannel", "Multichannel, same spend", "Multichannel"),
    ):
        given = looks(names, [None] * len(names))
        assert [given[n].colour for n in names if "omni" in n.lower()] == [vermillion]
        assert [given[n].colour for n in names if n.lower() == "multichannel"] == [blue]


def test_a_name_wins_over_a_preset():
    given = looks(("today", "Multichannel"), ("multichannel", "multichannel"))
    assert given["Multichannel"].colour == OKABE_ITO["blue"] != given["today"].colour


def test_many_strategies_all_look_different():
    names = [f"plan {i}" for i in range(20)]
    assert len({(k.colour, k.marker, k.dash) for k in looks(names, [None] * 20).values()}) == 20


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=8, unique=True), st.integers(8, 30))
def test_short_names_are_short_and_all_different(names, most):
    short = short_names(names, most)
    assert set(short) == set(names)
    assert len(set(short.values())) == len(names)
    assert all(len(s) <= most for s in short.values())


@given(st.lists(st.floats(-50.0, 150.0), min_size=1, max_size=12), st.floats(1.0, 9.0))
def test_spread_labels_keep_order_distance_and_bounds(wanted, gap):
    """Labels stay in order, `gap` apart and inside; those with room around them stay where they are wanted."""
    placed = spread(wanted, gap, 0.0, 110.0)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    steps = np.diff([placed[i] for i in order])
    assert all(steps >= gap - 1e-9)
    assert min(placed) >= -1e-9
    assert max(placed) <= 110.0 + 1e-9
    for i, want in enumerate(wanted):
        alone_ = all(abs(want - other) > gap * (len(wanted) + 1) for j, other in enumerate(wanted) if j != i)
        if alone_ and 0.0 <= want <= 110.0 and all(0.0 <= w <= 110.0 - gap * len(wanted) for w in wanted if w != want):
            assert placed[i] == pytest.approx(want)


@given(st.floats(-1e9, 1e9), st.integers(0, 2))
def test_a_written_number_reads_back(value, decimals):
    text = signed(value, decimals)
    back = float(text.replace("−", "-").replace("\u202f", ""))
    assert back == pytest.approx(round(value, decimals), abs=0.51 * 10**-decimals)
    assert text[0] in "+−" or back == 0.0
    assert number(value, decimals).lstrip("−") == text.lstrip("+−")


def test_an_interval_that_leaves_out_zero_says_so_even_where_it_rounds_to_it():
    assert interval(-0.21, -0.0004, 1, sign=True) == "[−0.2, −0.0]"
    assert interval(0.0, 0.0, 1, sign=True) == "[0.0, 0.0]"


def test_the_flow_diagram_knows_every_end_and_part():
    assert all(f"end.{e.name.lower()}" in TEXT for e in ENDS)
    assert all(f"part.{p}" in TEXT for p in PARTS)
    assert len(minutes.TONES) == len(PARTS)


def test_facts_are_about_tables_not_about_names_in_order(made):
    """The facts of a strategy do not depend on who stands beside it."""
    alone_ = comparison(names=NAMES[:2])
    mine = [r for r in moves.facts(made) if r["strategy"] == NAMES[0]]
    assert mine == [r for r in moves.facts(alone_) if r["strategy"] == NAMES[0]]
    assert tables().channels == sorted(tables().channels)
