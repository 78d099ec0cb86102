"""The scenario file as a page to read: every key with its unit, bound, default and meaning, made from the schema.

json_schema()  -->  one table a block, in Markdown
"""

from typing import Any

from .jsonschema import json_schema

Json = dict[str, Any]


def reference() -> str:
    """The reference page (Markdown); `docs/scenario-reference.md` is its output."""
    lines = [
        "# Scenario file: reference",
        "",
        "Made by `omnisim schema --markdown` from the schema that the loader itself uses. `NAME` stands for a name you choose.",
        "An absent key means its default; a default without a provenance is neutral: it gives exactly no effect.",
    ]
    _block(json_schema(False), "", lines)
    return "\n".join(lines) + "\n"


def _block(schema: Json, path: str, lines: list[str]) -> None:
    """A table of the keys of one block, then the blocks inside it."""
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    lines += ["", f"## `{path}`" if path else "## The file", ""]
    if schema.get("description"):
        lines += [str(schema["description"]), ""]
    lines += ["| key | unit and bound | default | meaning |", "|---|---|---|---|"]
    inner: list[tuple[str, Json]] = []
    for key, value in sorted(properties.items()):
        where = f"{path}.{key}" if path else key
        below = _inner(value)
        if below is not None:
            inner.append((where if below[1] == "" else f"{where}.{below[1]}", below[0]))
        default = "required" if key in required else _default(value)
        bound = "; ".join(str(value[k]) for k in ("x-unit", "x-bound") if value.get(k))
        lines.append(f"| `{key}` | {_cell(bound)} | {_cell(default)} | {_cell(_meaning(value))} |")
    for where, block in inner:
        _block(block, where, lines)


def _inner(value: Json) -> tuple[Json, str] | None:
    """The block inside a key, and NAME where its keys are names of the user's; None where there is none."""
    if value.get("type") != "object":
        return None
    if "properties" in value:
        return value, ""
    more = value.get("additionalProperties")
    if isinstance(more, dict) and "properties" in more:
        return more, "NAME"
    return None


def _default(value: Json) -> str:
    return "" if "default" not in value else f"`{value['default']}`"


def _meaning(value: Json) -> str:
    text = str(value.get("description", ""))
    said = value.get("x-provenance")
    if isinstance(said, dict):
        text += f" ({', '.join(f'{k} {v}' for k, v in said.items() if v not in (None, ''))})"
    return text


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")
