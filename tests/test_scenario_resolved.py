"""A scenario written out: it reads back equal, every value says where it comes from, and the schema describes it."""

import re
from pathlib import Path

import pytest
import yaml
from scenario_texts import SAMPLE, SHOP, SMALL, read, write
from worlds import world

from omnisim.scenario import ScenarioError, from_plain, json_schema, load, resolved_text, strictyaml
from omnisim.scenario.tree import Map, Seq

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "scenarios").rglob("*.yaml"))


def test_resolved_reads_back_equal(tmp_path):
    s = read(tmp_path, SAMPLE)
    for again in (
        from_plain(s.resolved()),
        load(write(tmp_path, resolved_text(s), "b.yaml")),
        load(write(tmp_path, resolved_text(s, origin=True), "c.yaml")),
    ):
        assert again == s
        assert again.hash() == s.hash()
        assert len(again.warnings) == len(s.warnings)


def test_a_shop_reads_back_equal(tmp_path):
    s = read(tmp_path, SHOP)
    for again in (from_plain(s.resolved()), load(write(tmp_path, resolved_text(s, origin=True), "c.yaml"))):
        assert again == s
        assert again.hash() == s.hash()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.relative_to(ROOT / "scenarios").as_posix())
def test_shipped_scenarios_read_back_equal(path):
    s = load(path)
    assert from_plain(s.resolved()) == s


def test_generated_worlds_read_back_equal():
    for seed in range(60):
        s = from_plain(world(seed))
        again = from_plain(s.resolved())
        assert again == s
        assert again.hash() == s.hash()


def test_resolved_is_plain_and_quantities_are_text(tmp_path):
    plain = read(tmp_path, SAMPLE).resolved()
    assert plain["clock"] == {"start": "2026-11-30 00:00", "horizon": "48 h", "warmup": "2 h", "interval": "30 min", "at_end": "cut"}
    assert plain["demand"]["calls"] == {"goal": "issue", "growth": 0, "rate": "100 /min", "enter": {"call_center": 1}}
    assert plain["channels"]["call_center"]["hours"] == ["Mon-Sun 08:00-22:00"]
    assert plain["channels"]["email"]["help"]["handling"] == {"law": "constant", "value": "6 min"}
    assert plain["staffing"]["pools"]["phone"]["wage"] == "19 USD/h"
    assert plain["context"]["hub"] == {"cost": "900 USD/day"}
    assert yaml.safe_dump(plain)


def test_the_hash_is_of_the_meaning(tmp_path):
    s = read(tmp_path, SAMPLE)
    same = read(tmp_path, SAMPLE.replace("name: Shop, textbook", "name: X").replace("48 h", "2 d").replace("0.70 ", "70 %"))
    assert s.hash() == same.hash() != s.with_({"scale": 1.01}).hash()
    assert re.fullmatch("[0-9a-f]{64}", s.hash())
    explicit = {"context.identify": "{web: 0.92}", "context.preset": "omnichannel"}
    assert read(tmp_path, SMALL).with_({"context.preset": "siloed"}).hash() != read(tmp_path, SMALL).hash()
    base = read(tmp_path, SAMPLE).with_({"context": None})
    assert base.with_({"context.preset": "omnichannel"}).hash() == base.with_(explicit).hash()


def test_origin_names_the_file_and_line_of_each_value(tmp_path):
    write(tmp_path, SMALL + "context:\n  effects: {repeat_time: 75 s}\n", "base.yaml")
    text = "extends: base.yaml\nchannels:\n  phone:\n    help:\n      resolve: 0.5\ncontext: {preset: omnichannel}\n"
    s = load(write(tmp_path, text, "v.yaml"), {"scale": "2"})
    rows = {path: (value, Path(file).name, line) for path, value, file, line in s.origin()}
    assert rows["channels.phone.help.resolve"] == ("0.5", "v.yaml", 5)
    assert rows["channels.phone.help.handling"] == ("{law: exponential, mean: 5 min}", "base.yaml", 6)
    assert rows["demand.calls.enter"] == ("{phone: 1}", "base.yaml", 4)
    assert rows["context.effects.repeat_time"] == ("75 s", "base.yaml", 11)
    assert rows["context.coherence"] == ("0.98", "preset omnichannel", 0)
    assert rows["context.identify"] == ("{phone: 0.92}", "preset omnichannel", 0)
    assert rows["context.hub.cost"] == ("900 USD/day", "preset omnichannel", 0)
    assert rows["context.own_memory"] == ("1", "default", 0)
    assert rows["scale"] == ("2", "--set scale", 1)
    assert rows["name"] == ("v", "default", 0)
    text = resolved_text(s, origin=True)
    assert re.search(rf"^      resolve: 0.5 +# {re.escape(str(tmp_path))}/v.yaml:5$", text, re.M)
    assert re.search(r"^  coherence: 0.98 +# preset omnichannel$", text, re.M)
    assert re.search(r"^scale: 2 +# --set scale:1$", text, re.M)
    assert "#" not in resolved_text(s)


