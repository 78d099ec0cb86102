"""Law: every experiment that ships answers its question, on two seeds as on all: a table, findings, a sentence with its interval."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import omnisim as om
from omnisim.cli import main
from omnisim.experiment.differences import headline

ROOT = Path(__file__).resolve().parent.parent
# what its analyses are called, by file
FOUND = {
    "bot-share": ["differences", "effects", "pareto", "convergence"],
    "breadth-by-depth": ["differences", "effects", "pareto", "convergence"],
    "context-value": ["differences", "effects", "pareto", "convergence"],
    "context-vs-staff": ["differences", "effects", "pareto", "convergence"],
    "demand-growth": ["differences", "effects", "surface", "convergence"],
    "free-shipping-threshold": ["effects", "surface", "pareto", "convergence"],
}


@pytest.mark.parametrize("name", FOUND)
def test_a_shipped_experiment_answers(name):
    table = om.Experiment.load(ROOT / "experiments" / f"{name}.yaml").with_seeds(2).run(workers=1)
    assert not [r.error for r in table.rows if r.error]
    assert [f.name for f in table.findings] == FOUND[name]
    assert re.search(r"is best with .*: [\d.,-]+ .*\[.*\], 2 seeds", headline(table))
    for line in str(table).splitlines():
        assert len(line) <= 80
    assert len({str(r.settings) + r.strategy for r in table.rows}) == len(table.rows)


def test_a_report_is_made_by_the_command_that_stands_on_it(tmp_path):
    words = [
        "sweep",
        str(ROOT / "experiments" / "free-shipping-threshold.yaml"),
        "--seeds",
        "2",
        "--workers",
        "1",
        "--store",
        str(tmp_path),
        "--report",
    ]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "--seeds 2 --report" in page
    assert "Where should free shipping begin?" in page
    names = {p.stem for p in (tmp_path / "figures").glob("*.svg")}
    assert names == {"effects", "surface", "pareto", "convergence"}
    assert (tmp_path / "points.csv").read_text(encoding="utf-8").count("\n") == 1 + 11 * 3


def test_make_reports_names_every_experiment():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "experiments/*.yaml" in makefile
    listed = (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "experiments").glob("*.yaml"):
        assert f"`{path.name}`" in listed
