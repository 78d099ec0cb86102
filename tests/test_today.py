"""The rest of a day: what came is read strictly, the factor is the textbook's, and people move only where it helps and is allowed."""

import datetime
import json
import math

import pytest
from click.testing import CliRunner
from plan_world import TEXT, small

import omnisim as om
from omnisim.cli import main
from omnisim.intraday.actuals import read_actuals
from omnisim.intraday.forecast import forecast, updated
from omnisim.intraday.moves import allowed_moves, best_moves, rosters
from omnisim.kpis import columns
from omnisim.staffing.plan.targets import read_targets
from omnisim.tables import Tables
from omnisim.whatif.reached import Seen

AT = datetime.datetime(2026, 3, 3, 10)
CAME = {"phone": (30, 32, 31, 33), "chat": (14, 15, 13, 16), "email": (8, 7, 9, 8)}


def table(tmp_path, factor=1.0, came=CAME):
    lines = ["start,channel,contacts"]
    for channel, counts in came.items():
        lines += [f"{8 + i // 2:02d}:{30 * (i % 2):02d},{channel},{round(n * factor)}" for i, n in enumerate(counts)]
    path = tmp_path / "actuals.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_factor_is_the_posterior_of_the_textbook():
    # gamma of mean 1 and standard deviation .2 (a = 25); 130 contacts where 100 were expected
    mean, sd = updated(0.2, 130.0, 100.0)
    assert mean == pytest.approx(155 / 125)
    assert sd == pytest.approx(math.sqrt(155) / 125)
    assert updated(0.2, 0.0, 0.0) == pytest.approx((1.0, 0.2))  # nothing seen: as before
    assert updated(1e-9, 500.0, 100.0)[0] == pytest.approx(1.0)  # days that are all alike
    assert updated(5.0, 500.0, 100.0)[0] == pytest.approx(5.0, rel=0.01)  # days of any kind: what came


def seen(scenario, seeds=4):
    answer = om.run(scenario, seeds, workers=1)
    return Seen(columns(answer.tables), answer.num, answer.den)


def test_the_day_is_played_with_what_came_and_the_rest_times_the_factor(tmp_path):
    plan = small(world={"busyness_cv": 0.3})
    base = seen(plan)
    came = read_actuals(table(tmp_path, 1.5), plan)
    assert came.now == AT
    found = forecast(plan, came, base, 0.3)
    assert found.low < found.factor < found.high
    total = sum(base.one("contacts_offered", [("interval", s)]).value for s in base.stamps["interval"][:4])
    assert found.expected == pytest.approx(total)
    assert found.factor == pytest.approx((0.3**-2 + found.came) / (0.3**-2 + total))
    past = sum(count for _, count in came.counts.items()) / total
    planned = Tables.build(plan).expected_arrivals
    before = sum(2.0 * r for r in (40, 30, 12))  # expected in the two hours that have passed
    by_interval = [sum(n for (at, _), n in came.counts.items() if at == AT - datetime.timedelta(minutes=30 * k)) for k in (4, 3, 2, 1)]
    parts = [n / base.one("contacts_offered", [("interval", s)]).value for n, s in zip(by_interval, base.stamps["interval"], strict=False)]
    assert past > 1.0
    want = sum(before / 4 * p for p in parts) + (planned - before) * found.factor
    assert Tables.build(found.scenario).expected_arrivals == pytest.approx(want)
    assert found.scenario.world.busyness_cv == pytest.approx(1.0 / math.sqrt(0.3**-2 + found.came))
    assert set(found.rest) == set(base.stamps["interval"][4:])


def test_without_spread_nothing_is_learnt(tmp_path):
    plan = small()
    found = forecast(plan, read_actuals(table(tmp_path, 2.0), plan), seen(plan), 0.0)
    assert (found.factor, found.low, found.high) == (1.0, 1.0, 1.0)
    assert any(c.odd > 3.0 for c in found.channels)  # but it is seen that something is going on


