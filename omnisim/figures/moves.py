"""Where customers move: every touch comes from somewhere and leads somewhere, so what flows into a channel flows out of it.

coming in ███────┐
phone     ███═══╗└─███ phone        left: where customers come from; right: where they go next, or how it ends
chat      ███══╗╚══███ chat         a channel is as high on the left as on the right
               ╚═══███ resolved
"""

from typing import TYPE_CHECKING

import numpy as np

from omnisim.figures.looks import INK, Looks, clip, focus
from omnisim.figures.numbers import number
from omnisim.figures.panel import FONT, MUTED, Facts, Panel, Say, Table, Told, spread
from omnisim.flows import ENDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison

NAME = "moves"
KEYED = False
ARRIVING = "arriving"  # the kind of the node where journeys begin
ORDER = "order"  # the kind of the node where needs that arise from an order begin
CHANNEL = "channel"
END = "end"
RANK = {ARRIVING: 0, ORDER: 1, CHANNEL: 2, END: 3}
BAR = 9.0  # px
GAP = 7.0  # px between nodes
LABEL = 116.0  # px on either side
LETTERS = 17  # that fit there: a name and a count


def facts(comparison: "Comparison") -> Facts:
    """One row a strategy, from and to with any journeys: mean moves a replication."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        channels = list(answer.tables.channels)
        sources = [(ARRIVING, ""), *((CHANNEL, c) for c in channels), (ORDER, "")]
        sinks = [*((CHANNEL, c) for c in channels), *((END, e.name.lower()) for e in ENDS)]
        moves = np.asarray(answer.moves)
        for a, (from_kind, from_) in enumerate(sources):
            for b, (to_kind, to) in enumerate(sinks):
                if moves[a, b] > 0:
                    row = {"strategy": name, "baseline": i == 0, "focus": i == focus(comparison), "from_kind": from_kind, "from": from_}
                    rows.append(row | {"to_kind": to_kind, "to": to, "moves": float(moves[a, b])})
    return rows


def panels(facts: Facts) -> list[Panel]:
    """The baseline and one other strategy."""
    shown = dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"])
    nodes = max(len({(r[f"{side}_kind"], r[side]) for r in facts}) for side in ("from", "to"))
    height = max(460.0, 52.0 + 22.0 * nodes)
    return [Panel(name, 430.0, height, left=0.0, right=0.0, top=46.0, bottom=6.0) for name in shown]


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """Bars of sources and of destinations, bands between them; one scale for all strategies."""
    panel = panels(facts)[0]
    width, height = panel.width, panel.height - panel.top - panel.bottom
    ax.set_xlim(0.0, width)
    ax.set_ylim(height, 0.0)
    ax.axis("off")
    rows = [r for r in facts if r["strategy"] == key]
    left, right = _nodes(rows, "from", facts), _nodes(rows, "to", facts)
    scale = _scale(facts, height)
    ax.set_title(clip(key, 40), pad=28.0, x=0.5, ha="center")
    for x, words, side in ((LABEL + BAR, "moves.from", "right"), (width - LABEL - BAR, "moves.to", "left")):
        ax.text(x, -10.0, say[words], ha=side, va="bottom", alpha=MUTED, fontsize=FONT)
    starts = (_places(left, rows, "from", scale, height), _places(right, rows, "to", scale, height))
    used = [dict.fromkeys(left, 0.0), dict.fromkeys(right, 0.0)]
    for a in left:
        for b in right:
            moves = sum(r["moves"] for r in rows if (r["from_kind"], r["from"]) == a and (r["to_kind"], r["to"]) == b)
            if moves > 0.0:
                y0, y1 = starts[0][a] + used[0][a] * scale, starts[1][b] + used[1][b] * scale
                colour, alpha = _tone(a, b, looks[key].colour)
                _band(ax, LABEL + BAR, y0, width - LABEL - BAR, y1, moves * scale, colour, alpha)
                used[0][a] += moves
                used[1][b] += moves
    for nodes, start, count, on_left in ((left, starts[0], used[0], True), (right, starts[1], used[1], False)):
        _bars(ax, nodes, start, count, scale, on_left, say)


Node = tuple[str, str]


def _nodes(rows: Facts, side: str, facts: Facts) -> list[Node]:
    """Arriving first, then orders, then channels by how many touches they have in all strategies, then ends, the open ones last."""
    order = [e.name.lower() for e in ENDS[1:]] + [ENDS[0].name.lower()]
    touches: dict[str, float] = {}
    for r in facts:
        if r["to_kind"] == CHANNEL:
            touches[r["to"]] = touches.get(r["to"], 0.0) + r["moves"]
    found = {(r[f"{side}_kind"], r[side]) for r in rows}
    within = {n: float(order.index(n[1])) if n[0] == END else -touches.get(n[1], 0.0) for n in found}
    return sorted(found, key=lambda n: (RANK[n[0]], within[n], n[1]))


def _scale(facts: Facts, height: float) -> float:
    """Px a journey: the same for all strategies, so that the one with most touches fills the height."""
    most = 0.0
    for name in {r["strategy"]: None for r in facts}:
        rows = [r for r in facts if r["strategy"] == name]
        nodes = max(len(_nodes(rows, "from", facts)), len(_nodes(rows, "to", facts)))
        most = max(most, sum(r["moves"] for r in rows) / max(1.0, height - GAP * (nodes - 1)))
    return 1.0 / most if most else 0.0


def _places(nodes: list[Node], rows: Facts, side: str, scale: float, height: float) -> dict[Node, float]:
    """Upper edge of each node."""
    size = {n: scale * sum(r["moves"] for r in rows if (r[f"{side}_kind"], r[side]) == n) for n in nodes}
    y = 0.0
    out = {}
    for n in nodes:
        out[n] = y
        y += size[n] + GAP
    return out


def _tone(a: Node, b: Node, colour: str) -> tuple[str, float]:
    """What the picture is about stands out: going on to another channel, then coming back to the same one, then being lost."""
    if a[0] == CHANNEL and b[0] == CHANNEL:
        return colour, 0.75 if a != b else 0.4
    if b[0] == END and b[1] not in ("resolved", "converted"):
        return INK, 0.34
    return INK, 0.13


def _band(ax: "Axes", x0: float, y0: float, x1: float, y1: float, thick: float, colour: str, alpha: float) -> None:
    """A band of constant thickness from (x0, y0) to (x1, y1), upper edges."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    m = (x0 + x1) / 2.0
    points = [(x0, y0), (m, y0), (m, y1), (x1, y1), (x1, y1 + thick), (m, y1 + thick), (m, y0 + thick), (x0, y0 + thick), (x0, y0)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=colour, edgecolor="none", alpha=alpha))


