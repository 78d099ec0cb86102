"""Which exact model is a scenario an instance of, and what does it say?

    Scenario --recognise--> Known(model, source, rows)      or Stops: each feature that stands in the way

facts        a scenario as the numbers of a queue; features that no model knows
one_queue    M/M/c, +M, +G, with a limit, loss, M/G/1       days      M(t)/M/s(t)+M from empty, M(t)/G/infinity
classes      several channels, one pool                     pools     overflow, the N-model
callers      redials, callbacks, wrap-up, chats                        network   Jackson
mixed_work   blending                                       batch     messages at the beginning, in rounds
all_alike    every agent takes everything, shared lines
"""

from dataclasses import replace

from omnisim.scenario import Scenario
from omnisim.staffing.known.all_alike import everybody_does_everything, on_shared_lines
from omnisim.staffing.known.batch import batch
from omnisim.staffing.known.callers import called_back, coming_back, several_at_once, wrapping_up
from omnisim.staffing.known.classes import classes
from omnisim.staffing.known.days import day
from omnisim.staffing.known.facts import Facts, Queue, Team, read
from omnisim.staffing.known.mixed_work import mixed_work
from omnisim.staffing.known.model import Known, Obstacle, Row, Stops, stop
from omnisim.staffing.known.network import network
from omnisim.staffing.known.one_queue import one_queue
from omnisim.staffing.known.pools import overflow, two_pools

__all__ = ["Known", "Obstacle", "Row", "Stops", "recognise"]


def recognise(scenario: Scenario) -> Known:
    """The exact model and its numbers; raises Stops where there is none, with what stands in the way."""
    try:
        return _recognise(read(scenario))
    except ValueError as e:  # a formula without an answer: a load the agents cannot carry, a chain too large
        raise stop("", str(e)) from None


def _recognise(facts: Facts) -> Known:
    if _goals(facts) != {"issue"}:
        for queue in facts.queues.values():
            _plain(queue, None, "callback")
    if any("markov" in q.goals for q in facts.queues.values()) or len(_goals(facts)) > 1:
        _settled(facts)
        _no_trunks(facts)
        return network(facts)
    if set(facts.scenario.channels) - set(facts.queues):
        raise stop("channels", "a channel without agents (self-service) is in no exact model of issues")
    facts = facts.busy()
    if not facts.queues:
        raise stop("demand", "nobody arrives")
    called = [q for q in facts.queues.values() if q.help.callback is not None]
    if called:
        return _called_back(facts, called[0])
    retry = facts.scenario.journey.issue.retry if facts.scenario.journey.issue else None
    if retry is not None and (
        retry.after_abandoned > 0 or (retry.after_unresolved > 0 and any(q.help.resolve < 1 for q in facts.queues.values()))
    ):
        _settled(facts)
        if len(facts.queues) != 1 or len(facts.teams) != 1:
            raise stop("journey.issue.retry", "callers who come back are known for one channel and one pool")
        queue, team = _the_one(facts)
        _plain(queue, team, "wrap", "concurrency")
        _no_trunks(facts)
        return coming_back(facts, queue, team)
    apart = list(facts.parts())
    if len(apart) > 1 and facts.scenario.staffing and facts.scenario.staffing.trunks:
        _all_live(facts)
        _settled(facts)
        return on_shared_lines(facts, apart)
    parts = [_part(p) for p in apart]
    if len(parts) == 1:
        return parts[0]
    rows = tuple(r for p in parts for r in p.rows)
    notes = "; ".join(p.note for p in parts if p.note)
    return Known("; ".join(dict.fromkeys(p.model for p in parts)), "; ".join(dict.fromkeys(p.source for p in parts)), rows, notes)


def _called_back(facts: Facts, queue: Queue) -> Known:
    """One channel whose callers may be called back, and one pool."""
    _settled(facts)
    if len(facts.queues) != 1 or len(facts.teams) != 1:
        raise stop(f"channels.{queue.name}.help.callback", "callbacks are known for one channel and one pool")
    retry = facts.scenario.journey.issue.retry if facts.scenario.journey.issue else None
    if retry is not None and (retry.after_abandoned > 0 or (retry.after_unresolved > 0 and queue.help.resolve < 1)):
        raise stop("journey.issue.retry", "callers who come back are known without callbacks only")
    _, team = _the_one(facts)
    _plain(queue, team, "wrap", "concurrency")
    _no_trunks(facts)
    return called_back(facts, queue, team)


def _part(facts: Facts) -> Known:
    """Channels that share agents."""
    if not facts.teams:
        raise stop("staffing.pools", "nobody serves " + ", ".join(facts.queues))
    if len(facts.queues) == 1:
        return _one_channel(facts)
    for queue in facts.queues.values():
        for team in facts.teams.values():
            if queue.name in team.skills:
                _plain(queue, team, "wrap", "concurrency")
    _settled(facts)
    inbox = any(q.help.mode == "inbox" for q in facts.queues.values())
    if len(facts.teams) == 1:
        team = next(iter(facts.teams.values()))
        return mixed_work(facts, team) if inbox else classes(facts, team)
    _all_live(facts)
    alike = everybody_does_everything(facts)
    if alike is not None:
        return alike
    _no_trunks(facts)
    return two_pools(facts)


