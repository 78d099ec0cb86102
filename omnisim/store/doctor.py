"""Is everything in a store what was put there?  What is not is taken out and put aside, and computed anew by the next run.

examine(folder) --SQLite's own check, every checksum--> Health    (mend: damaged rows go to the table `quarantine`;
                                                                    a file that SQLite refuses is copied row by row)
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnisim.store.database import NAME, TABLES, Store, StoreError, outcome_of, seal

SEALED = tuple(name for name, fields in TABLES.items() if "seal " in fields)


@dataclass(frozen=True)
class Health:
    """`results`: good rows; `failures`: of them, replications that ended with an error; `damaged`: one line a damaged row;
    `structure`: what SQLite says of the file, empty if nothing; `aside`: where a broken file was put."""

    results: int
    failures: int
    damaged: tuple[str, ...]
    structure: str = ""
    aside: Path | None = None

    @property
    def well(self) -> bool:
        """Nothing is wrong."""
        return not self.damaged and not self.structure

    def sentence(self) -> str:
        """One line a person can act on."""
        text = f"{self.results} results, of them {self.failures} failed replications"
        if self.well:
            return text + ": every checksum holds"
        if self.aside is not None:
            return f"{text} saved from a broken file, which lies in {self.aside.name}; the next run computes what is missing"
        return f"{text}; {len(self.damaged)} damaged rows: taken out, the next run computes them anew"


def examine(folder: str | Path, mend: bool = True) -> Health:
    """Look at every row of a store; with `mend`, take out what is damaged.  Raises StoreError where there is no store."""
    folder = Path(folder)
    if not (folder / NAME).is_file():
        raise StoreError(folder, "there is no store here")
    broken = _structure(folder / NAME)
    if not broken:
        try:
            with Store(folder, make=False) as store:
                return _rows(store, mend)
        except StoreError as e:
            if "damaged" not in e.words:
                raise
            broken = e.words
    if not mend:
        return Health(0, 0, (), broken)
    return _salvage(folder, broken)


def _structure(path: Path) -> str:
    """What SQLite itself finds wrong with the file; empty if nothing."""
    try:
        with closing(sqlite3.connect(path, timeout=60.0)) as db:
            rows = [str(r[0]) for r in db.execute("PRAGMA integrity_check(5)")]
    except sqlite3.Error as e:
        return str(e)
    return "" if rows == ["ok"] else "; ".join(rows)[:200]


def _good(name: str, row: tuple[Any, ...]) -> bool:
    if name == "results":
        return isinstance(row[0], bytes) and outcome_of(row[0], row[1:]) is not None
    return bool(seal(*row[:-1]) == row[-1])


def _rows(store: Store, mend: bool) -> Health:
    damaged: list[str] = []
    steps: list[tuple[str, tuple[Any, ...]]] = []
    results = failures = 0
    for name in SEALED:
        for (rowid,) in store.read(f"SELECT rowid FROM {name}"):
            row = store.read(f"SELECT * FROM {name} WHERE rowid = ?", (rowid,))[0]
            if _good(name, row):
                results += name == "results"
                failures += name == "results" and row[6] is not None
                continue
            damaged.append(f"{name} row {rowid}")
            steps += [
                ("INSERT INTO quarantine VALUES (?, ?, ?)", (name, "the checksum does not hold", repr(row)[:10_000])),
                (f"DELETE FROM {name} WHERE rowid = ?", (rowid,)),
            ]
    if mend and steps:
        store.transaction(steps)
    return Health(results, failures, tuple(damaged))


def _salvage(folder: Path, broken: str) -> Health:
    """Copy every readable, good row into a new file and put it in place of the broken one, which is kept."""
    new = folder / "salvage"
    for old in (new / NAME, new / f"{NAME}-wal", new / f"{NAME}-shm"):
        old.unlink(missing_ok=True)
    results = failures = 0
    with Store(new) as store:
        for name in SEALED:
            good = [row for row in _readable(folder / NAME, name) if len(row) == _width(name) and _good(name, row)]
            places = ", ".join("?" * _width(name))
            store.transaction((f"INSERT OR IGNORE INTO {name} VALUES ({places})", row) for row in good)
            results += len(good) if name == "results" else 0
            failures += sum(row[6] is not None for row in good) if name == "results" else 0
    n = next(n for n in range(1, 10_000) if not (folder / f"store.damaged-{n}.sqlite").exists())
    aside = folder / f"store.damaged-{n}.sqlite"
    os.replace(folder / NAME, aside)
    for end in ("-wal", "-shm"):  # they belong to the file that was put aside
        with suppress(FileNotFoundError):
            os.replace(folder / (NAME + end), folder / (aside.name + end))
    os.replace(new / NAME, folder / NAME)
    with suppress(OSError):
        new.rmdir()
    return Health(results, failures, (), broken, aside)


def _width(name: str) -> int:
    return TABLES[name].split("PRIMARY KEY (")[0].rstrip(", ").count(",") + 1


def _readable(path: Path, name: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table that SQLite can still read, each once: row by row, for one bad page must not hide the others."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60.0)) as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # not even that: nothing can be read
            try:
                last = db.execute(f"SELECT max(rowid) FROM {name}").fetchone()[0] or 0
            except sqlite3.Error:
                last = 100_000
            for rowid in range(1, min(int(last), 10_000_000) + 1):
                with suppress(sqlite3.Error):
                    yield from db.execute(f"SELECT * FROM {name} WHERE rowid = ?", (rowid,)).fetchall()
    except (sqlite3.Error, ValueError, TypeError):
        return
