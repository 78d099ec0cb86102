"""A batch of messages at the beginning, handled in a fixed time: arithmetic, with nothing left to chance."""

import math

from omnisim.staffing.known.facts import Facts, Queue, Team
from omnisim.staffing.known.model import Known, Row, stop


def batch(facts: Facts, queue: Queue, team: Team) -> Known:
    """All arrive at second 0; in each stretch of duty so many at a time begin as there are agents, one round after the other."""
    h, c = queue.help, facts.scenario.clock
    if h.handling.law != "constant" or h.wrap is not None or team.skills[queue.name].concurrency > 1:
        raise stop(f"channels.{queue.name}.help.handling", "a batch is known where each message takes the same fixed time, one at a time")
    if any(rate > 0 for _, rate in queue.rate) or queue.batch != int(queue.batch) or c.warmup > 0 or c.at_end != "cut":
        raise stop("demand", "a batch is known alone: a whole number of messages at the beginning, no other arrival, no warm-up, no drain")
    length = h.handling.mean / team.skills[queue.name].speed
    done = _rounds(queue, team, length, c.horizon)
    ended = [t for t in done if t <= c.horizon]
    scope = facts.scope(queue)
    duty = math.fsum(n * (b - a) for (a, n), (b, _) in zip(team.agents, [*team.agents[1:], (c.horizon, 0)], strict=True))
    duty += math.fsum(_after_hours(team, t, length, c.horizon) for t in done)
    busy = math.fsum(max(0.0, min(t, c.horizon) - (t - length)) for t in done)
    rows = [
        Row("contacts_handled", float(len(ended)), scope),
        Row("contacts_open", queue.batch - len(ended), scope),
        Row("backlog_mean", (math.fsum(ended) + c.horizon * (queue.batch - len(ended))) / c.horizon, scope),
        Row("occupancy", busy / duty, {"pool": team.name}),
    ]
    if ended:
        rows.append(Row("reply_mean_s", math.fsum(ended) / len(ended), scope))
    if h.deadline is not None:
        rows.append(Row("replied_in_time_rate", sum(t <= h.deadline for t in ended) / queue.batch, scope))
    return Known("a batch in rounds", "arithmetic", tuple(rows))


def _rounds(queue: Queue, team: Team, length: float, horizon: float) -> list[float]:
    """When each message is answered, until the run ends."""
    left, free, done = int(queue.batch), 0.0, []
    for (start, agents), (end, _) in zip(team.agents, [*team.agents[1:], (horizon, 0)], strict=True):
        if agents and free > start:
            raise stop(
                f"staffing.pools.{team.name}.agents", "a batch is known where nobody still writes when staff changes to another number"
            )
        rounds = 0
        while agents and left and start + rounds * length < end:
            free = start + (rounds + 1) * length
            done += [free] * min(int(agents), left)
            left -= min(int(agents), left)
            rounds += 1
    return done


def _after_hours(team: Team, ended: float, length: float, horizon: float) -> float:
    """How long the agent of one message stayed beyond the stretch of duty in which it was begun."""
    begun = ended - length
    ends = [t for t, _ in team.agents[1:] if t > begun + 1e-9]
    return max(0.0, min(ended, horizon) - ends[0]) if ends and ended > ends[0] else 0.0
