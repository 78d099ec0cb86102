"""The planner's sheet: read from CSV and workbooks, checked, made into days, and given back filled."""

import datetime
import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from plan_world import TEXT, small

import omnisim as om
from omnisim import sheets
from omnisim.cli import main
from omnisim.sheets import made
from omnisim.tables import Tables

VOLUMES = """date,start,channel,volume,handling,note
2026-03-03,08:00,phone,20,240,
2026-03-03,08:30,phone,22,4 min,=watch
2026-03-03,08:00,chat,15,,
2026-03-04,9:00,phone,10.5,300,
"""
MORE = {
    "holidays": "date,factor,hours\n2026-03-04,50%,10:00-14:00\n",
    "campaigns": "from,to,channel,factor\n2026-03-03 08:45,2026-03-03 10:00,phone,3\n",
    "shrinkage": "start,pool,shrinkage\n00:00,desk,30 %\n12:00,desk,0.2\n",
    "roster": "date,start,pool,agents\n2026-03-03,08:00,desk,10\n2026-03-03,12:00,desk,5\n,00:00,post,3\n",
    "hours": 'channel,hours\nphone,"Mon-Fri 08:00-20:00, Sat 09:00-14:00"\n',
    "shifts": 'name,start,length,days,breaks,pools\nearly,07:00,8 h,Mon-Fri,2 h + 15 min paid; 4 h + 30 min,"desk, talk"\n',
}


def folder(tmp_path: Path, **texts: str) -> Path:
    where = tmp_path / f"plan{len(list(tmp_path.iterdir())) or ''}"
    where.mkdir()
    for name, text in texts.items():
        (where / f"{name}.csv").write_text(text, encoding="utf-8")
    return where


def workbook(tmp_path: Path, **texts: str) -> Path:
    import csv

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in texts.items():
        sheet = book.create_sheet(name)
        for row in csv.reader(io.StringIO(text)):
            sheet.append([float(c) if c.replace(".", "", 1).isdigit() else c or None for c in row])
    book.create_sheet("My own remarks")["A1"] = "keep me"
    path = tmp_path / "plan.xlsx"
    book.save(path)
    return path


HOLIDAYS = MORE["holidays"].replace("50%", "0.5")


@pytest.mark.parametrize("kind", [folder, workbook])
def test_a_sheet_is_read_whole(kind, tmp_path):
    sheet = sheets.read(kind(tmp_path, volumes=VOLUMES, **MORE | {"holidays": HOLIDAYS}), small())
    assert sheet.step == 1800.0
    assert sheet.dates == (datetime.date(2026, 3, 3), datetime.date(2026, 3, 4))
    assert sheet.volumes[1] == sheets.Volume(datetime.date(2026, 3, 3), 30600.0, "phone", 22.0, 240.0)
    assert sheet.volumes[2].handling is None
    assert sheet.volumes[3].start == 32400.0
    # a campaign of three times the usual covers the second half of 08:30
    assert [round(sheet.expected(v), 6) for v in sheet.volumes] == [20.0, 44.0, 15.0, 5.25]
    assert sheet.shrinkage_at("desk", 8 * 3600.0) == 0.3
    assert (sheet.net("desk", 30000.0, 10), sheet.gross("desk", 30000.0, 7), sheet.gross("desk", 50000.0, 7)) == (7, 10, 9)
    assert sheet.shifts[0].breaks[0].paid
    assert sheet.shifts[0].pools == ("desk", "talk")


def test_a_day_of_a_sheet_is_a_scenario(tmp_path):
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES, **MORE | {"holidays": HOLIDAYS}), small())
    day = sheet.day(small(), datetime.date(2026, 3, 3))
    assert day.clock.start == datetime.datetime(2026, 3, 3)
    assert "mails" in day.demand  # no volume of the sheet: as it was
    mails = 12.0 * 24.0
    assert Tables.build(day).expected_arrivals == pytest.approx(20 + 44 + 15 + mails)
    assert day.channels["phone"].hours[0] == (28800.0, 72000.0)
    assert day.staffing.pools["desk"].agents.points == ((0.0, 0), (28800.0, 7), (43200.0, 4))
    assert day.staffing.pools["post"].agents.points == ((0.0, 3),)
    assert om.run(day, seeds=1, workers=1).kpi("contacts_offered", channel="phone").mean > 40


