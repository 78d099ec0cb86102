"""omnisim: simulate omnichannel strategies, compare them on the same customers, and say by how much, how sure, and why.

    import omnisim as om
    today = om.load("scenarios/retail-day/multichannel.yaml")
    omni = today.with_({"context.preset": "omnichannel"})
    answer = om.compare([today, omni], seeds=30)
    print(answer.sentence("service_level"))

Nothing is imported until it is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison, compare, run, simulate
    from omnisim.budget import Budget, BudgetExceeded
    from omnisim.decisions import Decision, Hostile, PhaseMap, decide, hostile, phases
    from omnisim.experiment import Experiment
    from omnisim.intraday import Today, today
    from omnisim.kpis import define
    from omnisim.own import rule
    from omnisim.reasons import Explanation, Who, explain, who
    from omnisim.scenario import Scenario, ScenarioError, load
    from omnisim.staffing.plan.result import StaffPlan
    from omnisim.staffing.plan.staff import staff
    from omnisim.stories import trace
    from omnisim.whatif import WhatIf, what_if

_HOMES = {
    "Answer": "omnisim.answers",
    "Budget": "omnisim.budget",
    "BudgetExceeded": "omnisim.budget",
    "Comparison": "omnisim.answers",
    "Decision": "omnisim.decisions",
    "Experiment": "omnisim.experiment",
    "Explanation": "omnisim.reasons",
    "Hostile": "omnisim.decisions",
    "PhaseMap": "omnisim.decisions",
    "Scenario": "omnisim.scenario",
    "ScenarioError": "omnisim.scenario",
    "StaffPlan": "omnisim.staffing.plan.result",
    "Today": "omnisim.intraday",
    "WhatIf": "omnisim.whatif",
    "Who": "omnisim.reasons",
    "compare": "omnisim.answers",
    "decide": "omnisim.decisions",
    "define": "omnisim.kpis",
    "explain": "omnisim.reasons",
    "hostile": "omnisim.decisions",
    "load": "omnisim.scenario",
    "phases": "omnisim.decisions",
    "rule": "omnisim.own",
    "run": "omnisim.answers",
    "simulate": "omnisim.answers",
    "staff": "omnisim.staffing.plan.staff",
    "today": "omnisim.intraday",
    "trace": "omnisim.stories",
    "what_if": "omnisim.whatif",
    "who": "omnisim.reasons",
}
__all__ = [
    "Answer",
    "Budget",
    "BudgetExceeded",
    "Comparison",
    "Decision",
    "Experiment",
    "Explanation",
    "Hostile",
    "PhaseMap",
    "Scenario",
    "ScenarioError",
    "StaffPlan",
    "Today",
    "WhatIf",
    "Who",
    "compare",
    "decide",
    "define",
    "explain",
    "hostile",
    "load",
    "phases",
    "rule",
    "run",
    "simulate",
    "staff",
    "today",
    "trace",
    "what_if",
    "who",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value  # also where a module of the same name has just become an attribute
        return value
    raise AttributeError(f"module 'omnisim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
