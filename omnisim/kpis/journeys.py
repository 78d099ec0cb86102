"""KPIs of journeys: one customer's need, from the first touch to the last, counted by the first arrival."""

from omnisim.kpis.declaration import SEGMENT, TOTAL, Measure
from omnisim.kpis.quantities import Count, Derived, Sum

# fmt: off
MEASURES = (
    Measure(
        "visitors", "journeys", None, Count.VISITORS, None, (TOTAL, SEGMENT),
        "journeys whose first arrival is in [warm-up, horizon), without needs that arose from an order",
        "Customers who came, whatever became of them.",
    ),
    Measure(
        "journeys_ended", "journeys", None, Count.ENDED, None, (TOTAL,),
        "journeys with first arrival in [warm-up, horizon) that ended by the end of the run",
        "Customers whose journey is over; the rest were still on their way.",
    ),
    Measure(
        "contacts_per_issue", "contacts", "lower", Count.ATTEMPTS, Count.ISSUES, (TOTAL,),
        "attempts to reach an agent of ended issues / ended issues",
        "Mean number of contacts an issue takes, retries included.",
        when="issues",
    ),
    Measure(
        "first_contact_resolution", "share", "higher", Count.FIRST_RESOLVED, Count.ISSUES, (TOTAL, SEGMENT),
        "ended issues whose first answered contact resolved them / ended issues",
        "Share of issues settled the first time an agent answered.",
        when="issues",
    ),
    Measure(
        "resolution_rate", "share", "higher", Count.RESOLVED, Count.ISSUES, (TOTAL,),
        "resolved issues / ended issues",
        "Share of issues settled in the end.",
        when="issues",
    ),
    Measure(
        "conversion", "share", "higher", Count.CONVERTED, Count.BUYERS, (TOTAL, SEGMENT),
        "converted / ended journeys of goal markov or shop",
        "Share of customers who reached what they came to do.",
        when="buyers",
    ),
    Measure(
        "journey_success", "share", "higher", Count.SUCCEEDED, Count.ENDED, (TOTAL, SEGMENT),
        "goal reached with no attempt abandoned, blocked or closed, no repeat, no contradiction, no missed deadline / ended journeys",
        "The customer's view: it worked, and nothing went wrong on the way.",
    ),
    Measure(
        "perception_gap", "share", "lower", Derived.GAP, None, (TOTAL,),
        "service level averaged over the channels that have one, weighted by contacts offered - journey_success",
        "The firm's view minus the customer's view.",
        when="rated",
    ),
    Measure(
        "channels_per_journey", "media", None, Count.MEDIA, Count.ENDED, (TOTAL,),
        "distinct media of ended journeys / ended journeys",
        "Mean number of different media a customer touched.",
    ),
    Measure(
        "journey_time_s", "s", "lower", Sum.JOURNEY_S, Count.ENDED, (TOTAL,),
        "sum of (end - first arrival) of ended journeys / ended journeys",
        "Mean time from the first touch to the end of the need.",
    ),
    Measure(
        "retrying_mean", "customers", "lower", Derived.RETRYING, None, (TOTAL,),
        "customer-seconds between two touches in [warm-up, horizon] / its length",
        "Mean number of customers who are between two touches, about to come back.",
    ),
    Measure(
        "outside_rate", "share", "lower", Count.OUTSIDE, Count.ENDED, (TOTAL,),
        "journeys that took the outside option / ended journeys",
        "Share of customers who went elsewhere rather than to any open channel.",
        when="choice",
    ),
)
# fmt: on