def _bars(ax: "Axes", nodes: list[Node], start: dict[Node, float], count: dict[Node, float], scale: float, on_left: bool, say: Say) -> None:
    """Bars of one side with their names and counts; names of thin bars are moved apart."""
    from matplotlib.patches import Rectangle

    height, width = float(ax.get_ylim()[0]), float(ax.get_xlim()[1])  # px, see `draw`
    x = LABEL if on_left else width - LABEL - BAR
    wanted = [start[n] + count[n] * scale / 2.0 for n in nodes]
    for n, y, want in zip(nodes, spread(wanted, FONT + 3.0, 6.0, height - 4.0), wanted, strict=True):
        ax.add_patch(Rectangle((x, start[n]), BAR, count[n] * scale, facecolor=INK, edgecolor="none", alpha=0.8))
        edge, far = (x - 1.0, x - 7.0) if on_left else (x + BAR + 1.0, x + BAR + 7.0)
        if abs(y - want) > 1.5:
            ax.plot([edge, far], [want, y], color=INK, lw=0.7, alpha=MUTED)
        often = number(count[n], 0)
        text = f"{clip(_name(n, say), LETTERS - len(often))} {often}"
        ax.text(far + (-1.0 if on_left else 1.0), y, text, ha="right" if on_left else "left", va="center", fontsize=FONT - 1.0)


def _name(node: Node, say: Say) -> str:
    if node[0] == ARRIVING:
        return say["moves.arriving"]
    if node[0] == ORDER:
        return say["moves.order"]
    return node[1] if node[0] == CHANNEL else say["end." + node[1]]


def told(facts: Facts, say: Say) -> Told:
    """How many go on to another channel."""
    parts, repeats, spoken = [], [], []
    for name in dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"]):
        rows = [r for r in facts if r["strategy"] == name]
        came = sum(r["moves"] for r in rows if r["from_kind"] == ARRIVING)
        on = [r for r in rows if r["from_kind"] == CHANNEL and r["to_kind"] == CHANNEL]
        other, again = (sum(r["moves"] for r in on if (r["from"] != r["to"]) == elsewhere) for elsewhere in (True, False))
        per = 100.0 / came if came else 0.0
        parts.append(say["moves.part"].format(name=name, other=number(per * other, 0)))
        repeats.append(number(per * again, 0))
        biggest = sorted(on, key=lambda r: -r["moves"])[:3]
        spoken.append(f"{name}: " + ", ".join(f"{r['from']} → {r['to']} {number(r['moves'], 0)}" for r in biggest))
    title = say["moves.title"].format(parts=", ".join(parts), again=say["and"].join(repeats))
    return Told(title, say["moves.alt"].format(title=title, rows="; ".join(spoken)), say["moves.caption"])


def table(facts: Facts, say: Say) -> Table:
    """From, to, and one column a strategy."""
    names = list(dict.fromkeys(r["strategy"] for r in facts))
    cells: dict[tuple[Node, Node], dict[str, float]] = {}
    for r in facts:
        cells.setdefault(((r["from_kind"], r["from"]), (r["to_kind"], r["to"])), {})[r["strategy"]] = r["moves"]
    order = sorted(cells, key=lambda k: (RANK[k[0][0]], k[0][1], RANK[k[1][0]], k[1][1]))
    rows = [(_name(a, say), _name(b, say), *(number(cells[a, b].get(n, 0.0), 1) for n in names)) for a, b in order]
    return Table((say["moves.from"], say["moves.to"], *names), tuple(rows), 2)
