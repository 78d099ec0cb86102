"""Two views of one day: the firm's (contacts answered in time) and the customer's (journeys that worked), and the gap between.

multichannel   o────────────●     ○ journeys that worked    ● contacts answered in time
omnichannel              o──●
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import Looks, clip, focus
from omnisim.figures.lookup import total
from omnisim.figures.numbers import number
from omnisim.figures.panel import FONT, MUTED, Facts, Panel, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "views"
KEYED = False
ROW = 46.0  # px a strategy


def facts(comparison: "Comparison") -> Facts:
    """One row a strategy: service level weighted by contacts (= gap + success), journey success and the gap, all shares."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        success, gap = total(answer, "journey_success"), total(answer, "perception_gap")
        if success is not None and gap is not None:
            row = {"strategy": name, "baseline": i == 0, "focus": i == focus(comparison), "success": success.mean, "gap": gap.mean}
            rows.append(row | {"gap_low": gap.low, "gap_high": gap.high, "service": success.mean + gap.mean})
    return rows


def panels(facts: Facts) -> list[Panel]:
    """One panel, a line a strategy."""
    return [Panel("all", 420.0, 72.0 + ROW * len(facts), left=16.0, right=20.0, top=26.0, bottom=38.0)]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Two marks and a line between them for each strategy."""
    for i, row in enumerate(facts):
        look = looks[row["strategy"]]
        a, b = 100.0 * row["success"], 100.0 * row["service"]
        ax.plot([a, b], [i, i], color=look.colour, lw=3.0, alpha=0.5, solid_capstyle="butt", zorder=2)
        ax.plot([b], [i], color=look.colour, marker=look.marker, ms=8.0, zorder=3, clip_on=False)
        ax.plot([a], [i], color=look.colour, marker=look.marker, ms=8.0, mfc="none", mew=1.8, zorder=3, clip_on=False)
        words = say["views.line"].format(name=clip(row["strategy"], 24), gap=number(row["gap"], 1, "share"))
        ax.text(0.0, i - 0.42, words, transform=ax.get_yaxis_transform(), va="center")
        for x, other in ((a, b), (b, a)):
            side = "left" if x > other or (x == other and x is b) else "right"
            shift = (9.0 if side == "left" else -9.0, 0.0)
            ax.annotate(number(x, 1), (x, i), shift, "data", "offset points", ha=side, va="center", fontsize=FONT - 1)
    ax.set_ylim(len(facts) - 0.6, -0.8)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(True, axis="x")
    low = min(100.0 * min(r["success"], r["service"]) for r in facts)
    ax.set_xlim(max(0.0, 10.0 * ((low - 12.0) // 10.0)), 100.0)
    ax.set_xlabel(say["views.axis"])
    ax.text(0.0, 1.06, say["views.key"], transform=ax.transAxes, alpha=MUTED, va="bottom", fontsize=FONT)


def told(facts: Facts, say: Say) -> Told:
    """The gaps in words."""
    shown = [r for r in facts if r["baseline"] or r["focus"]]
    parts = [say["views.part"].format(name=r["strategy"], gap=number(r["gap"], 1, "share")) for r in shown]
    title = say["views.title"].format(parts=say["and"].join(parts))
    spoken = []
    for r in facts:
        service, success = number(r["service"], 1, "share"), number(r["success"], 1, "share")
        spoken.append(say["views.spoken"].format(name=r["strategy"], service=service, success=success))
    return Told(title, say["views.alt"].format(title=title, rows="; ".join(spoken)), say["views.caption"])


def table(facts: Facts, say: Say) -> Table:
    """The firm's number, the customer's and the gap with its interval."""
    from omnisim.figures.numbers import half_width, interval, places

    n = places([half_width(r["gap_low"], r["gap_high"]) for r in facts], "share")
    heads = (say["strategy"], say["views.firm"], say["views.customer"], say["views.gap"], say["interval"])
    rows = [
        (
            r["strategy"],
            number(r["service"], n, "share"),
            number(r["success"], n, "share"),
            number(r["gap"], n, "share"),
            interval(r["gap_low"], r["gap_high"], n, "share"),
        )
        for r in facts
    ]
    return Table(heads, tuple(rows), 1)