def _one_channel(facts: Facts) -> Known:
    queue = next(iter(facts.queues.values()))
    if queue.help.mode == "inbox" and queue.batch and len(facts.teams) == 1:
        return batch(facts, queue, next(iter(facts.teams.values())))
    _all_live(facts)
    merged = _merged(facts, queue)
    if merged is None:
        _settled(facts)
        for team in facts.teams.values():
            _plain(queue, team, "wrap", "concurrency")
        _no_trunks(facts)
        return overflow(facts, queue)
    other = queue.help.wrap is not None or merged.skills[queue.name].concurrency > 1 or not facts.steady
    if other and facts.lines({queue.name}) is not None:
        raise stop("staffing.trunks", "trunk lines are known for a queue of constant demand and staff without other features")
    if queue.help.wrap is not None:
        _settled(facts)
        _plain(queue, merged, "concurrency")
        return wrapping_up(facts, queue, merged)
    if merged.skills[queue.name].concurrency > 1:
        _settled(facts)
        return several_at_once(facts, queue, merged)
    if not facts.steady:
        return day(facts, queue, merged)
    pools = {} if facts.alone else {"pool": merged.name}
    return one_queue(facts, queue, merged.size, merged.skills[queue.name].speed, pools)


def _merged(facts: Facts, queue: Queue) -> Team | None:
    """The pools of a channel as one, where it makes no difference which of them works; None where it does."""
    teams = list(facts.teams.values())
    if len(teams) == 1:
        return teams[0]
    kinds = {(t.skills[queue.name].speed, t.skills[queue.name].concurrency) for t in teams}
    if len(kinds) > 1 or not all(t.steady for t in teams) or queue.help.queue_limit == 0 or not facts.alone:
        return None
    if queue.help.wrap is not None or kinds.pop()[1] > 1 or not facts.steady:
        return None
    return replace(teams[0], agents=((0.0, float(sum(t.size for t in teams))),))


def _the_one(facts: Facts) -> tuple[Queue, Team]:
    queue = next(iter(facts.queues.values()))
    if queue.help.mode != "live":
        raise stop(
            f"channels.{queue.name}.help.mode",
            "an inbox is known beside one live channel of the same pool (blending), or with one batch at the beginning",
        )
    return queue, next(iter(facts.teams.values()))


def _no_trunks(facts: Facts) -> None:
    """Raise Stops for trunk lines."""
    if facts.scenario.staffing and facts.scenario.staffing.trunks:
        raise stop("staffing.trunks", "trunk lines are known for one queue in order of arrival")


def _goals(facts: Facts) -> set[str]:
    return {g for q in facts.queues.values() for g in q.goals}


def _all_live(facts: Facts) -> None:
    for queue in facts.queues.values():
        if queue.help.mode != "live":
            raise stop(
                f"channels.{queue.name}.help.mode",
                "an inbox is known beside one live channel of the same pool (blending), or with one batch at the beginning",
            )
        if queue.batch:
            raise stop("demand", "batches are known for an inbox only")


def _plain(queue: Queue, team: Team | None, *features: str) -> None:
    """Raise Stops for features that this model leaves out."""
    if "callback" in features and queue.help.callback is not None:
        raise stop(f"channels.{queue.name}.help.callback", "callbacks are known for one channel and one pool")
    if "wrap" in features and queue.help.wrap is not None:
        raise stop(f"channels.{queue.name}.help.wrap", "wrap-up is known for one channel without other features")
    if "concurrency" in features and team is not None and team.skills[queue.name].concurrency > 1:
        path = f"staffing.pools.{team.name}.skills.{queue.name}.concurrency"
        raise stop(path, "several contacts an agent are known for one channel without other features")


def _settled(facts: Facts) -> None:
    """Raise Stops unless demand and staff are constant and there is a warm-up."""
    c = facts.scenario.clock
    if facts.scenario.world.busyness_cv > 0:
        raise stop("world.busyness_cv", "days that differ in busyness are known for one channel and one day, which begins empty")
    for queue in facts.queues.values():
        if not queue.steady:
            raise stop("demand", f"demand of {queue.name} moves, which is known for one channel without other features")
    for team in facts.teams.values():
        if not team.steady:
            raise stop(f"staffing.pools.{team.name}.agents", "staff moves, which is known for one channel without other features")
    if c.warmup == 0:
        raise stop("clock.warmup", "the run begins empty and this model is of the steady state: give it a warm-up")
    if c.at_end != "cut":
        raise stop("clock.at_end", "this model is of the steady state, which is not drained")
