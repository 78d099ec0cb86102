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
MOST_TOUCHES = 1 << 20  # of a journey
LONGER = 1.05  # handling time over that of the channel's law


class Reasons:
    """The reasons of one roster, from the rows of a few days."""

    def __init__(self, plan: StaffPlan, tables: Tables, seeds: Sequence[int], y: Sequence[int]) -> None:
        self.plan, self.tables, self.y = plan, tables, tuple(y)
        self.days = [_with_origin(records(tables, seed, plan.trials.how).touches) for seed in seeds]
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
                said.append("least")
        return ", ".join(said) or "-"

    def _arrived(self, channel: str, spans: Sequence[tuple[float, float]]) -> tuple[np.ndarray, int]:
        """(channel each contact of a channel came from, -1 for none, in some spans of all days looked at; days)."""
        c = self.tables.channels.index(channel)
        out = []
        for rows, origin in self.days:
            mine = (rows["channel"] == c) & (rows["mode"] != Mode.BROWSE) & (rows["arrived"] >= self.tables.warmup_s)
            within = np.zeros(len(rows), bool)
            for a, b in spans:
                within |= (rows["arrived"] >= a) & (rows["arrived"] < b)
            out.append(origin[mine & within])
        return np.concatenate(out), len(self.days) * max(1, sum(b > self.tables.warmup_s for _, b in spans))

    def _from_elsewhere(self, mine: Sequence[str], spans: Sequence[tuple[float, float]]) -> list[str]:
        said = []
        picking = self._picking()
        for c in mine:
            origin, per = self._arrived(c, spans)
            if c == picking and len(origin):
                said.append(f"picking {len(origin) / per:.0f}")
                continue
            for k in np.unique(origin[origin >= 0]).tolist():
                came = int((origin == k).sum())
                if came >= WORTH_SAYING * len(origin) and came / per >= 0.5:
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
        for rows, _ in self.days:
            own = rows[np.isin(rows["channel"], inboxes) & (rows["mode"] == Mode.INBOX)]
            ended = np.where(np.isnan(own["ended"]), np.inf, own["ended"])
            lying += sum(int(((own["arrived"] < t) & (ended > t)).sum()) for t in starts)
        mean = lying / len(self.days) / len(starts)
        return [f"backlog {mean:.0f}"] if mean >= 1.0 else []


def _with_origin(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and for each the channel of the contact just before it in the same journey that settled nothing; -1: none [row]."""
    key = rows["customer"].astype(np.int64) * MOST_TOUCHES + np.minimum(rows["serial"], MOST_TOUCHES - 1)
    order = np.argsort(key, kind="stable")
    at = np.clip(np.searchsorted(key[order], key - 1), 0, max(len(rows) - 1, 0))
    before = order[at] if len(rows) else np.zeros(0, np.int64)
    last = rows[before]
    follows = (rows["serial"] > 0) & (key[before] == key - 1) & (last["mode"] != Mode.BROWSE) & (last["resolved"] == 0)
    return rows, np.where(follows, last["channel"], -1).astype(np.int64)
