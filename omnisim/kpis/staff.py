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
        "hours on shift in [warm-up, horizon] + paid breaks, training and absence + finishing after shift + busy after the horizon",
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
        "(labour + outsourcing + training + bots) / ended journeys (without the hub)",
        "What it costs to serve a customer to the end of the journey.",
        when="serving",
    ),
    Measure(
        "cost_per_resolved", "money", "lower", Derived.SPENT, Count.REACHED, (TOTAL,),
        "(labour + outsourcing + training + bots + hub) / journeys that reached their goal",
        "What a reached goal costs, the hub included.",
        when="serving",
    ),
    Measure(
        "outsourcing_cost", "money", "lower", Derived.OUTSOURCED, None, (TOTAL, POOL),
        "price x contacts that arrived in [warm-up, horizon) and were handled, or x minutes of their talk and wrap-up, rounded "
        "once a pool, halves up; or price x paid hours, one posting an agent and interval",
        "What other firms are paid to serve.",
        when="outsourced",
    ),
    Measure(
        "training_cost", "money", "lower", Derived.TAUGHT, None, (TOTAL,),
        "cost of training an agent and day x agents on the roster, one posting a pool and day",
        "What training costs, beside the paid hours of those who are trained.",
        when="training",
    ),
    Measure(
        "shrinkage", "share", "lower", Sum.AWAY_S, Sum.ROSTER_S, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "(breaks + training and meetings + late, gone early or absent) / (on shift + these), within [warm-up, horizon]",
        "How much of the rostered time nobody is there to serve.",
        when="rosters",
    ),
    Measure(
        "adherence", "share", "higher", Sum.KEPT_S, Sum.PRESENT_S, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "on shift / (on shift + late, gone early or absent), within [warm-up, horizon]",
        "How well agents keep to the roster.",
        when="rosters",
    ),
    Measure(
        "break_hours", "h", None, Derived.BREAK_H, None, (TOTAL, POOL, INTERVAL, POOL_INTERVAL),
        "hours on a break, paid or not; a break that begins late because of a contact counts from then",
        "Time on breaks.",
        when="rosters",
    ),
)
# fmt: on
