"""Budgets: how far a run may go before it ends with the name of the limit instead of hanging.

events · events at one instant · wall time · touches of one journey · predicted memory
"""

import time
from dataclasses import dataclass, field


class BudgetExceeded(Exception):
    """A run met one of its limits; the message names it and says how to raise it."""


@dataclass(frozen=True)
class Budget:
    """Limits of one run: `events` executed, `instant` events at one moment, `touches` of one journey, `wall_s`, `memory_mb` predicted."""

    events: int = 2_000_000_000
    instant: int = 100_000
    touches: int = 10_000
    wall_s: float = float("inf")
    memory_mb: float = 16_000.0


def exceeded_events(limit: int) -> BudgetExceeded:
    """A run of more than `limit` events."""
    return BudgetExceeded(f"more than {limit:,} events (limit: events)")


def exceeded_instant(limit: int, now: float) -> BudgetExceeded:
    """More than `limit` events at the one moment `now`, s of model time."""
    return BudgetExceeded(
        f"more than {limit:,} events at one instant ({now:g} s of model time): "
        "a loop without delay, such as a retry after 0 s, never ends (limit: events at one instant)"
    )


def exceeded_touches(limit: int) -> BudgetExceeded:
    """One journey of more than `limit` touches."""
    return BudgetExceeded(f"a journey of more than {limit:,} touches: does it ever end? (limit: touches of one journey)")


def exceeded_wall(limit_s: float) -> BudgetExceeded:
    """A run that took more than `limit_s` seconds of wall time."""
    return BudgetExceeded(f"more than {limit_s:g} s of wall time (limit: wall time)")


@dataclass
class Meter:
    """Counts what a run uses and stops it at a limit."""

    budget: Budget
    batch: int = 0  # customers that may legitimately arrive at one instant
    events: int = 0
    instant: int = 0
    now: float = -1.0
    began: float = field(default_factory=time.monotonic)

    def tick(self, now: float) -> None:
        """One more event at `now`; raises BudgetExceeded at a limit."""
        self.events += 1
        if now != self.now:
            self.now = now
            self.instant = 0
        self.instant += 1
        if self.instant > self.budget.instant + 20 * self.batch:
            raise exceeded_instant(self.budget.instant + 20 * self.batch, now)
        if self.events > self.budget.events:
            raise exceeded_events(self.budget.events)
        if self.events % 4096 == 0 and time.monotonic() - self.began > self.budget.wall_s:
            raise exceeded_wall(self.budget.wall_s)
