"""Tables of a planner's sheet as they stand in a file: a workbook (.xlsx), a folder of CSV files, or one CSV file.

    plan.xlsx            one sheet a table       grid.fill(...) gives the same workbook back, with further columns
    plan/                one file a table: volumes.csv, roster.csv ...
    volumes.csv          that table alone

A cell is text, a number, a date, a time, true or false, or None.  Where something stands is said as `plan.xlsx[volumes]:ROW:COLUMN`.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnisim.report.numbers import cell as safe
from omnisim.scenario.problem import Pos, Problem, ScenarioError, listing, nearest, short

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Grid:
    """One table: `where` it is, its head in small letters, and (row in the file, cells) of each row that is not empty.

    `titles`: the head as it was written.
    """

    name: str
    where: str
    head: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]

    def pos(self, row: int, column: int) -> Pos:
        """Where a cell stands; columns count from 0 here and from 1 in messages."""
        return Pos(self.where, row, column + 1)


def read(path: str | Path, tables: Sequence[str]) -> dict[str, Grid]:
    """The tables of a file or folder, by name.  Raises ScenarioError where it cannot be read or has none of `tables`."""
    path = Path(path)
    if path.is_dir():
        return _folder(path, tables)
    try:
        data = path.read_bytes()
    except OSError as e:
        raise _error(str(path), f"{e.strerror or e}") from None
    if len(data) > MOST_BYTES:
        raise _error(str(path), f"has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    if path.suffix.lower() == ".csv":
        name = path.stem if path.stem in tables else tables[0]
        return {name: _csv(name, str(path), data)}
    if path.suffix.lower() != ".xlsx":
        raise _error(str(path), f"found the ending {short(path.suffix)}; allowed are: .xlsx, .csv, or a folder of .csv")
    return _workbook(path, data, tables)


def _error(where: str, message: str, row: int = 1, column: int = 1, path: str = "") -> ScenarioError:
    return ScenarioError([Problem(where, row, column, path, message)])


def _folder(path: Path, tables: Sequence[str]) -> dict[str, Grid]:
    found: dict[str, Grid] = {}
    problems: list[Problem] = []
    for file in sorted(path.glob("*.csv")):
        if file.stem not in tables:
            problems.append(Problem(str(file), 1, 1, file.stem, f"is no table of a planner's sheet{_allowed(file.stem, tables)}"))
        elif file.stat().st_size > MOST_BYTES:
            problems.append(Problem(str(file), 1, 1, file.stem, f"has more than {MOST_BYTES:,} bytes"))
        else:
            try:
                found[file.stem] = _csv(file.stem, str(file), file.read_bytes())
            except ScenarioError as e:
                problems += e.problems
    if not found and not problems:
        problems.append(Problem(str(path), 1, 1, "", f"holds no .csv file; a table is a file: {listing(f'{t}.csv' for t in tables)}"))
    if problems:
        raise ScenarioError(problems)
    return found


def _allowed(name: str, tables: Sequence[str]) -> str:
    return f"; allowed are: {listing(tables)}{nearest(name, tables)}"


def _csv(name: str, where: str, data: bytes) -> Grid:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise _error(where, f"is not UTF-8 (byte {e.start}); save it as CSV UTF-8") from None
    first = text.split("\n", 1)[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error as e:
        raise _error(where, f"is no CSV file: {e}") from None
    return _grid(name, where, [[c.strip() or None for c in line] for line in lines])


def _workbook(path: Path, data: bytes, tables: Sequence[str]) -> dict[str, Grid]:
    openpyxl = library("openpyxl")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {s.title: [list(row) for row in s.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)] for s in book}
    except Exception as e:  # whatever a damaged archive makes of it
        raise _error(str(path), f"is no workbook that can be read: {type(e).__name__}") from None
    known = {title: rows for title, rows in sheets.items() if title.strip().lower() in tables}
    problems = [
        Problem(f"{path}[{title}]", 1, 1, title, f"is no table of a planner's sheet{_allowed(title, tables)}")
        for title in sheets
        if title not in known and nearest(title, tables)
    ]
    if not known and not problems:
        problems.append(Problem(str(path), 1, 1, "", f"has no sheet of a name that is known; allowed are: {listing(tables)}"))
    if problems:
        raise ScenarioError(problems)
    return {t.strip().lower(): _grid(t.strip().lower(), f"{path}[{t}]", rows) for t, rows in known.items()}


def library(name: str) -> Any:
    """A library that workbooks need.  Raises ScenarioError where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        words = f'workbooks need the library {name}: pip install ".[excel]" in the checkout; or use CSV'
        raise _error("(workbook)", words) from None


