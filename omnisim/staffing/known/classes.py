"""Several channels, one pool: served in order of arrival, or by priority.

in order of arrival, all alike               one queue of them together
priorities, equal handling, nobody gives up  M/M/c with priorities, any number of classes
two priorities with patience                 a chain: own handling times and patience by class
"""

from omnisim.staffing.exact import n_model
from omnisim.staffing.exact.edge import ClassResult
from omnisim.staffing.exact.trunks import trunks
from omnisim.staffing.known.facts import Facts, Queue, Team
from omnisim.staffing.known.laws import duration, exponential, memoryless
from omnisim.staffing.known.model import Known, Row, stop
from omnisim.staffing.patience import PatienceQueue
from omnisim.staffing.queues import priorities


def classes(facts: Facts, team: Team) -> Known:
    """The model of several channels that one pool serves."""
    queues = list(facts.queues.values())
    for q in queues:
        if q.help.queue_limit is not None:
            raise stop(f"channels.{q.name}.help.queue_limit", "a limit of waiting places is known for one channel only")
    means = [exponential(q.help.handling, f"channels.{q.name}.help.handling", "handling time") / team.skills[q.name].speed for q in queues]
    rank = [team.skills[q.name].priority for q in queues]
    in_order = len(set(rank)) == 1 or facts.scenario.staffing is None or facts.scenario.staffing.routing.contact == "longest_wait"
    alike = len(set(means)) == 1 and len({q.help.patience for q in queues}) == 1
    if in_order:
        if not alike:
            raise stop("channels", "channels served in order of arrival must be alike in handling time and patience")
        return _in_order(facts, queues, team, means[0])
    _no_lines(facts)
    if facts.scenario.staffing and facts.scenario.staffing.routing.contact != "priority":
        raise stop("staffing.routing.contact", "no exact model knows this rule for several channels")
    if len(set(rank)) < len(rank):
        raise stop(f"staffing.pools.{team.name}.skills", "some channels have equal priority and others not")
    ordered = sorted(queues, key=lambda q: team.skills[q.name].priority)
    if alike and queues[0].help.patience is None:
        return _priorities(facts, ordered, team, means[0])
    if len(queues) == 2:
        return _two(facts, ordered, team)
    raise stop("channels", "three and more priorities are known for equal handling times and callers who never give up")


def _in_order(facts: Facts, queues: list[Queue], team: Team, mean: float) -> Known:
    path = f"channels.{queues[0].name}.help.patience"
    lines = facts.lines(set(facts.queues))
    if lines is not None:
        return _with_lines(facts, queues, team, mean, lines)
    q = PatienceQueue(sum(x.rate[0][1] for x in queues), mean, team.size, duration(queues[0].help.patience, path))
    rows = [Row("occupancy", q.occupancy, {"pool": team.name})]
    for queue in queues:
        scope = facts.scope(queue)
        rows += [Row("delay_rate", q.p_wait, scope), Row("wait_mean_s", q.wait_mean, scope, chance=q.p_wait)]
        if queue.help.patience is not None:
            rows.append(Row("abandon_rate", q.p_abandon, scope))
    return Known(f"M/M/{team.size}+G of {len(queues)} channels in order of arrival", "Zeltyn & Mandelbaum (2005)", tuple(rows))


def _with_lines(facts: Facts, queues: list[Queue], team: Team, mean: float, lines: int) -> Known:
    """Alike, in order of arrival, sharing trunk lines: M/M/c/K of all of them."""
    patience, balk = memoryless(queues[0].help.patience, f"channels.{queues[0].name}.help.patience")
    if lines < team.size:
        raise stop("staffing.trunks", f"{lines} lines for {team.size} agents: known where each agent has a line")
    t = trunks(sum(x.rate[0][1] for x in queues), mean, team.size, lines, patience, balk)
    rows = [Row("occupancy", t.occupancy, {"pool": team.name})]
    for queue in queues:
        scope = facts.scope(queue)
        rows += [
            Row("delay_rate", t.p_wait, scope),
            Row("contacts_blocked", t.p_block, scope, per=("contacts_offered", scope)),
            Row("wait_mean_s", t.wait_mean, scope, chance=t.p_wait),
        ]
    return Known(f"M/M/{team.size}/{lines} of {len(queues)} channels in order of arrival", "birth and death equations", tuple(rows))


def _no_lines(facts: Facts) -> None:
    """Raise Stops for trunk lines."""
    if any(facts.lines({name}) is not None for name in facts.queues):
        raise stop("staffing.trunks", "trunk lines are known for channels served in order of arrival")


def _priorities(facts: Facts, queues: list[Queue], team: Team, mean: float) -> Known:
    p = priorities([q.rate[0][1] for q in queues], mean, team.size)
    rows = [Row("occupancy", sum(q.rate[0][1] for q in queues) * mean / team.size, {"pool": team.name})]
    for queue, wait in zip(queues, p.waits.tolist(), strict=True):
        scope = facts.scope(queue)
        rows += [Row("delay_rate", p.p_wait, scope), Row("wait_mean_s", wait, scope, chance=p.p_wait)]
    if facts.alone:
        rows.append(Row("wait_mean_s", p.fifo, chance=p.p_wait))
    return Known(f"M/M/{team.size}, {len(queues)} priorities", "Cobham (1954), Kella & Yechiali (1985)", tuple(rows))


def _two(facts: Facts, queues: list[Queue], team: Team) -> Known:
    """Two priorities with patience: the N-model without a pool for the first class alone."""
    lam, mean, patience = zip(*(numbers(q, team) for q in queues), strict=True)
    r = n_model(lam, (0, team.size), (mean[0], mean[0], mean[1]), patience)
    rows = [Row("occupancy", r.occupancy_b, {"pool": team.name})]
    for queue, seen in zip(queues, (r.first, r.second), strict=True):
        rows += class_rows(facts, queue, seen)
    return Known(f"M/M/{team.size}+M, two priorities", "balance equations of a sparse chain", tuple(rows))


def numbers(queue: Queue, team: Team) -> tuple[float, float, float]:
    """Arrivals per s, mean handling time and mean patience of a channel at a pool, s."""
    here = f"channels.{queue.name}.help"
    mean = exponential(queue.help.handling, f"{here}.handling", "handling time") / team.skills[queue.name].speed
    patience = (
        duration(None, here).mean if queue.help.patience is None else exponential(queue.help.patience, f"{here}.patience", "patience")
    )
    return queue.rate[0][1], mean, patience


def class_rows(facts: Facts, queue: Queue, seen: ClassResult) -> list[Row]:
    """What is known of one class."""
    scope = facts.scope(queue)
    rows = [Row("delay_rate", seen.p_wait, scope), Row("wait_mean_s", seen.wait_mean, scope, chance=seen.p_wait)]
    return rows if queue.help.patience is None else [*rows, Row("abandon_rate", seen.p_abandon, scope)]
