"""What more service costs: cost against service level, and against journey success, one mark a strategy.

better |  o omni        Each strategy stands at baseline + its paired difference; its bars are that difference's 95 % interval,
       |----+ base      so that a bar that crosses a line through the baseline means: not settled.
       |____|_____ cost
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, Looks, focus, short_names
from omnisim.figures.lookup import cost_kpi, difference, interval, settled, total
from omnisim.figures.numbers import factor, half_width, number, places, shown_unit, signed
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import FONT, MUTED, Facts, Panel, Row, Say, Table, Told, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "tradeoff"
KEYED = False
SERVICE = ("service_level", "journey_success", "conversion")
WIDTH, HEIGHT = 420.0, 320.0


def facts(comparison: "Comparison") -> Facts:
    """One row a service KPI and strategy: means, and differences to the baseline with the intervals that are shown."""
    cost = cost_kpi(comparison)
    rows: Facts = []
    for kpi in SERVICE[:2] if total(comparison.baseline, "journey_success") else SERVICE:
        if cost is None or any(total(a, kpi) is None for a in comparison.answers):
            continue
        for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
            row = {"kpi": kpi, "cost_kpi": cost, "strategy": name, "baseline": i == 0, "focus": i == focus(comparison)}
            for axis, what in (("x", cost), ("y", kpi)):
                e = total(answer, what)
                assert e is not None
                d = difference(comparison, what, name) if i else None
                low, high = interval(d) if d else (None, None)
                row |= {f"{axis}_unit": e.unit, axis: e.mean, f"{axis}_diff": d.difference if d else None}
                row |= {f"{axis}_low": low, f"{axis}_high": high}
            rows.append(row)
    return rows


def panels(facts: Facts) -> list[Panel]:
    """One panel a service KPI."""
    return [Panel(kpi, WIDTH, HEIGHT, left=46.0, right=14.0, top=32.0, bottom=40.0) for kpi in dict.fromkeys(r["kpi"] for r in facts)]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Marks with the intervals of their differences, lines through the baseline."""
    rows = [r for r in facts if r["kpi"] == key]
    fx, fy = factor(rows[0]["x_unit"]), factor(rows[0]["y_unit"])
    base = rows[0]
    ends: dict[str, list[float]] = {"x": [], "y": []}
    for row in rows:
        look = looks[row["strategy"]]
        x, y = row["x"] * fx, row["y"] * fy
        bars = {}
        for axis, f in (("x", fx), ("y", fy)):
            at = row[axis] * f
            reach = [0.0, 0.0]
            if row[f"{axis}_low"] is not None and row[f"{axis}_diff"] is not None:
                reach = [(row[f"{axis}_diff"] - row[f"{axis}_low"]) * f, (row[f"{axis}_high"] - row[f"{axis}_diff"]) * f]
            bars[axis] = [[max(0.0, reach[0])], [max(0.0, reach[1])]]
            ends[axis] += [at - reach[0], at + reach[1]]
        xs, ys = bars["x"], bars["y"]
        ax.errorbar([x], [y], xerr=xs, yerr=ys, fmt=look.marker, color=look.colour, ms=8.0, elinewidth=1.6, capsize=3.0)
    for axis, scale in (("x", ax.set_xlim), ("y", ax.set_ylim)):
        low, high = min(ends[axis]), max(ends[axis])
        room = (high - low) * 0.2 or abs(high) * 0.02 or 1.0
        scale(low - room, high + room)
    ax.axvline(base["x"] * fx, lw=0.8, ls=(0, (4, 3)), color=INK, alpha=0.45, zorder=1)
    ax.axhline(base["y"] * fy, lw=0.8, ls=(0, (4, 3)), color=INK, alpha=0.45, zorder=1)
    ax.grid(False)
    ax.locator_params(nbins=5)
    ax.set_title(f"{say['kpi.' + key]}, {shown_unit(base['y_unit'])}")
    ax.set_xlabel(f"{say['kpi.' + base['cost_kpi']]}, {shown_unit(base['x_unit'])}")
    corners = {"tradeoff.best": (0.012, 0.985, "left", "top"), "tradeoff.worst": (0.988, 0.015, "right", "bottom")}
    for word, (u, v, ha, va) in corners.items():
        ax.text(u, v, say[word], transform=ax.transAxes, ha=ha, va=va, alpha=MUTED, style="italic", fontsize=FONT - 1)
    _label(rows, ax, fx, fy)


