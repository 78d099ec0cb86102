"""Settings that are decided together with the people: chat concurrency, the reserve of blending, any other value of the scenario.

    staffing.pools.chat.skills.chat.concurrency=1..4        staffing.pools.phone.reserve=0,1,2

Every combination is planned for itself, up to the proof; the cheapest is proved.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnisim.scenario import Problem, ScenarioError
from omnisim.scenario.problem import short

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

MOST = 64  # combinations
RANGE = re.compile(r"(\d{1,6})\.\.(\d{1,6})\Z")


def read_settings(texts: Sequence[str], scenario: Scenario) -> list[dict[str, str]]:
    """Every combination, as changes of the scenario; one empty one where nothing is varied.  Raises ScenarioError with all problems.

    >>> import omnisim as om
    >>> day = om.load("scenarios/retail-day/multichannel.yaml")
    >>> read_settings(["staffing.pools.phone.reserve=0..1"], day)
    [{'staffing.pools.phone.reserve': '0'}, {'staffing.pools.phone.reserve': '1'}]
    """
    problems: list[Problem] = []
    choices: list[list[tuple[str, str]]] = []
    for text in texts:
        path, sign, values = (part.strip() for part in text.partition("="))
        if not path or not sign or not values:
            problems.append(Problem("--vary", 1, 1, short(text, 60), "is not PATH=VALUE,VALUE or PATH=FROM..TO"))
            continue
        found = RANGE.match(values)
        listed = [str(n) for n in range(int(found[1]), int(found[2]) + 1)] if found else [v.strip() for v in values.split(",")]
        if not listed:
            problems.append(Problem("--vary", 1, 1, path, f"found {values}, which holds no value"))
        choices.append([(path, v) for v in listed])
    out = [dict(c) for c in itertools.product(*choices)]
    if len(out) > MOST:
        problems.append(Problem("--vary", 1, 1, "vary", f"{len(out)} combinations; at most {MOST} are planned"))
    if problems:
        raise ScenarioError(problems)
    for choice in out:
        if choice:
            scenario.with_(choice)  # what does not fit is said before anything is simulated
    return out


def in_words(choice: dict[str, str]) -> str:
    """A combination in a few words: the last parts of the paths and their values.

    >>> in_words({"staffing.pools.phone.reserve": "1"})
    'phone.reserve=1'
    """
    return ", ".join(f"{'.'.join(path.split('.')[-2:])}={value}" for path, value in choice.items())
