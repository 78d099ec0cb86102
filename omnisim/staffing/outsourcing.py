"""From which volume on is doing it oneself cheaper than buying it?

    own      agents for the target (Erlang C) x what an agent costs + what is paid whatever comes     steps, with economies of scale
    bought   price a contact x contacts

A few contacts need more agents each than many (Gans, Koole, Mandelbaum, Telephone call centers: tutorial, review and research
prospects, M&SOM 5 (2003), section 4.1: square-root staffing), so the price a contact of one's own falls with the volume, and
a price above its limit, handling time x cost of an agent, is beaten from some volume on.
"""

import math

from omnisim.staffing.erlang import ErlangC

MOST_AGENTS = 20_000


def carried(agents: int, handling_s: float, within_s: float, target: float) -> float:
    """The most contacts an hour that so many agents answer at the target, Erlang C.

    Raises ValueError for less than one agent or a target outside (0, 1).

    >>> round(carried(10, 300.0, 20.0, 0.8), 1)
    85.6
    """
    if agents < 1 or not 0.0 < target < 1.0:
        raise ValueError("at least one agent and a target between 0 and 1 are needed")
    low, high = 0.0, agents * 3600.0 / handling_s
    for _ in range(80):
        rate = 0.5 * (low + high)
        met = ErlangC(rate / 3600.0, handling_s, agents).service_level(within_s) >= target
        low, high = (rate, high) if met else (low, rate)
    return low


def break_even(price: float, handling_s: float, agent_per_h: float, within_s: float, target: float, fixed_per_h: float = 0.0) -> float:
    """Contacts an hour from which one's own agents are cheaper, for good; infinite where they never are.

    `price`: a contact; `agent_per_h`: what an agent costs for each hour on duty, shrinkage included; `fixed_per_h`: what is paid whatever
    comes; money in one unit.  Raises ValueError as `carried`.

    >>> break_even(2.0, 330.0, 25.0, 20.0, 0.8)
    inf
    >>> round(break_even(4.2, 330.0, 25.0, 20.0, 0.8), 1)    # own: 25 x 330 / 3600 = 2.29 a contact at the least
    41.7
    """
    if price <= agent_per_h * handling_s / 3600.0:
        return math.inf
    before = lowest = 0.0
    for agents in range(1, MOST_AGENTS + 1):
        own = agents * agent_per_h + fixed_per_h
        if own <= price * before:
            return lowest
        lowest = own / price  # here, or with the next agent
        before = carried(agents, handling_s, within_s, target)
    return math.inf


def break_even_units(fixed: float, own: float, bought: float) -> float:
    """Units from which a fixed cost and `own` a unit are cheaper than `bought` a unit; infinite where they never are.

    >>> break_even_units(300.0, 2.2, 6.0), break_even_units(300.0, 7.0, 6.0)
    (78.94736842105263, inf)
    """
    return fixed / (bought - own) if bought > own else math.inf