def _label(rows: Facts, ax: "Axes", fx: float, fy: float) -> None:
    """The name beside each mark, to its left in the right half, else to its right; no two names on one height."""
    short = short_names([r["strategy"] for r in rows], 24)
    box = ax.get_window_extent()
    placed = [ax.transData.transform((r["x"] * fx, r["y"] * fy)) for r in rows]
    spots = [(float(x), float(y)) for x, y in placed]
    wanted = [y + 9.0 for _, y in spots]
    heights = spread(wanted, FONT + 4.0, box.y0 + 14.0, box.y1 - 16.0)
    for row, spot, height, want in zip(rows, spots, heights, wanted, strict=True):
        left = spot[0] > box.x0 + 0.55 * box.width
        leader = {"arrowstyle": "-", "lw": 0.7, "color": INK, "alpha": MUTED, "shrinkA": 0.0, "shrinkB": 5.0}
        arrow = leader if abs(height - want) > 6.0 else None
        shift, side = (-11.0 if left else 11.0, height - spot[1]), "right" if left else "left"
        ax.annotate(short[row["strategy"]], spot, shift, "figure pixels", "offset pixels", arrow, ha=side, va="center")


def told(facts: Facts, say: Say) -> Told:
    """What the focus strategy costs, and what it brings."""
    mine = [r for r in facts if r["focus"]]
    first = mine[0]
    parts = [_change(row, row["kpi"], "y", say) for row in mine] + [_change(first, first["cost_kpi"], "x", say)]
    title = say["tradeoff.title"].format(name=first["strategy"], base=facts[0]["strategy"], parts=", ".join(parts))
    return Told(title, say["tradeoff.alt"].format(title=title, rows="; ".join(_spoken(r, say) for r in facts)), say["tradeoff.caption"])


def _change(row: Row, kpi: str, axis: str, say: Say) -> str:
    """One difference in a few words, or that it is not settled."""
    low, high, unit = row[f"{axis}_low"], row[f"{axis}_high"], row[f"{axis}_unit"]
    name = say["kpi." + kpi].lower()
    if low is not None and not settled(low, high):
        return say["tradeoff.part.open"].format(kpi=name)
    amount = signed(row[f"{axis}_diff"], places([half_width(low, high)], unit), unit)
    return say["tradeoff.part"].format(kpi=name, amount=amount, unit=say["points"] if unit == "share" else unit)


def _spoken(row: Row, say: Say) -> str:
    return say["tradeoff.point"].format(
        name=row["strategy"],
        kpi=say["kpi." + row["kpi"]].lower(),
        y=number(row["y"], 1, row["y_unit"]),
        y_unit=shown_unit(row["y_unit"]),
        x=number(row["x"], 2, row["x_unit"]),
        x_unit=shown_unit(row["x_unit"]),
    )


def table(facts: Facts, say: Say) -> Table:
    """Means, differences and their intervals."""
    heads = [say["strategy"], say["measure"]]
    heads += [say["tradeoff.cost"], say["difference"], say["interval"], say["tradeoff.service"], say["difference"], say["interval"]]
    rows = []
    for r in facts:
        cells = [r["strategy"], f"{say['kpi.' + r['kpi']]}, {shown_unit(r['y_unit'])}"]
        for axis in ("x", "y"):
            unit = r[f"{axis}_unit"]
            same = [q for q in facts if q["kpi"] == r["kpi"]]
            n = places([half_width(q[f"{axis}_low"], q[f"{axis}_high"]) for q in same], unit)
            low, high = r[f"{axis}_low"], r[f"{axis}_high"]
            cells += [number(r[axis], n, unit), signed(r[f"{axis}_diff"], n, unit), written(low, high, n, unit, sign=True)]
        rows.append(tuple(cells))
    return Table(tuple(heads), tuple(rows), 2)
