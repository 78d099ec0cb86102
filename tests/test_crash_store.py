"""Law: after a power cut, on a full disk and from a damaged file nothing comes back but what was put there; then the rest is computed.

A short part in the ordinary run, the full number by `make crash`.
"""

import random
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_store import ENGINE, HERE, result, same
from tiny_experiments import REPLICATIONS, digest, write

import omnisim as om
from omnisim.cli import main
from omnisim.report.files import write_bytes
from omnisim.store import NAME, Failure, Store, StoreError, examine
from omnisim.store.database import Point, Row

WAL = NAME + "-wal"
SECTOR = 512  # a disk writes so many bytes whole


def often(few, many):
    """The same test a few times in the ordinary run and in full by `make crash`."""
    return pytest.mark.parametrize("times", [pytest.param(few, id="short"), pytest.param(many, id="full", marks=pytest.mark.crash)])


@pytest.fixture
def place():
    """A folder in memory where there is one: thousands of stores are opened here."""
    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


def history(folder):
    """Transactions of a store with small checkpoints: (file, log, seeds kept) after each one."""
    states = []
    with Store(folder) as store:
        store.read("PRAGMA wal_autocheckpoint=6")

        def note(seeds):
            log = folder / WAL
            states.append(((folder / NAME).read_bytes(), log.read_bytes() if log.exists() else b"", frozenset(seeds)))

        note(())
        seeds: list[int] = []
        for n in range(14):
            new = list(range(len(seeds), len(seeds) + 1 + n % 3))
            store.put([Row(HERE, ENGINE, s, Failure(f"failed {s}") if s % 7 == 3 else result(s, s % 2 == 0)) for s in new])
            seeds += new
            note(seeds)
            store.add_points("tiny", [Point(n, n, "slow", {"agents": n}, HERE, ENGINE, (n,))])
            note(seeds)
    return states, seeds


def mixed(rng, old, new):
    """A file on its way from one content to another: sectors in any order, one of them perhaps cut in the middle, or cut off."""
    if rng.random() < 0.3:  # written in order, up to a byte
        size = rng.randrange(len(new) + 1)
        return new[:size] + old[size:]
    out = bytearray(old.ljust(len(new), b"\0"))[: max(len(new), len(old))]
    done = rng.random()
    for at in range(0, len(new), SECTOR):
        if rng.random() < done:
            size = SECTOR if rng.random() < 0.97 else rng.randrange(SECTOR)
            out[at : at + size] = new[at : at + size]
    if rng.random() < 0.2:
        out = out[: rng.randrange(min(len(old), len(new)), max(len(old), len(new)) + 1)]
    return bytes(out)


@often(120, 18_000)
def test_a_power_cut_leaves_what_was_kept_and_nothing_else(place, times):
    """The log is torn while a transaction is written, or the file while the log is worked into it; whatever was kept before is there."""
    states, every = history(place / "made")
    rng = random.Random(5)
    checkpoints = 0
    for n in range(times):
        i = rng.randrange(len(states) - 1)
        (file, log, before), (file2, log2, after) = states[i], states[i + 1]
        working_in = file != file2 and rng.random() < 0.5
        checkpoints += working_in
        folder = place / f"cut{n}"
        folder.mkdir()
        (folder / NAME).write_bytes(mixed(rng, file, file2) if working_in else file)
        (folder / WAL).write_bytes(log2 if working_in else mixed(rng, log, log2))
        with Store(folder) as store:
            kept = {s for s in every if store.has(HERE, ENGINE, s)}
            assert kept == after if working_in else kept in (before, after), f"cut {n} of transaction {i}"
            for s in kept:
                outcome = store.get(HERE, ENGINE, s)
                assert outcome == Failure(f"failed {s}") if s % 7 == 3 else same(outcome, result(s, s % 2 == 0))
            assert store.damaged == 0
            if n % 20 == 0:
                store.put([Row(HERE, ENGINE, s, result(s, s % 2 == 0)) for s in every if s not in kept and s % 7 != 3])
        if n % 20 == 0:
            assert examine(folder).well
        shutil.rmtree(folder)
    assert checkpoints > times / 50, "both kinds of cuts were made"


