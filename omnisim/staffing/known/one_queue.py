"""One channel, agents who are alike, constant demand and staff: the classic queues.

no limit, exponential handling, any patience    M/M/c, M/M/c+M, M/M/c+G
a limit of waiting places                       M/M/c/K, M/M/c/K+M
nobody can wait, any handling                   M/G/c/c
one agent, any handling, nobody gives up        M/G/1
"""

import math

from omnisim.scenario.channels import ServiceLevel
from omnisim.staffing.erlang import erlang_b
from omnisim.staffing.exact.trunks import Trunks, trunks
from omnisim.staffing.known.facts import Facts, Queue
from omnisim.staffing.known.laws import duration, exponential, memoryless, variation
from omnisim.staffing.known.model import Known, Row, stop
from omnisim.staffing.patience import PatienceQueue
from omnisim.staffing.queues import pollaczek_khinchine


def one_queue(facts: Facts, queue: Queue, agents: int, speed: float, pools: dict[str, str]) -> Known:
    """The model of one channel; `pools`: the scope of its agents, empty for all."""
    here = f"channels.{queue.name}.help"
    h, rate = queue.help, queue.rate[0][1]
    mean, scope = h.handling.mean / speed, facts.scope(queue)
    lines = facts.lines({queue.name})
    if lines is not None and lines < agents:
        raise stop("staffing.trunks", f"{lines} lines for {agents} agents: known where each agent has a line")
    places = [n for n in (h.queue_limit, None if lines is None else lines - agents) if n is not None]
    nobody_waits = 0 in places or (h.patience is not None and h.patience.law == "constant" and h.patience.mean == 0)
    if nobody_waits:
        return _loss(facts, queue, rate * mean, agents, pools, "contacts_blocked" if 0 in places else "contacts_abandoned", lines != agents)
    if places:
        most = agents + min(places)
        patience, balk = memoryless(h.patience, f"{here}.patience")
        t = trunks(rate, exponential(h.handling, f"{here}.handling", "handling time") / speed, agents, most, patience, balk)
        kind = "+M" if math.isfinite(patience) or balk else ""
        return Known(f"M/M/{agents}/{most}{kind}", "birth and death equations", tuple(trunk_rows(facts, queue, t, pools, lines != most)))
    if agents == 1 and h.patience is None and h.handling.law != "exponential":
        wait, waiting = pollaczek_khinchine(rate, mean, variation(h.handling, f"{here}.handling"))
        rows = (
            Row("occupancy", rate * mean, pools),
            Row("delay_rate", rate * mean, scope),
            Row("wait_mean_s", wait, scope, chance=rate * mean),
            Row("queue_mean", waiting, scope, chance=rate * mean),
        )
        return Known("M/G/1", "Pollaczek (1930), Khinchine (1932)", rows)
    exponential(h.handling, f"{here}.handling", "handling time")
    q = PatienceQueue(rate, mean, agents, duration(h.patience, f"{here}.patience"))
    law = "" if h.patience is None else "+M" if h.patience.law == "exponential" else "+G"
    name, source = {
        "": (" (Erlang C)", "Erlang (1917)"),
        "+M": (" (Erlang A)", "Palm (1957)"),
        "+G": ("", "Baccelli & Hebuterne (1981), Zeltyn & Mandelbaum (2005)"),
    }[law]
    return Known(f"M/M/{agents}{law}{name}", source, tuple(patience_rows(facts, queue, q, pools)))


def _loss(facts: Facts, queue: Queue, load: float, agents: int, pools: dict[str, str], gone: str, delayed: bool) -> Known:
    lost = erlang_b(agents, load)
    scope = facts.scope(queue)
    rows = (
        Row("delay_rate", lost if delayed else 0.0, scope),
        Row(gone, lost, scope, per=("contacts_offered", scope)),
        Row("occupancy", load * (1 - lost) / agents, pools),
        Row("wait_mean_s", 0.0, scope),
    )
    return Known(f"M/G/{agents}/{agents} (Erlang B)", "Erlang (1917), any handling time by Sevastyanov (1957)", rows)


def patience_rows(facts: Facts, queue: Queue, q: PatienceQueue, pools: dict[str, str]) -> list[Row]:
    """The KPIs of M/M/n+G."""
    scope = facts.scope(queue)
    rows = [
        Row("delay_rate", q.p_wait, scope),
        *([Row("abandon_rate", q.p_abandon, scope)] if queue.help.patience is not None else []),
        Row("wait_mean_s", q.wait_mean, scope, chance=q.p_wait),
        Row("asa_s", q.asa_served, scope, chance=q.p_wait),
        Row("queue_mean", q.queue_mean, scope, chance=q.p_wait),
        Row("occupancy", q.occupancy, pools),
    ]
    level = queue.help.service_level
    if level is not None:
        rows.append(Row("service_level", q.service_level(level.formula, level.within, _short(level)), scope))
    return rows


def trunk_rows(facts: Facts, queue: Queue, t: Trunks, pools: dict[str, str], delayed: bool) -> list[Row]:
    """The KPIs of a queue with a limit.  Who finds no waiting place counts as delayed, who finds no line does not."""
    scope = facts.scope(queue)
    rows = [
        Row("delay_rate", t.p_wait + (t.p_block if delayed else 0.0), scope),
        Row("contacts_blocked", t.p_block, scope, per=("contacts_offered", scope)),
        *([Row("abandon_rate", t.p_abandon, scope)] if queue.help.patience is not None else []),
        Row("wait_mean_s", t.wait_mean, scope, chance=t.p_wait),
        Row("asa_s", t.wait_served, scope, chance=t.p_wait),
        Row("queue_mean", t.queue_mean, scope, chance=t.p_wait),
        Row("occupancy", t.occupancy, pools),
    ]
    level = queue.help.service_level
    answered = 1 - t.p_block - t.p_abandon
    if level is not None and level.formula == "answered_in_time_over_answered":
        rows.append(Row("service_level", t.served_within(level.within) / answered, scope))
    elif level is not None and (level.formula == "answered_in_time_over_offered" or queue.help.patience is None):
        rows.append(Row("service_level", t.served_within(level.within), scope))
    return rows


def _short(level: ServiceLevel) -> float:
    return level.within if level.short is None else level.short