def _grid(name: str, where: str, lines: Sequence[Sequence[Any]]) -> Grid:
    """The head is the first row that is not empty; text is stripped."""
    rows: list[tuple[int, tuple[Any, ...]]] = []
    for n, line in enumerate(lines, 1):
        cells = tuple((c.strip() or None) if isinstance(c, str) else c for c in line[:MOST_COLUMNS])
        if any(c is not None for c in cells):
            rows.append((n, cells))
    if len(rows) > MOST_ROWS:
        raise _error(where, f"has more than {MOST_ROWS:,} rows")
    if not rows:
        raise _error(where, "is empty; its first row names the columns")
    width = max(i + 1 for _, cells in rows for i, c in enumerate(cells) if c is not None)
    titles = tuple("" if c is None else str(c).strip() for c in (*rows[0][1], *[None] * width)[:width])
    return Grid(
        name, where, tuple(t.lower() for t in titles), titles, tuple((n, (*cells, *[None] * width)[:width]) for n, cells in rows[1:])
    )


def filled(grids: Mapping[str, Grid], source: Path, more: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, bytes]:
    """The same sheet with further columns: {file name: bytes}; one workbook, or a CSV file for each table.

    `more`: table -> column -> one value a row, in the order of the rows.  A column of that name is written over; all else, also
    sheets, columns and formats that omnisim does not know, stays.
    """
    if source.suffix.lower() == ".xlsx":
        return {source.name: _fill_workbook(grids, source, more)}
    return {(f"{name}.csv" if source.is_dir() else source.name): _fill_csv(grid, more.get(name, {})) for name, grid in grids.items()}


def _fill_workbook(grids: Mapping[str, Grid], source: Path, more: Mapping[str, Mapping[str, Sequence[Any]]]) -> bytes:
    openpyxl = library("openpyxl")
    book = openpyxl.load_workbook(source)
    for name, columns in more.items():
        grid = grids[name]
        sheet = next(s for s in book if s.title.strip().lower() == name)
        first = next(r for r in range(1, sheet.max_row + 1) if any(sheet.cell(r, c + 1).value is not None for c in range(len(grid.head))))
        width = len(grid.head)
        for head, values in columns.items():
            if head in grid.head:
                at = grid.head.index(head) + 1
            else:
                width += 1
                at = width
            sheet.cell(first, at, head)
            for (row, _), value in zip(grid.rows, values, strict=True):
                spot = sheet.cell(row, at)
                spot.value = safe(value) if isinstance(value, str) else value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_csv(grid: Grid, columns: Mapping[str, Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    own = [i for i, head in enumerate(grid.head) if head not in columns]
    writer.writerow([*(grid.titles[i] for i in own), *columns])
    for k, (_, cells) in enumerate(grid.rows):
        writer.writerow([*("" if cells[i] is None else cells[i] for i in own), *(written(values[k]) for values in columns.values())])
    return out.getvalue().encode("utf-8")


def written(value: Any) -> str:
    """A cell as CSV holds it: numbers with all their digits, text that no spreadsheet takes for a formula.

    >>> written(0.1), written(None), written("=1+1")
    ('0.1', '', "'=1+1")
    """
    if value is None:
        return ""
    return safe(value) if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
