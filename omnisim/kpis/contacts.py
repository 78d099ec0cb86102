"""KPIs of contacts: attempts to reach an agent, counted by the moment they arrive."""

from omnisim.kpis.declaration import (
    CHANNEL,
    CHANNEL_DAY,
    CHANNEL_INTERVAL,
    CHANNEL_PERIOD,
    CHANNEL_POOL,
    DAY,
    INTERVAL,
    MEDIUM,
    PERIOD,
    POOL,
    SEGMENT,
    TOTAL,
    Measure,
)
from omnisim.kpis.quantities import Count, Derived, Sum

PLAIN = (TOTAL, CHANNEL, MEDIUM)
TIMES = (INTERVAL, CHANNEL_INTERVAL, DAY, CHANNEL_DAY, PERIOD, CHANNEL_PERIOD)
FULL = (TOTAL, CHANNEL, MEDIUM, SEGMENT, *TIMES)

# fmt: off
MEASURES = (
    Measure(
        "contacts_offered", "contacts", None, Count.OFFERED, None, FULL,
        "handled + abandoned + blocked + closed + open, and deflected where messages are taken",
        "Attempts to reach an agent that arrived from the end of the warm-up to the horizon; every retry is one.",
        "contact",
    ),
    Measure(
        "contacts_handled", "contacts", None, Count.HANDLED, None, (*PLAIN, CHANNEL_POOL, SEGMENT),
        "contacts whose talk or writing ended by the end of the run",
        "Contacts that an agent dealt with; per pool, those its agents dealt with.",
        "contact",
    ),
    Measure(
        "contacts_abandoned", "contacts", "lower", Count.ABANDONED, None, (*PLAIN, SEGMENT),
        "contacts that gave up waiting",
        "Contacts whose customer hung up, or withdrew the message, before an agent began.",
        "contact",
    ),
    Measure(
        "contacts_blocked", "contacts", "lower", Count.BLOCKED, None, (*PLAIN, SEGMENT),
        "contacts that found every waiting place taken",
        "Contacts turned away because the queue was full.",
        "contact",
    ),
    Measure(
        "contacts_closed", "contacts", "lower", Count.CLOSED, None, (*PLAIN, SEGMENT),
        "contacts that found the channel shut or were cleared when it shut",
        "Contacts lost to opening hours.",
        "contact",
    ),
    Measure(
        "contacts_open", "contacts", "lower", Count.OPEN, None, (*PLAIN, SEGMENT),
        "contacts waiting or in service when the run ended",
        "Contacts with no end yet: still waiting or still in service at the end of the run.",
        "contact",
    ),
    Measure(
        "abandon_rate", "share", "lower", Count.ABANDONED, Count.OFFERED, FULL,
        "abandoned / offered",
        "Share of contacts that gave up waiting.",
        "contact",
    ),
    Measure(
        "blocked_rate", "share", "lower", Count.BLOCKED, Count.OFFERED, (*PLAIN, INTERVAL, CHANNEL_INTERVAL),
        "blocked / offered",
        "Share of contacts turned away because the queue was full.",
        "contact",
    ),
    Measure(
        "delay_rate", "share", "lower", Count.DELAYED, Count.OFFERED, (*PLAIN, *TIMES),
        "found no free agent / offered",
        "Share of contacts that could not be served at once.",
        "contact",
    ),
    Measure(
        "wait_mean_s", "s", "lower", Sum.WAIT_S, Count.WAITED, FULL,
        "sum of (start of service or giving up - arrival) / (handled + abandoned)",
        "Mean wait to service or to giving up.",
        "contact",
    ),
    Measure(
        "asa_s", "s", "lower", Sum.ANSWER_S, Count.HANDLED, (*PLAIN, CHANNEL_POOL, *TIMES),
        "sum of (start of service - arrival) of the handled / handled",
        "Average speed of answer: mean wait of the contacts that were handled.",
        "contact",
    ),
    Measure(
        "wait_p90_s", "s", "lower", Derived.WAIT_P90_S, None, PLAIN,
        "least whole second by which nine in ten of the handled and the abandoned had stopped waiting",
        "90th percentile of the wait: upper edge of a bin of 1 s (beyond 2^17 s, of 1/1024 of the wait or less).",
        "contact",
    ),
    Measure(
        "service_level", "share", "higher", Count.MET, Count.RATED, (*PLAIN, *TIMES),
        "the channel's own formula: answered_in_time_over_offered, answered_in_time_over_answered, "
        "excluding_short_abandons or abandons_count_as_met; a total adds up numerators and denominators of the live channels",
        "Share answered within the time the channel promises; answered = service began; only channels that name a promise.",
        "rated",
    ),
    Measure(
        "service_level_days_met", "share", "higher", Derived.DAYS_MET, Derived.DAYS_RATED, (TOTAL, CHANNEL),
        "calendar days on which the channel's service level reached its target / calendar days that have a service level; "
        "a total adds up the days of the channels that have a target",
        "Share of days on which the promise was kept: an average that meets the target may hide many days that do not.",
        "aimed",
    ),
    Measure(
        "service_level_intervals_met", "share", "higher", Derived.INTERVALS_MET, Derived.INTERVALS_RATED, (TOTAL, CHANNEL),
        "intervals in which the channel's service level reached its target / intervals that have a service level; "
        "a total adds up the intervals of the channels that have a target",
        "Share of intervals in which the promise was kept.",
        "aimed", "intervals",
    ),
    Measure(
        "service_level_worst_interval", "share", "higher", Derived.WORST_INTERVAL, None, (TOTAL, CHANNEL),
        "the least service level of an interval of [warm-up, horizon) that has one",
        "Service level of the worst interval.",
        "rated", "intervals",
    ),
    Measure(
        "handle_time_s", "s", "lower", Sum.HANDLE_S, Count.HANDLED, (*PLAIN, CHANNEL_POOL),
        "sum of (talk or writing + wrap-up) of the handled / handled",
        "Mean time an agent spends on a contact, wrap-up included.",
        "contact",
    ),
    Measure(
        "queue_mean", "contacts", "lower", Derived.QUEUE, None, PLAIN,
        "customer-seconds spent waiting in [warm-up, horizon] / its length",
        "Mean number of contacts waiting, averaged over time.",
        "contact",
    ),
    Measure(
        "reply_mean_s", "s", "lower", Sum.REPLY_S, Count.REPLIES, PLAIN,
        "sum of (answer - arrival) of handled messages / handled messages",
        "Mean time from a message to its answer.",
        "inbox",
    ),
    Measure(
        "reply_p90_s", "s", "lower", Derived.REPLY_P90_S, None, PLAIN,
        "least whole second by which nine in ten of the handled messages had been answered",
        "90th percentile of the time to an answer: upper edge of a bin, as for wait_p90_s.",
        "inbox",
    ),
    Measure(
        "replied_in_time_rate", "share", "higher", Count.IN_TIME, Count.DUE, PLAIN,
        "messages answered by their deadline / messages offered to inboxes with a deadline",
        "Share of messages answered by the reply deadline.",
        "due",
    ),
    Measure(
        "backlog_mean", "contacts", "lower", Derived.BACKLOG, None, PLAIN,
        "message-seconds between arrival and answer in [warm-up, horizon] / its length",
        "Mean number of messages received and not yet answered (waiting or in hand), averaged over time.",
        "inbox",
    ),
    Measure(
        "backlog_age_mean_s", "s", "lower", Sum.AGE_S2, Sum.BACKLOG_S, PLAIN,
        "age of each message received and not yet answered, averaged over messages and over the time in [warm-up, horizon]",
        "How old the messages are, on average, that wait for their answer.",
        "inbox",
    ),
    Measure(
        "backlog_oldest_s", "s", "lower", Sum.OLDEST_S, None, PLAIN,
        "largest age that a message not yet answered came to in [warm-up, horizon]",
        "Age of the oldest unanswered message there was.",
        "inbox",
    ),
    Measure(
        "agent_minutes", "min", "lower", Derived.AGENT_MIN, None, (TOTAL, CHANNEL, POOL),
        "minutes of talk or writing and wrap-up of the handled",
        "Agent time that went into handled contacts.",
        "contact",
    ),
)
# fmt: on
