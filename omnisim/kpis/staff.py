"""KPIs of agents and money."""

from omnisim.kpis.declaration import INTERVAL, POOL, POOL_INTERVAL, TOTAL, Measure
from omnisim.kpis.quantities import Count, Derived, Sum

# fmt: off
MEASURES = (
    Measure(
        "occupancy", "share", None, Sum.BUSY_S, Sum.DUTY_S, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "agent time with at least one contact or wrap-up in hand / (on shift + finishing after shift)",
        "How much of their time agents are busy.",
        when="staffed",
    ),
    Measure(
        "utilisation", "share", None, Sum.ON_LOAD_S, Sum.SLOT_S, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "contacts and wrap-ups in hand on shift x time / (the pool's largest concurrency x time on shift)",
        "How many of the places agents offer are taken.",
        when="staffed",
    ),
    Measure(
        "concurrency_mean", "contacts", None, Sum.LOAD_S, Sum.BUSY_S, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "contacts and wrap-ups in hand x time / agent time with at least one in hand",
        "How many contacts a busy agent has in hand.",
        when="staffed",
    ),
    Measure(
        "idle_hours", "h", None, Derived.IDLE_H, None, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "hours on shift or finishing in [warm-up, horizon] with nothing in hand",
        "Agent hours without any work.",
        when="staffed",
    ),
    Measure(
        "staffed_hours", "h", "lower", Derived.STAFFED_H, None, (TOTAL, POOL),
        "hours on shift in [warm-up, horizon] + finishing after shift + busy after the horizon",
        "Agent hours that are paid.",
        when="staffed",
    ),
    Measure(
        "agent_minutes_per_issue", "min", "lower", Derived.ISSUE_MIN, Count.ISSUES, (TOTAL,),
        "minutes of talk or writing and wrap-up of handled contacts with goal issue / ended issues",
        "Agent time an issue takes.",
        when="issues",
    ),
    Measure(
        "labour_cost", "money", "lower", Derived.LABOUR, None, (TOTAL, POOL),
        "paid time x wage, one posting an agent and interval, each rounded half to even",
        "What the agents cost; only pools with a wage.",
        when="wages",
    ),
    Measure(
        "hub_cost", "money", "lower", Derived.HUB, None, (TOTAL,),
        "cost a day x share of each day in [warm-up, horizon), one posting a day",
        "What the shared customer memory costs.",
        when="hub",
    ),
    Measure(
        "cost_to_serve", "money", "lower", Derived.SERVING, Count.ENDED, (TOTAL,),
        "(labour + bots) / ended journeys (without the hub)",
        "What it costs to serve a customer to the end of the journey.",
        when="serving",
    ),
    Measure(
        "cost_per_resolved", "money", "lower", Derived.SPENT, Count.REACHED, (TOTAL,),
        "(labour + bots + hub) / journeys that reached their goal",
        "What a reached goal costs, the hub included.",
        when="serving",
    ),
)
# fmt: on
