"""The levers by which one scenario becomes another: the paths in which they differ, in groups.

    A, B --resolved, compared value by value--> paths --grouped--> [Lever(name, changes), ...]
    A.with_(changes of some levers): a world between A and B;   all of them: B

A group is a block of the scenario (`context.identify`, `staffing.pools.phone`, `costs.capital`); other groups may be named.
Levers that make no scenario without each other are one lever.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnisim.experiment.read import as_change
from omnisim.scenario import Scenario, ScenarioError
from omnisim.scenario.kinds import Kind, Plain
from omnisim.scenario.scenario import SCENARIO
from omnisim.scenario.tree import join
from omnisim.scenario.yamltext import flow

UNMEANT = ("omnisim", "name", "provenance", "context.preset")  # a preset is a way of writing: its values are compared
DEEP = {"staffing": 3, "journey": 3}  # steps of a path that name a group; elsewhere 2
ALL_TRIED = 6  # levers whose mixtures are all tried before anything runs


@dataclass(frozen=True)
class Lever:
    """What is changed together: `changes` for `Scenario.with_`; `before`, `after`: what stands there in A and in B."""

    name: str
    changes: dict[str, object]
    before: dict[str, str]
    after: dict[str, str]

    @property
    def words(self) -> str:
        """What it changes, in one line: "context.latency 24 h -> 1 min"."""
        path = next(iter(self.changes))
        more = f" and {len(self.changes) - 1} more" if len(self.changes) > 1 else ""
        return f"{path} {self.before[path]} -> {self.after[path]}{more}"


class NoLevers(ValueError):
    """Two scenarios between which no levers can be moved; the message says why."""


def levers(a: Scenario, b: Scenario, groups: Mapping[str, Sequence[str]] | None = None) -> list[Lever]:
    """The levers that turn A into B, in the order of the file; none where both mean the same.

    `groups`: names for sets of paths; a path belongs to a group if it is one of its paths or lies below one.  Raises NoLevers.
    """
    found = dict(_differences(_plain(a), _plain(b), SCENARIO, ""))
    named: dict[str, list[str]] = {}
    for path in found:
        named.setdefault(_group(path, groups or {}), []).append(path)
    missing = [name for name in groups or {} if name not in named]
    if missing:
        raise NoLevers(f"nothing differs in the lever {missing[0]!r}; the scenarios differ in {', '.join(list(found)[:12]) or 'nothing'}")
    made = [_lever(name, {p: found[p] for p in paths}) for name, paths in named.items()]
    made = _playable(a, made)
    if made and mixed(a, made).canonical() != b.canonical():
        raise NoLevers(f"{b.name} cannot be reached from {a.name} by setting single values: begin with the scenario that has more blocks")
    return made


def mixed(a: Scenario, moved: Sequence[Lever]) -> Scenario:
    """A with some levers moved.  Raises ScenarioError where that is no scenario."""
    changes = {path: value for lever in moved for path, value in lever.changes.items()}
    return a.with_(changes) if changes else a


def _plain(s: Scenario) -> dict[str, Plain]:
    out = s.resolved()
    for path in UNMEANT:
        head, _, rest = path.partition(".")
        if not rest:
            out.pop(head, None)
        elif isinstance(out.get(head), dict):
            out[head] = {k: v for k, v in out[head].items() if k != rest}
    return out


def _differences(a: Plain, b: Plain, kind: Kind[Any] | None, path: str) -> Iterator[tuple[str, tuple[Plain, Plain]]]:
    """(path, (value in A, value in B)) of the highest values that differ; None: not there."""
    if a == b:
        return
    blocks = isinstance(a, dict) and isinstance(b, dict) and bool(a) and bool(b) and kind is not None and kind.merges
    if not blocks:
        yield path, (a, b)
        return
    assert isinstance(a, dict)
    assert isinstance(b, dict)
    for key in [*a, *(k for k in b if k not in a)]:
        yield from _differences(a.get(key), b.get(key), kind.child(key) if kind else None, join(path, key))


def _group(path: str, groups: Mapping[str, Sequence[str]]) -> str:
    for name, paths in groups.items():
        if any(path == p or path.startswith(f"{p}.") for p in paths):
            return name
    parts = path.split(".")
    return ".".join(parts[: DEEP.get(parts[0], 2)])


def _lever(name: str, paths: Mapping[str, tuple[Plain, Plain]]) -> Lever:
    return Lever(
        name,
        {p: as_change(b) for p, (_, b) in paths.items()},
        {p: _words(a) for p, (a, _) in paths.items()},
        {p: _words(b) for p, (_, b) in paths.items()},
    )


def _words(value: Plain) -> str:
    """A value in one line; a mapping of numbers that are all alike as that number.

    >>> _words({"web": 0.5, "app": 0.5}), _words(None), _words("24 h")
    ('0.5 each', 'nothing', '24 h')
    """
    if isinstance(value, dict) and len(value) > 1 and len({str(v) for v in value.values()}) == 1:
        return f"{next(iter(value.values()))} each"
    return "nothing" if value is None else flow(value)


def _playable(a: Scenario, made: list[Lever]) -> list[Lever]:
    """Levers of which any mixture makes a scenario, as far as it is tried: those that need each other are put together."""
    while len(made) > 1:
        failed = next((s for s in _tried(len(made)) if not _makes_one(a, [made[i] for i in s])), None)
        if failed is None:
            return made
        rest = [i for i in range(len(made)) if i not in failed]
        wider = next(((*failed, i) for i in rest if _makes_one(a, [made[k] for k in (*failed, i)])), None)
        together = set(wider or range(len(made)))
        whole = _together([made[i] for i in sorted(together)])
        first = min(together)
        made = [whole if i == first else lever for i, lever in enumerate(made) if i == first or i not in together]
    return made


def _tried(p: int) -> Iterator[tuple[int, ...]]:
    sizes = range(1, p) if p <= ALL_TRIED else (1, p - 1)
    return itertools.chain.from_iterable(itertools.combinations(range(p), n) for n in sizes)


def _makes_one(a: Scenario, moved: Sequence[Lever]) -> bool:
    try:
        mixed(a, moved)
    except ScenarioError:
        return False
    return True


def _together(some: Sequence[Lever]) -> Lever:
    out = Lever(" + ".join(lever.name for lever in some), {}, {}, {})
    for lever in some:
        out.changes.update(lever.changes)
        out.before.update(lever.before)
        out.after.update(lever.after)
    return out
