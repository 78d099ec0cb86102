"""Which analyses fit an experiment: chosen from its design, its seeds and its KPIs.

factorial -> effects (of ranges: surface, too)    one_at_a_time -> steps    latin_hypercube, sobol -> surface    saltelli -> indices
morris -> screening    two strategies -> differences    two KPIs with a better end -> pareto    best_within -> selection
"""

from collections.abc import Callable

from omnisim.experiment.aims import pareto
from omnisim.experiment.differences import convergence, differences, selection
from omnisim.experiment.finding import Finding
from omnisim.experiment.levels import main_effects, steps
from omnisim.experiment.read import Question
from omnisim.experiment.sensitivity import indices, screening, surface
from omnisim.experiment.table import Table

BY_DESIGN = {
    "factorial": ("effects",),
    "one_at_a_time": ("steps",),
    "latin_hypercube": ("surface",),
    "sobol": ("surface",),
    "saltelli": ("indices",),
    "morris": ("screening",),
}
KINDS: dict[str, Callable[[Table, Question], Finding | None]] = {
    "selection": selection,
    "differences": differences,
    "effects": main_effects,
    "steps": steps,
    "indices": indices,
    "screening": screening,
    "surface": surface,
    "pareto": pareto,
    "convergence": convergence,
}


def analyse(table: Table, question: Question) -> tuple[Finding, ...]:
    """All that fits and has something to say, in the order in which people read it."""
    asked = question.asked
    wanted = {"selection", "differences", "pareto", "convergence", *BY_DESIGN.get(asked.design.kind, ())}
    if asked.design.kind == "factorial" and asked.factors and all(f.levels is None for f in asked.factors.values()):
        wanted.add("surface")
    made = (KINDS[name](table, question) for name in KINDS if name in wanted)
    return tuple(f for f in made if f is not None)
