"""Journeys of goal markov over channels with agents of their own: an open Jackson network."""

import numpy as np

from omnisim.staffing.known.facts import Facts
from omnisim.staffing.known.laws import exponential
from omnisim.staffing.known.model import Known, Row, stop
from omnisim.staffing.queues import absorbing, jackson


def network(facts: Facts) -> Known:
    """The network; every channel has one pool that serves nothing else, and nobody gives up."""
    markov, names = facts.scenario.journey.markov, sorted(facts.queues)
    teams = {}
    for name in names:
        q = facts.queues[name]
        here = f"channels.{name}.help"
        serving = [t for t in facts.teams.values() if name in t.skills]
        if len(serving) != 1 or set(serving[0].skills) != {name}:
            raise stop(f"channels.{name}", "a channel of a Jackson network has one pool, which serves nothing else")
        teams[name] = serving[0]
        if q.goals - {"markov"}:
            raise stop("demand", "streams of goal issue and markov on one channel are in no exact model")
        if q.help.patience is not None or q.help.queue_limit is not None or q.help.wrap is not None:
            raise stop(here, "in a Jackson network nobody gives up or is blocked, and agents have no wrap-up")
        if serving[0].skills[name].concurrency > 1:
            raise stop(f"staffing.pools.{serving[0].name}.skills.{name}.concurrency", "a Jackson network has one contact an agent")
    if set(facts.scenario.channels) - set(names):
        raise stop("channels", "self-service is in no exact network here")
    outside = [facts.queues[n].rate[0][1] for n in names]
    means = [
        exponential(facts.queues[n].help.handling, f"channels.{n}.help.handling", "handling time") / teams[n].skills[n].speed for n in names
    ]
    switch = np.array([[(markov.switch.get(i, {}).get(j, 0.0) if markov else 0.0) for j in names] for i in names])
    net = jackson(outside, switch, means, [teams[n].size for n in names])
    by_start = absorbing(switch, [markov.convert.get(n, 0.0) if markov else 0.0 for n in names])
    length = facts.scenario.clock.horizon - facts.scenario.clock.warmup
    rows = [
        Row("conversion", float(np.average(by_start, weights=outside))),
        Row("contacts_offered", net.visits, per=("visitors", {})),
        Row("journey_time_s", net.sojourn),
    ]
    for name, node in zip(names, net.nodes, strict=True):
        channel = {"channel": name}
        rows += [
            Row("contacts_offered", node.arrival_rate * length, channel),
            Row("delay_rate", node.p_wait, channel),
            Row("wait_mean_s", node.wait_mean, channel, chance=node.p_wait),
            Row("occupancy", node.occupancy, {"pool": teams[name].name}),
        ]
    return Known(f"Jackson network of {len(names)} channels", "J. R. Jackson (1957); absorbing chain", tuple(rows))
