"""Law: what the store gives back is what was put there, to the bit, or nothing; whatever is wrong is one line."""

import dataclasses
import multiprocessing
import sqlite3
import zlib

import numpy as np
import pytest

from omnisim.flows import Flows
from omnisim.jit import PACKAGE
from omnisim.kpis import Column
from omnisim.replications import Result
from omnisim.sales import Sales
from omnisim.store import NAME, Failure, Store, StoreError, engine_version, examine, key
from omnisim.store.database import Point, Row
from omnisim.store.keys import sources
from omnisim.store.packing import pack, unpack

HERE, ENGINE = "a" * 64, "engine"


def result(seed, sales=False, n=40):
    rng = np.random.default_rng(seed)
    num = rng.normal(size=n) * 10.0 ** rng.integers(-300, 300, n)
    num[:4] = [np.nan, np.inf, -0.0, 5e-324]
    shop = Sales(*(rng.integers(-(2**62), 2**62, shape) for shape in ((30, 4), (3, 3), (0, 3)))) if sales else None
    return Result(seed, num, rng.random(n), Flows(rng.integers(0, 99, (4, 6)), rng.random((3, 5))), 12_345 + seed, shop)


def same(a, b):
    return pack(a) == pack(b)


@pytest.fixture
def full(tmp_path):
    """A folder with ten results, one failure and one experiment of one point."""
    with Store(tmp_path) as store:
        store.put([Row(HERE, ENGINE, s, result(s, s % 2 == 0)) for s in range(10)])
        store.put([Row(HERE, ENGINE, 10, Failure("more than 5 events (limit: events)", "5"))])
        store.know(HERE, ENGINE, "queue", '{"clock":1}', [Column("asa_s", (), "s"), Column("asa_s", (("channel", "phone"),), "s")])
        store.write_said("tiny", {"file": {"question": "?"}})
        store.add_points("tiny", [Point(0, 0, "slow", {"agents": 1}, HERE, ENGINE, tuple(range(11)))])
    return tmp_path


@pytest.mark.parametrize("sales", [False, True])
def test_a_result_comes_back_to_the_bit(sales):
    a = result(3, sales)
    b = unpack(pack(a))
    for one, other in ((a.num, b.num), (a.den, b.den), (a.flows.moves, b.flows.moves), (a.flows.minutes, b.flows.minutes)):
        assert one.tobytes() == other.tobytes()
        assert one.shape == other.shape
    assert (b.seed, b.events, b.sales is None) == (3, a.events, not sales)
    if sales:
        assert all((getattr(a.sales, f) == getattr(b.sales, f)).all() for f in ("hist", "by_channel", "by_region"))


def test_packing_knows_every_field_of_a_result():
    """Whoever adds a field to a result adds it to the store."""
    assert {f.name for f in dataclasses.fields(Result)} == {"seed", "num", "den", "flows", "events", "sales"}
    assert {f.name for f in dataclasses.fields(Flows)} == {"moves", "minutes"}
    assert {f.name for f in dataclasses.fields(Sales)} == {"hist", "by_channel", "by_region"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no zlib",
        zlib.compress(b"{}\n"),
        zlib.compress(b'{"seed": 1, "events": 1, "arrays": [["num", "<f8", [999999999999]]]}\n' + b"\0" * 16),
        zlib.compress(b'{"seed": 1, "events": 1, "arrays": [["num", "O", [1]]]}\n' + b"\0" * 8),
        zlib.compress(b'{"seed": 1, "events": 1, "arrays": [["num", "<f8", [-1]]]}\n'),
        zlib.compress(b'{"seed": 1, "events": 1, "arrays": []}\n' + b"\0" * 7),
        zlib.compress(b"\0" * 200_000_000, 9),
        pack(result(1))[:-3],
    ],
)
def test_bytes_that_are_no_result_are_refused(body):
    with pytest.raises(ValueError):
        unpack(body)


def test_the_key_is_about_what_decides_the_result():
    assert key(HERE, ENGINE, 1) == key(HERE, ENGINE, 1)
    assert len({key(HERE, ENGINE, 1), key("b" * 64, ENGINE, 1), key(HERE, "other", 1), key(HERE, ENGINE, 2)}) == 4


def test_the_engine_is_every_source_that_decides_a_number():
    assert len(engine_version()) == 64
    known = {p.relative_to(PACKAGE).with_suffix("").as_posix() for p in sources()}
    decide = "draws laws tables demand calendars ledger kpis/measuring flows sales rules/journey records replications own lawrows"
    assert {*decide.split(), "engines/reference/floor", "engines/compiled/kernel", "scenario/layers", "shopbuild"} <= known
    assert not {"text", "answers", "store/database", "experiment/sweep", "report/page"} & known


