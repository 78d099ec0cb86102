"""Every kind of broken file gives the message a person needs, at the place where the mistake is.

Each file in tests/broken begins with the lines it must produce: `#> LINE:COL: PATH: message`.
"""

import shutil
from pathlib import Path

import pytest
import yaml

from omnisim.scenario import ScenarioError, check, load

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A scenario root that holds all broken files, as the current folder."""
    shutil.copytree(BROKEN[0].parent, tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path / "scenarios")


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{path.name}:{line.removeprefix('#> ')}" for line in lines if line.startswith("#> ")]


def test_there_are_many_kinds():
    assert len(BROKEN) >= 25
    assert all(expected(p) for p in BROKEN)


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_the_message_a_person_needs(path, folder):
    assert [str(p) for p in check(path.name).problems] == expected(path)
    with pytest.raises(ScenarioError) as e:
        load(path.name)
    assert str(e.value).splitlines() == expected(path)


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_the_message_is_the_same_where_the_parser_is_not_compiled(path, folder, monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert [str(p) for p in check(path.name).problems] == expected(path)


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_the_place_is_in_the_file(path, folder):
    lines = path.read_text(encoding="utf-8").splitlines()
    for p in check(path.name).problems:
        assert 1 <= p.line <= len(lines) + 1
        assert 1 <= p.col <= len([*lines, ""][p.line - 1]) + 1
