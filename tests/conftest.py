"""What all tests share: the places of things, the published cases, and Hypothesis that finds the same worlds every time."""

import json
import pathlib
from typing import Any

import hypothesis
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PUBLIC_CASES = ROOT.parent / "shared" / "validation" / "public_cases.json"

hypothesis.settings.register_profile("omnisim", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("omnisim")


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def cases() -> dict[str, dict[str, Any]]:
    """Published and exact cases by id; they lie beside the checkout, not in it, so the test that asks for them may skip."""
    if not PUBLIC_CASES.exists():
        pytest.skip("the public cases (../shared/validation/public_cases.json) are not on this machine")
    return {case["id"]: case for case in json.loads(PUBLIC_CASES.read_text(encoding="utf-8"))["cases"]}
