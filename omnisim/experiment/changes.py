"""What an experiment said when it was last run, and what it says now.

said(question) -> plain, nested --compared path by path--> "scenario multichannel: staffing.pools.phone.agents: 12 -> 14"
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from omnisim.experiment.read import Question
from omnisim.experiment.said import ASKED
from omnisim.scenario.problem import printable, short
from omnisim.scenario.yamltext import flow
from omnisim.store import engine_version

SHOWN = 12


def said(question: Question) -> dict[str, Any]:
    """All that decides the answer, as plain data: the file, the meaning of each strategy, the engine."""
    strategies = {name: json.loads(s.canonical()) for name, s in question.strategies.items()}
    asked = json.loads(json.dumps(ASKED.plain(question.asked)))
    return {"file": asked, "order": list(strategies), "strategies": strategies, "engine": engine_version()}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """One line for each thing that is not as it was, the most important first; at most SHOWN."""
    out = []
    if before.get("engine") != now["engine"]:
        out.append("the engine is another version: every number is computed anew; what the old one said stays in the store")
    if before.get("order") != now["order"] and set(before.get("order", ())) == set(now["order"]):
        out.append("the strategies stand in another order; the first is the baseline")
    out += [f"the file: {line}" for line in _compared(before.get("file", {}), now["file"])]
    for name, meaning in now["strategies"].items():
        old = before.get("strategies", {}).get(name)
        if old is not None:
            out += [f"the scenario of {name}: {line}" for line in _compared(old, meaning)]
    rest = len(out) - SHOWN
    return [printable(line) for line in out[:SHOWN]] + ([f"and {rest} more"] if rest > 0 else [])


def _compared(a: Any, b: Any) -> Iterator[str]:
    left, right = dict(_leaves(a, "")), dict(_leaves(b, ""))
    for path in [*left, *(p for p in right if p not in left)]:
        if path not in right:
            yield f"{path}: {short(flow(left[path]))[1:-1]} -> nothing"
        elif path not in left:
            yield f"{path}: nothing -> {short(flow(right[path]))[1:-1]}"
        elif left[path] != right[path]:
            yield f"{path}: {short(flow(left[path]))[1:-1]} -> {short(flow(right[path]))[1:-1]}"


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else key)
    else:
        yield path, value
