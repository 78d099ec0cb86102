"""Many pools and channels that are one queue after all, or queues apart that share trunk lines."""

from omnisim.staffing.exact import shared_lines, trunks
from omnisim.staffing.known.classes import numbers
from omnisim.staffing.known.facts import Facts
from omnisim.staffing.known.laws import exponential, memoryless
from omnisim.staffing.known.model import Known, Row, stop


def everybody_does_everything(facts: Facts) -> Known | None:
    """All pools serve all channels, all alike: whoever is asked first, the number of contacts is that of one queue.  None where not."""
    names = set(facts.queues)
    queues, teams = list(facts.queues.values()), list(facts.teams.values())
    alike = len({(q.help.handling, q.help.patience) for q in queues}) == 1 and all(q.help.queue_limit is None for q in queues)
    kinds = {(k.speed, k.concurrency) for t in teams for k in t.skills.values()}
    if not facts.alone or not alike or len(kinds) > 1 or any(set(t.skills) != names for t in teams):
        return None
    first = queues[0]
    mean = exponential(first.help.handling, f"channels.{first.name}.help.handling", "handling time") / kinds.pop()[0]
    patience, balk = memoryless(first.help.patience, f"channels.{first.name}.help.patience")
    agents, lines = sum(t.size for t in teams), facts.lines(names)
    if lines is not None and lines < agents:
        raise stop("staffing.trunks", f"{lines} lines for {agents} agents: known where each agent has a line")
    t = trunks(sum(q.rate[0][1] for q in queues), mean, agents, lines, patience, balk)
    rows = [
        Row("delay_rate", t.p_wait),
        Row("wait_mean_s", t.wait_mean, chance=t.p_wait),
        Row("queue_mean", t.queue_mean, chance=t.p_wait),
        Row("occupancy", t.occupancy),
    ]
    if lines is not None:
        rows.append(Row("contacts_blocked", t.p_block, per=("contacts_offered", {})))
    if first.help.patience is not None:
        rows.append(Row("abandon_rate", t.p_abandon))
    name = f"M/M/{agents}" + ("" if lines is None else f"/{lines}") + ("" if first.help.patience is None else "+M")
    return Known(f"{name}: every agent takes every contact", "birth and death equations", tuple(rows))


def on_shared_lines(facts: Facts, parts: list[Facts]) -> Known:
    """Channels with pools of their own on the same lines."""
    lines = facts.lines(set(facts.queues))
    rows = []
    said = []
    for part in parts:
        if len(part.queues) != 1 or len(part.teams) != 1:
            raise stop("staffing.trunks", "shared lines are known where each channel has a pool of its own")
        queue, team = next(iter(part.queues.values())), next(iter(part.teams.values()))
        skill = team.skills[queue.name]
        if queue.help.wrap is not None or skill.concurrency > 1 or queue.help.queue_limit is not None:
            raise stop(f"channels.{queue.name}", "shared lines are known for plain queues, without wrap-up, limit or several at once")
        rate, mean, patience = numbers(queue, team)
        said.append((queue, team, (rate, mean, team.size, patience)))
    assert lines is not None
    s = shared_lines([numbers_ for _, _, numbers_ in said], lines)
    rows = [Row("contacts_blocked", s.p_block, per=("contacts_offered", {})), Row("queue_mean", s.queue_mean)]
    for (queue, team, _), seen, busy in zip(said, s.classes, s.occupancy, strict=True):
        scope = {"channel": queue.name}
        rows += [
            Row("delay_rate", seen.p_wait, scope),
            Row("wait_mean_s", seen.wait_mean, scope, chance=seen.p_wait),
            Row("occupancy", busy, {"pool": team.name}),
        ]
        if queue.help.patience is not None:
            rows.append(Row("abandon_rate", seen.p_abandon, scope))
    return Known(f"{len(parts)} queues on {lines} lines", "product form, Kelly (1979)", tuple(rows))
