"""A store's numbers for other programs: one row a point and seed, one column a factor and a KPI.

    frame(store, experiment) -> Frame --csv | json | parquet | xlsx--> bytes        (the same store gives the same bytes)

Text stays text: no spreadsheet takes it for a formula, no page for markup.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisim.replications import Result
from omnisim.report.numbers import cell
from omnisim.scenario.yamltext import flow
from omnisim.store import Failure, Store, StoreError

if TYPE_CHECKING:
    from omnisim.store.database import Point

FORMATS = ("csv", "json", "parquet", "xlsx")
FIRST = ("point", "strategy", "seed", "error")
EXTRAS = {"parquet": ("pyarrow", "data"), "xlsx": ("xlsxwriter", "excel")}
SHEET = (1_048_576, 16_384)  # rows and columns of a spreadsheet


class Missing(Exception):
    """A library that this format needs is not installed."""


@dataclass(frozen=True)
class Frame:
    """Columns by name, all of one length: whole numbers, floats (None: undefined) or text."""

    experiment: str
    question: str
    columns: dict[str, list[Any]]

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        return zip(*self.columns.values(), strict=True)


def frame(store: Store, experiment: str | None = None, everything: bool = False) -> Frame:
    """The points of an experiment (absent: the only one) seed by seed; totals of all KPIs, with `everything` every scope too.

    Raises ValueError for an unknown experiment and StoreError for a damaged store.
    """
    known = store.experiments()
    name = experiment or (known[0] if len(known) == 1 else "")
    if name not in known:
        what = f"there is no experiment {name!r}" if name else "say which experiment"
        raise ValueError(f"{what}; the store has {', '.join(known) or 'none (it was made by run or compare)'}")
    plan = store.plan(name)
    if plan is None:
        raise StoreError(store.folder, "what the experiment said is damaged: run the sweep again")
    said, points = plan
    factors = list(dict.fromkeys(f for p in points for f in p.settings))
    heads = [*FIRST[:2], *(f"factor {f}" if f in FIRST else f for f in factors), *FIRST[2:]]
    kpis = _kpis(store, points, everything)
    rows = [row for p in points for row in _rows(store, p, factors, kpis, everything)]
    columns: dict[str, list[Any]] = {h: [row[i] for row in rows] for i, h in enumerate([*heads, *kpis])}
    for factor in heads[2 : 2 + len(factors)]:
        columns[factor] = _alike(columns[factor])
    return Frame(name, str(said.get("file", {}).get("question", "")), columns)


def column_name(kpi: str, scope: tuple[tuple[str, str], ...]) -> str:
    """A KPI and where.

    >>> column_name("asa_s", ()), column_name("asa_s", (("channel", "chat"), ("pool", "desk")))
    ('asa_s', 'asa_s[channel=chat,pool=desk]')
    """
    return kpi + ("[" + ",".join(f"{k}={v}" for k, v in scope) + "]" if scope else "")


def _kpis(store: Store, points: list[Point], everything: bool) -> list[str]:
    found: dict[str, None] = {}
    for which in dict.fromkeys((p.scenario, p.engine) for p in points if p.scenario):
        found |= {column_name(c.kpi, c.scope): None for c in store.columns(*which) if everything or not c.scope}
    return list(found)


def _rows(store: Store, point: Point, factors: list[str], kpis: list[str], everything: bool) -> Iterator[list[Any]]:
    head = [point.n, point.strategy, *(point.settings.get(f) for f in factors)]
    if point.error:
        yield [*head, None, point.error, *[None] * len(kpis)]
        return
    given = {column_name(c.kpi, c.scope): i for i, c in enumerate(store.columns(point.scenario, point.engine)) if everything or not c.scope}
    places = [given.get(k, -1) for k in kpis]
    for seed in point.seeds:
        outcome = store.get(point.scenario, point.engine, seed)
        if isinstance(outcome, Result):
            value = [_value(outcome, i) for i in places]
            yield [*head, seed, "", *value]
        else:
            error = outcome.error if isinstance(outcome, Failure) else "the row is damaged or missing: run the sweep again"
            yield [*head, seed, error, *[None] * len(kpis)]


def _value(result: Result, i: int) -> float | None:
    if i < 0 or result.den[i] == 0.0:
        return None
    value = float(result.num[i] / result.den[i])
    return value if math.isfinite(value) else None


def _alike(values: list[Any]) -> list[Any]:
    """Numbers where all are numbers, else text for all."""
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return [float(v) for v in values] if any(isinstance(v, float) for v in values) else values
    return [v if isinstance(v, str) else flow(v) for v in values]


def as_bytes(table: Frame, form: str) -> bytes:
    """The table in one of FORMATS.  Raises Missing where a library is not installed, ValueError where it does not fit."""
    return {"csv": _csv, "json": _json, "parquet": _parquet, "xlsx": _xlsx}[form](table)


def _library(form: str) -> Any:
    import importlib

    name, extra = EXTRAS[form]
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(f'{form} needs the library {name}: pip install ".[{extra}]" in the checkout') from None


def _csv(table: Frame) -> bytes:
    """RFC 4180 with line feeds, UTF-8; numbers with all their digits, nothing where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([cell(h) for h in table.columns])
    for row in table.rows:
        writer.writerow(["" if v is None else cell(v) if isinstance(v, str) else repr(v) for v in row])
    return out.getvalue().encode("utf-8", "replace")


def _json(table: Frame) -> bytes:
    """{"experiment", "question", "rows": [{column: value}]}; can stand in a page as it is."""
    document = {"experiment": table.experiment, "question": table.question}
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    text = json.dumps({**document, "rows": rows}, indent=1, allow_nan=False, ensure_ascii=True) + "\n"
    for c in "<>&":
        text = text.replace(c, f"\\u{ord(c):04x}")  # they occur inside text only
    return text.encode("ascii")


def _parquet(table: Frame) -> bytes:
    pa = _library("parquet")
    import pyarrow.parquet

    arrays = {name: pa.array(values, _type(pa, values)) for name, values in table.columns.items()}
    made = pa.table(arrays).replace_schema_metadata({"experiment": table.experiment, "question": table.question})
    out = io.BytesIO()
    pyarrow.parquet.write_table(made, out)
    return out.getvalue()


def _type(pa: Any, values: list[Any]) -> Any:
    known = [v for v in values if v is not None]
    if known and all(isinstance(v, int) for v in known):
        return pa.int64()
    return pa.string() if any(isinstance(v, str) for v in known) else pa.float64()


def _xlsx(table: Frame) -> bytes:
    xlsxwriter = _library("xlsx")
    from datetime import datetime

    n = max((len(v) for v in table.columns.values()), default=0)
    if n + 1 > SHEET[0] or len(table.columns) > SHEET[1]:
        raise ValueError(f"{n:,} rows and {len(table.columns):,} columns do not fit on a sheet ({SHEET[0]:,} x {SHEET[1]:,}); use parquet")
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": table.experiment[:200], "created": datetime(2000, 1, 1)})  # the same bytes at any time of day
    sheet = book.add_worksheet("results")
    for c, (head, values) in enumerate(table.columns.items()):
        sheet.write_string(0, c, head)
        for r, value in enumerate(values, 1):
            if isinstance(value, str):
                sheet.write_string(r, c, value[:32_767])
            elif value is not None:
                sheet.write_number(r, c, value)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
