"""What a shop spends beside its orders and its agents.  Money in the scenario's currency."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass

from .amounts import Amount
from .blocks import RULE, Block, Names, said
from .kinds import Duration, Money, Share
from .shares import Shares

_PER_DAY = Money(per="d", unit="currency/day")


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What is paid besides."""

    payment: float = said(Share(), "paid for payment, of what the customer pays", default=0.0)
    commission: dict[str, float] = said(
        Shares(of="selling channel", total="any", least=0), "paid to the market place, of sales there; absent: 0", default=dict
    )
    acquisition: dict[str, float] = said(
        Names(Amount(), "channel"), "paid for each shopper whose first channel it is; absent: 0", default=dict
    )
    marketing: float = said(_PER_DAY, "marketing", default=0.0)
    fixed: dict[str, float] = said(Names(_PER_DAY, "channel"), "running cost of a channel; absent: 0", default=dict)
    capital: float = said(Amount(), "what was invested", default=0.0)
    life: float = said(Duration(open_low=True), "time over which that is written off", default=1095 * 86400.0, because=RULE)


COSTS = Block(Costs)
