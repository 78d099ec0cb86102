"""One KPI, declared once.

name  unit  better   numerator / denominator   scopes   formula in words   definition
"""

from dataclasses import dataclass
from typing import Literal

from omnisim.kpis.quantities import Quantity

Scope = tuple[str, ...]

TOTAL: Scope = ()
CHANNEL: Scope = ("channel",)
MEDIUM: Scope = ("medium",)
SEGMENT: Scope = ("segment",)
POOL: Scope = ("pool",)
CHANNEL_POOL: Scope = ("channel", "pool")
INTERVAL: Scope = ("interval",)
CHANNEL_INTERVAL: Scope = ("channel", "interval")
POOL_INTERVAL: Scope = ("interval", "pool")
REGION: Scope = ("region",)
DAY: Scope = ("day",)
CHANNEL_DAY: Scope = ("channel", "day")
PERIOD: Scope = ("period",)
CHANNEL_PERIOD: Scope = ("channel", "period")

Channels = Literal[
    "any", "contact", "inbox", "rated", "aimed", "due", "shown", "sells", "served", "bot", "transfers", "messages", "announces", "calls"
]
When = Literal[
    "always", "staffed", "context", "issues", "buyers", "choice", "rated", "intervals", "wages", "serving", "hub", "shop", "money",
    "rosters", "outsourced", "training", "nodes", "messages", "coupons", "marketplaces",
    "bonds", "lifetime", "referral", "subscription", "fees",
]  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A measure and all that is said about it.

    The value is `numerator / denominator` of one cell; with no denominator it is the numerator.  `unit` "money" stands
    for the scenario's currency.  `better`: the direction in which it improves, or None where neither is plainly better.
    `channels`: the channels that have it ("rated": with a service level, "aimed": and a target for it, "due": inboxes with a
    deadline, "shown": where shoppers look, "sells": where they can buy, "served": where they can buy or get help, "bot": with a
    bot before the agents, "transfers": whose agents hand some on, "messages": that take one from who has waited long,
    "announces": that say how long it will be, "calls": that call back); where none has, it is not given at all.  `when`: what a
    scenario must contain for it to be given.
    """

    name: str
    unit: str
    better: Literal["higher", "lower"] | None
    numerator: Quantity
    denominator: Quantity | None
    scopes: tuple[Scope, ...]
    formula: str
    definition: str
    channels: Channels | None = None
    when: When = "always"

    @property
    def ratio(self) -> bool:
        """Whether totals over seeds can be divided (the pooled value)."""
        return self.denominator is not None
