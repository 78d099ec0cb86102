"""How to get the numbers again: command, seeds, hashes of the scenarios, versions.

The same facts stand on the page and in run.json.  No time of day, no machine, no folder: the same run gives the same bytes.
"""

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnisim.answers import Comparison

LIBRARIES = ("numpy", "scipy", "numba", "simpy", "matplotlib", "jinja2")


def seeds(comparison: "Comparison") -> str:
    """The seeds as a range or a list: "1 to 10"."""
    numbers = comparison.baseline.seeds
    if len(numbers) > 1 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(str(n) for n in numbers)


def command(comparison: "Comparison") -> str:
    """The command that made the comparison; where it was made from Python, the call."""
    if comparison.command:
        return comparison.command
    files = ", ".join(repr(file(a.scenario) or a.scenario.name) for a in comparison.answers)
    more = ", self_service=True" if comparison.self_service_off else ""
    return f"omnisim.compare([{files}], seeds={list(comparison.baseline.seeds)}{more})"


def file(scenario: Any) -> str:
    """The name of a scenario's file without its folder, and what was changed in it; empty where there was none."""
    path = getattr(scenario, "path", None)
    name = Path(path).name if path else ""
    return " ".join([name, *(f"--set {change}" for change in getattr(scenario, "changes", ()))]).strip()


def versions(comparison: "Comparison") -> dict[str, str]:
    """Of this program, of Python, and of the libraries the numbers and pictures depend on."""
    import importlib.metadata

    found = {"omnisim": str(comparison.baseline.to_json()["omnisim"]), "python": platform.python_version()}
    return found | {name: importlib.metadata.version(name) for name in LIBRARIES}


def facts(comparison: "Comparison") -> dict[str, Any]:
    """What run.json holds."""
    scenarios = [a.scenario for a in comparison.answers]
    return {
        "command": command(comparison),
        "engine": comparison.baseline.engine,
        "seeds": list(comparison.baseline.seeds),
        "scenarios": [{"name": n, "file": file(s), "hash": s.hash()} for n, s in zip(comparison.names, scenarios, strict=True)],
        "versions": versions(comparison),
    }


def json_text(comparison: "Comparison") -> str:
    """run.json, keys sorted."""
    return json.dumps(facts(comparison), indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
