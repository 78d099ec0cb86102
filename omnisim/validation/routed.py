"""Routing whose numbers are known: blending with a reserve, limited cross-training, agents chosen by chance.

Known values: exact chains where there is one; else an independent simulation of the same public case (validation/public_cases.json).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from omnisim.records import Records
from omnisim.staffing import exact
from omnisim.tables import Tables
from omnisim.validation.cases import Case, Length, Played, Row, Statistic, kpi, mean_of, ratio_of
from omnisim.words import Mode, Outcome


def blending_rows(reserve: int) -> list[Row]:
    """Calls at 2 a minute and mails without end, 14 agents, `reserve` of them kept idle."""
    b = exact.blending(arrival_rate=2, call_mean=4, message_mean=5, agents=14, patience_mean=2, reserve=reserve)
    return [
        Row("mails a minute", b.messages, 0.012, lambda seen: mean_of(seen.observed["mails"]), slow=True),
        kpi("delay_rate", b.callers.p_wait, 0.012, channel="call_center"),
        kpi("abandon_rate", b.callers.p_abandon, 0.004, channel="call_center"),
        kpi("wait_mean_s", 60 * b.callers.wait_mean, 0.6, channel="call_center"),
        kpi("occupancy", b.occupancy, 0.004),
    ]


def mails_a_minute(tables: Tables, story: Records) -> Mapping[str, Sequence[float]]:
    """Mails answered a minute, from warm-up to horizon."""
    t = story.touches
    answered = (t["mode"] == Mode.INBOX) & (t["ended"] >= tables.warmup_s) & (t["ended"] < tables.horizon_s)
    return {"mails": [float(answered.sum()) / ((tables.horizon_s - tables.warmup_s) / 60)]}


def _blocked(seen: Played) -> Statistic:
    return ratio_of(seen("contacts_blocked"), seen("contacts_offered"))


def skills_rows(wait_min: float, near_min: float, delayed: float, near: float, blocked: float, near_blocked: float) -> list[Row]:
    """Mean wait of the served, share that found nobody free, share blocked; 0: not known."""
    rows = [kpi("wait_mean_s", 60 * wait_min, 60 * near_min, slow=True), kpi("delay_rate", delayed, near, slow=True)]
    return rows + ([Row("blocked", blocked, near_blocked, _blocked, slow=True)] if blocked else [])


def one_skill_rows() -> list[Row]:
    """Who can do one thing is a queue of 15 agents; six of them share 120 lines."""
    q = exact.shared_lines([(1.375, 10, 15, math.inf)] * 6, lines=120)
    return skills_rows(q.classes[0].wait_mean, 0.06, q.classes[0].p_wait, 0.006, q.p_block, 0.0015)


def all_skills_rows() -> list[Row]:
    """Who can do everything is one pool: M/M/90 with 120 lines."""
    q = exact.trunks(arrival_rate=6 * 1.375, service_mean=10, agents=90, lines=120)
    return skills_rows(q.wait_served, 0.03, q.p_wait, 0.01, q.p_block, 0.0006)


def some_skills_rows(k: int) -> list[Row]:
    """Two or three skills: an independent simulation."""
    return skills_rows(0.4481, 0.03, 0.351, 0.01, 0.0024, 0.0006) if k == 2 else skills_rows(0.3479, 0.03, 0.3117, 0.01, 0.0, 0.0)


def bilingual_rows(accumulate: bool) -> list[Row]:
    """A week of ContactCenters' Bilingual.  `accumulate`: its own convention; else every attempt stands for itself (our own)."""
    a = accumulate

    def count(name: str, known: float, tolerance: float) -> Row:
        return Row(name, known, tolerance, lambda seen: mean_of(seen.observed[name]), slow=True)

    def occupied(pool: str, known: float) -> Row:
        return Row(f"occupancy {pool}", known / 100, 0.0015, lambda seen: mean_of(seen.observed[f"occupancy {pool}"]), slow=True)

    rows = [
        count("arrived", 5107.5 if a else 5101.6, 9),
        count("retrials", 107.33 if a else 102.07, 2.5),
        count("served", 4964.4 if a else 4965.1, 8),
        count("abandoned", 143.1 if a else 136.09, 3),
        count("in target", 4893.8 if a else 4900.05, 8),
        occupied("english", 47.603 if a else 47.609),
        occupied("spanish", 47.603 if a else 47.611),
        occupied("bilingual", 63.233 if a else 63.227),
        occupied("all", 51.077 if a else 51.081),
    ]
    if not a:
        rows += [count("disconnected", 0.343, 0.09), kpi("asa_s", 60 * 0.04188, 60 * 0.002, slow=True)]
    return rows


def bilingual_week(accumulate: bool, tables: Tables, story: Records) -> Mapping[str, Sequence[float]]:
    """Counts of one week, and busy agents over staffed hours."""
    t = story.touches
    served = t["outcome"] == Outcome.HANDLED
    begun = np.where(served, t["started"], t["ended"])
    waited = begun - t["arrived"]
    if accumulate:  # what a caller has waited in all attempts so far counts
        order = np.lexsort((t["serial"], t["customer"]))
        total = np.cumsum(waited[order])
        first = np.r_[True, np.diff(t["customer"][order]) != 0]
        before = np.maximum.accumulate(np.where(first, np.arange(len(t)), 0))
        waited[order] = total - (total - waited[order])[before]
    found = {
        "arrived": float(len(t)),
        "retrials": float((t["serial"] > 0).sum()),
        "served": float(served.sum()),
        "abandoned": float((t["outcome"] == Outcome.ABANDONED).sum()),
        "disconnected": float((t["outcome"] == Outcome.CLOSED).sum()),
        "in target": float((served & (waited <= 60.0)).sum()),
    }
    staffed = np.array([7, 7, 4]) * 5 * 9 * 3600.0
    by_pool = dict(zip(("english", "spanish", "bilingual"), staffed, strict=True))
    busy = {
        pool: float((t["ended"] - t["started"])[served & (t["pool"] == tables.pools.index(pool))].sum()) / hours
        for pool, hours in by_pool.items()
    }
    busy["all"] = float((t["ended"] - t["started"])[served].sum() / staffed.sum())
    return {name: [value] for name, value in (found | {f"occupancy {p}": b for p, b in busy.items()}).items()}


def cases() -> tuple[Case, ...]:
    """Every case of routing."""
    blending = tuple(
        Case(
            f"blending-{reserve}", "P17", "theory/blending", partial(blending_rows, reserve), Length(8), Length(100),
            changes={"staffing.pools.desk.reserve": reserve}, observe=mails_a_minute,
        )
        for reserve in range(5)
    )  # fmt: skip
    answers: dict[int, Callable[[], list[Row]]] = {
        1: one_skill_rows,
        2: partial(some_skills_rows, 2),
        3: partial(some_skills_rows, 3),
        6: all_skills_rows,
    }
    skills = tuple(
        Case(f"skills-k{k}", "P23", f"theory/skills-k{k}", rows, Length(8, 8), Length(40, 60 if k == 1 else 22), exact=k in (1, 6))
        for k, rows in answers.items()
    )
    weeks = tuple(
        Case(
            f"bilingual{'-a' if own else ''}", "P08", f"published/bilingual{'-a' if own else ''}", partial(bilingual_rows, own),
            Length(100), Length(2000), observe=partial(bilingual_week, own), exact=False,
        )
        for own in (False, True)
    )  # fmt: skip
    return (*blending, *skills, *weeks)
