"""The rest of a day that has begun: what still comes, what it does to the targets, and whom to move.

    actuals (contacts by channel and interval so far) --forecast--> factor of the day --play--> levels of the rest of the day
                                                     pools whose people may move  --moves-> the best reassignment, on fresh seeds

forecast   what has come, and what that says of the rest          moves   who may move where, and who should
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnisim.answers import VERSION
from omnisim.budget import Budget
from omnisim.intraday.actuals import Actuals, read_actuals
from omnisim.intraday.forecast import Forecast, forecast
from omnisim.intraday.moves import Move, Moves, best_moves
from omnisim.replications import ENGINES, How, Progress, replications
from omnisim.scenario import Scenario, load
from omnisim.staffing.plan.targets import Target, formula_changes, read_targets
from omnisim.tables import Tables
from omnisim.whatif import seen, shut, with_intervals
from omnisim.whatif.reached import Reached, Seen

__all__ = ["Actuals", "Forecast", "Move", "Today", "today"]
FRESH = 1_000_003  # verification begins so many seeds further on


@dataclass(frozen=True)
class Today:
    """The rest of a day.

    `planned`, `now`, `moved`: what each target reaches in the rest of the day, by the plan, by what is expected now, and with the
    moves, all on the same fresh seeds; None where nothing is counted.  `rest`: the intervals of the rest of the day.
    """

    scenario: Scenario
    actuals: Actuals
    forecast: Forecast
    targets: tuple[Target, ...]
    planned: tuple[Reached | None, ...]
    now: tuple[Reached | None, ...]
    moved: tuple[Reached | None, ...]
    moves: Moves
    rest: tuple[str, ...]
    levels: dict[str, dict[str, tuple[float, float]]]  # target -> interval -> (as things are, with the moves)
    seeds: tuple[int, ...]
    confidence: float
    engine: str
    command: str = ""

    def __str__(self) -> str:
        from omnisim.intraday.words import text

        return text(self)

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer."""
        from omnisim.intraday.words import number

        f = self.forecast
        rows = zip(self.targets, self.planned, self.now, self.moved, strict=True)
        return {
            "omnisim": VERSION,
            "command": "today",
            "reproduce": self.command,
            "scenario": self.scenario.name,
            "engine": self.engine,
            "at": f"{self.actuals.now:%Y-%m-%d %H:%M}",
            "factor": {"mean": f.factor, "low": f.low, "high": f.high, "prior_cv": f.prior_cv, "came": f.came, "expected": f.expected},
            "channels": [c.to_json() for c in f.channels],
            "targets": [{"target": t.text, "planned": number(p), "now": number(n), "moved": number(m)} for t, p, n, m in rows],
            "moves": [m.to_json() for m in self.moves.chosen],
            "tried": self.moves.tried,
            "may_move": [f"{a}:{b}" for a, b in self.moves.allowed],
            "intervals": [
                {"interval": s, "contacts": f.rest.get(s, {}), "levels": {t: v[s][0] for t, v in self.levels.items() if s in v}}
                | {"moved": {t: v[s][1] for t, v in self.levels.items() if s in v}}
                for s in self.rest
            ],
            "seeds": list(self.seeds),
        }  # fmt: skip


def today(
    scenario: Scenario | str | Path,
    actuals: str | Path,
    targets: Sequence[str] = (),
    moves: Sequence[str] = (),
    seeds: int = 20,
    seed: int = 1,
    *,
    spread: float | None = None,
    most: int = 6,
    risk: str | None = None,
    confidence: float = 0.95,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Today:
    """Re-forecast the rest of a day from the contacts that have come so far, and find the best use of the people there are.

    `actuals`: a table of contacts by interval and channel (`omnisim.intraday.actuals`).  `spread`: standard deviation / mean of the day's
    factor before anything has come; absent: the scenario's `world.busyness_cv`.  `moves`: further moves that are allowed, as
    'FROM:TO'; without, people go where their pool's skills cover all that is served.  `most`: moves at most.  The search uses `seeds`
    seeds from `seed` on, what is printed as many fresh ones.  Raises ScenarioError and BudgetExceeded.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    plan = with_intervals(scenario if isinstance(scenario, Scenario) else load(scenario))
    wanted = read_targets(targets, plan, risk)
    plan = plan.with_(changes) if (changes := formula_changes(wanted)) else plan
    came = read_actuals(actuals, plan)
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    search = tuple(range(seed, seed + seeds))
    fresh = tuple(range(seed + FRESH, seed + FRESH + seeds))

    def play(several: Sequence[Scenario], which: Sequence[int]) -> list[Seen]:
        tables = [Tables.build(s) for s in several]
        return [seen(t, r) for t, r in zip(tables, replications(tables, which, workers, how, progress), strict=True)]

    base = play([plan], fresh)[0]
    found = forecast(plan, came, base, plan.world.busyness_cv if spread is None else spread)
    rest = tuple(found.rest)
    chosen = best_moves(found.scenario, came.now, wanted, rest, moves, most, lambda several: play(several, search))
    now, moved = play([found.scenario, chosen.scenario], fresh) if chosen.chosen else [play([found.scenario], fresh)[0]] * 2
    levels: dict[str, dict[str, tuple[float, float]]] = {}
    for t in wanted:
        a, b = now.by_interval(t), moved.by_interval(t)
        closed = shut(plan, t, now)
        levels[t.text] = {s: (a[s].value, b[s].value) for s in rest if s in a and s in b and s not in closed}
    each = [tuple(at_rest(t, rest, s) for t in wanted) for s in (base, now, moved)]
    return Today(plan, came, found, wanted, each[0], each[1], each[2], chosen, rest, levels, fresh, confidence, how.engine, command)


def at_rest(target: Target, rest: Sequence[str], days: Seen) -> Reached | None:
    """What a target's number comes to in the rest of the day; where it is not counted by interval, over the whole day."""
    found = days.sum(target.kpi, target.scope, rest) if target.by_interval else None
    return found if found is not None else days.one(target.kpi, target.scope)