ANNOTATED = (
    SMALL
    + """\
context: {preset: multichannel}
provenance:
  channels.phone.help.handling.mean: {low: 4 min, high: 6 min, unit: s, grade: B, source: retail benchmark, year: 2007, note: vendors}
  channels.phone.help.handling: {grade: C}
  staffing.pools.desk.agents: {value: 12, grade: A, source: own rota}
  channels.phone.help.resolve: {value: 1, grade: C, low: 0.6, high: 1}
"""
)


def rows_of(s):
    return {r.path: r for r in s.provenance()}


def test_provenance_of_annotated_values_and_presets(tmp_path):
    rows = rows_of(read(tmp_path, ANNOTATED))
    mean = rows["channels.phone.help.handling.mean"]
    assert (mean.value, mean.low, mean.high, mean.unit, mean.grade, mean.source, mean.year, mean.note) == (
        "5 min",
        "4 min",
        "6 min",
        "s",
        "B",
        "retail benchmark",
        2007,
        "vendors",
    )
    assert rows["channels.phone.help.handling"].value == "{law: exponential, mean: 5 min}"
    assert rows["channels.phone.help.resolve"].value == "1"
    preset = [r for r in rows.values() if r.path.startswith("context.")]
    assert [r.path for r in preset] == ["context.coherence", "context.hub.cost", "context.identify", "context.latency"]
    assert {r.grade for r in preset} == {"C"}
    assert all(r.low and r.high and r.unit and r.source and "multichannel" in r.note for r in preset)
    assert read(tmp_path, SMALL).provenance() == []


def test_a_value_put_in_place_of_an_annotated_one_is_the_users_own(tmp_path):
    write(tmp_path, ANNOTATED, "base.yaml")
    text = "extends: base.yaml\ncontext: {latency: 1 h}\n"
    text += "channels: {phone: {help: {handling: {law: exponential, mean: 300 s}, resolve: 0.8}}}\n"
    rows = rows_of(load(write(tmp_path, text), {"staffing.pools.desk.agents": "9"}))
    assert rows["channels.phone.help.handling.mean"].grade == "B"  # 300 s are 5 min
    own = rows["staffing.pools.desk.agents"]
    assert (own.value, own.grade, own.source, own.note) == ("9", "own", "the user's own value", "in place of 12, grade A")
    assert (rows["channels.phone.help.resolve"].grade, rows["channels.phone.help.resolve"].value) == ("own", "0.8")
    assert "context.latency" not in rows
    # a variant may annotate its own value, remove a row, or remove the value
    text += "provenance: {channels.phone.help.resolve: {grade: A, source: our log}, channels.phone.help.handling.mean: null}\n"
    rows = rows_of(load(write(tmp_path, text)))
    assert rows["channels.phone.help.resolve"].grade == "A"
    assert "channels.phone.help.handling.mean" not in rows
    fixed = load(tmp_path / "base.yaml", {"channels.phone.help.handling": "{law: constant, value: 5 min}"})
    assert "channels.phone.help.handling.mean" not in rows_of(fixed)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("channels.phone.help.resolv: {grade: C}", "there is no value at 'channels.phone.help.resolv' in this scenario (did you mean"),
        ("channels.fone.help.resolve: {grade: C}", "there is no value at 'channels.fone.help.resolve' in this scenario (did you mean"),
        ("scale: {grade: A}", "scale.source: is required and missing: grade A names its source"),
        ("scale: {grade: C, low: 2}", "scale.low: found 2; the value, 1, lies outside the range"),
        ("clock.horizon: {grade: C, low: 3}", "clock.horizon.low: found 3 without a unit"),
        ("clock.horizon: {grade: C, value: 9 h}", "clock.horizon.value: found '9 h'; the value there is '8 h' (line 2)"),
        ("clock.horizon: {grade: C, year: 26}", "clock.horizon.year: found 26; it must be 1500 to 2200"),
        ("clock.horizon: {grad: C}", "'grad' is not a known key (did you mean 'grade'?)"),
        ("clock.horizon: C", "found 'C'; a block is needed"),
    ],
)
def test_rows_that_are_wrong(tmp_path, row, message):
    with pytest.raises(ScenarioError) as e:
        read(tmp_path, SMALL + (f"scale: 1\nprovenance: {{{row}}}\n"))
    assert f"provenance.{row.split(':')[0]}" in str(e.value)
    assert message in str(e.value)