@often(60, 2_000)
def test_a_report_is_written_whole_or_not_at_all(place, monkeypatch, times):
    """Broken off before, in the middle of and after its n-th step: the old text or the new one, never a part."""
    rng = random.Random(7)
    path = place / "report.html"
    old = b""
    write_bytes(path, old)
    real_open = Path.open
    for n in range(times):
        new = rng.randbytes(rng.randrange(1, 5000))
        at, step = rng.randrange(len(new) + 1), rng.choice(["write", "sync", "rename before", "rename after"])

        class Cut(Exception):
            pass

        def stop(*_, **__):
            raise Cut

        class Torn:
            def __init__(self, file):
                self.file = file

            def __getattr__(self, name):
                return getattr(self.file, name)

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.file.close()

            def write(self, data):
                self.file.write(data[:at])  # noqa: B023
                stop()

        def renamed(self, target, real=Path.replace):
            real(self, target)
            stop()

        with monkeypatch.context() as m:
            if step == "write":
                m.setattr(Path, "open", lambda self, mode: Torn(real_open(self, mode)))
            elif step == "sync":
                m.setattr("os.fsync", stop)
            else:
                m.setattr(Path, "replace", stop if step == "rename before" else renamed)
            with pytest.raises(Cut):
                write_bytes(path, new)
        old = new if step == "rename after" else old
        assert path.read_bytes() == old, f"{n}: {step}"
        assert [p.name for p in place.iterdir()] == ["report.html"]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A tiny experiment, the digest of its table, and a folder with its whole store."""
    folder = tmp_path_factory.mktemp("asked")
    path = write(folder)
    experiment = om.Experiment.load(path)
    return path, experiment, digest(experiment.run(workers=1, store=folder / "whole")), folder / "whole"


@often(6, 200)
def test_a_full_disk_is_one_line_and_the_same_command_goes_on(place, asked, monkeypatch, times):
    path, experiment, expected, _ = asked
    rng = random.Random(11)
    real = Store._open
    for n in range(times):
        folder = place / f"full{n}"
        pages = rng.randrange(4, 40)

        def small(self, real=real, pages=pages):
            db = real(self)
            db.execute(f"PRAGMA max_page_count={pages}").fetchall()
            return db

        with monkeypatch.context() as m:
            m.setattr(Store, "_open", small)
            out = CliRunner().invoke(main, ["sweep", str(path), "--store", str(folder), "--workers", "1"])
        assert out.exit_code in (0, 2), out.output
        if out.exit_code == 2:
            assert "the disk is full" in out.stderr.strip().splitlines()[-1], out.output
            assert "Traceback" not in out.output
        with Store(folder) as store:
            kept = store.read("SELECT count(*) FROM results")[0][0]
        table = experiment.run(workers=1, store=folder)
        assert (table.counts.kept, table.counts.computed) == (kept, REPLICATIONS - kept)
        assert digest(table) == expected
        shutil.rmtree(folder)


def damaged(rng, data):
    """A file with something wrong in it, and what."""
    out = bytearray(data)
    kind = rng.choice(["bits", "bytes", "zeros", "page", "cut", "longer", "swap", "header"])
    page = int.from_bytes(data[16:18], "big")
    pages = len(data) // page
    at = rng.randrange(len(data))
    match kind:
        case "bits":
            for _ in range(rng.randrange(1, 20)):
                out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
        case "bytes":
            out[at : at + 40] = rng.randbytes(len(out[at : at + 40]))
        case "zeros":
            out[at : at + 600] = bytes(len(out[at : at + 600]))
        case "page":
            p = rng.randrange(pages)
            out[p * page : (p + 1) * page] = rng.randbytes(page)
        case "cut":
            out = out[:at]
        case "longer":
            out += rng.randbytes(rng.randrange(1, 9000))
        case "swap":
            a, b = rng.randrange(1, pages), rng.randrange(1, pages)
            pair = data[a * page : (a + 1) * page], data[b * page : (b + 1) * page]
            out[a * page : (a + 1) * page], out[b * page : (b + 1) * page] = pair[1], pair[0]
        case "header":
            out[rng.randrange(100)] = rng.randrange(256)
    return kind, bytes(out)


@often(16, 500)
def test_a_damaged_store_gives_the_right_numbers_or_says_that_it_is_damaged(place, asked, times):
    """Then the doctor saves what can be read, and the next sweep computes the rest."""
    _, experiment, expected, whole = asked
    data = (whole / NAME).read_bytes()
    rng = random.Random(13)
    said = right = 0  # one line that says so; the right numbers
    for n in range(times):
        folder = place / f"bad{n}"
        folder.mkdir()
        kind, bad = damaged(rng, data)
        (folder / NAME).write_bytes(bad)
        try:
            table = experiment.run(workers=1, store=folder)
        except StoreError as e:
            said += str(e).count("\n") == 0
        else:
            right += 1
            assert digest(table) == expected, f"{n}: {kind}"
        examine(folder)
        assert digest(experiment.run(workers=1, store=folder)) == expected, f"{n}: {kind}, after the doctor"
        assert examine(folder).well, f"{n}: {kind}"
        shutil.rmtree(folder)
    assert said + right == times
    assert said > 0 < right


def test_sqlite_is_new_enough():
    """Write-ahead logs since 3.7.0; cell_size_check since 3.10."""
    assert sqlite3.sqlite_version_info >= (3, 10)