def test_a_holiday_has_its_hours_and_may_be_closed(tmp_path):
    base = small()
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES, holidays=HOLIDAYS, hours=MORE["hours"]), base)
    wednesday = datetime.date(2026, 3, 4)
    assert sheet.day(base, wednesday).channels["phone"].hours == ((2 * 86400.0 + 36000.0, 2 * 86400.0 + 50400.0),)
    shut = HOLIDAYS.replace("10:00-14:00", "closed")
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES, holidays=shut, hours=MORE["hours"]), base)
    answer = om.run(sheet.day(base, wednesday), seeds=1, workers=1)
    assert answer.kpi("contacts_handled", channel="phone").mean == 0.0


@pytest.mark.parametrize("kind", [folder, workbook])
def test_the_same_sheet_comes_back_filled(kind, tmp_path):
    path = kind(tmp_path, volumes=VOLUMES, **MORE | {"holidays": HOLIDAYS})
    base = small()
    sheet = sheets.read(path, base)
    required = [7, 8, 2, 5]
    back = sheet.filled({"volumes": {"required": required, "why": ["", "lag", "", "=cmd"]}})
    for name, data in back.items():
        target = tmp_path / "back" / path.name / name if path.is_dir() else tmp_path / "back" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    again = sheets.read(tmp_path / "back" / path.name, base)
    for field in ("step", "volumes", "holidays", "campaigns", "shrinkage", "roster", "hours", "shifts"):
        assert getattr(again, field) == getattr(sheet, field), field
    grid, old = again.grids["volumes"], sheet.grids["volumes"]
    assert grid.head == (*old.head, "required", "why")
    assert [cells[:6] for _, cells in grid.rows] == [cells for _, cells in old.rows]
    assert [int(float(cells[6])) for _, cells in grid.rows] == required
    assert str(grid.rows[3][1][7]).lstrip("'") == "=cmd"
    twice = again.filled({"volumes": {"required": [1, 1, 1, 1]}})  # a filled column is written over, not added again
    assert len(twice) == len(back)
    if kind is workbook:
        book = openpyxl.load_workbook(io.BytesIO(next(iter(back.values()))))
        assert book["My own remarks"]["A1"].value == "keep me"
        head = [c.value for c in openpyxl.load_workbook(io.BytesIO(next(iter(twice.values()))))["volumes"][1]]
        assert head == ["date", "start", "channel", "volume", "handling", "note", "required", "why"]


def test_a_sheet_made_from_a_scenario_reads_back_and_expects_the_same(tmp_path):
    base = small()
    for target in (tmp_path / "made.xlsx", tmp_path / "made"):
        made.write(made.tables(base), target)
        sheet = sheets.read(target, base)
        assert sum(sheet.expected(v) for v in sheet.volumes) == pytest.approx(Tables.build(base).expected_arrivals, abs=0.01)
        assert Tables.build(sheet.day(base, sheet.dates[0])).expected_arrivals == pytest.approx(
            Tables.build(base).expected_arrivals, abs=0.01
        )
        assert sheet.day(base, sheet.dates[0]).staffing.pools["desk"].agents.points == ((0.0, 6), (36000.0, 9), (43200.0, 7))
        with pytest.raises(FileExistsError):
            made.write(made.tables(base), target)