def test_what_was_put_is_there_after_closing(full):
    with Store(full) as store:
        assert all(same(store.get(HERE, ENGINE, s), result(s, s % 2 == 0)) for s in range(10))
        assert store.get(HERE, ENGINE, 10) == Failure("more than 5 events (limit: events)", "5")
        assert store.get(HERE, ENGINE, 11) is None
        assert store.get("b" * 64, ENGINE, 1) is None
        assert (store.has(HERE, ENGINE, 10), store.has(HERE, ENGINE, 11)) == (True, False)
        assert [c.scope for c in store.columns(HERE, ENGINE)] == [(), (("channel", "phone"),)]
        said, points = store.plan("tiny")
        assert (said, points[0].settings, points[0].seeds) == ({"file": {"question": "?"}}, {"agents": 1}, tuple(range(11)))
        assert store.plan("other") is None
        assert store.read("PRAGMA journal_mode") == [("wal",)]
        assert store.read("PRAGMA synchronous") == [(2,)]


def test_the_same_again_is_harmless_and_another_is_an_alarm(full):
    with Store(full) as store:
        store.put([Row(HERE, ENGINE, 1, result(1))])
        with pytest.raises(StoreError, match="two results"):
            store.put([Row(HERE, ENGINE, 11, result(11)), Row(HERE, ENGINE, 1, result(1, n=41))])
        assert store.get(HERE, ENGINE, 11) is None, "a transaction is whole or not at all"
        store.put([Row(HERE, ENGINE, 10, result(10))])
        assert same(store.get(HERE, ENGINE, 10), result(10)), "a result takes the place of a failure"
        store.put([Row(HERE, ENGINE, 10, Failure("later"))])
        assert same(store.get(HERE, ENGINE, 10), result(10)), "and keeps it"


def test_points_are_forgotten_when_the_question_is_another_and_results_never(full):
    with Store(full) as store:
        store.write_said("tiny", {"file": {"question": "?"}})
        assert len(store.plan("tiny")[1]) == 1
        store.write_said("tiny", {"file": {"question": "!"}})
        assert store.plan("tiny")[1] == []
        assert store.get(HERE, ENGINE, 1) is not None


def test_no_store_here(tmp_path):
    with pytest.raises(StoreError, match="there is no store here"):
        Store(tmp_path, make=False)
    with pytest.raises(StoreError, match="there is no store here"):
        examine(tmp_path)


def test_another_sqlite_file_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / NAME) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(StoreError, match="no store of omnisim"):
        Store(tmp_path)
    with pytest.raises(StoreError, match="no store of omnisim"):
        examine(tmp_path)  # a stranger's file stays where it is


def test_a_store_with_a_trigger_is_no_store(full):
    with sqlite3.connect(full / NAME) as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON results BEGIN DELETE FROM results; END")
    db.close()
    with pytest.raises(StoreError, match="the store is damaged"):
        Store(full)
    assert examine(full).results == 11
    with Store(full) as store:
        store.put([Row(HERE, ENGINE, 20, result(20))])
        assert store.has(HERE, ENGINE, 20), "only rows are saved, never what acts on them"


def test_a_newer_format_is_said(full):
    with sqlite3.connect(full / NAME) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(StoreError, match="format 99"):
        Store(full)


def test_a_full_disk_is_one_line_and_what_is_kept_stays(full):
    with Store(full) as store:
        pages = store.read("PRAGMA page_count")[0][0]
        store.read(f"PRAGMA max_page_count={pages + 2}")
        many = [[Row(HERE, ENGINE, s, result(s))] for s in range(20, 200)]
        with pytest.raises(StoreError, match="the disk is full; what was kept is safe") as e:
            list(map(store.put, many))
        assert str(full / NAME) in str(e.value)
        assert "\n" not in str(e.value)
        kept = [s for s in range(200) if store.get(HERE, ENGINE, s) is not None]
        assert set(range(11)) <= set(kept)
        store.read("PRAGMA max_page_count=1000000")
        store.put([Row(HERE, ENGINE, 199, result(199))])
    assert examine(full).well


def test_a_store_that_cannot_be_written_is_one_line(full, monkeypatch):
    with Store(full) as store:
        store.read("PRAGMA query_only=ON")
        with pytest.raises(StoreError, match="the file cannot be written here"):
            store.put([Row(HERE, ENGINE, 12, result(12))])
        assert same(store.get(HERE, ENGINE, 1), result(1))


def test_locked_too_long_is_one_line(full, monkeypatch):
    monkeypatch.setattr("omnisim.store.database.WAIT_S", 0.1)
    with Store(full) as one, Store(full) as other:
        one._db.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has been writing"):
            other.put([Row(HERE, ENGINE, 12, result(12))])
        one._db.execute("ROLLBACK")
        other.put([Row(HERE, ENGINE, 12, result(12))])
        assert one.has(HERE, ENGINE, 12)


def _is_first(folder, answer):
    with Store(folder) as store:
        answer.put(store.first)


