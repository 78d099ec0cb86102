"""Law: what the documentation says is what the product does: programs run, outputs are made, links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("number", range(3))
def test_the_three_programs_of_the_readme_run(number):
    program = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))[number]
    out = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert out.returncode == 0, out.stderr[-1500:]
    assert "95 % interval" in out.stdout or "simulated" in out.stdout


def test_outputs_in_the_pages_are_what_the_commands_print():
    out = subprocess.run([sys.executable, "docs/refresh.py", "--check"], capture_output=True, text=True, cwd=ROOT)
    assert out.returncode == 0, out.stdout


def test_the_readme_shows_a_result():
    assert "against Multichannel" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_scenario_reference_is_what_the_schema_says():
    from omnisim.scenario.reference import reference

    assert (ROOT / "docs" / "scenario-reference.md").read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_the_table_of_speeds_names_every_mechanism_measured():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from mechanisms import VARIANTS

    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    for name in VARIANTS:
        assert f"| {name} |" in page


def test_no_page_tells_anybody_to_install_the_other_omnisim():
    for page in PAGES:
        assert "install " + "omnisim" not in page.read_text(encoding="utf-8")
