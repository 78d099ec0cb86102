"""Where the minutes go: what agents' handling time consists of, one bar a strategy.

multichannel   412 h, of which telling it again 37 h (9 %)
██████████████████████▒▒▒
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures.looks import INK, YELLOW, Looks, clip, focus
from omnisim.figures.numbers import number
from omnisim.figures.panel import Facts, Panel, Say, Table, Told
from omnisim.flows import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "minutes"
KEYED = False
AGAIN = PARTS[1]
ROW = 46.0  # px a strategy
KEYS = 3  # parts named on one line of the key

# colour, opacity, hatch of each part, in the order of PARTS; what is told again stands out
TONES = ((INK, 0.2, ""), (YELLOW, 1.0, ""), (INK, 0.45, "////"), (INK, 0.85, ""), (INK, 0.34, "...."))


def facts(comparison: "Comparison") -> Facts:
    """One row a strategy, channel and part: mean minutes a replication; parts that are 0 everywhere are left out."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        minutes = np.asarray(answer.minutes)
        for c, channel in enumerate(answer.tables.channels):
            for p, part in enumerate(PARTS):
                if minutes[c, p] != 0.0:
                    row = {"strategy": name, "baseline": i == 0, "focus": i == focus(comparison), "channel": channel, "part": part}
                    rows.append(row | {"minutes": float(minutes[c, p])})
    return rows


def panels(facts: Facts) -> list[Panel]:
    """One panel, a bar a strategy."""
    strategies = len({r["strategy"] for r in facts})
    top = 14.0 + 16.0 * -(-len(_parts(facts)) // KEYS)
    return [Panel("all", 420.0, 44.0 + top + ROW * strategies, left=10.0, right=16.0, top=top, bottom=38.0)]


def _parts(facts: Facts) -> list[str]:
    """The parts that somebody's time went into, in their order."""
    return [p for p in PARTS if any(r["part"] == p for r in facts)]


def _sum(facts: Facts, strategy: str, part: str | None = None) -> float:
    return float(sum(r["minutes"] for r in facts if r["strategy"] == strategy and part in (None, r["part"])))


def _unit(facts: Facts) -> tuple[str, float]:
    """Hours where there are many minutes."""
    return ("h", 60.0) if max(_sum(facts, s) for s in {r["strategy"] for r in facts}) >= 600.0 else ("min", 1.0)


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Stacked bars from 0, each with its total and the share told again above it."""
    from matplotlib.patches import Patch

    unit, per = _unit(facts)
    names = list(dict.fromkeys(r["strategy"] for r in facts))
    parts = _parts(facts)
    for i, name in enumerate(names):
        x = 0.0
        for part in parts:
            colour, alpha, hatch = TONES[PARTS.index(part)]
            wide = _sum(facts, name, part) / per
            ax.barh(i, wide, left=x, height=0.38, color=colour, alpha=alpha, hatch=hatch, edgecolor=INK, linewidth=0.0)
            x += wide
        ax.barh(i, x, height=0.38, fill=False, edgecolor=INK, linewidth=0.7)
        beside = ax.get_yaxis_transform()
        ax.plot([0.006], [i - 0.41], transform=beside, marker=looks[name].marker, color=looks[name].colour, ms=6.5, clip_on=False)
        ax.text(0.024, i - 0.39, _bar_label(facts, name, say), transform=beside, va="center")
    ax.set_ylim(len(names) - 0.6, -0.75)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(False)
    ax.set_xlim(0.0, max(_sum(facts, n) for n in names) / per)
    ax.locator_params(axis="x", nbins=6)
    ax.set_xlabel(say["minutes.axis"].format(unit=unit))
    tones = [TONES[PARTS.index(p)] for p in parts]
    handles = [Patch(facecolor=c, alpha=a, hatch=h, edgecolor=INK, linewidth=0.0) for c, a, h in tones]
    words = [say["part." + p] for p in parts]
    spacing = {"handlelength": 1.2, "columnspacing": 1.2, "borderpad": 0.0}
    ax.legend(handles, words, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=min(KEYS, len(parts)), **spacing)


def _bar_label(facts: Facts, name: str, say: Say) -> str:
    unit, per = _unit(facts)
    whole, again = _sum(facts, name), _sum(facts, name, AGAIN)
    words = say["minutes.bar"] if again else say["minutes.bar.none"]
    share = number(100.0 * again / whole, 1) if whole else "0"
    return words.format(name=clip(name, 28), total=number(whole / per, 1), unit=unit, again=number(again / per, 1), share=share)


def told(facts: Facts, say: Say) -> Told:
    """How much time goes into telling it again."""
    unit, per = _unit(facts)
    shown = list(dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"]))
    parts = [say["minutes.part"].format(name=n, again=number(_sum(facts, n, AGAIN) / per, 1), unit=unit) for n in shown]
    title = say["minutes.title"].format(parts=say["and"].join(parts))
    spoken = "; ".join(_bar_label(facts, n, say) for n in dict.fromkeys(r["strategy"] for r in facts))
    return Told(title, say["minutes.alt"].format(title=title, rows=spoken), say["minutes.caption"])


def table(facts: Facts, say: Say) -> Table:
    """Channel, part, and one column a strategy, in minutes; totals last."""
    names = list(dict.fromkeys(r["strategy"] for r in facts))
    channels = sorted({r["channel"] for r in facts})
    parts = _parts(facts)
    rows = []
    for channel in [*channels, None]:
        for part in parts:
            here = [r for r in facts if r["part"] == part and channel in (None, r["channel"])]
            sums = [_sum(here, n) for n in names]
            if any(sums):
                rows.append((channel or say["all.channels"], say["part." + part], *(number(s, 1) for s in sums)))
    return Table((say["channel"], say["part"], *(f"{n}, min" for n in names)), tuple(rows), 2)
