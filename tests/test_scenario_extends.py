"""Variants: what `extends`, `--set` and `with_` do to a base, and where a base may be."""

import os

import pytest
from scenario_texts import SMALL, write

from omnisim.scenario import ScenarioError, check, load

BASE = SMALL.replace("mode: live", "mode: live, patience: {law: exponential, mean: 2 min}, resolve: 0.7").replace(
    "  phone: {help", "  web: {browse: {time: {law: constant, value: 1 s}}}\n  phone: {help"
)
BASE += "journey: {markov: {switch: {web: {phone: 0.2, web: 0.1}, phone: {web: 0.3}}, convert: {web: 0.1}}}\n"


def variant(folder, text, base=BASE):
    write(folder, base, "base.yaml")
    return load(write(folder, "extends: base.yaml\n" + text, "variant.yaml"))


def test_blocks_merge(tmp_path):
    s = variant(tmp_path, "channels: {phone: {help: {resolve: 0.9}}}\nstaffing: {pools: {desk: {skills: {phone: {speed: 2}}}}}\n")
    assert s.channels["phone"].help.resolve == 0.9
    assert s.channels["phone"].help.patience.mean == 120
    assert (s.staffing.pools["desk"].agents, s.staffing.pools["desk"].skills["phone"].speed) == (12, 2)
    assert (s.name, sorted(s.channels)) == ("variant", ["phone", "web"])


def test_values_replace_whole(tmp_path):
    s = variant(tmp_path, "channels: {phone: {help: {handling: {law: lognormal, mean: 4 min, cv: 1}}}}\n")
    assert (s.channels["phone"].help.handling.mean, s.channels["phone"].help.handling.cv) == (240, 1)
    with pytest.raises(ScenarioError, match="the law's name is missing"):
        variant(tmp_path, "channels: {phone: {help: {handling: {mean: 4 min}}}}\n")
    assert variant(tmp_path, "demand: {calls: {enter: {web: 1}}}\n").demand["calls"].enter == {"web": 1}
    markov = variant(tmp_path, "journey: {markov: {switch: {web: {phone: 0.5}}, convert: {phone: 0.4}}}\n").journey.markov
    assert markov.switch == {"phone": {"web": 0.3}, "web": {"phone": 0.5}}  # rows replace, the matrix merges
    assert markov.convert == {"phone": 0.4}
    s = variant(tmp_path, 'demand: {calls: {rate: {"12:00": 1 /min}}}\n', BASE.replace("2 /min", '{"00:00": 2 /min, "08:00": 9 /min}'))
    assert s.demand["calls"].rate == ((0.0, 1 / 60),)


def test_null_removes(tmp_path):
    s = variant(tmp_path, "channels: {phone: {help: {patience: null}}}\njourney: null\n")
    assert (s.channels["phone"].help.patience, s.journey.markov) == (None, None)
    with pytest.raises(ScenarioError) as e:
        variant(tmp_path, "channels:\n  web: null\nclock: {horizon: null}\n")
    mentions = [
        "journey.markov.convert.web",
        "journey.markov.switch.phone.web",
        "journey.markov.switch.web",
        "journey.markov.switch.web.web",
    ]
    assert sorted(p.path for p in e.value.problems) == ["clock.horizon", *mentions]


def test_choosing_one_of_rate_volume_at_removes_the_others(tmp_path):
    for text in ("rate: 3 /min", "volume: 100", 'at: {"00:00": 5}'):
        stream = variant(tmp_path, f"demand: {{calls: {{{text}}}}}\n").demand["calls"]
        assert [k for k in ("rate", "volume", "at") if getattr(stream, k) is not None] == [text.split(":")[0]]
    base = BASE + "context: {time_to_live: 1 d}\n"
    context = variant(tmp_path, "context: {half_life: 2 d}\n", base).context
    assert (context.time_to_live, context.half_life) == (None, 172800)


def test_a_chain_of_bases_and_their_places(tmp_path):
    root = tmp_path / "scenarios"
    write(root, BASE, "base/shop.yaml")
    write(root, "extends: ../base/shop.yaml\nscale: 2\nchannels: {phone: {help: {resolv: 1}}}\n", "mid/mid.yaml")
    top = write(root, "extends: ../mid/mid.yaml\nscale: -1\n", "top/top.yaml")
    with pytest.raises(ScenarioError) as e:
        load(top)
    assert {(os.path.relpath(p.file, root), p.line, p.col, p.path) for p in e.value.problems} == {
        (os.path.join("mid", "mid.yaml"), 3, 27, "channels.phone.help.resolv"),
        (os.path.join("top", "top.yaml"), 2, 8, "scale"),
    }


