"""The firm's scorecard beside the customer's: service levels by channel; journeys that succeed, conversion, and the gap between.

phone          o--s  | target          journey success   o  s
"""

from typing import TYPE_CHECKING

from omnisim.figures.looks import INK, Looks, focus
from omnisim.figures.lookup import total
from omnisim.figures.numbers import NOTHING, half_width, number, places
from omnisim.figures.numbers import interval as written
from omnisim.figures.panel import FONT, Facts, Panel, Row, Say, Table, Told
from omnisim.kpis import service_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison
    from omnisim.estimate import Estimate

NAME = "scorecard"
KEYED = True
CUSTOMER = ("journey_success", "conversion", "perception_gap")
LINE = 16.0  # px a strategy
HEAD = 22.0


def facts(comparison: "Comparison") -> Facts:
    """One row a view, measure and strategy, with 95 % intervals; nothing where nobody shops."""
    rows: Facts = []
    for i, (name, answer) in enumerate(zip(comparison.names, comparison.answers, strict=True)):
        if not answer.tables.has_shop:
            return []
        common = {"strategy": name, "baseline": i == 0, "focus": i == focus(comparison)}
        common["formulas"] = service_levels(comparison.baseline.tables)
        target = dict(zip(answer.tables.channels, answer.tables.sl_target.tolist(), strict=True))
        for e in answer.estimates:
            if e.kpi == "service_level" and len(e.scope) == 1 and e.scope[0][0] == "channel":
                channel = e.scope[0][1]
                aim = target[channel] if target[channel] == target[channel] else None
                rows.append(common | {"view": "firm", "what": channel, "kpi": e.kpi, "target": aim, **_told(e)})
        for kpi in CUSTOMER:
            found = total(answer, kpi)
            if found is not None:
                rows.append(common | {"view": "customer", "what": kpi, "kpi": kpi, "target": None, **_told(found)})
    return sorted(rows, key=lambda r: (r["view"] != "firm", r["what"] if r["view"] == "firm" else str(CUSTOMER.index(r["what"]))))


def _told(e: "Estimate") -> Row:
    return {"mean": e.mean, "low": e.low, "high": e.high}


def panels(facts: Facts) -> list[Panel]:
    """The firm's view, then the customer's."""
    out = []
    for view in ("firm", "customer"):
        mine = [r for r in facts if r["view"] == view]
        if mine:
            tall = 72.0 + len({r["what"] for r in mine}) * (HEAD + LINE * len({r["strategy"] for r in mine}))
            out.append(Panel(view, 420.0, tall, left=14.0, right=22.0, top=30.0, bottom=36.0))
    return out


def draw(facts: Facts, key: str, ax: "Axes", looks: Looks, say: Say) -> None:
    """A mark a strategy with its interval; a tick at the target."""
    rows = [r for r in facts if r["view"] == key]
    y = 0.0
    for what in dict.fromkeys(r["what"] for r in rows):
        words = say["kpi." + what] if key == "customer" else what
        ax.text(0.0, y + HEAD * 0.55, words, transform=ax.get_yaxis_transform(), va="center", weight="bold", fontsize=FONT - 0.5)
        y += HEAD
        first = y
        mine = [r for r in rows if r["what"] == what]
        for r in mine:
            look = looks[r["strategy"]]
            at = y + LINE / 2.0
            if r["low"] is not None:
                ax.plot([100.0 * r["low"], 100.0 * r["high"]], [at, at], color=look.colour, lw=1.6)
            ax.plot([100.0 * r["mean"]], [at], marker=look.marker, color=look.colour, ms=7.0, lw=0.0, zorder=3)
            right = r["mean"] < 0.6
            ax.annotate(number(r["mean"], 1, "share"), (100.0 * r["mean"], at), (9 if right else -9, 0), "data", "offset points",
                        ha="left" if right else "right", va="center", fontsize=FONT - 1)  # fmt: skip
            y += LINE
        if mine[0]["target"] is not None:
            ax.plot([100.0 * mine[0]["target"]] * 2, [first, y], color=INK, lw=1.2, ls=(0, (3, 2)), alpha=0.8)
    ax.set_ylim(y + 4.0, 0.0)
    low = min(0.0, *(100.0 * (r["mean"] if r["low"] is None else r["low"]) for r in facts))
    ax.set_xlim(low - 14.0 if low < 0.0 else 0.0, 100.0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(True, axis="x")
    ax.set_title(say["scorecard." + key])
    ax.set_xlabel(say["scorecard.axis." + key])


def told(facts: Facts, say: Say) -> Told:
    """How many targets are met, and how many journeys worked."""
    parts = []
    for name in dict.fromkeys(r["strategy"] for r in facts if r["baseline"] or r["focus"]):
        mine = [r for r in facts if r["strategy"] == name]
        aimed = [r for r in mine if r["target"] is not None]
        met = sum(1 for r in aimed if r["mean"] >= r["target"])
        success = next((r["mean"] for r in mine if r["kpi"] == "journey_success"), None)
        parts.append(say["scorecard.part"].format(name=name, met=met, of=len(aimed), success=number(success, 1, "share")))
    title = "; ".join(parts)
    spoken = "; ".join(
        f"{r['what'] if r['view'] == 'firm' else say['kpi.' + r['what']]}, {r['strategy']}: {number(r['mean'], 1, 'share')} %"
        for r in facts
    )
    caption = say["scorecard.caption"].format(formulas=facts[0]["formulas"])
    return Told(title, say["scorecard.alt"].format(title=title, rows=spoken), caption)


def table(facts: Facts, say: Say) -> Table:
    """Every measure with its interval and target."""
    heads = (say["scorecard.view"], say["measure"], say["strategy"], "%", say["interval"], say["scorecard.target"])
    rows = []
    for r in facts:
        n = places([half_width(r["low"], r["high"])], "share")
        what = say["kpi." + r["what"]] if r["view"] == "customer" else f"{say['kpi.service_level']}, {r['what']}"
        target = NOTHING if r["target"] is None else number(r["target"], 0, "share")
        view = say["scorecard." + r["view"]]
        rows.append((view, what, r["strategy"], number(r["mean"], n, "share"), written(r["low"], r["high"], n, "share"), target))
    return Table(heads, tuple(rows), 3)
