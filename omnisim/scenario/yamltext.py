"""Plain values as YAML text that every reader, of YAML 1.1 or 1.2, reads alike.

{"clock": {"horizon": "48 h"}, "enter": {"web": 1}}     blocks indented, values in one line
"""

import json
import re
from typing import Any

from .strictyaml import read_value
from .tree import Leaf

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ ./%+-]*\Z")
_OTHER_YAML = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"}
_ESCAPE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(value: str | int | float | bool | None) -> str:
    """One value, quoted where it would be read as something else.

    >>> scalar("330 s"), scalar("08:00"), scalar("no"), scalar(0.5), scalar(True)
    ('330 s', '"08:00"', '"no"', '0.5', 'true')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.match(value) and not value.endswith(" ") and value.lower() not in _OTHER_YAML and len(value) < 100:
        node = read_value(value, "")
        if isinstance(node, Leaf) and node.value == value:
            return value
    return _ESCAPE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def flow(value: Any) -> str:
    """A value in one line.

    >>> flow({"law": "lognormal", "mean": "330 s", "parts": [1, 2]})
    '{law: lognormal, mean: 330 s, parts: [1, 2]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)