def problem(path) -> str:
    [p] = check(path).problems
    return p.message


def test_a_base_lies_inside_the_scenario_root(tmp_path):
    write(tmp_path, BASE, "outside/base.yaml")
    write(tmp_path, BASE, "scenarios/base/base.yaml")
    inside = tmp_path / "scenarios" / "mine"
    assert load(write(inside, "extends: ../base/base.yaml\n")).demand
    assert "leads out of the scenario root 'scenarios'" in problem(write(inside, "extends: ../../outside/base.yaml\n"))
    assert "must be relative" in problem(write(inside, f"extends: {tmp_path / 'scenarios' / 'base' / 'base.yaml'}\n"))
    (inside / "link.yaml").symlink_to(tmp_path / "outside" / "base.yaml")
    assert "leads out of the scenario root" in problem(write(inside, "extends: link.yaml\n"))
    (inside / "door").symlink_to(tmp_path / "outside")
    assert "leads out of the scenario root" in problem(write(inside, "extends: door/base.yaml\n"))
    (inside / "near.yaml").symlink_to(tmp_path / "scenarios" / "base" / "base.yaml")
    assert load(write(inside, "extends: near.yaml\n")).demand
    # without a folder named scenarios, the file's own folder is the root
    lonely = tmp_path / "lonely"
    write(lonely, BASE, "below/base.yaml")
    assert load(write(lonely, "extends: below/base.yaml\n")).demand
    assert "leads out of the scenario root 'lonely'" in problem(write(lonely, "extends: ../outside/base.yaml\n"))


def test_the_same_holds_for_side_files(tmp_path):
    write(tmp_path, "1\n2\n", "secret.csv")
    text = SMALL.replace("{law: exponential, mean: 5 min}", "{law: empirical, file: ../secret.csv}")
    assert "leads out of the scenario root" in problem(write(tmp_path / "scenarios", text))
    write(tmp_path / "scenarios", "a,b\n", "letters.csv")
    for name, words in (("none.csv", "no such file"), ("shop.yaml", "a .csv file is needed"), ("letters.csv", "has 2 columns")):
        assert words in problem(write(tmp_path / "scenarios", text.replace("../secret.csv", name)))


def test_circles_depth_and_what_is_no_scenario(tmp_path):
    write(tmp_path, "extends: b.yaml\n", "a.yaml")
    write(tmp_path, "extends: c.yaml\n", "b.yaml")
    assert "extend each other in a circle: " in problem(write(tmp_path, "extends: a.yaml\n", "c.yaml"))
    for i in range(9):
        write(tmp_path, f"extends: d{i + 1}.yaml\n", f"d{i}.yaml")
    assert "more than 8 files extend each other" in problem(tmp_path / "d0.yaml")
    assert "ends in .yaml or .yml" in problem(write(tmp_path, "extends: secret.txt\n"))
    assert "there is no such file (did you mean 'shop.yaml'?)" in problem(write(tmp_path, "extends: shap.yaml\n"))
    assert "path of a scenario file is needed" in problem(write(tmp_path, "extends: [a.yaml]\n"))
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not a regular file" in problem(write(tmp_path, "extends: pipe.yaml\n"))
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "cannot be read" in problem(write(tmp_path, "extends: loop.yaml\n"))


def test_a_missing_base_hides_no_other_problem(tmp_path):
    found = check(
        write(tmp_path, "extends: none.yaml\nscale: -1\ndemand: {calls: {enter: {phone: 2}}}\nchannels: {phone: {help: {resolve: 1}}}\n")
    )
    assert [p.path for p in found.problems] == ["extends", "scale", "demand.calls.enter.phone"]


def test_a_broken_base_names_the_base(tmp_path):
    write(tmp_path, "a: [1\n", "base.yaml")
    [p] = check(write(tmp_path, "extends: base.yaml\n")).problems
    assert (p.file, p.line) == (str(tmp_path / "base.yaml"), 2)


def test_base_files_should_set_no_key_of_a_preset(tmp_path):
    s = variant(tmp_path, "context: {preset: omnichannel}\n", BASE + "context: {latency: 5 min, effects: {repeat_time: 75 s}}\n")
    [warning] = s.warnings
    assert s.context.latency == 300
    assert warning.endswith("context.latency: is given and wins over preset omnichannel; a base file should set no key that a preset sets")


