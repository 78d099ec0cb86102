"""Law: what is exported reads back as what was computed, to the last digit, and text stays text."""

import csv
import io
import json
import math
import sys
import zipfile

import pytest
from click.testing import CliRunner
from test_report import HOSTILE
from tiny_experiments import REPLICATIONS, TINY, write

import omnisim as om
from omnisim import export
from omnisim.cli import main
from omnisim.report.files import write_bytes
from omnisim.store import Store

FORMULAS = ("=1+1", "@SUM(A1)", "+1+1", "-1+1|cmd", "|calc", "=cmd|' /C calc'!A0", "  =1+1", "%0A=1", "no", "12", "1e5", "~", "[1]", "a: b")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A store of one experiment, and its table."""
    folder = tmp_path_factory.mktemp("swept")
    table = om.Experiment.load(write(folder)).run(workers=1, store=folder / "s")
    return folder / "s", table


def frame(folder, **more):
    with Store(folder, make=False) as store:
        return export.frame(store, **more)


def read(form, data, text=("strategy", "error")):
    """The rows of an exported file, as dicts; nothing and not-a-number as None.  `text`: columns of text, which CSV cannot tell."""
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"))))
        return [{k: float(v) if k not in text and v else v or None for k, v in r.items()} for r in rows]
    if form == "json":
        return [{k: v if v != "" else None for k, v in r.items()} for r in json.loads(data)["rows"]]
    if form == "parquet":
        import pyarrow.parquet

        return [{k: v if v != "" else None for k, v in r.items()} for r in pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()]
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(data))["results"]
    heads, *rows = sheet.iter_rows(values_only=True)
    return [{k: v if v != "" else None for k, v in zip(heads, row, strict=True)} for row in rows]


@pytest.mark.parametrize("form", export.FORMATS)
def test_every_format_reads_back_to_the_last_digit(swept, form):
    folder, table = swept
    rows = read(form, export.as_bytes(frame(folder), form))
    assert len(rows) == REPLICATIONS
    found = {(r["point"], r["seed"]): r for r in rows}
    for row in table.rows:
        for i, seed in enumerate(row.seeds):
            r = found[row.n, seed]
            assert (r["strategy"], r["agents"], r["error"]) == (row.strategy, row.settings["agents"], None)
            for k, kpi in enumerate(table.kpis):
                value = float(row.values[i, k])
                expected = None if math.isnan(value) else value
                if form == "xlsx" and expected is not None:
                    assert r[kpi] == pytest.approx(expected, rel=1e-15)  # a sheet holds 16 digits
                else:
                    assert r[kpi] == expected


@pytest.mark.parametrize("form", export.FORMATS)
def test_the_same_store_gives_the_same_bytes(swept, form):
    assert export.as_bytes(frame(swept[0]), form) == export.as_bytes(frame(swept[0]), form)


def test_every_scope_on_request(swept):
    few, many = frame(swept[0]), frame(swept[0], everything=True)
    assert set(few.columns) < set(many.columns)
    name = export.column_name("asa_s", (("channel", "call_center"),))
    assert many.columns[name] == many.columns["asa_s"], "there is one channel"


def test_points_and_seeds_that_failed_are_rows_with_their_error(tmp_path):
    text = TINY.replace("[1, 2]", "[1, 2, [1, 2]]").replace("strategies:", "set: {clock.interval: 30 min}\nstrategies:")
    text += "budget: {events: 150}\n"
    text = text.replace("kpis:", "  long: {path: clock.horizon, levels: [1 h, 3 h]}\nkpis:")
    e = om.Experiment.load(write(tmp_path, text))
    table = e.run(workers=1, store=tmp_path / "s")
    rows = read("json", export.as_bytes(frame(tmp_path / "s"), "json"))
    assert sum("limit: events" in (r["error"] or "") for r in rows) == table.counts.failed > 0
    without = [r for r in rows if r["seed"] is None]
    assert len(without) == sum(bool(r.error) for r in table.rows)
    assert all(r["error"] and r["asa_s"] is None for r in without)


def test_a_damaged_row_is_no_number(tmp_path):
    om.Experiment.load(write(tmp_path)).run(workers=1, store=tmp_path / "s")
    with Store(tmp_path / "s") as store:
        store._db.execute("UPDATE results SET body = x'00' WHERE seed = 3")
    rows = read("json", export.as_bytes(frame(tmp_path / "s"), "json"))
    assert [r["asa_s"] for r in rows if r["seed"] == 3] == [None] * 4
    assert all("damaged" in r["error"] for r in rows if r["seed"] == 3)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A store in which every text a person can choose is one that a browser or a spreadsheet might run."""
    folder = tmp_path_factory.mktemp("hostile")
    texts = [t for t in (*HOSTILE, *FORMULAS) if t.isprintable()]
    text = TINY.replace("path: staffing.pools.phone.agents, levels: [1, 2]", f"path: name, levels: {json.dumps(texts)}")
    text = text.replace("seeds: 6", "seeds: 1")
    text = text.replace("question: How many agents?", f"question: {json.dumps(texts[0])}")
    om.Experiment.load(write(folder, text)).run(workers=1, store=folder / "s")
    return folder / "s", texts


@pytest.mark.parametrize("form", export.FORMATS)
def test_text_is_never_run(hostile, form):
    folder, texts = hostile
    data = export.as_bytes(frame(folder), form)
    shown = [t if form != "csv" else export.cell(t) for t in texts]
    rows = read(form, data, ("strategy", "error", "agents"))
    assert [r["agents"] for r in rows][::2] == shown, "text comes back as it is"
    if form == "json":
        assert not set(b"<>&") & set(data)
    if form == "csv":
        assert all(not str(r["agents"]).strip().startswith(("=", "+", "@", "|")) for r in rows)
    if form == "xlsx":
        sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet


def call(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def test_files_go_where_they_are_wanted(swept, tmp_path):
    folder, _ = swept
    places = tmp_path / "deep" / "a.csv", tmp_path / "a.parquet", tmp_path / "a.xlsx"
    out = call("export", folder, "--csv", places[0], "--json", "--parquet", places[1], "--xlsx", places[2])
    assert out.exit_code == 0, out.output
    assert {p.name for p in tmp_path.rglob("*.*")} == {"a.csv", "a.parquet", "a.xlsx"}
    assert (folder / "tiny.json").exists()
    assert call("export", folder, "--csv", "-").stdout.startswith("point,strategy,agents,seed,error,")


def test_a_library_that_is_missing_is_said(swept, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    out = call("export", swept[0], "--xlsx", "-")
    assert out.exit_code == 2
    assert '.[excel]"' in out.output


def test_a_target_that_cannot_be_written_is_one_line(swept, tmp_path):
    (tmp_path / "file").write_text("")
    out = call("export", swept[0], "--csv", tmp_path / "file" / "a.csv")
    assert out.exit_code == 2
    assert "Traceback" not in out.output


class Torn(io.BytesIO):
    """A file that takes half of what it is given."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        raise OSError(28, "No space left on device")

    def close(self):
        vars(self).get("file", io.BytesIO()).close()


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch, step):
    """Broken off before each step, and after half a write: the old file stays, and nothing lies beside it."""
    path = tmp_path / "a.csv"
    write_bytes(path, b"old")

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    if step == "write":
        monkeypatch.setattr("pathlib.Path.open", lambda self, mode: Torn(open(self, mode)))  # noqa: SIM115
    else:
        monkeypatch.setattr("os.fsync" if step == "fsync" else f"pathlib.Path.{step}", broken)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new" * 1000)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
