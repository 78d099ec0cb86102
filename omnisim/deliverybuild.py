"""Ways of delivery, carriers and returns as they are written become numbers: part of the one row of a shop's rules.

Scenario.shipping, .returns, .fulfilment  -->  fields of `rules.shopdata.SHOP`, what is not said neutral
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.currencies import minor_units
from omnisim.laws import sample
from omnisim.rules.delivery import ROUND
from omnisim.words import Way

if TYPE_CHECKING:
    from omnisim.lawrows import LawRows
    from omnisim.scenario import Scenario

WAYS = tuple(w.name.lower() for w in (Way.PICKUP, Way.EXPRESS, Way.TO_STORE, Way.POINT))  # wanted instead of home
POINTS = 10_000  # of the law of delivery time at which the share of late orders is asked


def deliver(s: Scenario, r: Any, channels: list[str], laws: LawRows) -> None:
    """Fills the ways beside home and pick-up, the choice among all, the road, carriers and shocks; `r` is a row of SHOP."""
    r["more_promise"] = math.inf
    r["more_lead"] = r["more_collect"] = r["seen_delay"] = -1
    if s.fulfilment is not None:
        r["cancels"], r["open_shelf"] = int(s.fulfilment.missing == "cancel"), int(s.fulfilment.open_shelves)
    b = s.shipping
    if b is None:
        return
    for k, name in enumerate(WAYS[1:]):
        option = getattr(b, name)
        if option is None:
            continue
        r["more_want"][k], r["more_factor"][k] = option.share, option.factor
        r["more_fee"][k] = -1.0 if option.fee is None else minor_units(option.fee, s.currency)
        r["more_lead"][k] = r["lead"] if option.lead is None else laws.add(option.lead)
        r["more_promise"][k] = math.inf if option.promise is None else option.promise
        r["more_collect"][k] = laws.add(getattr(option, "collect", None))
        r["more_cost"][k] = minor_units(option.cost, s.currency)
    chosen = b.choice is not None and (b.choice.fee > 0.0 or b.choice.lead > 0.0)
    r["more"] = int(chosen or any(getattr(b, name) is not None for name in WAYS[1:]) or any(x.delivery for x in s.regions.values()))
    if b.choice is not None:
        r["choose_fee"], r["choose_lead"] = b.choice.fee, b.choice.lead * 86400.0
    r["speed"] = b.transit_per_day or 0.0
    look = b.pickup.look if b.pickup else None
    if look is not None:
        r["seen"], r["seen_to"], r["seen_delay"] = look.share, channels.index(look.channel), laws.add(look.delay)
    _carriers(s, r, laws)
    for k, shock in enumerate(b.shocks):
        r["shock_from"][k] = (shock.from_ - s.clock.start).total_seconds()
        r["shock_to"][k] = (shock.to - s.clock.start).total_seconds()
        r["shock_cost"][k], r["shock_lead"][k] = shock.factor, shock.lead_factor
    r["shocks"] = len(b.shocks)
    if b.delay_message is not None:
        m = b.delay_message
        r["recall"], r["calms"], r["alarmed"], r["warned_before"] = m.recall, m.calms, m.alarmed, m.before
        r["warned_cost"] = minor_units(m.cost, s.currency)


def _carriers(s: Scenario, r: Any, laws: LawRows) -> None:
    """The carriers, by name."""
    assert s.shipping is not None
    regions = sorted(s.regions)
    for c, name in enumerate(sorted(s.shipping.carriers)):
        carrier = s.shipping.carriers[name]
        r["carrier_factor"][c], r["carrier_lead"][c] = carrier.factor, laws.add(carrier.lead)
        r["carrier_serves"][c] = sum(1 << regions.index(x) for x in carrier.regions) if carrier.regions else -1
        if carrier.carriage is not None:
            r["carrier_own"][c] = 1
            for part in ("parcel", "item", "item_mile"):
                r[f"carrier_{part}"][c] = minor_units(getattr(carrier.carriage, part), s.currency)
    r["carriers"], r["fastest"] = len(s.shipping.carriers), int(s.shipping.carrier == "fastest")


def wants(s: Scenario, region: Any) -> tuple[float, int, tuple[float, ...]]:
    """Of a region: (minor units of the round for a stop at a home, 1 where it says itself what is wanted, what is wanted)."""
    stop = 0.0
    if region.stops_per_square_mile is not None and s.shipping is not None:
        stop = minor_units(s.shipping.round_mile, s.currency) * ROUND / math.sqrt(region.stops_per_square_mile)
    return stop, int(bool(region.delivery)), tuple(region.delivery.get(name, 0.0) for name in WAYS)


def take_back(s: Scenario, r: Any) -> None:
    """Fills what is said of returns beyond their number and cost."""
    b = s.returns
    if b is None:
        return
    r["window_s"], r["exchange"], r["free_more"] = b.window or 0.0, b.exchange, b.free_factor - 1.0
    if b.inspection is not None:
        r["uninspected"], r["inspect_cost"] = 1.0 - b.inspection.share, minor_units(b.inspection.cost, s.currency)
    if b.postage is not None:
        r["postage"], r["postage_paid"], r["deters"] = minor_units(b.postage.cost, s.currency), b.postage.customer_pays, b.postage.deters
    if b.extra is not None:
        r["return_extra"], r["return_extra_value"] = b.extra.share, minor_units(b.extra.value, s.currency)
        r["return_extra_sigma"] = math.sqrt(math.log1p(b.extra.cv * b.extra.cv))


def foresee(s: Scenario, r: Any, laws: np.ndarray, points: np.ndarray) -> None:
    """Fills `alarm`, the share of orders in time that are said to be late, such that of those told the said share is late.

    With L the share of late orders, of N orders N L recall are told rightly and N (1 - L) alarm wrongly; so alarm = recall x L x
    (1 - precision) / (precision x (1 - L)), at most 1.  L is what the law of delivery time and the promise say of an order that leaves at
    once, whatever the region: both are longer by its `lead_factor`.
    """
    message = s.shipping.delay_message if s.shipping else None
    if message is None:
        return
    law, promise = int(r["lead"]), float(r["promise_s"])
    late = 0.0
    if law >= 0 and promise < math.inf:
        late = sum(sample(laws, points, law, (k + 0.5) / POINTS) > promise for k in range(POINTS)) / POINTS
    if late < 1.0:
        r["alarm"] = min(1.0, message.recall * late * (1.0 - message.precision) / (message.precision * (1.0 - late)))
