"""One pool of a store serves the floor, picks orders for collection, hands them out and takes goods back.

A shop where four in five orders are picked up takes its people from the floor: `model.md` names the harm, these figures show it.
"""

import json

import numpy as np
import pytest
from scipy.stats import t as student

import omnisim as om
from omnisim.engines import compiled, reference
from omnisim.rules.orders import PICK_STAGE
from omnisim.tables import Tables
from omnisim.words import Bot, End, Mode, Need, Outcome, Way

SEEDS = range(1, 11)


def shop(pickup, tasks=True, agents=4, **more):
    """Two hundred orders a day on the web; questions on the floor; one pool for all of it."""
    work = {"mode": "inbox", "handling": {"law": "constant", "value": "8 min"}}
    return {
        "omnisim": 1,
        "clock": {"start": "2026-11-30 00:00", "horizon": "24 h", "interval": "1 h"},
        "demand": {
            "shoppers": {"goal": "shop", "rate": "20 /h", "enter": {"web": 1.0}},
            "floor": {"goal": "issue", "rate": "24 /h", "enter": {"store": 1.0}},
        },
        "channels": {
            "web": {"browse": {"time": {"law": "constant", "value": "5 min"}}, "sell": True},
            "store": {
                "help": {
                    "mode": "live", "handling": {"law": "exponential", "mean": "5 min"},
                    "patience": {"law": "exponential", "mean": "4 min"},
                    "service_level": {"within": "1 min", "target": 0.8},
                },
            },
            "picking": {"help": work},
            "desk": {"help": {"mode": "live", "handling": {"law": "constant", "value": "2 min"}}},
        },
        "staffing": {"pools": {"people": {"agents": agents, "skills": {c: {"priority": 1} for c in ("store", "picking", "desk")}}}},
        "journey": {"shop": {"cart": {"web": 0.8}, "buy": {"web": 1.0}}},
        "shipping": {"pickup": {"share": pickup, "ready": {"law": "constant", "value": "1 h"}, "desk": "desk"}},
        "returns": {"store_share": 1.0, "after": {"law": "constant", "value": "2 h"}},
        "catalog": {"products": {"thing": {"share": 1, "price": "50 USD", "margin": 0.4, "returned": 0.3}}},
        **({"fulfilment": {"tasks": {"picking": "picking", "returns": "desk"}}} if tasks else {}),
        **more,
    }  # fmt: skip


def loaded(tmp_path, w, name="shop"):
    path = tmp_path / f"{name}.yaml"
    path.write_text(json.dumps(w), encoding="utf-8")
    return om.load(path)


def test_orders_for_collection_raise_picking_when_placed_and_returns_a_task_when_brought_back(tmp_path):
    t = Tables.build(loaded(tmp_path, shop(0.5)))
    seen = reference.run(t, 3)
    assert seen.digest() == compiled.run(t, 3).digest()
    orders = {int(o["customer"]): o for o in seen.orders}
    picked = {int(o["customer"]) for o in seen.orders if o["way"] == Way.PICKUP}
    tasks = seen.journeys[seen.journeys["need"] == Need.PICK]
    assert {int(j["parent"]) for j in tasks} == picked
    assert len(picked) > 50
    assert all(j["arrived"] == orders[int(j["parent"])]["placed"] for j in tasks)
    assert all((o["done"] & PICK_STAGE > 0) == (o["way"] == Way.PICKUP) for o in seen.orders)
    brought = seen.journeys[seen.journeys["need"] == Need.BRING]
    assert len(brought) > 10
    for j in brought:
        o = orders[int(j["parent"])]
        assert (o["return_store"], j["arrived"]) == (1, o["returns_at"])
    rows = seen.touches[seen.touches["channel"] == t.channels.index("picking")]
    assert len(rows) == len(tasks)
    done = rows[rows["outcome"] == Outcome.HANDLED]
    assert done["ended"] - done["started"] == pytest.approx(480.0)
    assert (rows["remembers"] == 0).all()


