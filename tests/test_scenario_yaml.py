"""The strict YAML 1.2 reader: what a scalar is, what is not allowed, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisim.scenario import ScenarioError, strictyaml, yamltext
from omnisim.scenario.tree import Map, Seq


def value(node):
    if isinstance(node, Map):
        return {k: value(v) for k, v in node.items.items()}
    return [value(v) for v in node.items] if isinstance(node, Seq) else node.value


def read(text: str):
    return value(strictyaml.read_tree(text.encode(), "f.yaml"))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("1e5", 100000.0),
        ("1E-2", 0.01),
        ("-.5", -0.5),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("~", None),
        ("null", None),
        ("", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("2026-11-30", "2026-11-30"),
        ("2026-11-30 00:00", "2026-11-30 00:00"),
        ("'5'", "5"),
        ('"a\\nb"', "a\nb"),
        ("=", "="),
        ("<<", "<<"),
        ("5 min", "5 min"),
        ("-", [None]),
        ("...5", "...5"),
        ("e5", "e5"),
        (".", "."),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, meaning):
    got = read(f"a: {text}" if text != "-" else "a:\n- ")["a"]
    assert got == meaning
    assert type(got) is type(meaning)


def test_exact_text_of_numbers_is_kept():
    assert strictyaml.read_tree(b"0.1000000000000000055511151231", "f").text == "0.1000000000000000055511151231"


def test_places_are_counted_from_one():
    tree = strictyaml.read_tree("# café\na: {b: 5,\n    'ü': [x, y]}\n".encode(), "f.yaml")
    ue = tree.items["a"].items["ü"]
    assert ue.key == ("f.yaml", 3, 5)
    assert ue.items[1].pos == ("f.yaml", 3, 14)


@pytest.mark.parametrize(
    ("data", "line", "col", "words"),
    [
        (b"a: &x 1", 1, 4, "anchors"),
        (b"a: 1\nb: *a", 2, 4, "aliases"),
        (b"a: !!int 1", 1, 4, "tags"),
        (b"a: !x {}", 1, 4, "tags"),
        (b"a: ! x", 1, 4, "tags"),
        (b"a: {<<: {b: 1}}", 1, 5, "merge keys"),
        (b"a: 1\na: 2", 2, 1, "stands here twice; first in line 1"),
        (b"{a: 1, 'a': 2}", 1, 8, "stands here twice"),
        (b"a: .nan", 1, 4, "not-a-number"),
        (b"a: -.INF", 1, 4, "infinity"),
        (b"a: 1e400", 1, 4, "infinity"),
        (b"1: a", 1, 1, "is not text"),
        (b"true: a", 1, 1, "is not text"),
        (b"~: a", 1, 1, "is not text"),
        (b"? [a]\n: b", 1, 3, "key must be text"),
        (b"a: 1\n---\nb: 2", 2, 1, "second document"),
        (b"%YAML 1.2\n---\na: 1", 1, 1, "directives"),
        (b"\xef\xbb\xbfa: 1", 1, 1, "byte order mark"),
        ("a: 1".encode("utf-16"), 1, 1, "UTF-16"),
        (b"a: 1\nb: caf\xe9", 2, 7, "byte 0xe9"),
        (b"a: \x00", 1, 4, "control character U+0000"),
        (b"a: 1\rb: 2", 1, 5, "control character U+000D"),
        ("a: 1\u2028b: 2".encode(), 1, 5, "control character U+2028"),
        (b"a: [1, 2", 1, 9, "closing bracket"),
        (b"a: 'x", 1, 6, "closing quote"),
        (b"a: b: c", 1, 5, "second ': '"),
        (b"a:\n\tb: 1", 2, 1, "tab"),
        (b"a: @x", 1, 4, "not valid YAML"),
        (b"a: " + b"9" * 41, 1, 4, "number of 41 characters"),
    ],
)
def test_what_is_not_allowed(data, line, col, words):
    with pytest.raises(ScenarioError) as e:
        strictyaml.read_tree(data, "f.yaml")
    [p] = e.value.problems
    assert (p.file, p.line, p.col) == ("f.yaml", line, col)
    assert words in p.message


def test_windows_line_ends_are_fine():
    assert read("a: 1\r\nb:\r\n  - x\r\n") == {"a": 1, "b": ["x"]}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(-1e9, 1e9)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(plain)
def test_what_is_written_reads_back(data):
    assert read(f"a: {yamltext.flow(data)}\n") == {"a": data}
