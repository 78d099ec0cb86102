"""The smallest plausible change of inputs that turns a verdict: how far from "yes" the nearest "no" is.

    places as the inputs stand --slopes, one input at a time--> the steepest way --halved, checked with all seeds--> the nearest reversal

An input moves within its stated range only; the size of a change is its share of the range, of several inputs the root of the sum of
squares (as the design point of reliability engineering: Hasofer and Lind, J. Eng. Mech. 100 (1974) 111-121).  A verdict is turned
where the 95 % interval of the difference, over the same seeds, lies on the other side of 0.  What is found is the nearest on the ways
that were tried (each input alone, and the steepest way of all together), not of all ways there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.budget import Budget
from omnisim.decisions.worlds import Input, Nothing, World, Worlds
from omnisim.estimate import CONFIDENCE, Spread, spread
from omnisim.reasons.people import who
from omnisim.reasons.worth import Runner, unit_of
from omnisim.replications import ENGINES, How, Progress
from omnisim.scenario import Scenario, ScenarioError, load
from omnisim.text import in_words, interval, shown

if TYPE_CHECKING:
    from omnisim.report.study import Study

SLOPE_SEEDS = 3  # of the first look at every input
HALVINGS = 6
SHOWN = 6


@dataclass(frozen=True)
class Move:
    """One input in a changed world: from its own value to another one; `size`: the share of its range."""

    path: str
    before: str
    after: str
    size: float
    grade: str


@dataclass(frozen=True)
class Reversal:
    """A change of inputs under which the verdict is turned: `spread` of B - A there, `size` of the change."""

    moves: tuple[Move, ...]
    size: float
    spread: Spread
    places: dict[str, float] = field(repr=False)


@dataclass(frozen=True)
class Hostile:
    """The verdict as it stands and the nearest one that is turned; None: none found within the ranges.

    `nearest`: all inputs together; `single`: by one input alone, the nearest first; `worst`: B - A with every input at the end of its
    range that speaks against the verdict; `trace`: one customer's story in the turned world.
    """

    names: tuple[str, str]
    scenarios: tuple[Scenario, Scenario] = field(repr=False)
    kpi: str
    unit: str
    days: float
    seeds: tuple[int, ...]
    verdict: Spread
    nearest: Reversal | None
    single: tuple[Reversal, ...]
    worst: Spread | None
    tried: int
    left_out: tuple[str, ...]
    runs: int
    engine: str
    trace: str = ""
    command: str = ""

    @property
    def found(self) -> Reversal | None:
        """The smallest change of those found."""
        every = [r for r in (self.nearest, *self.single) if r is not None]
        return min(every, key=lambda r: (r.size, len(r.moves)), default=None)

    @property
    def text(self) -> str:
        """At most 80 columns."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """As plain data."""

        def plain(r: Reversal | None) -> dict[str, Any] | None:
            if r is None:
                return None
            moves = [{"path": m.path, "from": m.before, "to": m.after, "size": m.size, "grade": m.grade} for m in r.moves]
            return {"size": r.size, "moves": moves, "difference": _interval(r.spread)}

        return {
            "command": "hostile", "reproduce": self.command, "baseline": self.names[0], "strategy": self.names[1], "kpi": self.kpi,
            "unit": self.unit, "days": self.days, "seeds": list(self.seeds), "verdict": _interval(self.verdict),
            "reversed": self.found is not None, "smallest": plain(self.found), "together": plain(self.nearest),
            "single": [plain(r) for r in self.single], "worst": None if self.worst is None else _interval(self.worst),
            "inputs_tried": self.tried, "inputs_left_out": list(self.left_out), "replications": self.runs, "engine": self.engine,
        }  # fmt: skip

    def study(self) -> Study:
        """The page of it, not drawn yet."""
        from omnisim.decisions.page import turned

        return turned(self)

    def report(self, folder: str | Path) -> Path:
        """Write the page and its numbers into `folder`; returns the path of report.html."""
        from omnisim.report.study import write

        return write(self.study(), Path(folder))


def hostile(
    a: Scenario | str | Path,
    b: Scenario | str | Path,
    kpi: str = "ebit",
    seeds: int | Sequence[int] = 10,
    seed: int = 1,
    *,
    week: Sequence[Scenario | str | Path] = (),
    peaks: int = 1,
    only: Sequence[str] = (),
    trace: bool = True,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Hostile:
    """The smallest change of inputs within their stated ranges that turns the sign of B - A in `kpi`.

    `week`: both in an ordinary week, then it is a year with `peaks` times what A and B tell.  `only`: the inputs that may move.
    `trace`: tell one customer's story in the turned world.  Raises ScenarioError, BudgetExceeded, KeyError for a KPI that one of them
    does not give, and ValueError where no input states a range or the seeds do not settle a verdict to turn.
    """
    one, other = (s if isinstance(s, Scenario) else load(s) for s in (a, b))
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    weeks: list[Scenario | None] = [s if isinstance(s, Scenario) else load(s) for s in week]
    weeks = weeks or [None, None]
    if len(weeks) != 2:
        raise ValueError("two strategies need two ordinary weeks, in the same order")
    which = tuple(range(seed, seed + seeds)) if isinstance(seeds, int) else tuple(seeds)
    if len(which) < 2:
        raise Nothing("one seed settles no verdict: two at least are needed")
    names = (one.name, other.name) if one.name != other.name else (f"{one.name} (1)", f"{other.name} (2)")
    unit = unit_of(one, kpi)
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    pair = [World(names[0], one, weeks[0]), World(names[1], other, weeks[1])]
    search = _Search(Worlds(pair, kpi, peaks, Runner(how, workers, progress), only), which)
    search.begin()
    single = search.alone()
    nearest, worst = search.together()
    found = min([r for r in (nearest, *single) if r is not None], key=lambda r: (r.size, len(r.moves)), default=None)
    story = _story(search.worlds, found, which[0], engine) if trace and found is not None else ""
    return Hostile(
        names, (one, other), kpi, unit, search.worlds.days, which, search.verdict, nearest, tuple(single), worst, len(search.inputs),
        tuple(search.left_out), search.worlds.runner.done, how.engine, story, command,
    )  # fmt: skip


@dataclass
class _Search:
    worlds: Worlds
    seeds: tuple[int, ...]
    inputs: list[Input] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    stands: dict[str, float] = field(default_factory=dict)
    verdict: Spread = field(default_factory=lambda: Spread(0.0, None, 0))
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)  # difference at both ends of a range, x sign
    base: float = 0.0
    sign: float = 1.0

    def begin(self) -> None:
        """The verdict, where every input stands, and what each does at the ends of its range."""
        for i in self.worlds.some():
            if i.name in self.worlds.stands:
                self.stands[i.name] = self.worlds.stands[i.name]
                self.inputs.append(i)
            else:
                self.left_out.append(i.name)
        self.left_out += self.worlds.not_varied
        few = self.seeds[:SLOPE_SEEDS]
        runs = len(self.worlds.worlds) * len(self.worlds.shares if self.worlds.yearly else (1,))
        self.worlds.runner.expected = runs * (2 * len(self.inputs) * len(few) + len(self.seeds) * (2 + HALVINGS * (SHOWN + 2)))
        self.verdict = self._spread([{}])[0]
        low, high = self.verdict.interval(1.0 - CONFIDENCE) or (-math.inf, math.inf)
        if low <= 0.0 <= high:
            raise Nothing(
                f"the seeds do not settle which is better ({self.verdict.mean:+,.2f}, 95 % interval [{low:+,.2f}, {high:+,.2f}]): "
                "there is no verdict to turn; take more seeds"
            )
        self.sign = 1.0 if self.verdict.mean > 0.0 else -1.0
        seen = self._differences([{}, *({i.name: u} for i in self.inputs for u in (0.0, 1.0))], few).mean(axis=1)
        self.base = self.sign * float(seen[0])
        for n, i in enumerate(self.inputs):
            ends = self.sign * seen[1 + 2 * n], self.sign * seen[2 + 2 * n]
            self.ends[i.name] = (float(ends[0]), float(ends[1]))

    def _differences(self, places: Sequence[Mapping[str, float]], seeds: Sequence[int]) -> np.ndarray:
        worth = self.worlds.worth(places, seeds)
        return np.asarray(worth[1] - worth[0])

    def _spread(self, places: Sequence[Mapping[str, float]]) -> list[Spread]:
        """Of B - A, all seeds; of no value (mean NaN) where a place makes no valid scenario."""
        out = []
        for row in self._differences(places, self.seeds):
            known = row[np.isfinite(row)]
            out.append(spread(known) if len(known) > 1 else Spread(math.nan, None, 0))
        return out

    def _turned(self, s: Spread) -> bool:
        ends = s.interval(1.0 - CONFIDENCE)
        return ends is not None and (ends[1] < 0.0 if self.sign > 0.0 else ends[0] > 0.0)

    def alone(self) -> list[Reversal]:
        """The inputs that can turn the verdict by themselves, the nearest first."""
        ways = []
        for i in self.inputs:
            for end, value in zip((0.0, 1.0), self.ends[i.name], strict=True):
                if np.isfinite(value) and value < 0.5 * self.base and end != self.stands[i.name]:
                    reach = abs(end - self.stands[i.name]) * min(1.0, self.base / max(self.base - value, 1e-300))
                    ways.append((reach, i.name, end))
        ways.sort()
        targets = [{path: end} for _, path, end in ways[: 2 * SHOWN]]
        return sorted((r for r in self._nearest(targets) if r is not None), key=lambda r: r.size)[:SHOWN]

    def together(self) -> tuple[Reversal | None, Spread | None]:
        """Along the steepest way: each input moves by its slope, and stops at the end of its range; then all stand at the worst end."""
        slopes: dict[str, float] = {}
        worst: dict[str, float] = {}
        for i in self.inputs:
            low, high = self.ends[i.name]
            if not (np.isfinite(low) and np.isfinite(high)):
                continue
            end = 0.0 if low < high else 1.0
            gain = self.base - min(low, high)
            room = abs(end - self.stands[i.name])
            if gain > 0.0 and room > 0.0:
                worst[i.name] = end
                slopes[i.name] = (gain / room) * (1.0 if end > self.stands[i.name] else -1.0)
        if not worst:
            return None, None
        far = self._spread([worst])[0]
        if not self._turned(far):
            return None, far
        steep = math.sqrt(sum(g * g for g in slopes.values()))
        way = {path: g / steep for path, g in slopes.items() if abs(g) >= 0.05 * max(map(abs, slopes.values()))}

        def at(t: float) -> dict[str, float]:
            return {path: min(1.0, max(0.0, self.stands[path] + t * w)) for path, w in way.items()}

        low_t, high_t = 0.0, max(1.0 / max(abs(w), 1e-9) for w in way.values())
        best: tuple[float, Spread] | None = None
        first = min(high_t, 1.15 * self.base / steep)  # where a straight line is at 0, and a little more
        for n in range(HALVINGS + 2):
            t = first if n == 0 else (low_t + high_t) / 2.0
            s = self._spread([at(t)])[0]
            if self._turned(s):
                high_t, best = t, (t, s)
            else:
                low_t = t
                if n == 0:
                    high_t = min(high_t, 4.0 * first)
            if best is not None and high_t - low_t < 0.02:
                break
        if best is None:
            s = self._spread([at(high_t)])[0]
            return (self._reversal(at(high_t), s) if self._turned(s) else None), far
        return self._reversal(at(best[0]), best[1]), far

    def _nearest(self, targets: Sequence[Mapping[str, float]]) -> list[Reversal | None]:
        """For each target, by halving the way there: the first place at which the verdict is turned; all of them run together."""
        found: list[Reversal | None] = [None] * len(targets)
        if not targets:
            return found
        spans = [(0.0, 1.0)] * len(targets)

        def at(n: int, t: float) -> dict[str, float]:
            return {p: self.stands[p] + t * (end - self.stands[p]) for p, end in targets[n].items()}

        open_ = list(range(len(targets)))
        for step in range(HALVINGS):
            tried = [1.0 if step == 0 else sum(spans[n]) / 2.0 for n in open_]
            seen = self._spread([at(n, t) for n, t in zip(open_, tried, strict=True)])
            for n, t, s in zip(list(open_), tried, seen, strict=True):
                if self._turned(s):
                    found[n] = self._reversal(at(n, t), s)
                    spans[n] = (spans[n][0], t)
                elif step == 0:
                    open_.remove(n)
                else:
                    spans[n] = (t, spans[n][1])
            if not open_:
                break
        return found

    def _reversal(self, places: Mapping[str, float], s: Spread) -> Reversal:
        by = {i.name: i for i in self.inputs}
        moves = []
        for path, u in places.items():
            size = abs(u - self.stands[path])
            if size > 1e-9:
                i = by[path]
                moves.append(Move(path, i.words(self.stands[path]), i.words(u), size, i.grade))
        moves.sort(key=lambda m: -m.size)
        return Reversal(tuple(moves), math.sqrt(sum(m.size**2 for m in moves)), s, dict(places))


def _story(worlds: Worlds, found: Reversal, seed: int, engine: str) -> str:
    """One person who ends differently in the turned world, in both strategies."""
    made = worlds.at(found.places)
    if not made:
        return ""
    try:
        seen = who(made[0].scenario, made[1].scenario, seed, engine=engine)
    except ScenarioError:
        return ""
    return f"Customer {seen.people[0].person}, seed {seed}:\n{seen.trace(seen.people[0].person)}" if seen.people else ""


def _interval(s: Spread) -> dict[str, float | None]:
    low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
    return {"mean": s.mean, "low": low, "high": high}


def sentence(h: Hostile) -> str:
    """The verdict and what turns it, in two sentences."""
    low, high = h.verdict.interval(1.0 - CONFIDENCE) or (None, None)
    better = "better" if h.verdict.mean > 0.0 else "worse"
    start = (
        f"{h.names[1]} is {better} than {h.names[0]} in {in_words(h.kpi)}: {shown(h.verdict.mean, h.unit, True)} {h.unit} "
        f"{interval(low, high, h.unit, True)} over {h.days:.4g} days."
    )
    r = h.found
    if r is None:
        end = f" No change of its {h.tried} inputs within their stated ranges was found that turns this"
        if h.worst is not None:
            ends = h.worst.interval(1.0 - CONFIDENCE) or (None, None)
            end += (
                f"; with every input at its worst end it is {shown(h.worst.mean, h.unit, True)} {interval(ends[0], ends[1], h.unit, True)}"
            )
        return start + end + "."
    if len(r.moves) == 1:
        m = r.moves[0]
        return f"{start} It turns when {m.path} goes from {m.before} to {m.after} ({100 * m.size:.0f} % of its range, grade {m.grade})."
    return f"{start} The nearest reversal moves {len(r.moves)} inputs, together by {100 * r.size:.0f} % of a range."


def _lines(h: Hostile) -> list[str]:
    import textwrap

    def wrapped(text: str) -> list[str]:
        return textwrap.wrap(text, 80, subsequent_indent="  ")

    lines = [*wrapped(sentence(h)), ""]
    for title, r in (
        ("the smallest change that turns it", h.found),
        ("all inputs together", h.nearest if h.nearest is not h.found else None),
    ):
        if r is not None:
            lines += [f"{title:<44}{'from':>12}{'to':>13}{'of range':>10}"]
            lines += [f"{_cut(m.path, 43):<44}{_cut(m.before, 11):>12}{_cut(m.after, 12):>13}{100 * m.size:>8.0f} %" for m in r.moves[:8]]
            lines += [f"and {len(r.moves) - 8} more, each less"] if len(r.moves) > 8 else []
            ends = r.spread.interval(1.0 - CONFIDENCE) or (None, None)
            lines += [
                *wrapped(f"There it is {shown(r.spread.mean, h.unit, True)} {h.unit} {interval(ends[0], ends[1], h.unit, True)}."),
                "",
            ]
    if h.single:
        lines += [f"{'turned by one input alone, at':<44}{'yours':>12}{'turns at':>13}{'of range':>10}"]
        for r in h.single:
            m = r.moves[0]
            lines.append(f"{_cut(m.path, 43):<44}{_cut(m.before, 11):>12}{_cut(m.after, 12):>13}{100 * m.size:>8.0f} %")
        lines.append("")
    lines += wrapped(
        f"{h.tried} graded inputs moved within their stated ranges, {len(h.left_out)} stay; turned: the 95 % interval over "
        f"{len(h.seeds)} seeds lies on the other side. {h.runs:,} replications. Nearest on the ways tried: each input alone, and the "
        "steepest way of all together."
    )
    return [*lines, "", h.trace] if h.trace else lines


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else "…" + text[len(text) - most + 1 :] if "." in text else text[: most - 1] + "…"