SETS = [
    ("scale", "2", lambda s: s.scale == 2),
    ("name", "Shop: the second", lambda s: s.name == "Shop: the second"),
    ("clock.horizon", "1 d", lambda s: s.clock.horizon == 86400),
    ("channels.phone.help.handling.mean", "4 min", lambda s: s.channels["phone"].help.handling.mean == 240),
    ("channels.phone.help.handling", "{law: constant, value: 1 min}", lambda s: s.channels["phone"].help.handling.law == "constant"),
    ("channels.phone.help.patience", "never", lambda s: s.channels["phone"].help.patience is None),
    ("channels.phone.help.patience", "null", lambda s: s.channels["phone"].help.patience is None),
    ("channels.phone", "{medium: voice}", lambda s: s.channels["phone"].medium == "voice" and s.channels["phone"].help),
    ("demand.calls.at", "{'00:00': 5}", lambda s: s.demand["calls"].rate is None and s.demand["calls"].at),
    ("demand.calls.rate.08:00", "9 /min", lambda s: s.demand["calls"].rate == ((0.0, 9 / 60),)),
    ("staffing.pools.desk.agents", "{'08:00': 3, '20:00': 1}", lambda s: s.staffing.pools["desk"].agents.points[1] == (28800.0, 3)),
    ("context.preset", "siloed", lambda s: s.context.preset == "siloed"),
    ("journey.markov.switch.web.phone", "0.05", lambda s: s.journey.markov.switch["web"] == {"phone": 0.05, "web": 0.1}),
    ("demand.night", "{goal: issue, volume: 5, enter: {phone: 1}}", lambda s: sorted(s.demand) == ["calls", "night"]),
]


@pytest.mark.parametrize(("path", "value", "holds"), SETS, ids=[f"{p}={v}"[:40] for p, v, _ in SETS])
def test_set_and_with_change_one_value(tmp_path, path, value, holds):
    file = write(tmp_path, BASE)
    assert holds(load(file, {path: value}))
    changed = load(file).with_({path: value})
    assert holds(changed)
    assert changed == load(file, {path: value}).with_({"name": "shop"} if path != "name" else {})
    assert changed.changes == (f"{path}={value}",)
    assert load(file) == load(file)  # nothing was changed in place


def test_with_takes_python_values_too(tmp_path):
    s = load(write(tmp_path, BASE))
    changed = s.with_({"staffing.pools.desk.agents": 3, "context": {"link": {"web": {"phone": 0.5}}}, "channels.phone.help.patience": None})
    assert changed.staffing.pools["desk"].agents == 3
    assert changed.context.link["web"]["phone"] == 0.5
    assert changed.channels["phone"].help.patience is None
    assert (s.staffing.pools["desk"].agents, s.context) == (12, None)
    assert s.with_({}) == s
    wide = s.with_({"clock.interval": "1 h", "staffing.pools.desk.agents": [1] * 8}).with_({"staffing.pools.desk.agents[2]": 7})
    assert wide.staffing.pools["desk"].agents == (1, 1, 7, 1, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({"context.preset": "omnichanel"}, "context.preset:1:1: context.preset: found 'omnichanel'; allowed are: siloed, multichannel"),
        ({"clock.horizon": "5"}, "clock.horizon:1:1: clock.horizon: found 5 without a unit; a duration is needed, such as '90 s'"),
        ({"clok.horizon": "5 h"}, "clok.horizon:1:1: clok: 'clok' is not a known key (did you mean 'clock'?)"),
        ({"extends": "x.yaml"}, "extends:1:1: extends: extends cannot be set; it belongs in a file"),
        ({"channels.phone.medium": "{a: 1"}, "channels.phone.medium:1:1: channels.phone.medium: found '{a: 1'; a name has"),
        ({"channels.phone.help.handling": "{law: x"}, "channels.phone.help.handling:1:8: channels.phone.help.handling: not valid YAML"),
        ({"demand..rate": "1 /h"}, "demand..rate:1:1: demand..rate: this is no path"),
        ({"": "1"}, ":1:1: (file): this is no path"),
        (
            {"demand.calls.enter": "{phne: 1}"},
            "demand.calls.enter:1:2: demand.calls.enter.phne: 'phne' is no channel (did you mean 'phone'?)",
        ),
        ({"scale": ".inf"}, "scale:1:1: scale: found .inf"),
        ({"demand.calls.surge": "[]", "demand.calls.surge[0].factor": "3"}, "demand.calls.surge[0].factor: the list is empty"),
    ],
)
def test_wrong_sets_name_themselves(tmp_path, sets, message):
    with pytest.raises(ScenarioError) as e:
        load(write(tmp_path, BASE), sets)
    assert f"--set {message}" in str(e.value) or message in e.value.problems[0].path + ": " + e.value.problems[0].message


def test_wrong_with_names_itself(tmp_path):
    s = load(write(tmp_path, BASE))
    for value in (object(), {1: 2}, float("nan"), b"x"):
        with pytest.raises(ScenarioError, match=r"^with_ scale:1:1: scale: "):
            s.with_({"scale": value})