# --- the schema ---


def fits(value, schema) -> bool:
    """Whether a value fits a JSON Schema, for the words this schema uses."""
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "number": (int, float), "integer": int}
    for word, arg in schema.items():
        match word:
            case "type":
                names = arg if isinstance(arg, list) else [arg]
                ok = any(isinstance(value, types[n]) and (n == "boolean" or not isinstance(value, bool)) for n in names)
            case "anyOf":
                ok = any(fits(value, a) for a in arg)
            case "enum":
                ok = value in arg
            case "const":
                ok = value == arg and isinstance(value, bool) == isinstance(arg, bool)
            case "pattern":
                ok = not isinstance(value, str) or re.search(arg, value) is not None
            case "minimum" | "maximum" | "exclusiveMinimum":
                number = isinstance(value, int | float)
                ok = not number or {"minimum": value >= arg, "maximum": value <= arg, "exclusiveMinimum": value > arg}[word]
            case "properties":
                ok = not isinstance(value, dict) or all(fits(v, arg[k]) for k, v in value.items() if k in arg)
            case "required":
                ok = not isinstance(value, dict) or all(k in value for k in arg)
            case "additionalProperties":
                more = [v for k, v in value.items() if k not in schema.get("properties", {})] if isinstance(value, dict) else []
                ok = not more if arg is False else all(fits(v, arg) for v in more)
            case "propertyNames":
                ok = not isinstance(value, dict) or all(fits(k, arg) for k in value)
            case "minProperties" | "minItems" | "minLength":
                ok = not isinstance(value, dict | list | str) or len(value) >= arg
            case "maxItems" | "maxLength":
                ok = not isinstance(value, list | str) or len(value) <= arg
            case "items":
                ok = not isinstance(value, list) or all(fits(v, arg) for v in value)
            case "$schema" | "title" | "description" | "default" | "x-unit" | "x-bound" | "x-provenance":
                ok = True
            case _:
                raise AssertionError(f"unknown word {word}")
        if not ok:
            return False
    return True


def as_written(text: str):
    """The plain values of a file, before anything is asked of them."""

    def value(node):
        if isinstance(node, Map):
            return {k: value(v) for k, v in node.items.items()}
        return [value(v) for v in node.items] if isinstance(node, Seq) else node.value

    return value(strictyaml.read_tree(text.encode(), "f.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.relative_to(ROOT / "scenarios").as_posix())
def test_shipped_files_fit_the_schema(path):
    data = as_written(path.read_text(encoding="utf-8"))
    assert fits(data, json_schema(partial="extends" in data))
    assert fits(load(path).resolved(), json_schema())


def test_the_schema_refuses_what_the_loader_refuses():
    good = as_written(SAMPLE)
    assert fits(good, json_schema())
    assert fits(good, json_schema(partial=True))
    for path, value in (
        (("clock", "horizon"), 48),
        (("clock", "horizn"), "48 h"),
        (("context", "preset"), "omnichanel"),
        (("channels", "web", "sell"), "yes"),
        (("demand", "calls", "goal"), "shopping"),
        (("demand", "calls", "rate"), "5 min"),
        (("staffing", "pools", "phone", "agents"), -1),
        (("channels", "call_center", "help", "handling"), {"law": "exponential", "value": "5 min"}),
        (("channels", "call_center", "help", "resolve"), 70),
    ):
        bad = as_written(SAMPLE)
        at = bad
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        assert not fits(bad, json_schema()), path
    assert not fits({"omnisim": 1}, json_schema())
    assert fits({"extends": "base.yaml", "context": None, "demand": {"calls": {"rate": None}}}, json_schema(partial=True))
    assert not fits({"demand": {"calls": {"rte": None}}}, json_schema(partial=True))


def test_every_field_is_described(tmp_path):
    def walk(schema, path=""):
        for key, entry in schema.get("properties", {}).items():
            if "law" not in schema["properties"]:
                assert entry.get("description"), f"{path}.{key}"
                yield f"{path}.{key}", entry
            yield from walk(entry, f"{path}.{key}")
        for inner in (schema.get("additionalProperties"), schema.get("items")):
            if isinstance(inner, dict):
                yield from walk(inner, f"{path}.*")

    entries = dict(walk(json_schema()))
    assert len(entries) > 80
    assert entries[".clock.horizon"]["x-unit"] == "s"
    assert entries[".context.effects.repeat_time"]["x-provenance"] == "neutral"
    assert entries[".context.effects.repeat_time"]["default"] == "0 s"
    for path, entry in entries.items():
        assert "default" not in entry or entry["x-provenance"] in ("neutral", "rule"), path
