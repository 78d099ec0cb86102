"""The schema of a scenario file as JSON Schema (draft 2020-12), made from the fields the loader reads by.

Every property has its description, `x-unit`, `x-bound` and, where it has a default, `default` and `x-provenance` (neutral: the
default switches an effect off; rule: a named choice of the model).
"""

from .kinds import Json
from .provenance import ROW
from .scenario import SCENARIO
from .textkinds import Line


def json_schema(partial: bool = False) -> Json:
    """The JSON Schema.  `partial`: for a file that extends another: nothing is required, and null removes a value."""
    out = SCENARIO.schema(partial)
    properties = {
        **out["properties"],
        "extends": {**Line(1000).schema(), "description": "path of the scenario file of which this one is a variant"},
        "provenance": {
            "type": "object",
            "description": "where values come from, by dotted path",
            "additionalProperties": ROW.schema(),
        },
    }
    title = "omnisim scenario, variant" if partial else "omnisim scenario"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **out,
        "properties": dict(sorted(properties.items())),
    }
