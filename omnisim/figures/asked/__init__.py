"""Figures of an experiment, one file each: panels(finding) -> sizes, draw(finding, key, axes), CAPTION.

effects      mean by level, one panel a factor          tornado      bars: steps, Sobol indices, elementary effects
surface      a map over the two strongest factors       pareto       two aims with intervals, the front marked
convergence  the leader against the next ones           table        the facts beside a figure
"""

from typing import TYPE_CHECKING

from omnisim.figures.asked import convergence, effects, pareto, surface, tornado

if TYPE_CHECKING:
    from types import ModuleType

# which figure shows a finding
BY_FINDING: "dict[str, ModuleType]" = {
    "effects": effects,
    "steps": tornado,
    "indices": tornado,
    "screening": tornado,
    "surface": surface,
    "pareto": pareto,
    "convergence": convergence,
}
