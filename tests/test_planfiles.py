"""What is written of a plan: every number is that of the plan, the page is plain and safe, and a sheet comes back filled."""

import csv
import io

import openpyxl
import pytest
from click.testing import CliRunner
from plan_world import TEXT, small

import omnisim as om
from omnisim import planfiles, sheets
from omnisim.cli import main
from omnisim.planfiles import figure, page, sheeted, tables
from omnisim.sheets import made

PROMISES = ["phone.service_level >= 80 %", "email.reply_p90_s <= 1 h"]


@pytest.fixture(scope="module")
def plan():
    return om.staff(small(name="Small <centre> & Co"), PROMISES, seeds=4, until="formulas", command="omnisim staff small.yaml")


@pytest.fixture(scope="module")
def written(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    return {p.name: p for p in planfiles.write(plan, folder)}


def test_everything_is_written(written):
    assert set(written) == {
        "plan.html", "plan.yaml", "plan.json", "plan.txt", "half_hours.csv", "shifts.csv", "plan.xlsx", "people.svg",
    }  # fmt: skip
    assert om.load(written["plan.yaml"]).staffing is not None


def test_the_tables_say_what_the_plan_says(plan, written):
    rows = list(csv.DictReader(io.StringIO(written["half_hours.csv"].read_text())))
    assert [(r["pool"], r["start"]) for r in rows] == [(r.pool, r.start) for r in plan.table.rows]
    for got, want in zip(rows, plan.table.rows, strict=True):
        assert float(got["contacts"]) == want.contacts
        assert float(got["required"]) == want.need
        assert float(got["net"]) == want.net
        assert (got["service_level"] == "") == (want.level != want.level)
    shifts = list(csv.DictReader(io.StringIO(written["shifts.csv"].read_text())))
    assert sum(float(s["cost_USD"]) for s in shifts) == pytest.approx(plan.cost)
    book = openpyxl.load_workbook(written["plan.xlsx"])
    assert book.sheetnames == ["half_hours", "shifts", "promises", "steps"]
    assert book["half_hours"].max_row == len(rows) + 1
    assert [c.value for c in book["promises"]["A"]][1:] == PROMISES
    assert tables.workbook(plan) == written["plan.xlsx"].read_bytes()  # the same bytes at any time


def test_the_page_is_in_plain_words_and_safe(plan, written):
    text = written["plan.html"].read_text()
    assert "Small &lt;centre&gt; &amp; Co" in text
    assert "<centre>" not in text
    assert "nothing is proved" in text
    assert "omnisim staff small.yaml" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert any("most people are needed at" in w for w in page.words(plan))
    assert "people.svg" in written
    drawn = figure.people(plan)
    assert drawn.title in written["people.svg"].read_text().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert figure.people(plan).raw == drawn.raw  # the same drawing, the same bytes


def test_a_plan_of_one_number_a_pool_has_no_figure():
    plain = small(staffing__pools__desk__agents=6)
    plan = om.staff(plain, PROMISES[:1], seeds=4, until="formulas")
    assert figure.people(plan) is None
    assert "People by interval" not in page.html(plan, None)


@pytest.mark.parametrize("form", ["plan.xlsx", "plan"])
def test_a_sheet_goes_into_a_plan_and_comes_back_filled(form, tmp_path):
    """The round trip, by the command: sheet made from a scenario, planned, filled, read again: what the planner wrote is untouched."""
    file, source, back = tmp_path / "small.yaml", tmp_path / form, tmp_path / "back" / form
    file.write_text(TEXT)
    made.write(made.tables(small()), source)
    args = ["staff", str(file), "--sheet", str(source), "--filled", str(back), "--target", PROMISES[0], "--seeds", "4", "--quiet"]
    out = CliRunner().invoke(main, [*args, "--until", "formulas"])
    assert out.exit_code == 0, out.output
    before, after = sheets.read(source, small()), sheets.read(back, small())
    for field in ("step", "volumes", "roster", "hours"):
        assert getattr(before, field) == getattr(after, field)
    grid = after.grids["volumes"]
    at = {name: grid.head.index(name) for name in ("channel", "start", "volume", "expected", "required", "scheduled", "service_level")}
    phone = [cells for _, cells in grid.rows if cells[at["channel"]] == "phone"]
    assert len(phone) == 12
    assert all(float(c[at["expected"]]) == pytest.approx(float(c[at["volume"]])) for c in phone)
    assert all(float(c[at["required"]]) >= 1.0 for c in phone)
    assert all(0.0 <= float(c[at["service_level"]]) <= 1.0 for c in phone)
    assert "scheduled" in after.grids["roster"].head


def test_shrinkage_comes_last_in_a_filled_sheet(tmp_path):
    base = small()
    made.write(made.tables(base), tmp_path / "plan")
    (tmp_path / "plan" / "shrinkage.csv").write_text("pool,shrinkage\ndesk,50 %\n")
    sheet, scenario, none = sheeted.opened(tmp_path / "plan", None, base)
    assert none is None
    plan = om.staff(scenario, PROMISES[:1], seeds=4, until="formulas")
    (path,) = [p for p in sheeted.write_filled(plan, sheet, tmp_path / "back") if p.name == "volumes.csv"]
    rows = [r for r in csv.DictReader(io.StringIO(path.read_text())) if r["channel"] == "phone"]
    assert all(float(r["scheduled"]) == 2.0 * float(r["net"]) for r in rows)


def test_shifts_of_a_sheet_are_the_patterns_of_a_plan(tmp_path):
    base = small()
    made.write(made.tables(base), tmp_path / "plan")
    shifts = "name,start,length,breaks,pools\nearly,08:00,4 h,2 h + 15 min paid,desk\nlate,10:00,4 h,,desk\n"
    (tmp_path / "plan" / "shifts.csv").write_text(shifts)
    _, scenario, own = sheeted.opened(tmp_path / "plan", "2026-03-03", base)
    assert [p.label for p in own["desk"]] == ["08:00-12:00", "10:00-14:00"]
    plan = om.staff(scenario, PROMISES[:1], shifts=own, seeds=4, until="formulas")
    assert {s.label for s in plan.shifts if s.pool == "desk"} == {"08:00-12:00", "10:00-14:00"}


def test_a_day_that_the_sheet_does_not_have_is_said(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    made.write(made.tables(small()), tmp_path / "plan")
    out = CliRunner().invoke(main, ["staff", str(file), "--sheet", str(tmp_path / "plan"), "--date", "2026-03-30"])
    assert out.exit_code == 2
    assert "did you mean '2026-03-03'?" in out.stderr
    out = CliRunner().invoke(main, ["staff", str(file), "--filled", str(tmp_path / "x.xlsx")])
    assert out.exit_code == 2
    assert "--filled needs --sheet" in out.stderr
