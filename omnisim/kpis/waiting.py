"""KPIs of those who have to wait: announced waits, messages left, calls back; counted by the moment they arrive."""

from omnisim.kpis.declaration import CHANNEL, MEDIUM, SEGMENT, TOTAL, Measure
from omnisim.kpis.quantities import Count, Sum

PLAIN = (TOTAL, CHANNEL, MEDIUM)

# fmt: off
MEASURES = (
    Measure(
        "contacts_deflected", "contacts", None, Count.DEFLECTED, None, (*PLAIN, SEGMENT),
        "contacts that waited until a message was taken",
        "Contacts that left a message instead of waiting on; neither handled nor abandoned.",
        "messages",
    ),
    Measure(
        "announced_wait_s", "s", "lower", Sum.TOLD_S, Count.TOLD, PLAIN,
        "sum of announced waits / contacts that heard one",
        "Mean wait that was announced to who had to wait.",
        "announces",
    ),
    Measure(
        "contacts_balked", "contacts", "lower", Count.BALKED, None, PLAIN,
        "contacts that gave up the moment they heard how long it would be",
        "Contacts lost to the announced wait; they are part of the abandoned.",
        "announces",
    ),
    Measure(
        "callbacks_offered", "contacts", None, Count.CALL_OFFERED, None, PLAIN,
        "contacts that were offered to be called back",
        "Offers to be called back.",
        "calls",
    ),
    Measure(
        "callbacks_accepted", "contacts", None, Count.CALL_ACCEPTED, None, PLAIN,
        "contacts that accepted to be called back",
        "Contacts that wait for a call without holding the line.",
        "calls",
    ),
    Measure(
        "callbacks_dialled", "contacts", "higher", Count.CALL_DIALLED, None, PLAIN,
        "accepted calls back that were made by the end of the run",
        "Calls back that were made.",
        "calls",
    ),
    Measure(
        "callback_time_s", "s", "lower", Sum.CALL_S, Count.CALL_DIALLED, PLAIN,
        "sum of (call - arrival) of those called back / calls back made",
        "Mean time to the call back. Waits (wait_mean_s, asa_s, service_level) run to the call as well, not to the acceptance.",
        "calls",
    ),
)
# fmt: on
