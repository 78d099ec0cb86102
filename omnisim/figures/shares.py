"""From A to B, one step a lever: its share in the difference, with the 95 % interval of the share.

A            |
identify     ▒▒▒▒▒▒├─┤
hub               ▒▒▒▒▒▒▒▒▒├┤
B                          █
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, OKABE_ITO, Looks, clip
from omnisim.figures.numbers import half_width, interval, places, plain, shown_unit, signed
from omnisim.figures.panel import FONT, Facts, Panel, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "shares"
KEYED = False
ROW = 30.0
LEFT, RIGHT = 190.0, 16.0  # px
WIDTH = 640.0
TOTAL = "total"
LEVER = "lever"


def facts(comparison: "Comparison") -> Facts:
    """Nothing: a comparison alone does not say why."""
    return []


def rows(
    names: tuple[str, str], kpi: str, unit: str, shares: Sequence[tuple[str, float, float | None, float | None]],
    total: tuple[float, float | None, float | None],
) -> Facts:  # fmt: skip
    """One row a lever (name, mean, low, high), then the difference itself."""
    common = {"a": names[0], "b": names[1], "kpi": kpi, "unit": unit}
    out: Facts = [common | {"kind": LEVER, "name": n, "mean": m, "low": lo, "high": hi} for n, m, lo, hi in shares]
    return [*out, common | {"kind": TOTAL, "name": names[1], "mean": total[0], "low": total[1], "high": total[2]}]


def panels(facts: Facts) -> list[Panel]:
    """One."""
    return [Panel("all", WIDTH, 76.0 + ROW * len(facts), left=LEFT, right=RIGHT, top=30.0, bottom=46.0)]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Steps from 0 (A) to the difference; blue to the right, vermillion and hatched to the left."""
    unit = facts[0]["unit"]
    factor = 100.0 if unit == "share" else 1.0
    at = 0.0
    reached = [0.0]
    for i, row in enumerate(facts):
        x = row["mean"] * factor
        start = 0.0 if row["kind"] == TOTAL else at
        loss = x < 0.0
        ax.barh(
            i, x, left=start, height=0.56, color=OKABE_ITO["vermillion" if loss else "blue"], hatch="////" if loss else "",
            alpha=0.95 if row["kind"] == TOTAL else 0.62, edgecolor=INK, linewidth=0.0,
        )  # fmt: skip
        ends = [start + x]
        if row["low"] is not None:
            ends = [start + row["low"] * factor, start + row["high"] * factor]
            ax.plot(ends, [i, i], color=INK, lw=1.4, marker="|", markersize=7.0)
        if row["kind"] == LEVER and i + 1 < len(facts):
            ax.plot([start + x] * 2, [i + 0.28, i + 0.72], color=INK, lw=0.7, alpha=0.6)
        reached += [start, start + x, *ends]
        at = start + x
        words = clip(row["name"], 28) if row["kind"] == LEVER else say["shares.total"]
        ax.text(-0.02, i, words, transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=FONT - 1)
    low, high = min(reached), max(reached)
    room = 0.04 * ((high - low) or 1.0)
    ax.axvline(0.0, color=INK, lw=0.8)
    ax.set_xlim(low - room, high + room)
    ax.set_ylim(len(facts) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(lambda x, _: plain(x))
    ax.set_xlabel(say["shares.axis"].format(kpi=_measure(facts, say), unit=_unit(unit, say), a=clip(facts[0]["a"], 30)))


def told(facts: Facts, say: Say) -> Told:
    """What moves most."""
    total = facts[-1]
    levers = [r for r in facts if r["kind"] == LEVER]
    n = places([half_width(r["low"], r["high"]) for r in facts], total["unit"])
    first = max(levers, key=lambda r: abs(r["mean"]))
    amounts = {"amount": signed(total["mean"], n, total["unit"]), "share": signed(first["mean"], n, total["unit"])}
    title = say["shares.title"].format(
        kpi=_measure(facts, say), b=total["b"], a=total["a"], unit=_unit(total["unit"], say), lever=first["name"], **amounts
    )
    spoken = "; ".join(f"{r['name']}: {signed(r['mean'], n, r['unit'])}" for r in levers)
    return Told(title, f"{title} {spoken}.", say["shares.caption"])


def table(facts: Facts, say: Say) -> Table:
    """Every share with its interval; the last row is the difference."""
    unit = facts[0]["unit"]
    n = places([half_width(r["low"], r["high"]) for r in facts], unit)
    out = []
    for r in facts:
        name = r["name"] if r["kind"] == LEVER else say["shares.total"]
        out.append((name, signed(r["mean"], n, unit), interval(r["low"], r["high"], n, unit, sign=True)))
    return Table((say["lever"], f"{say['share']}, {_unit(unit, say)}", say["interval"]), tuple(out))


def _unit(unit: str, say: Say) -> str:
    return say["points"] if unit == "share" else shown_unit(unit)


def _measure(facts: Facts, say: Say) -> str:
    return say["kpi." + facts[0]["kpi"]]
