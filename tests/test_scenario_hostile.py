"""A hostile file is answered at once, and whatever the bytes, the answer is a scenario or a ScenarioError."""

import gc
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_texts import SAMPLE, write

from omnisim.scenario import Problem, Scenario, ScenarioError, from_plain, load

HEAD = b"omnisim: 1\n"
LETTERS = b"abcdefghijklmnopqrst"


def many(n: int, text: bytes) -> bytes:
    return b",".join(text % i for i in range(n))


CORPUS = {
    "billion laughs": b"a: &a [x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (LETTERS[i], LETTERS[i], b",".join([b"*%c" % LETTERS[i - 1]] * 8)) for i in range(1, 20)),
    "merge keys": b"a: &a {b: 1}\nc: &c {<<: [" + b"*a," * 40 + b"*a]}\nd: {<<: [" + b"*c," * 40 + b"*c]}\n",
    "brackets": b"[" * 100_000,
    "braces": b"{a: " * 100_000,
    "dashes": b"- " * 100_000,
    "questions": b"? " * 100_000,
    "open quote": b"a: '" + b"x" * 1_900_000,
    "escapes": b'a: "' + b"\\x41" * 400_000,
    "one word": b"a: " + b"x" * 1_900_000,
    "spaces": b" " * 1_900_000,
    "lines": b"\n" * 1_900_000,
    "comments": b"#\n" * 900_000,
    "list": b"a: [" + b"1," * 900_000 + b"]",
    "keys": b"".join(b"k%d: 1\n" % i for i in range(150_000)),
    "too large": b"x" * 3_000_000,
    "digits": HEAD + b"scale: " + b"9" * 5000,
    "exponent": HEAD + b"scale: 1e999999999\n",
    "exponent with unit": HEAD + b"clock: {horizon: 1e99999999 h}\n",
    "digits with unit": HEAD + b"clock: {horizon: " + b"1" * 100_000 + b" h}\n",
    "channels": HEAD + b"channels: {" + many(20_000, b"c%d: {}") + b"}\n",
    "media": HEAD + b"context: {preset: siloed}\nchannels: {" + many(200, b"c%d: {browse: {time: {law: constant, value: 1 s}}}") + b"}\n",
    "unknown keys": HEAD + b"channels: {p: {" + many(25_000, b"zz%d: 1") + b"}}\n",
    "unknown names": HEAD + b"channels: {p: {}}\ndemand: {s: {enter: {" + many(25_000, b"zz%d: 1") + b"}}}\n",
    "wrong values": HEAD + b"staffing: {pools: {p: {agents: [" + b"x," * 55_000 + b"]}}}",
    "long keys": b"\n".join(b"x" * 1000 + b"%d: 1" % i for i in range(1500)),
    "hours": HEAD + b'channels: {p: {hours: "' + b"Mon," * 100_000 + b' 08:00-09:00"}}\n',
    "provenance": HEAD + b"provenance: {" + many(10_000, b"'a%d': {grade: C}") + b"}\n",
    "long path": HEAD + b"provenance:\n  ? '" + b"a." * 100_000 + b"'\n  : {grade: C}\n",
    "percents": b"%" * 100_000,
    "bangs": b"!" * 100_000,
    "ampersands": b"&" * 100_000,
    "block": b"a: |\n" + b"  x\n" * 400_000,
    "colons": b":" * 100_000,
    "list as key": b"{" + b"[a]: b," * 10_000,
    "surrogate": b'a: "\\ud800"\n',
    "newline in a key": b'"a\\nb.yaml:1:1: x": 1\n',
}


@pytest.fixture
def alone():
    """What other tests left in memory is set aside: else the collector walks through it, and that is not the loader's time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_is_answered_at_once(name, tmp_path, alone):
    path = tmp_path / "h.yaml"
    path.write_bytes(CORPUS[name])
    begin = time.process_time()
    with pytest.raises(ScenarioError) as e:
        load(path)
    assert time.process_time() - begin < 1
    assert len(str(e.value)) < 200_000
    assert len(str(e.value).splitlines()) == len(e.value.problems)


def test_many_large_files_share_one_allowance(tmp_path, alone):
    for i in range(8):
        text = f"extends: f{i + 1}.yaml\n" + "a: [" + "1," * 55_000 + "]\n"
        write(tmp_path, text, f"f{i}.yaml")
    begin = time.process_time()
    with pytest.raises(ScenarioError, match="more than 60000 values; the scenario is too large"):
        load(tmp_path / "f0.yaml")
    assert time.process_time() - begin < 1.5


PIECES = st.sampled_from(
    [
        *"{}[],:-?&*!|>'\"%@`#\n\t ~",
        *("  ", ": ", "- ", "\n  ", "null", "true", "1e5", "12:30", ".nan", "<<", "omnisim: 1\n", "channels", "5 min"),
        *(
            "help",
            "law",
            "{law: never}",
            "mean",
            "2 /min",
            "demand:\n",
            "rate",
            "enter",
            "é",
            "\u2028",
            "\0",
            "\r",
            "---\n",
            "...\n",
            "0x",
            "9" * 30,
        ),
    ]
)
WORDS = sorted(set(SAMPLE.replace("\n", " ").split(" ")))
QUICK = settings(max_examples=120, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def answer(make) -> Scenario | tuple[Problem, ...]:
    """The scenario, or the problems; anything else fails the test."""
    try:
        return make()
    except ScenarioError as e:
        return e.problems


def is_good(found) -> bool:
    """A scenario, or problems that all have a place and a message."""
    return isinstance(found, Scenario) or (bool(found) and all(p.line >= 1 and p.col >= 1 and p.message for p in found))


@QUICK
@given(data=st.binary(max_size=60) | st.lists(PIECES, max_size=40).map(lambda p: "".join(p).encode("utf-8", "replace")))
def test_any_bytes(data, tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    assert is_good(answer(lambda: load(path)))


@QUICK
@given(data=st.data())
def test_a_valid_file_with_mistakes(data, tmp_path):
    text = SAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        a = data.draw(st.integers(0, len(text) - 1))
        b = min(len(text), a + data.draw(st.integers(0, 30)))
        new = data.draw(PIECES | st.sampled_from(WORDS) | st.just("") | st.just(text[a:b] * 2))
        text = text[:a] + new + text[b:] or "x"
    path = tmp_path / "m.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    assert is_good(answer(lambda: load(path)))


@QUICK
@given(data=st.data())
def test_a_valid_tree_with_a_value_out_of_place(data, tmp_path):
    """Any value at any path of a valid scenario, as `--set` would put it there."""
    path = write(tmp_path, SAMPLE)
    base = load(path)
    where = data.draw(st.sampled_from([row[0] for row in base.origin()]))
    where = ".".join(where.split(".")[: data.draw(st.integers(1, 6))])
    odd = st.sampled_from(
        ["5 min", "never", "2 /min", "50 %", "web", "08:00", "Mon 08:00-09:00", "", "0", "x" * 100, "free", "19 USD/h", "1e309", "[]"]
    )
    value = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=True)
        | odd
        | st.lists(odd, max_size=3)
        | st.dictionaries(odd, odd, max_size=3)
    )
    found = answer(lambda: base.with_({where: value}))
    assert is_good(found)
    assert not isinstance(found, Scenario) or from_plain(found.resolved()) == found