WRONG = {
    "date": (
        VOLUMES.replace("2026-03-04", "4.3.2026"),
        "volumes.csv:5:1: date: found '4.3.2026', which is no date; write it as 2026-11-30",
    ),
    "clock": (VOLUMES.replace("9:00", "nine"), "volumes.csv:5:2: start: found 'nine', which is no time of day"),
    "channel": (
        VOLUMES.replace("chat", "chta"),
        "volumes.csv:4:3: channel: found 'chta', which is not one of: chat, email, phone (did you mean 'chat'?)",
    ),
    "volume": (VOLUMES.replace("10.5", "-1"), "volumes.csv:5:4: volume: found '-1', which must be 0 to 1e+09"),
    "handling": (
        VOLUMES.replace("4 min", "4 mins"),
        "volumes.csv:3:5: handling: found '4 mins', which has the unit 'mins'; allowed are: ms, s, min",
    ),
    "empty": (VOLUMES.replace(",22,", ",,"), "volumes.csv:3:4: volume: found an empty cell"),
    "column": (VOLUMES.replace("channel", "chanel"), "volumes.csv:1:3: chanel: found the column 'chanel'; did you mean 'channel'?"),
    "missing": (VOLUMES.replace("channel", "where"), "volumes.csv:1:1: channel: the column is missing; there are: date, start, where"),
    "twice": (VOLUMES.replace("08:30", "08:00"), "volumes.csv:3:1: channel: says the same date, start, channel as row 2"),
    "step": (VOLUMES.replace("08:30", "08:07"), "the least distance between two intervals is 7 min; allowed are: 5 min, 10 min"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_file_row_and_column(what, tmp_path):
    text, words = WRONG[what]
    with pytest.raises(om.ScenarioError) as wrong:
        sheets.read(folder(tmp_path, volumes=text), small())
    assert words in str(wrong.value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    texts = {
        "volumes": VOLUMES.replace("chat", "chta").replace("10.5", "many"),
        "holidays": "date,factor,hours\n2026-03-04,1,early\n",
        "campaigns": "from,to,factor\n2026-03-03 10:00,2026-03-03 08:00,2\n",
        "shrinkage": "start,pool,shrinkage\n08:00,dsek,1.5\n",
        "roster": "start,pool,agents\n08:00,desk,2.5\n",
        "hours": "channel,hours\nphone,always\n",
        "shifts": "name,start,length,breaks\nearly,07:00,8 h,9 h + 15 min\nlate,14:00,8 h,soon\n",
    }
    with pytest.raises(om.ScenarioError) as wrong:
        sheets.read(folder(tmp_path, **texts), small())
    assert sorted({Path(p.file).stem for p in wrong.value.problems}) == sorted(texts)
    assert len(wrong.value.problems) == 10


def test_a_workbook_names_its_sheet_and_an_unknown_one_that_is_near(tmp_path):
    with pytest.raises(om.ScenarioError, match=r"plan\.xlsx\[volumes\]:4:3: channel"):
        sheets.read(workbook(tmp_path, volumes=VOLUMES.replace("chat", "chta")), small())
    with pytest.raises(om.ScenarioError, match=r"plan\.xlsx\[volume\].*did you mean 'volumes'"):
        sheets.read(workbook(tmp_path, volume=VOLUMES), small())


def test_a_file_that_is_no_sheet(tmp_path):
    (tmp_path / "bad.xlsx").write_bytes(b"PK nothing")
    (tmp_path / "bad.txt").write_text("x")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "nothing").mkdir()
    for name, words in (
        ("bad.xlsx", "no workbook"),
        ("bad.txt", "allowed are: .xlsx"),
        ("bad.csv", "not UTF-8"),
        ("nothing", "holds no .csv"),
    ):
        with pytest.raises(om.ScenarioError, match=words):
            sheets.read(tmp_path / name, small())
    with pytest.raises(om.ScenarioError, match="No such file"):
        sheets.read(tmp_path / "absent.csv", small())


def test_a_stream_into_several_channels_must_be_covered_whole(tmp_path):
    base = small(demand__calls__enter={"phone": 0.5, "email": 0.5})
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES), base)
    with pytest.raises(om.ScenarioError, match="give all, or none"):
        sheet.day(base, sheet.dates[0])


def test_wrap_up_is_part_of_handling(tmp_path):
    base = small(channels__phone__help__wrap={"law": "constant", "value": "60 s"})
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES), base)
    law = sheet.day(base, sheet.dates[0]).channels["phone"].help.handling
    assert law.mean == 180.0
    low = sheets.read(folder(tmp_path, volumes=VOLUMES.replace("240", "30")), base)
    with pytest.raises(om.ScenarioError, match="wrap-up alone is 60 s"):
        low.day(base, low.dates[0])


def test_the_verb_makes_a_sheet_and_writes_over_nothing(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    for target in ("plan.xlsx", "plan"):
        args = ["sheet", str(file), "--out", str(tmp_path / target)]
        assert CliRunner().invoke(main, args).exit_code == 0
        again = CliRunner().invoke(main, args)
        assert again.exit_code == 2
        assert "written over" in again.stderr
        assert len(sheets.read(tmp_path / target, small()).volumes) == 36


def test_patterns_are_those_of_each_pool(tmp_path):
    more = MORE["shifts"] + "late,14:00,6 h,,,\n"
    sheet = sheets.read(folder(tmp_path, volumes=VOLUMES, shifts=more), small())
    assert {pool: [p.name for p in found] for pool, found in sheet.patterns(small()).items()} == {
        "desk": ["early", "late"],
        "post": ["late"],
        "talk": ["early", "late"],
    }