def test_who_came_first_is_known_until_it_ends(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    with Store(tmp_path) as store:
        assert store.first
        other = spawn.Process(target=_is_first, args=(tmp_path, answer))
        other.start()
        assert answer.get(timeout=60) is False
        other.join()
    with Store(tmp_path) as store:
        assert store.first
    assert sorted(p.name for p in tmp_path.iterdir()) == [NAME], "no lock files"


def _damage_body(folder, seed=3):
    with sqlite3.connect(folder / NAME) as db:
        body = bytearray(db.execute("SELECT body FROM results WHERE seed = ?", (seed,)).fetchone()[0])
        body[len(body) // 2] ^= 1
        db.execute("UPDATE results SET body = ? WHERE seed = ?", (bytes(body), seed))
    db.close()


def test_a_changed_row_counts_as_missing_and_the_doctor_takes_it_out(full):
    _damage_body(full)
    with Store(full) as store:
        assert store.get(HERE, ENGINE, 3) is None
        assert store.damaged == 1
        assert same(store.get(HERE, ENGINE, 4), result(4, True))
    looked = examine(full, mend=False)
    assert (looked.results, looked.failures, len(looked.damaged), looked.well) == (10, 1, 1, False)
    assert "1 damaged rows" in examine(full).sentence()
    assert examine(full).well
    with Store(full) as store:
        assert store.read("SELECT origin FROM quarantine") == [("results",)]
        store.put([Row(HERE, ENGINE, 3, result(3))])
        assert same(store.get(HERE, ENGINE, 3), result(3))


@pytest.mark.parametrize("field", ["scenario", "engine", "draws", "seed", "error", "limits", "seal"])
def test_no_field_of_a_row_can_be_changed_unseen(full, field):
    with sqlite3.connect(full / NAME) as db:
        value = {"seed": 77, "seal": b"0" * 16}.get(field, "x")
        db.execute(f"UPDATE results SET {field} = ? WHERE seed = 2", (value,))
    db.close()
    with Store(full) as store:
        assert store.get(HERE, ENGINE, 2) is None
    assert len(examine(full, mend=False).damaged) == 1


@pytest.mark.parametrize("table", ["points", "experiments", "columns"])
def test_what_names_the_numbers_is_sealed_too(full, table):
    change = {"points": "settings = '{\"agents\": 2}'", "experiments": "said = '{}'", "columns": "text = x'00'"}[table]
    with sqlite3.connect(full / NAME) as db:
        db.execute(f"UPDATE {table} SET {change}")
    db.close()
    with Store(full) as store:
        if table == "columns":
            with pytest.raises(StoreError, match="missing or damaged"):
                store.columns(HERE, ENGINE)
        else:
            assert store.plan("tiny") is None
    assert [d.split()[0] for d in examine(full).damaged] == [table]


def test_a_broken_file_is_saved_row_by_row(full):
    path = full / NAME
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[16:18], "big")
    data[size : 2 * size] = b"\xff" * size  # the second page
    path.write_bytes(bytes(data))
    found = examine(full)
    assert found.aside is not None
    assert found.aside.read_bytes() == bytes(data), "the broken file is kept"
    assert "saved from a broken file" in found.sentence()
    with Store(full) as store:
        for seed in range(10):
            kept = store.get(HERE, ENGINE, seed)
            assert kept is None or same(kept, result(seed, seed % 2 == 0))
    assert examine(full).well


def test_a_file_of_rubbish_is_put_aside(full):
    (full / NAME).write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="omnisim doctor"):
        Store(full)
    assert examine(full, mend=False).structure
    assert examine(full).results == 0
    assert examine(full).well


def test_run_and_compare_take_what_is_kept_and_say_how_much(tmp_path):
    from click.testing import CliRunner
    from tiny_experiments import write

    import omnisim as om
    from omnisim.cli import main

    write(tmp_path)
    queue = om.load(tmp_path / "queue.yaml")
    more = queue.with_({"name": "More", "staffing.pools.phone.agents": 2})
    plain, store = om.compare([queue, more], seeds=4, workers=1), tmp_path / "s"
    first = om.compare([queue, more], seeds=4, workers=1, store=store)
    again = om.compare([queue, more], seeds=6, workers=2, store=store)
    assert (first.taken, again.taken) == (0, 8)
    assert first.to_json() == plain.to_json()
    assert again.to_json() == om.compare([queue, more], seeds=6, workers=1).to_json()
    assert om.run(more, seeds=6, store=store, engine="reference").taken == 6, "both engines give the same numbers"
    kept = om.run(more, seeds=2, store=store, records=tmp_path / "rows")
    assert (kept.taken, len(list((tmp_path / "rows").iterdir())) > 0) == (0, True), "rows that are asked for are made"
    out = CliRunner().invoke(main, ["run", str(tmp_path / "queue.yaml"), "--seeds", "7", "--store", str(store), "--workers", "1"])
    assert out.exit_code == 0, out.output
    assert "6 replications were taken from" in out.stderr
    assert examine(store).results == 7 + 6
