"""How a strategy is rolled out: how fast it spreads, what people have to learn, what it costs before it helps."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass

from .amounts import Amount
from .blocks import RULE, Block, said
from .kinds import Duration, Money, Share, Whole

_PER_DAY = Money(per="d", unit="currency/day")


@dataclass(frozen=True, kw_only=True)
class Dip:
    """After the first day people work more slowly for a while."""

    share: float = said(Share(), "of their speed that agents lose")
    length: float = said(Duration(), "for how long")


@dataclass(frozen=True, kw_only=True)
class Double:
    """Old and new side by side."""

    cost: float = said(_PER_DAY, "what that costs")
    length: float = said(Duration(), "for how long")


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """From the first day of a strategy on."""

    months: int = said(Whole(1, 600, "months"), "how far one looks", default=36, because=RULE)
    ramp: float = said(Duration(), "time until all links and all identification are there, in a straight line", default=0.0)
    learning: float = said(Duration(), "mean time until people make use of what is there (exponential)", default=0.0)
    dip: Dip | None = said(Block(Dip), "slower work after the first day; absent: none", or_none=True)
    double: Double | None = said(Block(Double), "double running; absent: none", or_none=True)
    capital: float | None = said(Amount(), "spent before the first day; absent: what costs.capital is above the baseline's", or_none=True)
    running: float = said(_PER_DAY, "running cost beside the hub's", default=0.0)
    discount: float = said(Share(), "what a year takes off the value of money", default=0.0)
    steps: int = said(
        Whole(1, 20, "steps"), "how many points of the ramp are simulated; between them a straight line", default=4, because=RULE
    )


ROLLOUT = Block(Rollout)
