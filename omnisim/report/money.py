"""What the page says of money: both intervals, what each strategy earns more, and what moves it.

comparison, verdict -> Money(sentence, tables, inputs); None where orders have no prices
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisim.figures.looks import clip
from omnisim.figures.numbers import half_width, interval, number, places, plain, signed
from omnisim.ledger import exponent

if TYPE_CHECKING:
    from omnisim.answers import Comparison

# every measure that the section and its figures speak of
SHOWN = [
    "visits", "carts", "orders", "conversion", "basket_mean", "net_sales", "goods_cost", "shipping_fees", "handling_cost",
    "carriage_cost", "return_cost", "selling_cost", "marketing_cost", "fixed_cost", "capital_cost", "cm2", "cm4", "ebit",
    "lossmaking_order_share",
]  # fmt: skip
HEADS = ("assumed.stands", "money.range", "money.correlation", "money.at_low", "money.at_high", "money.zero")
LONG = 40  # characters of a value that are shown

Head = tuple[str, str]  # KPI, unit
Rows = list[tuple[str, list[tuple[str, str]]]]  # strategy, cells: difference, interval


@dataclass(frozen=True)
class Money:
    """`tables`: (title, heads, rows, note); `inputs`: one row a varied input, most worth measuring first."""

    sentence: str
    tables: tuple[tuple[str, list[Head], Rows, str], ...]
    ignorance: tuple[str, ...]
    heads: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]
    not_varied: str


def money(comparison: "Comparison", say: Mapping[str, str], days: str) -> Money | None:
    """The money of a comparison as it is shown; None without prices."""
    if not any(a.tables.has_money for a in comparison.answers):
        return None
    v = comparison.verdict
    base = comparison.names[0]
    tables = []
    run, year = _maps(v, "earnings"), _maps(v, "annual")
    if run:
        tables.append((say["money.difference"].format(base=base, days=days), *_table(run), ""))
    if year:
        w = year[0]["weights"]
        note = say["money.year.note"].format(peak=number(w["peak"], 0), week=number(w["week"], 1))
        tables.append((say["money.year"].format(base=base), *_table(year), note))
    found = v.get("ignorance") or {}
    inputs = [i for i in found.get("inputs", ()) if i["at_low"] is not None]
    unit = str(found.get("unit", ""))
    return Money(
        str(v.get("sentence", "")),
        tuple(tables),
        tuple(found.get("text", ()))[:1],
        tuple(say[key] for key in HEADS),
        tuple(_input(i, unit) for i in inputs),
        ", ".join(found.get("not_varied", ())),
    )


def _maps(verdict: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = verdict.get(key)
    return [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, list | tuple) else []


def _table(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Head], Rows]:
    """A strategy a row, a measure a column: difference and interval."""
    heads = list(dict.fromkeys((str(r["kpi"]), str(r["unit"])) for r in rows))
    out: Rows = []
    for name in dict.fromkeys(str(r["strategy"]) for r in rows):
        cells = []
        for kpi, unit in heads:
            r = next((r for r in rows if (r["strategy"], r["kpi"]) == (name, kpi)), None)
            if r is None:
                cells.append(("", ""))
                continue
            n = places([half_width(r["low"], r["high"])], unit)
            between = interval(r["low"], r["high"], n, sign=True)
            cells.append((signed(r["difference"], n), between))
        out.append((name, cells))
    return heads, out


def _input(i: Mapping[str, Any], unit: str) -> tuple[str, ...]:
    """Path, value and grade, range, correlation, both ends, break-even."""
    n = 0 if max(abs(i["at_low"]), abs(i["at_high"])) >= 100.0 else exponent(unit)
    own = f" {i['unit']}" if i["unit"] else ""
    zero = "" if i["break_even"] is None else f"{i['break_even']:.3g}{own}"
    ends = [f"{signed(i[key], n)} {unit}" for key in ("at_low", "at_high")]
    value = f"{clip(str(i['value']), LONG)} ({i['grade']})"
    return (str(i["path"]), value, f"{plain(i['low'])} – {plain(i['high'])}{own}", signed(i["correlation"], 2), *ends, zero)
