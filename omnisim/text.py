"""Numbers as people read them: labels, units, intervals, tables of at most 80 columns, one-sentence answers."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omnisim.kpis import define, service_levels

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison
    from omnisim.estimate import Difference, Estimate

# shown when nobody asks for more: what decides between service strategies
DECIDING = (
    "service_level",
    "abandon_rate",
    "first_contact_resolution",
    "resolution_rate",
    "context_hit_rate",
    "repeat_told_rate",
    "contradiction_rate",
    "contacts_per_issue",
    "agent_minutes_per_issue",
    "journey_success",
    "conversion",
    "perception_gap",
    "occupancy",
    "labour_cost",
    "hub_cost",
    # where customers are followed
    "satisfaction",
    "defection_rate",
    "retention",
    "repurchase_rate",
    "customer_lifetime_value",
    "acquisition_cost",
    "omnichannel_premium",
    "cost_to_serve",
    "cost_per_resolved",
    # where there is a shop
    "orders",
    "cart_abandonment",
    "basket_mean",
    "return_rate",
    "lossmaking_order_share",
    "revenue",
    "cm1",
    "cm2",
    "cm3",
    "cm4",
    "ebit",
    "ebit_per_order",
)


def label(kpi: str) -> str:
    """A KPI's name in words.

    >>> label("first_contact_resolution"), label("asa_s"), label("reply_p90_s"), label("ebit_per_order"), label("cm2")
    ('First contact resolution', 'ASA', 'Reply p90', 'EBIT per order', 'CM2')
    """
    words = kpi.removesuffix("_s").replace("_", " ")
    first, _, rest = words.partition(" ")
    if first in ("asa", "ebit", "cm1", "cm2", "cm3", "cm4"):
        return f"{first.upper()} {rest}".strip()
    return words[:1].upper() + words[1:]


def in_words(kpi: str) -> str:
    """A KPI's name inside a sentence.

    >>> in_words("service_level"), in_words("ebit"), in_words("cm2")
    ('service level', 'EBIT', 'CM2')
    """
    text = label(kpi)
    return text if text[:2].isupper() and kpi != "asa_s" else text.lower()


def unit_of(unit: str) -> str:
    """The unit a number is shown in: shares are shown in percent."""
    return "%" if unit == "share" else unit


def shown(value: float | None, unit: str, sign: bool = False) -> str:
    """A number with as many decimals as mean something; shares in percent, their differences in percentage points.

    >>> shown(0.8123, "share"), shown(-0.0123, "share", sign=True), shown(1234.5, "USD"), shown(None, "s")
    ('81.2', '-1.2', '1,234', '-')
    """
    if value is None:
        return "-"
    if unit == "share":
        value *= 100.0
        text = f"{value:+,.1f}" if sign else f"{value:,.1f}"
    else:
        digits = 0 if abs(value) >= 100 else 2
        text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    return text.replace("-0.00", "0.00").replace("-0.0", "0.0") if float(text.replace(",", "")) == 0.0 else text


def interval(low: float | None, high: float | None, unit: str, sign: bool = False) -> str:
    """An interval as people read it."""
    return "-" if low is None else f"[{shown(low, unit, sign)}, {shown(high, unit, sign)}]"


def answer_table(answer: Answer, names: tuple[str, ...] = ()) -> str:
    """Totals of an answer, one KPI a line."""
    found = {e.kpi: e for e in answer.estimates if e.scope == ()}
    chosen = _chosen(names, found)
    lines = [f"{'KPI':<30}{'unit':>10}{'mean':>12}{'95 % interval':>26}"]
    for kpi in chosen:
        e = found[kpi]
        lines.append(f"{label(kpi):<30}{unit_of(e.unit):>10}{shown(e.mean, e.unit):>12}{interval(e.low, e.high, e.unit):>26}")
    if "service_level" in chosen:
        e = found["service_level"]
        lines += ["", *_wrapped(f"Service level: {service_levels(answer.tables)}.")]
        if e.pooled is not None and e.n > 1:
            lines += _wrapped(
                f"Mean over seeds (expectation of ratios) {shown(e.mean, 'share')} %; all seeds together (ratio of expectations) "
                f"{shown(e.pooled, 'share')} % {interval(e.pooled_low, e.pooled_high, 'share')}."
            )
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 80, subsequent_indent="  ", break_on_hyphens=False)


def channel_table(answer: Answer) -> str:
    """One line a channel: volume, waiting, service level."""
    kpis = ("contacts_offered", "abandon_rate", "asa_s", "service_level", "handle_time_s", "reply_p90_s", "replied_in_time_rate")
    heads = ("offered", "aband. %", "ASA s", "SL %", "handle s", "reply p90 min", "in time %")
    by = {(e.kpi, dict(e.scope).get("channel")): e for e in answer.estimates if len(e.scope) == 1}
    channels = [c for c in answer.tables.channels if ("contacts_offered", c) in by]
    if not channels:
        return ""
    widths = (9, 9, 8, 7, 9, 14, 10)
    lines = [f"{'Channel':<14}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for c in channels:
        line = f"{c[:13]:<14}"
        for kpi, width in zip(kpis, widths, strict=True):
            e = by.get((kpi, c))
            value = "-" if e is None else shown(e.mean / 60.0, "min") if kpi == "reply_p90_s" else shown(e.mean, e.unit)
            line += f"{value:>{width}}"
        lines.append(line)
    if levels := service_levels(answer.tables):
        lines += _wrapped(f"SL: mean over seeds; {levels}.")
    return "\n".join(lines)


def shop_table(answer: Answer) -> str:
    """One line a channel that sells or helps to sell: the funnel and what it earns."""
    kpis = ("visits", "carts", "purchase_rate", "orders", "basket_mean", "cm2", "cm3")
    heads = ("visits", "carts", "bought %", "orders", "basket", "CM2", "CM3")
    by = {(e.kpi, dict(e.scope).get("channel")): e for e in answer.estimates if len(e.scope) == 1}
    channels = [c for c in answer.tables.channels if any((k, c) in by for k in kpis)]
    widths = (9, 9, 9, 9, 9, 10, 10)
    lines = [f"{'Channel':<14}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for c in channels:
        found = [by.get((k, c)) for k in kpis]
        cells = ["-" if e is None else fitted(e.mean, e.unit, w - 1) for e, w in zip(found, widths, strict=True)]
        lines.append(f"{c[:13]:<14}" + "".join(f"{text:>{w}}" for text, w in zip(cells, widths, strict=True)))
    if answer.tables.has_money:
        lines.append(f"Basket, CM2, CM3 in {answer.tables.currency}; CM3: labour shared by handling time.")
    return "\n".join(lines)


def fitted(value: float | None, unit: str, width: int, sign: bool = False) -> str:
    """A number in so many characters: where it is too long, in thousands or millions.

    >>> fitted(1234.5, "USD", 8), fitted(-1234567.0, "USD", 8, sign=True), fitted(123456789.0, "USD", 8)
    ('1,234', '-1,235k', '123,457k')
    """
    text = shown(value, unit, sign)
    for size, letter in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        if len(text) <= width or value is None:
            return text
        short = value / size * (100.0 if unit == "share" else 1.0)
        text = (f"{short:+,.0f}" if sign else f"{short:,.0f}") + letter
    return text


def _fitted_interval(low: float | None, high: float | None, unit: str, width: int) -> str:
    """An interval of a difference in so many characters."""
    text = interval(low, high, unit, True)
    if len(text) <= width:
        return text
    return f"[{fitted(low, unit, (width - 4) // 2, True)}, {fitted(high, unit, (width - 4) // 2, True)}]"


def comparison_table(c: Comparison, names: tuple[str, ...] = ()) -> str:
    """For each strategy a block: baseline, strategy, difference with its 95 % interval (Holm-adjusted where one of the questions)."""
    blocks = []
    for strategy in c.names[1:]:
        found = {d.kpi: d for d in c.differences if d.scope == () and d.strategy == strategy}
        lines = [f"{strategy} against {c.names[0]}"[:80]]
        lines.append(f"{'KPI':<24}{'unit':>9}{'baseline':>9}{'strategy':>9}{'diff.':>8}{'95 % interval':>19}")
        for kpi in _chosen(names, found):
            d = found[kpi]
            low, high = (d.low_holm, d.high_holm) if d.low_holm is not None else (d.low, d.high)
            star = "*" if d.low_holm is not None else " "
            lines.append(
                f"{label(kpi)[:24]:<24}{unit_of(d.unit)[:8]:>9}{fitted(d.baseline_mean, d.unit, 9):>9}{fitted(d.mean, d.unit, 9):>9}"
                f"{fitted(d.difference, d.unit, 8, True):>8}{_fitted_interval(low, high, d.unit, 19):>19}{star}"
            )
        blocks.append("\n".join(lines))
    reductions = [d.variance_reduction for d in c.differences if d.scope == () and d.low_holm is not None and d.variance_reduction]
    note = ""
    if reductions:
        factor = f"unpaired runs would need {statistics.median(reductions):,.0f} times as many seeds (median of *).\n"
        note = f"Same luck for all: {factor}" if len(factor) <= 62 else f"Same luck: {factor}"
    note += "* adjusted for all questions asked (Holm). Differences of % are in points."
    if "service_level" in _chosen(names, {d.kpi: d for d in c.differences if d.scope == ()}):
        note += "\n" + "\n".join(_levels(c))
    return "\n\n".join(blocks) + "\n" + note


def _levels(c: Comparison) -> list[str]:
    """What service level means in each strategy, once where it means the same in all."""
    meant = [service_levels(a.tables) for a in c.answers]
    if len(set(meant)) == 1:
        return _wrapped(f"Service level, mean over seeds: {meant[0]}.")
    return [line for name, words in zip(c.names, meant, strict=True) for line in _wrapped(f"Service level of {name}: {words or 'none'}.")]


def _chosen(names: tuple[str, ...], found: Mapping[str, object]) -> list[str]:
    for name in names:
        define(name)
    return [n for n in (names or DECIDING) if n in found]


def estimate_sentence(scenario: str, e: Estimate) -> str:
    """One KPI in one sentence."""
    where = ", ".join(f"{k} {v}" for k, v in e.scope)
    text = f"{scenario}: {in_words(e.kpi)}{' (' + where + ')' if where else ''} is {shown(e.mean, e.unit)} {unit_of(e.unit)}"
    if e.low is None:
        return text + " in one replication (no interval)."
    return text + f", 95 % interval {interval(e.low, e.high, e.unit)} over {e.n} seeds."


def difference_sentence(baseline: str, d: Difference) -> str:
    """One difference in one sentence."""
    where = ", ".join(f"{k} {v}" for k, v in d.scope)
    what = f"{in_words(d.kpi)}{' (' + where + ')' if where else ''}"
    unit = "percentage points" if d.unit == "share" else d.unit
    text = f"{d.strategy} against {baseline}: {what} {shown(d.difference, d.unit, True)} {unit}"
    if d.low is None:
        return text + " in one replication (no interval)."
    sure = "the sign is settled" if d.low > 0.0 or (d.high or 0.0) < 0.0 else "the sign is not settled"
    if d.low == d.high == 0.0:
        sure = "exactly no difference"
    return text + f", 95 % interval {interval(d.low, d.high, d.unit, True)} over {d.n} paired seeds: {sure}."
