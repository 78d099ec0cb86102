"""Why a number is what it is: what simulation knows of a slot that a formula for one interval does not.

lag              the load of the interval before is still there
X spill +n       so many contacts of a day come from channel X, where they were not served or not settled
again +n         further attempts on the same channel
bot              a bot keeps the easy ones: what is left takes longer than the channel's handling time says
backlog n        so many messages lie there when the slot begins
picking n        so many orders of a day are made ready by these people
breaks           shifts, breaks and shrinkage
least crew       the fewest there may be
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from omnisim.replications import records
from omnisim.tables import Tables
from omnisim.words import Mode

if TYPE_CHECKING:
    from omnisim.staffing.plan.result import StaffPlan

WORTH_SAYING = 0.05  # share of a slot's contacts
LAG = 0.5  # people
LONGER = 1.05  # handling time over that of the channel's law


class Reasons:
    """The reasons of one roster, from the rows of a few days."""

    def __init__(self, plan: StaffPlan, tables: Tables, seeds: Sequence[int], y: Sequence[int]) -> None:
        self.plan, self.tables, self.y = plan, tables, tuple(y)
        self.days = [records(tables, seed, plan.trials.how).touches for seed in seeds]
        self.duty = plan.trials.layout.duty(y)

    def of(self, p: int, i: int) -> str:
        """Why, for pool p in its slot i; "-" where nothing is to be said."""
        layout = self.plan.trials.layout
        pool = layout.pools[p]
        cell = layout.first_cell[pool.name] + i
        mine = [c for c in self.plan.needs.loads if self.plan.needs.owner[c] == p]
        said = []
        lag = float(self.plan.lagged[cell] - self.plan.formula[cell])
        if abs(lag) >= LAG:
            said.append("lag" if lag > 0 else "lag, less")
        said += self._from_elsewhere(mine, pool.slots[i].spans)
        said += [f"bot {c}" for c in mine if self._bot(c)]
        said += self._backlog(mine, pool.slots[i].spans)
        if pool.form == "shifts":
            said += ["breaks"] if self.duty[cell] < np.ceil(self.duty[cell] - 1e-9) - 1e-9 else []
        else:
            j = [k for k, c in enumerate(layout.columns) if c.pool == pool.name][i]
            if self.y[j] == layout.least[j] and self.plan.formula[cell] < self.y[j]:
                said.append("least crew")
        return ", ".join(said) or "-"

    def _arrived(self, channel: str, spans: Sequence[tuple[float, float]]) -> np.ndarray:
        """Rows of the contacts of a channel that arrive within some spans, of all days looked at."""
        c = self.tables.channels.index(channel)
        out = []
        for rows in self.days:
            mine = rows[(rows["channel"] == c) & (rows["mode"] != Mode.BROWSE) & (rows["arrived"] >= self.tables.warmup_s)]
            within = np.zeros(len(mine), bool)
            for a, b in spans:
                within |= (mine["arrived"] >= a) & (mine["arrived"] < b)
            out.append(mine[within])
        return np.concatenate(out)

    def _from_elsewhere(self, mine: Sequence[str], spans: Sequence[tuple[float, float]]) -> list[str]:
        said = []
        per = len(self.days) * max(1, sum(b > self.tables.warmup_s for _, b in spans))
        picking = self._picking()
        for c in mine:
            rows = self._arrived(c, spans)
            if len(rows) == 0:
                continue
            if c == picking:
                said.append(f"picking {len(rows) / per:.0f}")
                continue
            helped = [k for k, m in enumerate(self.tables.mode) if m != Mode.BROWSE]
            for k in helped:
                came = int((rows["before"] == k).sum())
                if came >= WORTH_SAYING * len(rows) and came / per >= 0.5:
                    other = self.tables.channels[k]
                    said.append(f"again +{came / per:.0f}" if other == c else f"{other} spill +{came / per:.0f}")
        return said

    def _picking(self) -> str | None:
        fulfilment = self.plan.trials.base.fulfilment
        return fulfilment.tasks.picking if fulfilment is not None and fulfilment.tasks is not None else None

    def _bot(self, channel: str) -> bool:
        """Whether a bot leaves longer contacts to the people than the channel's law says."""
        said = self.plan.trials.base.channels[channel]
        if said.bot is None or said.help is None:
            return False
        law = said.help.handling.mean + (said.help.wrap.mean if said.help.wrap else 0.0)
        return self.plan.needs.loads[channel].handle_s > LONGER * law

    def _backlog(self, mine: Sequence[str], spans: Sequence[tuple[float, float]]) -> list[str]:
        inboxes = [self.tables.channels.index(c) for c in mine if not self.plan.needs.loads[c].live]
        starts = [a for a, _ in spans if a >= self.tables.warmup_s]
        if not inboxes or not starts:
            return []
        lying = 0
        for rows in self.days:
            own = rows[np.isin(rows["channel"], inboxes) & (rows["mode"] == Mode.INBOX)]
            ended = np.where(np.isnan(own["ended"]), np.inf, own["ended"])
            lying += sum(int(((own["arrived"] < t) & (ended > t)).sum()) for t in starts)
        mean = lying / len(self.days) / len(starts)
        return [f"backlog {mean:.0f}"] if mean >= 1.0 else []
