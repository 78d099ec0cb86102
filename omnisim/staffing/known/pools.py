"""Two pools: calls that overflow from the first to the second.

one channel, nobody waits    overflow of a loss system (Kosten, Riordan)
two channels, the second pool serves both, the first channel's calls come first there    the N-model
"""

from omnisim.staffing.erlang import Overflow
from omnisim.staffing.exact import n_model
from omnisim.staffing.known.classes import class_rows, numbers
from omnisim.staffing.known.facts import Facts, Queue, Team
from omnisim.staffing.known.laws import exponential
from omnisim.staffing.known.model import Known, Row, stop


def overflow(facts: Facts, queue: Queue) -> Known:
    """One channel with two pools, the second for who finds the first full."""
    h = queue.help
    if len(facts.teams) != 2 or h.queue_limit != 0:
        raise stop(
            "staffing.pools", "pools of one channel are known where all are alike, or as two of which nobody waits for (queue_limit 0)"
        )
    first, second = sorted(facts.teams.values(), key=lambda t: t.skills[queue.name].preference or 0)
    if first.skills[queue.name].preference == second.skills[queue.name].preference or _rule(facts) != "preference":
        raise stop("staffing.pools", "which of the two pools is asked first must be said by preference")
    if first.skills[queue.name].speed != second.skills[queue.name].speed:
        exponential(None, "staffing.pools", "speed of both pools must be the same; handling time")
    mean = exponential(h.handling, f"channels.{queue.name}.help.handling", "handling time") / first.skills[queue.name].speed
    load, scope = queue.rate[0][1] * mean, facts.scope(queue)
    o = Overflow(load, first.size, second.size)
    by_second = {"channel": queue.name, "pool": second.name}
    rows = (
        Row("delay_rate", o.lost, scope),
        Row("contacts_blocked", o.lost, scope, per=("contacts_offered", scope)),
        Row("contacts_handled", o.p_block_primary - o.lost, by_second, per=("contacts_offered", scope)),
        Row("occupancy", (load - o.load) / first.size, {"pool": first.name}),
        Row("occupancy", (o.load - load * o.lost) / second.size, {"pool": second.name}),
    )
    note = f"peakedness of the overflow: {o.peakedness:.6g}; share of overflowing calls lost: {o.lost_of_overflow:.6g}"
    return Known(f"overflow, M/M/{first.size} to {second.size}", "Kosten (1937), Riordan in Wilkinson (1956)", rows, note)


def two_pools(facts: Facts) -> Known:
    """The N-model, where it is one."""
    why = "two channels and two pools are known as the N-model: one pool serves both channels, the other the first of them alone"
    both = [t for t in facts.teams.values() if set(t.skills) == set(facts.queues)]
    own = [t for t in facts.teams.values() if len(t.skills) == 1]
    if len(facts.teams) != 2 or len(facts.queues) != 2 or len(both) != 1 or len(own) != 1:
        raise stop("staffing.pools", why)
    a, b = own[0], both[0]
    first = facts.queues[next(iter(a.skills))]
    second = next(q for q in facts.queues.values() if q is not first)
    _same_rules(facts, a, b, first, second)
    lam1, mean_a, patience1 = numbers(first, a)
    lam2, mean_b2, patience2 = numbers(second, b)
    _, mean_b1, _ = numbers(first, b)
    r = n_model((lam1, lam2), (a.size, b.size), (mean_a, mean_b1, mean_b2), (patience1, patience2))
    handled = ("contacts_handled", {"channel": first.name})
    rows = (
        *class_rows(facts, first, r.first),
        *class_rows(facts, second, r.second),
        Row("occupancy", r.occupancy_a, {"pool": a.name}),
        Row("occupancy", r.occupancy_b, {"pool": b.name}),
        Row("contacts_handled", r.first_by_b, {"channel": first.name, "pool": b.name}, per=handled),
    )
    return Known("N-model", "balance equations of a sparse chain", rows)


def _same_rules(facts: Facts, a: Team, b: Team, first: Queue, second: Queue) -> None:
    """The rules of the N-model: the first class asks its own pool first, and comes first at the shared one."""
    for q in (first, second):
        if q.help.queue_limit is not None:
            raise stop(f"channels.{q.name}.help.queue_limit", "the N-model has no limit of waiting places")
    if _rule(facts) != "preference" or (a.skills[first.name].preference or 0) >= (b.skills[first.name].preference or 0):
        raise stop("staffing.pools", f"the N-model asks for {first.name} the pool {a.name} first, by preference")
    contact = facts.scenario.staffing.routing.contact if facts.scenario.staffing else "priority"
    if contact != "priority" or b.skills[first.name].priority >= b.skills[second.name].priority:
        raise stop("staffing.pools", f"the N-model lets {b.name} take {first.name} first, by priority")


def _rule(facts: Facts) -> str:
    return facts.scenario.staffing.routing.agent if facts.scenario.staffing else "preference"
