"""One SQLite file a folder: what was computed is there whole or not at all, whatever happens to the process or the machine.

    Store(folder) --results(...)--> what is kept        put(rows) -> one transaction        plan: what an experiment asked

Write-ahead log, synchronous=FULL: what `put` has returned for survives a power cut.  There are no lock files: SQLite's own locks, and
one on the folder that says who came first, die with their process.  Every row has a checksum that is looked at whenever it is read;
a row that fails it counts as missing.
"""

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from omnisim.kpis import Column
from omnisim.replications import Result
from omnisim.store.keys import DRAWS, key
from omnisim.store.packing import inflate, pack, unpack

NAME = "store.sqlite"
FORMAT = 1
APPLICATION = 0x6F6D6E69  # "omni"
WAIT_S = 60.0  # for another process that is writing

TABLES = {
    "results": "key BLOB PRIMARY KEY, scenario TEXT NOT NULL, engine TEXT NOT NULL, draws TEXT NOT NULL, seed INTEGER NOT NULL, "
    "body BLOB, error TEXT, limits TEXT, seal BLOB NOT NULL",
    "scenarios": "scenario TEXT, engine TEXT, name TEXT, text BLOB, columns TEXT, seal BLOB NOT NULL, PRIMARY KEY (scenario, engine)",
    "columns": "columns TEXT PRIMARY KEY, text BLOB, seal BLOB NOT NULL",
    "experiments": "experiment TEXT PRIMARY KEY, said TEXT, seal BLOB NOT NULL",
    "points": "experiment TEXT, n INTEGER, cell INTEGER, strategy TEXT, settings TEXT, scenario TEXT, engine TEXT, seeds INTEGER, "
    "error TEXT, seal BLOB NOT NULL, PRIMARY KEY (experiment, n)",
    "quarantine": "origin TEXT, reason TEXT, row TEXT",
}
T = TypeVar("T")


class StoreError(OSError):
    """The store cannot be used: locked, full, damaged, not ours.  One line that says which."""

    def __init__(self, folder: Path, words: str) -> None:
        super().__init__(None, words, str(folder / NAME))
        self.words = words

    def __str__(self) -> str:
        return f"{self.filename}: {self.words}"


@dataclass(frozen=True)
class Failure:
    """A replication that ended with an error; `limits`: the budget it ran under, for with another one it may go well."""

    error: str
    limits: str = ""


@dataclass(frozen=True)
class Row:
    """One replication to keep: scenario and engine as in `key`."""

    scenario: str
    engine: str
    seed: int
    outcome: Result | Failure


@dataclass(frozen=True)
class Point:
    """One point of an experiment that was asked: strategy and settings, and which scenario and engine answered it with how many seeds."""

    n: int
    cell: int
    strategy: str
    settings: dict[str, Any]
    scenario: str
    engine: str
    seeds: tuple[int, ...]
    error: str = ""


def seal(*parts: Any) -> bytes:
    """The checksum of a row, 16 bytes: of every value with its kind and length."""
    h = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        h.update(f"{type(part).__name__} {len(data)} ".encode() + data)
    return h.digest()[:16]


