"""The next plan: the cheapest one nearby that keeps what the cuts say.

next_plan     few columns: every cut so far, in both directions alike
next_of_many  many columns: the newest cuts, a person less counted at what he is worth, one more at what he would bring
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from omnisim.staffing.plan.cuts import Cut
from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.programs import Program

CHEAPER = 0.08  # at most so much of the cost in one step of many columns: what many changes do together is not their sum


def next_plan(judge: Judge, cuts: Sequence[Cut], aims: Sequence[float], y: Sequence[int], reach: int) -> tuple[int, ...] | None:
    """The cheapest plan near y that keeps every cut with the aim of its promise; the oldest cuts are given up where nothing does.

    reach: most people by which a column may change.
    """
    layout = judge.needs.layout
    low, high = _near(judge, y, reach)
    kept = list(cuts)
    while kept:
        program = Program(layout)
        for cut in kept:
            program.add_duty(cut.worth, aims[cut.promise] - cut.score + float(cut.worth @ cut.duty))
        found = program.solve(low.tolist(), high.tolist())
        if found is not None:
            return found
        newest = kept[-1].duty
        older = [c for c in kept if not np.array_equal(c.duty, newest)]
        if not older:
            return None
        gone = older[0].duty
        kept = [c for c in kept if not np.array_equal(c.duty, gone)]
    return None


def next_of_many(
    judge: Judge, gains: Sequence[Cut], losses: Sequence[Cut], aims: Sequence[float], y: Sequence[int], reach: int, cheaper: float
) -> tuple[int, ...] | None:
    """The same by the newest cuts alone: gains (what one more brings) and losses (what one less costs), promise by promise.

    cheaper: at most so much of the cost is saved.  Variables beyond the columns: what each cell adds to each promise, at most gain x
    change and at most loss x change.
    """
    layout = judge.needs.layout
    n = len(layout.columns)
    most = [np.maximum(loss.worth, gain.worth) for gain, loss in zip(gains, losses, strict=True)]
    matter = [np.flatnonzero(m > 0.0) for m in most]
    program = Program(layout, sum(len(cells) for cells in matter))
    duty = layout.duty(y)
    at = n
    for gain, worths, cells in zip(gains, most, matter, strict=True):
        total = np.zeros(program.size)
        total[at : at + len(cells)] = 1.0
        below = float(worths @ duty)  # what a cell adds is counted from nobody there, so that it is never below 0
        if len(cells):
            program.add(total, aims[gain.promise] - gain.score + below)
        for k, cell in enumerate(cells):
            for worth in (gain.worth[cell], worths[cell]):
                row = np.zeros(program.size)
                row[:n] = worth * layout.cover[cell]
                row[at + k] = -1.0
                program.add(row, (worth - worths[cell]) * duty[cell])
        at += len(cells)
    program.add(layout.costs, (1.0 - cheaper) * layout.cost(y))
    low, high = _near(judge, y, reach)
    return program.solve(low.tolist(), high.tolist())


def _near(judge: Judge, y: Sequence[int], reach: int) -> tuple[np.ndarray, np.ndarray]:
    now = np.asarray(y, float)
    step = np.maximum(reach, np.round(0.1 * reach * now))
    return np.maximum(judge.needs.layout.least, now - step), now + step
