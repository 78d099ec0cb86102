"""KPIs of bots before the agents, and of contacts that agents hand on; counted by the moment they arrive."""

from omnisim.kpis.declaration import CHANNEL, MEDIUM, TOTAL, Measure
from omnisim.kpis.quantities import Count, Derived

PLAIN = (TOTAL, CHANNEL, MEDIUM)

# fmt: off
MEASURES = (
    Measure(
        "bot_contacts", "contacts", None, Count.BOT_CONTACTS, None, PLAIN,
        "conversations with a bot",
        "Conversations with a bot; they are self-service and no contacts.",
        "bot",
    ),
    Measure(
        "bot_containment", "share", None, Count.BOT_KEPT, Count.BOT_ENDED, PLAIN,
        "(solved + closed without having been solved) / ended conversations",
        "Share of conversations from which no agent is reached, as vendors count it: what was closed falsely is in it.",
        "bot",
    ),
    Measure(
        "bot_resolution", "share", "higher", Count.BOT_SOLVED, Count.BOT_ENDED, PLAIN,
        "solved / ended conversations",
        "Share of conversations that the bot solves.",
        "bot",
    ),
    Measure(
        "bot_false_closure", "share", "lower", Count.BOT_FALSE, Count.BOT_ENDED, PLAIN,
        "closed without having been solved / ended conversations",
        "Share of conversations that the bot closes and has not solved.",
        "bot",
    ),
    Measure(
        "bot_cost", "money", "lower", Derived.BOT_COST, None, (TOTAL, CHANNEL),
        "conversations that began in [warm-up, horizon) x cost of one, one posting a channel, rounded half up",
        "What the bots cost.",
        "bot", "serving",
    ),
    Measure(
        "transfers", "contacts", "lower", Count.TRANSFERS, None, PLAIN,
        "handled contacts that were handed on to another channel when the talk ended",
        "Contacts that an agent handed on; the next agent's is a contact of its own.",
        "transfers",
    ),
    Measure(
        "transfer_rate", "share", "lower", Count.TRANSFERS, Count.HANDLED, PLAIN,
        "handed on / handled",
        "Share of handled contacts that were handed on.",
        "transfers",
    ),
)
# fmt: on
