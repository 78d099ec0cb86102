"""What one may say: the scenario file, read strictly.

    YAML file --> bounded, strict tree --> blocks with units and bounds --> Scenario (immutable, base units)

`load` gives a `Scenario` or raises a `ScenarioError` that names every problem with file, line, column and path.
"""

from .jsonschema import json_schema
from .load import Checked, check, from_plain, load
from .presets import Provenance
from .problem import Problem, ScenarioError
from .scenario import Scenario, resolved_text

__all__ = ["Checked", "Problem", "Provenance", "Scenario", "ScenarioError", "check", "from_plain", "json_schema", "load", "resolved_text"]