WRONG = {
    "start,channel,contacts\n08:00,phnoe,3\n": "actuals.csv:2:2: channel: found 'phnoe', which is not one of: chat, email, phone (did",
    "start,channel,contacts\n08:10,phone,3\n": "actuals.csv:2:1: start: found 08:10; intervals are 30 min long from 08:00 on",
    "start,channel,contacts\n07:30,phone,3\n": "measured time is from",
    "start,channel,contacts\n13:30,phone,3\n": "nothing is left of the day",
    "start,channel,contacts\n08:00,phone,-3\n": "actuals.csv:2:3: contacts: found '-3', which must be 0",
    "start,channel,contacts\n08:00,phone,3\n08:00,phone,4\n": "stands here twice",
    "start,channel,contacts\n": "has no rows",
    "start,chanel,contacts\n08:00,phone,3\n": "did you mean 'channel'?",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_actuals_is_said_with_its_place(text, tmp_path):
    path = tmp_path / "actuals.csv"
    path.write_text(text)
    with pytest.raises(om.ScenarioError) as wrong:
        read_actuals(path, small())
    assert WRONG[text] in str(wrong.value)


def test_people_may_go_where_their_skills_cover_what_is_served():
    assert allowed_moves(small(), []) == (("talk", "desk"),)  # who chats also answers the phone
    assert allowed_moves(small(), ["post:desk"]) == (("talk", "desk"), ("post", "desk"))
    with pytest.raises(om.ScenarioError, match=r"--move:1:1: .*did you mean 'desk'"):
        allowed_moves(small(), ["dsek:post"])
    with pytest.raises(om.ScenarioError, match="write FROM:TO"):
        allowed_moves(small(), ["desk"])


def test_rosters_are_by_interval():
    assert rosters(small(), {"desk", "post"}) == {"desk": [6] * 4 + [9] * 4 + [7] * 4, "post": [2] * 12}
    assert rosters(small(staffing__pools__desk__agents={"08:10": 3, "09:00": 5}), {"desk"}) == {}


def test_a_move_is_made_only_where_it_helps():
    """Two pools of one skill each, one of them with far too few people, the other with far too many: people go there and never back."""
    plan = small(staffing__pools__desk__agents=4, staffing__pools__post__agents=9)
    targets = read_targets(["phone.service_level >= 80 %"], plan)
    base = seen(plan)
    rest = base.stamps["interval"][4:]

    def play(several):
        return [seen(s, 3) for s in several]

    found = best_moves(plan, AT, targets, rest, ["post:desk", "desk:post"], 2, play)
    assert sum(m.agents for m in found.chosen) == 2
    assert {(m.source, m.target) for m in found.chosen} == {("post", "desk")}
    assert found.after < found.before
    desk, post = (found.scenario.staffing.pools[p].agents for p in ("desk", "post"))
    assert desk[:4] == (4,) * 4  # what has been has been
    assert [a + b for a, b in zip(desk, post, strict=True)] == [13] * 12  # nobody is made or lost
    none = best_moves(plan, AT, read_targets(["phone.service_level >= 1 %"], plan), rest, ["post:desk"], 2, play)
    assert (none.chosen, none.tried) == ((), 0)


def test_the_verb_tells_it_in_80_columns_and_as_json(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TEXT)
    args = [
        "today",
        str(file),
        "--actuals",
        str(table(tmp_path, 1.6)),
        "--spread",
        "0.3",
        "--seeds",
        "3",
        "--most",
        "1",
        "--move",
        "post:desk",
    ]
    out = CliRunner().invoke(main, args)
    assert out.exit_code == 0, out.output
    assert all(len(line) <= 80 for line in out.stdout.splitlines())
    assert "346 contacts came where 163 were expected" in out.stdout
    told = json.loads(CliRunner().invoke(main, [*args, "--json", "-"]).stdout)
    assert told["factor"]["mean"] > 1.2
    assert told["may_move"] == ["talk:desk", "post:desk"]
    assert [i["interval"][11:16] for i in told["intervals"]][:2] == ["10:00", "10:30"]
    wrong = CliRunner().invoke(main, [*args[:3], str(tmp_path / "none.csv")])
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output
