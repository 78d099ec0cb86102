"""docs/calibration.md: every code block runs, and prints what stands below it."""

import contextlib
import io
import pathlib
import re

import pytest

BLOCKS = re.compile(r"```python\n(.*?)```\n```text\n(.*?)```", re.S)


def test_the_guide_prints_what_it_says(root: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (root.parent / "shared" / "data" / "anonymous_bank_1999_february.tsv").exists():
        pytest.skip("the logs (../shared/data) are not on this machine")
    monkeypatch.chdir(root)
    text = (root / "docs" / "calibration.md").read_text(encoding="utf-8")
    blocks = BLOCKS.findall(text)
    assert len(blocks) == text.count("```python")
    names: dict[str, object] = {}
    for code, expected in blocks:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "docs/calibration.md", "exec"), names)
        assert out.getvalue().split("\n") == expected.split("\n")
