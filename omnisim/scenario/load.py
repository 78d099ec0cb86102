"""From a file to a scenario, or to every reason why not.

read files -> merge -> --set -> read values -> check names -> fill in presets -> Scenario
                                \\______ problems are collected, not raised ______/
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .build import build
from .files import Folder
from .kinds import Reading
from .layers import apply_sets, gather, stack_one
from .problem import WHOLE, Pos, Problem, ScenarioError
from .scenario import SCENARIO, Scenario
from .tree import Map, plant


@dataclass(frozen=True)
class Checked:
    """What `check` found, in order of place.  `scenario` is None if there are problems."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    scenario: Scenario | None


def check(path: str | os.PathLike[str], sets: Mapping[str, object] | None = None) -> Checked:
    """Read a scenario file and say all that is wrong with it and all that is doubtful.  Never raises for a bad file."""
    cx = Reading()
    try:
        scenario = _load(os.fspath(path), sets or {}, cx)
    except ScenarioError as e:
        return Checked(e.problems, tuple(sorted(cx.warnings)), None)
    return Checked((), tuple(sorted(cx.warnings)), scenario)


def load(path: str | os.PathLike[str], sets: Mapping[str, object] | None = None) -> Scenario:
    """The scenario of a YAML file, with `sets` (path -> value, as in `--set path=value`) on top.

    Raises ScenarioError, which names file, line, column and path of every problem.
    """
    return _load(os.fspath(path), sets or {}, Reading())


def from_plain(data: Mapping[str, Any], name: str = "(plain)") -> Scenario:
    """The scenario of a plain nested dict, as `Scenario.resolved()` gives it.  It can name no files.  Raises ScenarioError."""
    cx = Reading()
    try:
        tree = plant(dict(data), Pos(name))
    except TypeError as e:
        raise ScenarioError([Problem(name, 1, 1, WHOLE, str(e))]) from None
    assert isinstance(tree, Map)
    return build(stack_one(tree, SCENARIO, cx), SCENARIO, cx, None, name, ())


def _load(path: str, sets: Mapping[str, object], cx: Reading) -> Scenario:
    if "\0" in path:
        raise ScenarioError([Problem(path.replace("\0", "?"), 1, 1, WHOLE, "this is no path")])
    folder = Folder(path)
    cx.files = folder
    layers = apply_sets(gather(folder, SCENARIO, cx), sets.items(), SCENARIO, cx)
    stem = os.path.splitext(os.path.basename(path))[0]
    return build(layers, SCENARIO, cx, folder, stem, tuple(f"{k}={v}" for k, v in sets.items()))
