"""A scenario that goes on alike for ever: how long it takes to warm up, and how sure the mean of one long run is.

scenario --one run a seed--> waits of a channel in order of arrival --MSER-5--> warm-up    --batch means of the first--> mean, a flag

Only for scenarios without hours, profiles, surges and clock maps; what stands in the way of that is said.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.budget import Budget
from omnisim.estimates.steady import BatchMeans, WarmUp, batch_means, warm_up
from omnisim.replications import How, records
from omnisim.scenario import Scenario
from omnisim.tables import Tables
from omnisim.text import shown
from omnisim.words import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Unsteady(ValueError):
    """There is nothing to look at: too few contacts, an unknown channel."""


@dataclass(frozen=True)
class LongRun:
    """`wait` f8[contact]: wait of the handled contacts of a channel, s, by order of arrival, mean over seeds; `arrived`: when, s.

    `warm`: MSER-5 on it; `batches`: of the first seed alone, after the warm-up; None where it is refused or too short.
    `reasons`: why this may be no steady state at all.
    """

    scenario: str
    channel: str
    seeds: int
    wait: np.ndarray
    arrived: np.ndarray
    warm: WarmUp
    warmup_s: float
    batches: BatchMeans | None
    reasons: tuple[str, ...]

    def text(self) -> str:
        """What was found, at most 80 columns wide."""
        lines = [f"{self.scenario}: waits of {len(self.wait)} contacts in {self.channel}, mean over {self.seeds} seeds"[:80]]
        said = self.arrived[self.warm.cut] if self.warm.cut < len(self.arrived) else self.arrived[-1]
        if self.warm.refused:
            lines.append(
                f"Warm-up (MSER-5): refused.  More than half ({self.warm.cut} contacts) would have to go: the run is too short, or the "
                "queue grows for ever.  Make clock.horizon longer."
            )
        else:
            lines.append(
                f"Warm-up (MSER-5): leave out the first {self.warm.cut} contacts, {said / 3600.0:.2f} h.  The file says clock.warmup "
                f"{self.warmup_s / 3600.0:g} h: {'enough' if self.warmup_s >= said else 'too little'}."
            )
        if self.batches is not None:
            b = self.batches
            verdict = (
                "TOO SHORT: neighbouring batches go together, the interval is narrower than it should be"
                if b.short
                else "long enough: neighbouring batches go together no more than by chance"
            )
            lines.append(
                f"Mean wait of the first seed alone: {shown(b.mean, 's')} s [{shown(b.low, 's')}, {shown(b.high, 's')}], 95 %, 20 batches "
                f"of {b.size}.  Lag-1 correlation {b.lag1:.2f} (p {b.p:.2f}): {verdict}."
            )
        else:
            lines.append("Batch means: none; too few contacts are left for 20 batches.")
        lines += [f"Not a steady state: {reason}; the numbers above mean little." for reason in self.reasons]
        return "\n".join("\n".join(textwrap.wrap(line, 80, subsequent_indent="  ", break_on_hyphens=False)) for line in lines)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        batches = None if self.batches is None else {"mean": self.batches.mean, "low": self.batches.low, "high": self.batches.high,
                  "size": self.batches.size, "lag1": self.batches.lag1, "p": self.batches.p, "short": self.batches.short}  # fmt: skip
        cut_s = float(self.arrived[min(self.warm.cut, len(self.arrived) - 1)])
        return {"scenario": self.scenario, "channel": self.channel, "unit": "s", "contacts": len(self.wait), "cut": self.warm.cut,
                "cut_s": cut_s, "refused": self.warm.refused, "warmup_s": self.warmup_s, "batch_means": batches,
                "not_steady": list(self.reasons)}  # fmt: skip


def look(scenario: Scenario, channel: str | None = None, seeds: int = 5, first: int = 1, budget: Budget | None = None) -> LongRun:
    """Look at the waits of a channel (default: the first one that is live) from the empty start on, warm-up and all.

    Raises Unsteady where there is no such channel or fewer than 50 of its contacts are handled.
    """
    tables = Tables.build(scenario)
    live = [c for c, said in scenario.channels.items() if said.help is not None and said.help.mode == "live"]
    name = channel or (live[0] if live else "")
    if name not in scenario.channels:
        raise Unsteady(f"{name!r} is no channel; there are: {', '.join(scenario.channels)}" if name else "no channel is live")
    which = list(tables.channels).index(name)
    waits, arrivals = [], []
    for seed in range(first, first + seeds):
        rows = records(tables, seed, How("compiled", budget or Budget())).touches
        rows = rows[(rows["channel"] == which) & (rows["outcome"] == Outcome.HANDLED)]
        rows = rows[np.argsort(rows["arrived"], kind="stable")]
        waits.append(rows["started"] - rows["arrived"])
        arrivals.append(rows["arrived"])
    n = min(len(w) for w in waits)
    try:
        mean = np.array([w[:n] for w in waits]).mean(axis=0)
        warm = warm_up(mean)
    except ValueError as e:
        raise Unsteady(f"{name}: {e}") from None
    batches = None
    if not warm.refused:
        try:
            batches = batch_means(waits[0][warm.cut :])
        except ValueError:
            batches = None
    arrived = np.array([a[:n] for a in arrivals]).mean(axis=0)
    return LongRun(scenario.name, name, seeds, mean, arrived, warm, tables.warmup_s, batches, tuple(unsteady(scenario)))


def unsteady(scenario: Scenario) -> list[str]:
    """What in a scenario changes with the clock."""
    out = []
    for name, stream in scenario.demand.items():
        if stream.at is not None or stream.surge or (stream.rate is not None and len(stream.rate) > 1):
            out.append(f"the arrivals of {name} change with the clock")
        elif stream.profile is not None and (stream.profile.hourly or stream.profile.weekly):
            out.append(f"the arrivals of {name} have a profile")
    out += [f"{name} has opening hours" for name, channel in scenario.channels.items() if channel.hours is not None]
    pools = scenario.staffing.pools if scenario.staffing else {}
    return out + [f"the agents of {name} come and go" for name, pool in pools.items() if not isinstance(pool.agents, int)]


def write_figure(found: LongRun, path: Path) -> None:
    """The plot of the warm-up as an SVG file: the waits, their means of 5, and the statistic with its minimum."""
    from omnisim.figures.svg import drawn, file
    from omnisim.report.files import write

    title = f"{found.scenario}: wait in {found.channel} from the empty start on"
    cut = "refused: more than half would go" if found.warm.refused else f"warm-up: the first {found.warm.cut} contacts"
    raw = drawn(640.0, 420.0, lambda figure: _draw(found, figure, f"{title}; {cut}"))
    write(path, file(raw, "warmup", title, f"{title}. MSER-5, {cut}."))


def _draw(found: LongRun, figure: "Figure", title: str) -> None:
    from omnisim.figures.looks import INK, OKABE_ITO, clip

    x = 5.0 * np.arange(len(found.warm.batches))
    above, below = figure.add_axes((0.1, 0.5, 0.87, 0.4)), figure.add_axes((0.1, 0.12, 0.87, 0.28))
    thin = max(1, len(x) // 600)  # a file that opens: every k-th mean
    above.plot(x[::thin], found.warm.batches[::thin], color=OKABE_ITO["blue"], lw=0.9)
    low = found.warm.statistic[: len(x) - 5]
    below.plot(x[: len(low) : thin], low[::thin], color=OKABE_ITO["vermillion"], lw=1.3)
    known = low[low > 0.0]
    below.set_ylim(0.0, 4.0 * float(np.median(known)) if len(known) else 1.0)
    for ax in (above, below):
        ax.axvline(found.warm.cut, color=INK, lw=1.4, ls=(0, (4, 2)))
        ax.axvspan(x[-1] / 2.0, x[-1], color=INK, alpha=0.06, lw=0.0)
        ax.set_xlim(0.0, x[-1])
    above.set_title(clip(title, 90), fontsize=11)
    above.set_ylabel("wait, s (means of 5)")
    below.set_ylabel("MSER, s²")
    below.set_xlabel("contacts left out, in order of arrival (dashed: the cut; grey: refused)")
