"""Do the seeds suffice: the mean difference to the baseline after 2, 3, ... seeds, with its 95 % interval.

+ |\\__________      an interval that leaves out 0 and no longer moves: more seeds would change nothing that matters
0 |-----------
    2    seeds
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.estimate import spread as spread_of
from omnisim.figures.looks import INK, Looks, short_names
from omnisim.figures.lookup import cost_kpi, paired, total
from omnisim.figures.numbers import NOTHING, factor, half_width, interval, places, shown_unit, signed
from omnisim.figures.panel import FONT, Facts, Panel, Say, Table, Told, dashes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "settling"
KEYED = False


def facts(comparison: "Comparison") -> Facts:
    """One row a deciding KPI, strategy and number of seeds (2 and more): running mean difference and its 95 % interval."""
    rows: Facts = []
    cost = cost_kpi(comparison)
    kpis = [k for k in ("service_level", "journey_success", "conversion") if total(comparison.baseline, k) is not None]
    for kpi in [*kpis[:2], *([cost] if cost else [])]:
        for i, name in enumerate(comparison.names):
            diffs = paired(comparison, kpi, i) if i else np.zeros(0)
            e = total(comparison.baseline, kpi)
            for n in range(2, len(diffs) + 1):
                known = diffs[:n][np.isfinite(diffs[:n])]
                if e is None or len(known) < 2:
                    continue
                s = spread_of(known)
                low, high = s.interval(0.05) or (None, None)
                row = {"kpi": kpi, "unit": e.unit, "strategy": name, "seeds": n, "seed": comparison.baseline.seeds[n - 1]}
                rows.append(row | {"difference": s.mean, "low": low, "high": high})
    return rows


def panels(facts: Facts) -> list[Panel]:
    """One panel a KPI."""
    return [Panel(kpi, 420.0, 215.0, left=48.0, right=124.0, top=30.0, bottom=36.0) for kpi in dict.fromkeys(r["kpi"] for r in facts)]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Lines with their bands, each named at its right end."""
    from matplotlib.ticker import MaxNLocator

    rows = [r for r in facts if r["kpi"] == key]
    f = factor(rows[0]["unit"])
    names = list(dict.fromkeys(r["strategy"] for r in rows))
    for name in names:
        mine = [r for r in rows if r["strategy"] == name]
        x = [r["seeds"] for r in mine]
        ax.fill_between(x, [r["low"] * f for r in mine], [r["high"] * f for r in mine], color=looks[name].colour, alpha=0.13, linewidth=0.0)
        ax.plot(x, [r["difference"] * f for r in mine], color=looks[name].colour, dashes=dashes(looks[name].dash), lw=1.8)
        ax.plot(x[-1:], [mine[-1]["difference"] * f], color=looks[name].colour, marker=looks[name].marker, clip_on=False)
    ax.axhline(0.0, color=INK, lw=0.9)
    # the first intervals of two or three seeds may be huge: show those of the last two thirds whole
    late = [r for r in rows if r["seeds"] >= max(q["seeds"] for q in rows) / 3.0 and r["seeds"] > 2] or rows
    low, high = min(0.0, *(r["low"] * f for r in late)), max(0.0, *(r["high"] * f for r in late))
    room = (high - low) * 0.08 or 1.0
    ax.set_ylim(low - room, high + room)
    ax.set_xlim(min(r["seeds"] for r in rows), max(max(r["seeds"] for r in rows), 3))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.locator_params(axis="y", nbins=5)
    unit = say["points"] if rows[0]["unit"] == "share" else rows[0]["unit"]
    ax.set_title(f"{say['kpi.' + key]}, {unit}")
    ax.set_xlabel(say["settling.axis"])
    _ends(rows, names, ax, f)


def _ends(rows: Facts, names: list[str], ax: "Axes", f: float) -> None:
    import textwrap

    short = {n: "\n".join(textwrap.wrap(s, 15, max_lines=2, placeholder=" …")) for n, s in short_names(names, 32).items()}
    gap = (FONT + 3.0) * (2.0 if any("\n" in s for s in short.values()) else 1.0)
    box = ax.get_window_extent()
    last = [next(r for r in reversed(rows) if r["strategy"] == n) for n in names]
    wanted = [float(ax.transData.transform((r["seeds"], r["difference"] * f))[1]) for r in last]
    for name, y, want in zip(names, spread(wanted, gap, box.y0, box.y1), wanted, strict=True):
        spot, shift = (box.x1, want), (9.0, y - want)
        ax.annotate(short[name], spot, shift, "figure pixels", "offset pixels", va="center", linespacing=1.05, annotation_clip=False)


def told(facts: Facts, say: Say) -> Told:
    """How many of the differences are settled."""
    last = {(r["kpi"], r["strategy"]): r for r in facts}
    title = say["settling.title"].format(n=max(r["seeds"] for r in facts))
    spoken = []
    for r in last.values():
        n = places([half_width(r["low"], r["high"])], r["unit"])
        text = f"{signed(r['difference'], n, r['unit'])} {interval(r['low'], r['high'], n, r['unit'], sign=True)}"
        spoken.append(f"{r['strategy']}, {say['kpi.' + r['kpi']].lower()}: {text}")
    return Told(title, say["settling.alt"].format(title=title, rows="; ".join(spoken)), say["settling.caption"])


def table(facts: Facts, say: Say) -> Table:
    """One row a KPI and number of seeds, one column a strategy."""
    names = list(dict.fromkeys(r["strategy"] for r in facts))
    finest = {
        k: places([half_width(r["low"], r["high"]) for r in facts if r["kpi"] == k], next(r["unit"] for r in facts if r["kpi"] == k))
        for k in dict.fromkeys(r["kpi"] for r in facts)
    }
    cells: dict[tuple[str, int], dict[str, str]] = {}
    for r in facts:
        n = finest[r["kpi"]]
        text = f"{signed(r['difference'], n, r['unit'])} {interval(r['low'], r['high'], n, r['unit'], sign=True)}"
        cells.setdefault((r["kpi"], r["seeds"]), {})[r["strategy"]] = text
    unit = {r["kpi"]: say["points"] if r["unit"] == "share" else shown_unit(r["unit"]) for r in facts}
    rows = [(f"{say['kpi.' + k]}, {unit[k]}", str(n), *(row.get(name, NOTHING) for name in names)) for (k, n), row in cells.items()]
    return Table((say["measure"], say["settling.axis"], *names), tuple(rows), 1)
