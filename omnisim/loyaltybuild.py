"""What is said of the relationship with customers becomes arrays: `rules.loyalty.LOYALTY` and, by stream, `TIE`.

What is not said has the value at which it changes nothing; without the block nobody is followed beyond his need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.currencies import minor_units
from omnisim.rules.loyalty import BY_LAW, BY_RATE, LOYALTY, TIE

if TYPE_CHECKING:
    from omnisim.lawrows import LawRows
    from omnisim.scenario import Scenario

CAMPAIGN = "campaign."  # of the streams of those whom a campaign brings
YEAR_S = 365.0 * 86400.0


@dataclass(frozen=True)
class Loyalty:
    """`rules` [1] LOYALTY; `ties` [stream] TIE."""

    rules: np.ndarray
    ties: np.ndarray


def build_loyalty(s: Scenario, streams: list[str], laws: LawRows) -> Loyalty:
    """The relationship of a scenario; `streams` are the sorted names."""
    rules, ties = np.zeros(1, LOYALTY), np.zeros(len(streams), TIE)
    said = s.relationship
    r = rules[0]
    r["tell_delay"] = -1
    if said is None:
        return Loyalty(rules, ties)
    r["on"] = 1
    r["start"] = 1.0
    r["discount"] = math.log1p(said.discount) / YEAR_S
    r["eager"] = said.eagerness
    _outcomes(said, r)
    if said.referral is not None:
        told = said.referral
        r["tells"], r["promoter"], r["warns"], r["detractor"] = told.share, told.promoter, told.warns, told.detractor
        r["tell_delay"] = laws.add(told.delay)
    if said.subscription is not None:
        box = said.subscription
        r["take"], r["period"], r["renew"], r["renew_satisfaction"] = box.share, box.period, box.renew, box.satisfaction
        r["fee"] = math.floor(minor_units(box.fee, s.currency) + 0.5)
        r["fee_earns"] = math.floor(r["fee"] * box.margin + 0.5)
    for i, name in enumerate(streams):
        again = said.repurchase.get(name.removeprefix(CAMPAIGN))
        if again is None:
            continue
        ties[i]["stop"] = again.stop
        if again.bg_nbd is not None:
            fit = again.bg_nbd
            ties[i]["comes"] = BY_RATE
            ties[i]["r"], ties[i]["alpha"], ties[i]["a"], ties[i]["b"] = fit.r, fit.alpha * fit.unit, fit.a, fit.b
        else:
            ties[i]["comes"], ties[i]["gap"] = BY_LAW, laws.add(again.gap)
    return Loyalty(rules, ties)


def _outcomes(said: Any, r: Any) -> None:
    """Satisfaction, effort, and the chance to leave for good."""
    if said.satisfaction is not None:
        x = said.satisfaction
        r["start"], r["weight"], r["contact"], r["repeat"], r["failure"] = x.start, x.weight, x.further_contact, x.repeat, x.failure
        r["wait"], r["unresolved"], r["contradiction"], r["missed"] = x.wait, x.unresolved, x.contradiction, x.missed
        r["late0"], r["late5"], r["late10"] = x.late
        r["faulty"], r["cancelled"] = x.faulty, x.cancelled
    if said.effort is not None:
        x = said.effort
        r["e_contact"], r["e_repeat"], r["e_failure"], r["e_wait"] = x.further_contact, x.repeat, x.failure, x.wait
    if said.defection is not None:
        x = said.defection
        r["h_first"], r["h_repeated"], r["h_unresolved"] = x.first_contact, x.repeated, x.unresolved
        r["h_bought"], r["h_left"], r["h_late"] = x.bought, x.left, x.late
        r["h_effort"], r["h_satisfaction"] = x.effort, x.satisfaction