class Store:
    """The store of a folder, made if it is missing (and `make`).  Used by the thread that opened it; a context manager.

    Raises StoreError wherever the file cannot be used.
    """

    def __init__(self, folder: str | Path, make: bool = True) -> None:
        self.folder = Path(folder)
        self.path = self.folder / NAME
        if make:
            self.folder.mkdir(parents=True, exist_ok=True)
        elif not self.path.is_file():
            raise StoreError(self.folder, "there is no store here")
        self._bad: set[bytes] = set()  # keys of rows that were read and failed their checksum
        self._known: set[tuple[str, str]] = set()
        self._meaning: tuple[tuple[Column, ...], str] | None = None  # columns that are kept, and their hash
        self._hold: int | None = None
        self.first = self._first_here()
        try:
            self._db = self._guarded(self._open)
        except BaseException:
            self._let_go()
            raise

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        try:
            for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "journal_mode=WAL", "synchronous=FULL"):
                db.execute(f"PRAGMA {pragma}").fetchall()
            self._prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Make the tables of a new file; refuse one that is not ours."""
        found = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")}
        application, version = (db.execute(f"PRAGMA {p}").fetchone()[0] for p in ("application_id", "user_version"))
        if not found and application in (0, APPLICATION):
            db.execute("BEGIN IMMEDIATE")
            for name, fields in TABLES.items():
                db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({fields})")
            db.execute(f"PRAGMA application_id={APPLICATION}")
            db.execute(f"PRAGMA user_version={FORMAT}")
            db.execute("COMMIT")
            return
        if application != APPLICATION and not found & set(TABLES):
            raise StoreError(self.folder, "this SQLite file is no store of omnisim")
        if application != APPLICATION or found != set(TABLES) or not 0 < version < 100:
            raise sqlite3.DatabaseError("its head or its list of tables is not that of a store")
        if version != FORMAT:
            raise StoreError(self.folder, f"the store has format {version}, this program writes {FORMAT}; name another folder")

    def _first_here(self) -> bool:
        """Is no other process at work on this folder?  The lock is the operating system's and ends with this process."""
        try:
            import fcntl
        except ImportError:  # Windows: nobody is told, which costs some work done twice and nothing else
            return True
        try:
            self._hold = os.open(self.folder, os.O_RDONLY)
            fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return self._hold is None
        return True

    def _guarded(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except sqlite3.Error as e:
            self._rollback()
            raise StoreError(self.folder, in_words(e)) from None

    def _rollback(self) -> None:
        db: sqlite3.Connection | None = vars(self).get("_db")
        if db is not None and db.in_transaction:
            try:
                db.execute("ROLLBACK")
            except sqlite3.Error:
                return  # SQLite undoes what was not committed when the file is opened next

    def close(self) -> None:
        """Let go of the file."""
        try:
            self._db.close()
        except sqlite3.Error:
            pass  # what was committed is in the log, which the next one to open it takes over
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def transaction(self, steps: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Statements that happen together or not at all."""

        def all_of_them() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in steps:
                    self._db.execute(statement, values)
                self._db.execute("COMMIT")
            except BaseException:
                self._rollback()
                raise

        self._guarded(all_of_them)

    @property
    def damaged(self) -> int:
        """How many rows were read and failed their checksum."""
        return len(self._bad)

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of a query."""
        return self._guarded(lambda: self._db.execute(statement, values).fetchall())

    def has(self, scenario: str, engine: str, seed: int) -> bool:
        """Is this replication kept, well or failed?"""
        return bool(self.read("SELECT 1 FROM results WHERE key = ?", (key(scenario, engine, seed),)))

    def get(self, scenario: str, engine: str, seed: int) -> Result | Failure | None:
        """What is kept of one replication, None where nothing is, or what is there is damaged."""
        there, outcome = self._look(scenario, engine, seed)
        if there and outcome is None:
            self._bad.add(key(scenario, engine, seed))
        return outcome

    def _look(self, scenario: str, engine: str, seed: int) -> tuple[bool, Result | Failure | None]:
        """Is there a row, and what does it say?"""
        k = key(scenario, engine, seed)
        rows = self.read("SELECT scenario, engine, draws, seed, body, error, limits, seal FROM results WHERE key = ?", (k,))
        if not rows:
            return False, None
        return True, outcome_of(k, rows[0]) if rows[0][:4] == (scenario, engine, DRAWS, seed) else None

    def put(self, rows: Sequence[Row]) -> None:
        """Keep replications, all in one transaction: when this returns they survive a power cut.

        A result takes the place of a failure.  Raises StoreError where another result of the same key is kept: then the engine
        does not give the same numbers twice, and nothing it says can be trusted.
        """
        sealed = [sealed_row(row) for row in rows]

        def statements() -> Iterable[tuple[str, Sequence[Any]]]:
            for row, values in zip(rows, sealed, strict=True):
                _, kept = self._look(row.scenario, row.engine, row.seed)
                if isinstance(kept, Result) and isinstance(row.outcome, Result) and pack(kept) != values[5]:
                    raise StoreError(self.folder, f"seed {row.seed} gave two results: the engine or the store is broken (omnisim agree)")
                if not isinstance(kept, Result):
                    yield "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values

        self.transaction(statements())

    def know(self, scenario: str, engine: str, name: str, text: str, columns: Sequence[Column]) -> None:
        """Keep what a scenario says (its canonical text) and what its columns mean, once."""
        if (scenario, engine) in self._known:
            return
        self._known.add((scenario, engine))
        if self.read("SELECT 1 FROM scenarios WHERE scenario = ? AND engine = ?", (scenario, engine)):
            return
        steps: list[tuple[str, Sequence[Any]]] = []
        meaning = tuple(columns)
        if self._meaning is None or self._meaning[0] != meaning:  # the points of a sweep mostly mean the same by their columns
            listed = json.dumps([[c.kpi, c.scope, c.unit] for c in meaning]).encode()
            which, body = hashlib.sha256(listed).hexdigest(), zlib.compress(listed, 1)
            steps.append(("INSERT OR REPLACE INTO columns VALUES (?, ?, ?)", (which, body, seal(which, body))))
            self._meaning = meaning, which
        row = (scenario, engine, name, zlib.compress(text.encode(), 1), self._meaning[1])
        steps.append(("INSERT OR REPLACE INTO scenarios VALUES (?, ?, ?, ?, ?, ?)", (*row, seal(*row))))
        self.transaction(steps)

    def columns(self, scenario: str, engine: str) -> tuple[Column, ...]:
        """What the KPI vectors of a scenario mean; StoreError where that is not kept, or damaged."""
        statement = "SELECT c.columns, c.text, c.seal FROM scenarios s JOIN columns c USING (columns) WHERE s.scenario = ? AND s.engine = ?"
        rows = self.read(statement, (scenario, engine))
        if not rows or seal(*rows[0][:2]) != rows[0][2]:
            raise StoreError(self.folder, "what the numbers of a scenario mean is missing or damaged: run the sweep again")
        return tuple(Column(kpi, tuple((a, b) for a, b in scope), unit) for kpi, scope, unit in json.loads(inflate(rows[0][1])))

    def plan(self, experiment: str) -> tuple[dict[str, Any], list[Point]] | None:
        """What an experiment said when it was last run and its points; None where it is not known, or damaged."""
        rows = self.read("SELECT experiment, said, seal FROM experiments WHERE experiment = ?", (experiment,))
        if not rows or seal(*rows[0][:2]) != rows[0][2]:
            return None
        names = "experiment, n, cell, strategy, settings, scenario, engine, seeds, error, seal"
        points = self.read(f"SELECT {names} FROM points WHERE experiment = ? ORDER BY n", (experiment,))
        if any(seal(*p[:-1]) != p[-1] for p in points):
            return None
        made = [Point(n, c, s, json.loads(t), h, e, tuple(json.loads(k)), err) for _, n, c, s, t, h, e, k, err, _ in points]
        return json.loads(rows[0][1]), made

    def write_said(self, experiment: str, said: dict[str, Any]) -> None:
        """Keep what an experiment says; if that is not what it said before, its points are forgotten (never their results)."""
        known = self.plan(experiment)
        if known is not None and known[0] == said:
            return
        text = json.dumps(said, sort_keys=True)
        self.transaction(
            [
                ("INSERT OR REPLACE INTO experiments VALUES (?, ?, ?)", (experiment, text, seal(experiment, text))),
                ("DELETE FROM points WHERE experiment = ?", (experiment,)),
            ]
        )

    def add_points(self, experiment: str, points: Sequence[Point]) -> None:
        """Keep which points of an experiment are done, and with which seeds."""
        steps: list[tuple[str, Sequence[Any]]] = []
        for p in points:
            said = json.dumps(p.settings), p.scenario, p.engine, json.dumps(p.seeds), p.error
            row = (experiment, p.n, p.cell, p.strategy, *said)
            steps.append(("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, seal(*row))))
        self.transaction(steps)

    def experiments(self) -> list[str]:
        """The names of the experiments that were asked here."""
        return [name for (name,) in self.read("SELECT experiment FROM experiments ORDER BY experiment")]


def sealed_row(row: Row) -> tuple[Any, ...]:
    """A row of the table of results."""
    k = key(row.scenario, row.engine, row.seed)
    values: tuple[Any, ...]
    if isinstance(row.outcome, Failure):
        values = (k, row.scenario, row.engine, DRAWS, row.seed, None, row.outcome.error, row.outcome.limits)
    else:
        values = (k, row.scenario, row.engine, DRAWS, row.seed, pack(row.outcome), None, None)
    return (*values, seal(*values))


def outcome_of(k: bytes, row: Sequence[Any]) -> Result | Failure | None:
    """What a row of the table of results holds after its key; None where it is damaged."""
    if seal(k, *row[:-1]) != row[-1] or k != key(row[0], row[1], row[3]):
        return None
    if row[5] is not None:
        return Failure(row[5], row[6] or "")
    try:
        result = unpack(row[4])
    except ValueError:
        return None
    return result if result.seed == row[3] else None


def in_words(e: sqlite3.Error) -> str:
    """An error of SQLite in words that say what to do."""
    text = str(e)
    if "full" in text:
        return "the disk is full; what was kept is safe, and the same command goes on when there is room"
    if "locked" in text or "busy" in text:
        return f"another process has been writing for {WAIT_S:.0f} s; try again when it is done"
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return "the file cannot be written here"
    if "disk I/O" in text:
        return "the disk refuses to read or write; what was kept is safe unless the disk is broken"
    return f"the store is damaged ({text}); omnisim doctor FOLDER saves what can be read"
