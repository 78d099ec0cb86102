"""Side files of a scenario: a column of durations (empirical law), the shape of a day or a week (profile), a table (rate card).

    file.csv            the only column of values
    file.csv#orders     the column named `orders` in the first line

Bare numbers in a column of durations are seconds; `5 min` is allowed too.  A shape has 24 rows (hours) or 7 (Monday first); an
index column (0, 1, 2 ... in the first column, under any name) is recognised and its order obeyed.
"""

import csv
import io

from . import units
from .kinds import Reading
from .problem import listing, nearest, short
from .tree import Leaf, Node, found
from .units import Unreadable

MOST_ROWS = 100_000


def durations(node: Node, path: str, cx: Reading) -> list[float]:
    """The durations, in s, of the CSV column a node names."""
    rows, where = _rows(node, path, cx)
    values: list[float] = []
    for line, row in rows:
        text = row[0]
        try:
            number, unit = units.split(text)
            value = float(number * (units.DURATIONS[unit] if unit else 1))
        except (Unreadable, KeyError):
            cx.refuse(node.pos, path, f"line {line} of {where} holds {short(text)}; a duration in seconds is needed")
        if value < 0:
            cx.refuse(node.pos, path, f"line {line} of {where} holds {short(text)}; it must be at least 0")
        values.append(value)
    if not values:
        cx.refuse(node.pos, path, f"{where} holds no durations")
    return values


def curve(node: Node, path: str, cx: Reading) -> tuple[list[float], list[float]]:
    """Times in s and the share still there after each, of a table with two columns (the first line may name them)."""
    table, name, _ = _read(node, path, cx)
    times: list[float] = []
    shares: list[float] = []
    for line, row in table:
        if line == table[0][0] and not _is_number(row[-1]):
            continue
        try:
            (time, unit), (share, no_unit) = (units.split(cell) for cell in row)
            seconds, left = float(time * (units.DURATIONS[unit] if unit else 1)), float(share)
        except (Unreadable, KeyError, ValueError):
            no_unit, seconds, left = "?", 0.0, 0.0
        if no_unit or seconds < 0.0 or not 0.0 <= left <= 1.0:
            cx.refuse(node.pos, path, f"line {line} of {short(name)} must hold a time in seconds and a share from 0 to 1")
        times.append(seconds)
        shares.append(left)
    if not times:
        cx.refuse(node.pos, path, f"{short(name)} holds no rows")
    return times, shares


def shape(node: Node, path: str, cx: Reading, rows_allowed: tuple[int, ...]) -> list[float]:
    """The weights of a day's hours or a week's days."""
    rows, where = _rows(node, path, cx, indexed=True)
    if len(rows) not in rows_allowed:
        want = " or ".join(map(str, rows_allowed))
        cx.refuse(node.pos, path, f"{where} has {len(rows)} rows; {want} are needed (24 hours, or 7 days from Monday)")
    out: list[float] = []
    for line, row in rows:
        try:
            number, unit = units.split(row[0])
        except Unreadable:
            unit = "?"
            number = units.number("0")
        if unit or number < 0:
            cx.refuse(node.pos, path, f"line {line} of {where} holds {short(row[0])}; a weight of at least 0 is needed")
        out.append(float(number))
    return out


def whole(node: Node, path: str, cx: Reading) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    """The head and the (line, cells) of a whole table, and its name for messages."""
    rows, name, _ = _read(node, path, cx)
    if not rows:
        cx.refuse(node.pos, path, f"{short(name)} is empty")
    if any(len(row) != len(rows[0][1]) for _, row in rows):
        cx.refuse(node.pos, path, f"{short(name)} has rows of different length")
    return rows[0][1], rows[1:], short(name)


def _read(node: Node, path: str, cx: Reading) -> tuple[list[tuple[int, list[str]]], str, str]:
    """(line, cells) of the file a node names, the name of the file, and of the column."""
    if not isinstance(node, Leaf) or not isinstance(node.value, str):
        cx.refuse(node.pos, path, f"found {found(node)}; the path of a CSV file is needed")
    name, _, column = node.value.partition("#")
    if cx.files is None:
        cx.refuse(node.pos, path, f"found {found(node)}; a scenario that is not a file cannot name other files")
    try:
        text = cx.files.side_text(name, node.pos.file)
    except ValueError as e:
        cx.refuse(node.pos, path, f"found {found(node)}; {e}")
    try:
        table = [(i, [c.strip() for c in row]) for i, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(c.strip() for c in row)]
    except csv.Error as e:
        cx.refuse(node.pos, path, f"{short(name)} is no CSV file: {e}")
    if len(table) > MOST_ROWS:
        cx.refuse(node.pos, path, f"{short(name)} has {len(table)} rows; at most {MOST_ROWS} are read")
    return table, name, column


def _rows(node: Node, path: str, cx: Reading, indexed: bool = False) -> tuple[list[tuple[int, list[str]]], str]:
    """(line, [value]) of the wanted column, in index order; and the name of the file for messages."""
    table, name, column = _read(node, path, cx)
    head = table[0][1] if table and not _is_number(table[0][1][-1]) else []
    body = table[1:] if head else table
    width = max((len(row) for _, row in table), default=0)
    if any(len(row) != width for _, row in table):
        cx.refuse(node.pos, path, f"{short(name)} has rows of different length")
    first_is_index = indexed and width > 1 and sorted(_index(row[0]) for _, row in body) == list(range(len(body)))
    if first_is_index:
        body.sort(key=lambda r: _index(r[1][0]))
    if column:
        if column not in head:
            cx.refuse(node.pos, path, f"{short(name)} has no column {short(column)}{nearest(column, head)}; there are: {listing(head)}")
        i = head.index(column)
    else:
        i = 1 if first_is_index else 0
        if width > i + 1:
            cx.refuse(
                node.pos,
                path,
                f"{short(name)} has {width} columns; name one, such as {short(name + '#' + (head[i] if head else 'column'))}",
            )
    return [(line, [row[i]]) for line, row in body], short(name)


def _is_number(text: str) -> bool:
    try:
        units.split(text)
    except Unreadable:
        return False
    return True


def _index(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
