"""One channel, agents who are alike, and one thing more: callers who come back, who are called back, wrap-up, several contacts an agent."""

from omnisim.staffing.exact import callbacks, chats, redials, talk_wrap
from omnisim.staffing.known.facts import Facts, Queue, Team
from omnisim.staffing.known.laws import exponential, memoryless
from omnisim.staffing.known.model import Known, Row, stop

CHAIN = "balance equations of a sparse chain"


def coming_back(facts: Facts, queue: Queue, team: Team) -> Known:
    """A share of those who give up calls again."""
    retry = facts.scenario.journey.issue.retry if facts.scenario.journey.issue else None
    assert retry is not None
    here, h = f"channels.{queue.name}.help", queue.help
    if retry.after_unresolved > 0 and h.resolve < 1:
        raise stop("journey.issue.retry.after_unresolved", "only those who give up come back in the exact model")
    if set(retry.channel) - {"same", queue.name}:
        raise stop("journey.issue.retry.channel", "the exact model has one channel to come back to")
    mean, patience = _both(queue, team)
    delay = exponential(retry.delay, "journey.issue.retry.delay", "the time until the next attempt")
    if patience == float("inf"):
        raise stop(f"{here}.patience", "nobody gives up, so nobody comes back")
    rate = queue.rate[0][1]
    r = redials(rate, mean, team.size, patience, retry.after_abandoned, delay)
    rows = (
        Row("contacts_per_issue", r.attempts),
        Row("delay_rate", r.p_wait),
        Row("abandon_rate", r.p_abandon),
        Row("wait_mean_s", r.wait_mean, chance=r.p_wait),
        *([Row("first_contact_resolution", r.served)] if h.resolve == 1 else []),
        Row("occupancy", r.occupancy),
        Row("retrying_mean", r.orbit),
    )
    return Known(f"M/M/{team.size}+M with redials", CHAIN, rows)


def called_back(facts: Facts, queue: Queue, team: Team) -> Known:
    """Who has to wait may leave a number; he is called by agents whom nobody on the line needs."""
    rule = queue.help.callback
    assert rule is not None
    here = f"channels.{queue.name}.help.callback"
    if rule.keep_place:
        raise stop(f"{here}.keep_place", "the exact model calls back behind all who hold the line")
    mean, patience = _both(queue, team)
    rate, scope = queue.rate[0][1], facts.scope(queue)
    r = callbacks(rate, mean, team.size, patience, rule.accept, _offered_at(queue, team), min(team.reserve, team.size - 1))
    on_line, called = r.callers.wait_mean, r.p_callback * r.callback_wait  # every wait runs to the call
    everybody = ("contacts_offered", scope)
    rows = (
        Row("delay_rate", r.callers.p_wait, scope),
        *([Row("abandon_rate", r.callers.p_abandon, scope)] if queue.help.patience is not None else []),
        Row("wait_mean_s", on_line + called, scope, chance=r.callers.p_wait),
        Row("callbacks_accepted", r.p_callback, scope, everybody, r.p_callback),
        *([Row("callback_time_s", r.callback_wait, scope, chance=r.p_callback)] if r.p_callback > 0 else []),
        Row("occupancy", r.occupancy, {"pool": team.name}),
    )
    return Known(f"M/M/{team.size}+M with callbacks", f"{CHAIN}; setting of Armony & Maglaras (2004)", rows)


def _offered_at(queue: Queue, team: Team) -> int:
    """How many must wait already for the next to be offered a call, by length and by the wait to be expected."""
    assert queue.help.callback is not None
    offer, most = queue.help.callback.offer, []
    if offer.queue_above is not None:
        most.append(offer.queue_above + 1)
    if offer.wait_above is not None:
        work = exponential(queue.help.handling, f"channels.{queue.name}.help.handling", "handling time")
        waiting = 0  # the wait to be expected is (waiting + 1) x work / agents
        while (waiting + 1) * work / team.size <= offer.wait_above:
            waiting += 1
        most.append(waiting)
    return min(most)


def wrapping_up(facts: Facts, queue: Queue, team: Team) -> Known:
    """After-contact work that keeps the agent."""
    wrap = exponential(queue.help.wrap, f"channels.{queue.name}.help.wrap", "wrap-up") / team.skills[queue.name].speed
    talk, patience = _both(queue, team)
    rate, scope = queue.rate[0][1], facts.scope(queue)
    r = talk_wrap(rate, talk, wrap, team.size, patience)
    rows = (
        Row("delay_rate", r.callers.p_wait, scope),
        *([Row("abandon_rate", r.callers.p_abandon, scope)] if queue.help.patience is not None else []),
        Row("wait_mean_s", r.callers.wait_mean, scope, chance=r.callers.p_wait),
        Row("handle_time_s", talk + wrap, scope),
        Row("occupancy", r.occupancy, {"pool": team.name}),
    )
    return Known(f"M/M/{team.size} with wrap-up", CHAIN, rows)


def several_at_once(facts: Facts, queue: Queue, team: Team) -> Known:
    """Chats: each slower the more an agent has in hand, or not."""
    skill = team.skills[queue.name]
    if facts.scenario.staffing and facts.scenario.staffing.routing.agent not in ("preference", "least_loaded"):
        raise stop("staffing.routing.agent", "a chat goes to the agent with the fewest in hand in the exact model")
    stack = facts.scenario.staffing is not None and facts.scenario.staffing.pools[team.name].fill == "stack"
    mean, patience = _both(queue, team)
    factors = tuple(skill.slowdown or ())[: skill.concurrency] or (1.0,) * skill.concurrency
    rate, scope = queue.rate[0][1], facts.scope(queue)
    r = chats(rate, [mean * f for f in factors], team.size, patience, most_loaded=stack)
    pool = {"pool": team.name}
    rows = (
        Row("delay_rate", r.callers.p_wait, scope),
        *([Row("abandon_rate", r.callers.p_abandon, scope)] if queue.help.patience is not None else []),
        Row("wait_mean_s", r.callers.wait_mean, scope, chance=r.callers.p_wait),
        Row("handle_time_s", r.handle_mean, scope),
        Row("concurrency_mean", r.concurrency, pool),
        Row("occupancy", r.busy, pool),
        Row("utilisation", r.slots, pool),
    )
    return Known(f"chats, {team.size} agents with up to {skill.concurrency}", f"{CHAIN}; setting of Tezcan & Zhang (2014)", rows)


def _both(queue: Queue, team: Team) -> tuple[float, float]:
    """Mean handling time and mean patience, s; raises Stops where these models do not know them."""
    here = f"channels.{queue.name}.help"
    if queue.help.queue_limit is not None:
        raise stop(f"{here}.queue_limit", "a limit of waiting places is known for the plain queue only")
    patience, balk = memoryless(queue.help.patience, f"{here}.patience")
    if balk:
        raise stop(f"{here}.patience", "giving up at once is known for the plain queue only")
    return exponential(queue.help.handling, f"{here}.handling", "handling time") / team.skills[queue.name].speed, patience
