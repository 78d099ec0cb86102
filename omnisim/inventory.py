"""How much to keep: the newsvendor's answer, exactly.

    demand over one period ~ normal;  too much costs h a unit, too little p a unit;  S: the stock that costs least in the mean

A base-stock level in a scenario (`fulfilment.nodes.NAME.stock.PRODUCT.level`) may be set by it: the period is then review + lead.
"""

import math
from dataclasses import dataclass

from omnisim.laws import normal_inverse


@dataclass(frozen=True)
class Newsvendor:
    """`level`: the best stock; `cost`: its mean cost a period; `service`: the share of periods in which it is enough."""

    level: float
    cost: float
    service: float


def newsvendor(holding: float, penalty: float, mean: float, deviation: float) -> Newsvendor:
    """The stock for one period of normal demand that costs least, at `holding` a unit left over and `penalty` a unit short.

    S = mean + z x deviation with Phi(z) = p / (h + p); its cost is (h + p) x phi(z) x deviation.  Source: Arrow, Harris, Marschak,
    Optimal inventory policy, Econometrica 19 (1951) 250-272; the numbers are Example 4.3 of Snyder, Shen, Fundamentals of Supply
    Chain Theory (2nd ed., 2019), as stockpyl gives them.  Raises ValueError where a cost or the deviation is not above 0.

    >>> n = newsvendor(holding=0.18, penalty=0.70, mean=50, deviation=8)
    >>> round(n.level, 4), round(n.cost, 4)
    (56.604, 1.9976)
    >>> n = newsvendor(holding=2, penalty=18, mean=120, deviation=10)
    >>> round(n.level, 4), round(n.cost, 4), n.service
    (132.8155, 35.0997, 0.9)
    """
    if not (holding > 0.0 and penalty > 0.0 and deviation > 0.0):
        raise ValueError("holding cost, penalty and deviation must be above 0")
    service = penalty / (holding + penalty)
    z = normal_inverse(service)
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return Newsvendor(mean + z * deviation, (holding + penalty) * density * deviation, service)
