"""The house plan holds: who may import whom, nothing happens at import, and everything that is offered is tested."""

import ast
import graphlib
import itertools
import pathlib
import re
import subprocess
import sys

import pytest

import omnisim as om
from omnisim.kpis import MEASURES
from omnisim.words import LawCode

ROOT = pathlib.Path(__file__).resolve().parent.parent
# From the ground up: a module imports only from lines above its own (or from its own package).
ORDER = """
words records jit budget currencies orphans designs
own
draws moments laws
inventory
rules
scenario
calendars lawrows shoptables campaigns
stockbuild deliverybuild
demand shopbuild servicebuild skillrows rosterbuild loyaltybuild
tables
rosters
engines
ledger
kpis
flows sales estimate calibrate
estimates
replications
store
cluster
crew
annual
ignorance
text questions
staffing
experiment
earnings
verdict
figures
report
export
answers
bench stories crosscheck validation sheets whatif rollout attribution longrun
reasons
decisions
agreement intraday planfiles
terminal
sweeps planning dayverbs planverbs whys
cli
__main__
"""
LEVEL = {name: level for level, line in enumerate(ORDER.split("\n")) for name in line.split()}
FILES = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in sorted((ROOT / "omnisim").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
TESTS = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("*.py"))
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(name: str, at_load_only: bool = False) -> set[str]:
    """Modules that a module imports when it is loaded, and (unless at_load_only) later, inside its functions."""
    found, todo = set(), [TREES[name]]
    while todo:
        node = todo.pop()
        if at_load_only and isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = FILES[name].name == "__init__.py"
            here = name.split(".")[: len(name.split(".")) - node.level + inside] if node.level else []
            base = ".".join([*here, *filter(None, [node.module])])
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in FILES else base for a in node.names}
        todo += [] if for_types_only(node) else ast.iter_child_nodes(node)
    return found


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_modules_import_only_from_below():
    pairs = [(name, used) for name in TREES for used in imports(name) if part(name) and part(used) and part(used) != part(name)]
    pairs = [(name, used) for name, used in pairs if used.startswith("omnisim.")]
    assert not {part(m) for m in FILES} - LEVEL.keys() - {""}, "a new part of the house needs its place in ORDER"
    assert [f"{a} imports {b}" for a, b in pairs if LEVEL[part(a)] <= LEVEL[part(b)]] == []


def test_no_circle_and_the_engines_never_meet():
    known = {name: {u for u in imports(name, at_load_only=True) if u in FILES and u != name} for name in FILES if name != "omnisim"}
    graphlib.TopologicalSorter(known).prepare()  # raises CycleError
    for one, other in itertools.permutations(["omnisim.engines.reference", "omnisim.engines.compiled"], 2):
        assert not [m for m in known if m.startswith(one) and any(u.startswith(other) for u in known[m])]


def test_rules_are_about_numbers():
    allowed = {"omnisim.words", "omnisim.jit", "omnisim.draws", "omnisim.laws", "omnisim.own", "math", "numpy", "typing"}
    for name in FILES:
        if part(name) == "rules":
            assert {u for u in imports(name) if u not in allowed and not u.startswith("omnisim.rules")} == set(), name


def test_nothing_happens_at_import():
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
    for name, tree in TREES.items():
        if name == "omnisim.__main__":
            continue  # importing it is asking for it
        for node in tree.body:
            words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            cache = name == "omnisim.jit" and isinstance(node, ast.If)  # where Numba keeps its cache has to be said before it is used
            assert words or cache or for_types_only(node) or isinstance(node, allowed), f"{name}:{node.lineno}"


def test_compiled_code_is_named_after_all_that_it_is_made_of():
    """The modules whose source names a folder of compiled code (found by a pattern, at every start) are those that are imported."""
    from omnisim import jit

    for name in FILES:
        if "@njit(" not in FILES[name].read_text(encoding="utf-8"):
            continue
        seen, todo = set(), [name]
        while todo:
            here = todo.pop()
            if here not in seen and here in FILES:
                seen.add(here)
                todo += imports(here, at_load_only=True)
        assert {n.removeprefix("omnisim").lstrip(".") for n in seen} <= jit.reads(name), name
    assert {"words", "laws", "rules.journey", "engines.compiled.floor"} <= jit.reads("omnisim.engines.compiled.kernel")
    assert "report.page" not in jit.reads("omnisim.engines.compiled.kernel")


def test_help_pays_for_nothing_heavy():
    heavy = {"numba", "scipy", "matplotlib", "simpy", "jinja2"}
    code = "import sys, omnisim.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert heavy & set(loaded) == set()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.relative_to(ROOT / "scenarios").as_posix())
def test_every_scenario_loads_and_runs_or_is_the_base_of_one_that_does(path):
    if path.parent.name == "base":
        assert [p for p in SCENARIOS if re.search(rf"^extends: .*{re.escape(path.name)}", p.read_text(encoding="utf-8"), re.M)]
        return
    small = om.load(path).with_({"scale": 0.02})
    answer = om.run(small, seeds=1, workers=1)
    anybody = any(c.help is not None for c in small.channels.values())
    assert answer.kpi("contacts_offered" if anybody else "visits").mean >= 0


def test_every_kpi_has_its_definition_and_a_test():
    for name, measure in MEASURES.items():
        assert measure.definition.endswith("."), name
        assert measure.formula, name
        assert re.search(rf"\b{name}\b", TESTS), f"no test speaks of {name}"


def test_every_law_has_a_test():
    for law in LawCode:
        assert re.search(rf"\b{law.name.lower()}\b", TESTS), law


def test_every_rule_is_called_and_has_a_test_of_its_own_or_of_a_rule_that_calls_it():
    rules = {f.name: f for name in FILES if part(name) == "rules" for f in TREES[name].body if isinstance(f, ast.FunctionDef)}
    engine = "\n".join(FILES[name].read_text(encoding="utf-8") for name in FILES if part(name) not in ("rules", ""))
    for text, missing in ((engine, "nobody calls"), (TESTS, "no test speaks of")):
        reached = [name for name in rules if re.search(rf"\b{name}\b", text)]
        for name in reached:  # grows while it is walked
            reached += {n.id for n in ast.walk(rules[name]) if isinstance(n, ast.Name)} & rules.keys() - set(reached)
        assert rules.keys() - set(reached) == set(), missing
