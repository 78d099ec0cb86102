"""Calls, and an inbox that is never empty in between: blending."""

from omnisim.staffing.exact import blending
from omnisim.staffing.known.callers import CHAIN
from omnisim.staffing.known.facts import Facts, Queue, Team
from omnisim.staffing.known.laws import exponential, memoryless
from omnisim.staffing.known.model import Known, Row, stop


def mixed_work(facts: Facts, team: Team) -> Known:
    """One live channel and one inbox of one pool."""
    live = [q for q in facts.queues.values() if q.help.mode == "live"]
    inbox = [q for q in facts.queues.values() if q.help.mode == "inbox"]
    if len(live) != 1 or len(inbox) != 1:
        raise stop("channels", "an inbox is known beside one live channel of the same pool, as blending")
    call, mail = live[0], inbox[0]
    skill, staffing = team.skills[mail.name], facts.scenario.staffing
    assert staffing is not None  # somebody serves
    if staffing.routing.contact != "priority":
        raise stop("staffing.routing.contact", "blending lets calls come first, by priority")
    if staffing.trunks:
        raise stop("staffing.trunks", "blending has no trunk lines")
    if team.skills[call.name].priority >= skill.priority:
        raise stop(f"staffing.pools.{team.name}.skills", f"blending lets a freed agent take {call.name} first, by priority")
    message = exponential(mail.help.handling, f"channels.{mail.name}.help.handling", "handling time") / skill.speed
    here = f"channels.{call.name}.help"
    if call.help.queue_limit is not None:
        raise stop(f"{here}.queue_limit", "blending has no limit of waiting places")
    patience, balk = memoryless(call.help.patience, f"{here}.patience")
    if balk:
        raise stop(f"{here}.patience", "giving up at once is known for the plain queue only")
    mean = exponential(call.help.handling, f"{here}.handling", "handling time") / team.skills[call.name].speed
    reserve = team.reserve
    rate, channel = call.rate[0][1], {"channel": call.name}
    r = blending(rate, mean, message, team.size, patience, min(reserve, team.size))
    _never_runs_out(facts, mail, r.messages)
    rows = (
        Row("delay_rate", r.callers.p_wait, channel),
        *([Row("abandon_rate", r.callers.p_abandon, channel)] if call.help.patience is not None else []),
        Row("wait_mean_s", r.callers.wait_mean, channel, chance=r.callers.p_wait),
        Row("occupancy", r.occupancy, {"pool": team.name}),
    )
    note = f"messages answered: {3600 * r.messages:.6g} an hour"
    return Known(f"blending, {team.size} agents, reserve {reserve}", f"{CHAIN}; setting of Bhulai & Koole (2003)", rows, note)


def _never_runs_out(facts: Facts, mail: Queue, answered: float) -> None:
    """Raise Stops unless there are more messages than can be answered: from the beginning, or by far more a second."""
    horizon = facts.scenario.clock.horizon
    if mail.batch < 1.1 * answered * horizon and not (mail.steady and mail.rate[0][1] > 1.1 * answered):
        few = f"at least {1.1 * answered * horizon:,.0f} at the beginning, or {66 * answered:.3g} a minute"
        raise stop("demand", f"the messages must never run out: {few}")
