"""Which inputs matter: each moved alone from the low to the high end of its range, the others as they stand.

hub cost      ████████████|███
wage                  ████|██
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, OKABE_ITO, Looks, clip
from omnisim.figures.numbers import number, plain, shown_unit, signed
from omnisim.figures.panel import FONT, Facts, Panel, Say, Table, Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "tornado"
KEYED = False
ROW = 34.0
LEFT, RIGHT = 216.0, 60.0  # px
WIDTH = 680.0
LETTERS = 32


def facts(comparison: "Comparison") -> Facts:
    """Nothing: a comparison alone varies no input."""
    return []


Bar = tuple[str, str, str, str, float, float, str | None]  # path, yours, low, high, at low, at high, turns at


def rows(names: tuple[str, str], what: str, unit: str, stands: float, bars: Sequence[Bar]) -> Facts:
    """One row an input, the widest first."""
    keys = ("path", "yours", "low", "high", "at_low", "at_high", "turns")
    common = {"a": names[0], "b": names[1], "what": what, "unit": unit, "stands": stands}
    made = [common | dict(zip(keys, bar, strict=True)) for bar in bars]
    return sorted(made, key=lambda r: -abs(r["at_high"] - r["at_low"]))


def panels(facts: Facts) -> list[Panel]:
    """One."""
    return [Panel("all", WIDTH, 78.0 + ROW * len(facts), left=LEFT, right=RIGHT, top=30.0, bottom=48.0)]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Bars around what it is as the inputs stand: sky blue towards the low end, orange and hatched towards the high end."""
    middle = facts[0]["stands"]
    ends = [0.0, middle, *(r[k] for r in facts for k in ("at_low", "at_high"))]
    low, high = min(ends), max(ends)
    room = 0.26 * ((high - low) or 1.0)
    for i, r in enumerate(facts):
        for k, colour, hatch, value in (("at_low", "sky blue", "", r["low"]), ("at_high", "orange", "////", r["high"])):
            ax.barh(
                i, r[k] - middle, left=middle, height=0.6, color=OKABE_ITO[colour], hatch=hatch, alpha=0.8, edgecolor=INK, linewidth=0.0
            )
            right = r[k] > middle or (r[k] == middle and k == "at_high")
            place = r[k] + (0.012 if right else -0.012) * (high - low)
            ax.text(place, i, clip(value, 12), ha="left" if right else "right", va="center", fontsize=FONT - 2.5)
        ax.text(-0.02, i, _short(r["path"]), transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=FONT - 1)
    ax.axvline(middle, color=INK, lw=0.8)
    ax.axvline(0.0, color=INK, lw=1.6, dashes=(3.0, 2.0))
    ax.set_xlim(low - room, high + room)
    ax.set_ylim(len(facts) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=True, axis="x")
    ax.grid(visible=False, axis="y")
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(lambda x, _: plain(x))
    ax.set_xlabel(say["tornado.axis"].format(what=facts[0]["what"], unit=shown_unit(facts[0]["unit"])))


def _short(path: str) -> str:
    """The end of a path, which says most.

    >>> _short("channels.call_center.help.handling.mean.of.them")
    '…call_center.help.handling.mean.of.them'
    """
    return path if len(path) <= LETTERS else "…" + path.split(".", 1)[1]


def told(facts: Facts, say: Say) -> Told:
    """Which one moves most."""
    top = facts[0]
    low, high = sorted((top["at_low"], top["at_high"]))
    title = say["tornado.title"].format(
        strategy=top["b"], base=top["a"], top=top["path"], low=signed(low, 0), high=signed(high, 0), unit=shown_unit(top["unit"])
    )
    spoken = "; ".join(f"{r['path']}: {signed(r['at_low'], 0)} at {r['low']}, {signed(r['at_high'], 0)} at {r['high']}" for r in facts)
    return Told(title, f"{title}. {spoken}.", say["tornado.caption"])


def table(facts: Facts, say: Say) -> Table:
    """Both ends of every input."""
    heads = (say["input"], say["tornado.yours"], f"{say['tornado.at_low']}", f"{say['tornado.at_high']}", say["tornado.break_even"])
    made = [
        (r["path"], r["yours"], f"{number(r['at_low'], 0)} ({r['low']})", f"{number(r['at_high'], 0)} ({r['high']})", r["turns"] or "–")
        for r in facts
    ]
    return Table(heads, tuple(made))