def test_picking_is_work_and_nobodys_journey(tmp_path):
    """Journeys, issues and contacts per order are those of people; the work shows on its channel and in its pool."""
    w = shop(1.0, agents=40)
    free = {"returns": "desk"}
    with_, without = (
        om.run(loaded(tmp_path, x, str(i)), seeds=3, workers=1) for i, x in enumerate((w, {**w, "fulfilment": {"tasks": free}}))
    )
    for kpi in ("journeys_ended", "resolution_rate", "contacts_per_order", "orders"):
        assert with_.kpi(kpi).mean == pytest.approx(without.kpi(kpi).mean, rel=0.02), kpi
    assert with_.kpi("contacts_handled", channel="picking").mean > 200


def test_no_tasks_are_exactly_none(tmp_path):
    digests = set()
    for i, more in enumerate(({}, {"fulfilment": {"tasks": {}}}, {"fulfilment": {"store_pick": "0 USD"}})):
        digests.add(reference.run(Tables.build(loaded(tmp_path, {**shop(0.5, tasks=False), **more}, str(i))), 2).digest())
    assert len(digests) == 1


def test_pick_up_takes_people_from_the_floor(tmp_path):
    """More pick-up at equal staff: less service on the floor, the same customers with the same luck (10 pairs, 4 half widths)."""
    level = {}
    for share in (0.0, 0.4, 0.8):
        answer = om.run(loaded(tmp_path, shop(share), str(share)), seeds=SEEDS, workers=1)
        i = next(i for i, c in enumerate(answer.columns) if (c.kpi, c.scope) == ("service_level", (("channel", "store"),)))
        level[share] = answer.num[:, i] / answer.den[:, i]
    for less, more in ((0.0, 0.4), (0.4, 0.8)):
        fall = level[less] - level[more]
        half = student.ppf(0.975, len(fall) - 1) * fall.std(ddof=1) / np.sqrt(len(fall))
        assert fall.mean() > 4 * half > 0
    assert level[0.0].mean() - level[0.8].mean() > 0.1


def test_with_people_of_their_own_for_picking_the_floor_is_as_it_was(tmp_path):
    """The harm is the shared pool's: given the picking to others, the floor does not feel it."""
    apart = shop(0.8)
    skills = apart["staffing"]["pools"]["people"]["skills"]
    others = {c: skills.pop(c) for c in ("picking", "desk")}
    apart["staffing"]["pools"]["pickers"] = {"agents": 4, "skills": others}
    none = shop(0.0)
    for c in ("picking", "desk"):
        none["staffing"]["pools"]["people"]["skills"].pop(c)
    none["staffing"]["pools"]["pickers"] = {"agents": 4, "skills": others}
    stories = []
    for i, w in enumerate((apart, none)):
        t = Tables.build(loaded(tmp_path, w, str(i)))
        rows = reference.run(t, 1).touches
        mine = rows[rows["channel"] == t.channels.index("store")]
        stories.append((mine["started"] - mine["arrived"]).tobytes())
    assert stories[0] == stories[1]


def test_a_task_that_waits_forever_is_open_at_the_end(tmp_path):
    t = Tables.build(loaded(tmp_path, shop(1.0, agents=0)))
    seen = reference.run(t, 1)
    tasks = seen.journeys[seen.journeys["need"] == Need.PICK]
    assert len(tasks) > 100
    assert (tasks["end"] == End.OPEN).all()


def test_no_bot_takes_goods_back(tmp_path):
    """A bot at the desk settles what is asked there and hands over what has to be done there."""
    w = shop(0.5)
    w["channels"]["desk"]["bot"] = {"time": {"law": "constant", "value": "1 min"}, "contain": 1.0}
    t = Tables.build(loaded(tmp_path, w))
    seen = reference.run(t, 3)
    assert seen.digest() == compiled.run(t, 3).digest()
    need = {int(j["customer"]): int(j["need"]) % 8 for j in seen.journeys}
    talks = [(need[int(x["customer"])], Bot(int(x["bot"]))) for x in seen.touches if x["mode"] == Mode.BROWSE and x["bot"] > Bot.TALKS]
    assert {bot for n, bot in talks if n == Need.COLLECT} == {Bot.SOLVED}
    assert {bot for n, bot in talks if n == Need.BRING} == {Bot.ESCALATED}
