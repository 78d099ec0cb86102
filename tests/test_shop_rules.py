"""Each rule of the shop by itself: worked numbers, and draws with the probabilities they claim."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats
from shop_tables import add_laws, neutral, shoppers

import omnisim as om
from omnisim.draws import customer_key
from omnisim.laws import LAW
from omnisim.records import ORDER, TOUCH
from omnisim.rules import context, journey, orders, person, serving
from omnisim.rules.checkout import HOME, PICKUP, TAKEN, buys_with, carriage, minor, price
from omnisim.rules.delivery import promise_days, quote
from omnisim.rules.person import PERSON
from omnisim.rules.shopdata import DEVICE, FRONT, PRODUCT, REGION, SHOP
from omnisim.stockbuild import Shelves
from omnisim.tables import Tables
from omnisim.words import Carried, End, Goal, LawCode, Message, Mode, Need, Outcome, Policy, Reason, Step

N = 4000
WORLD = """
omnisim: 1
name: t
clock: {horizon: 3 h}
demand: {shoppers: {goal: markov, rate: 10 /h, enter: {web: 1}}}
channels:
  web: {browse: {time: {law: constant, value: 100 s}}}
  app: {browse: {time: {law: constant, value: 100 s}}}
  store: {browse: {time: {law: constant, value: 100 s}}, help: {mode: live, handling: {law: constant, value: 60 s}}}
  chat: {help: {mode: live, handling: {law: constant, value: 60 s}}}
  mail: {help: {mode: inbox, handling: {law: constant, value: 60 s}}}
staffing: {pools: {p: {agents: 5, skills: {chat: {}, mail: {}, store: {}}}}}
journey: {markov: {switch: {}, convert: {}}}
context: {preset: omnichannel, self_service_counts: false}
customers: {segments: {easy: {share: .5}, careful: {share: .5, effort_sensitivity: 2}}}
"""


@pytest.fixture(scope="module")
def t(tmp_path_factory):
    """Shares of one, one product of 30.00 twice over, one region; every test changes what it looks at."""
    path = tmp_path_factory.mktemp("rules") / "w.yaml"
    path.write_text(WORLD, encoding="utf-8")
    t = shoppers(Tables.build(om.load(path)))
    t, _ = add_laws(t, [(LawCode.CONSTANT, 3600.0, 0.0), (LawCode.EXPONENTIAL, 86400.0, 0.0), (LawCode.CONSTANT, 86400.0 * 5, 0.0)])
    s = neutral(t)
    products = np.zeros(1, PRODUCT)
    products[0] = (1.0, 6000.0, 0.0, 0.0, 0.4, 2.5, 0.0, 0.0, 0.0)
    regions = np.zeros(1, REGION)
    regions[0] = (1.0, 600.0, 1.0, 0, 1, 0.0, 0.0, 0.0, 0.0, 0, (0.0,) * 4)
    s.front["sell"] = 1
    s.front["cart"] = 1.0
    s.rules["has_money"] = 1
    return dataclasses.replace(t, shop=dataclasses.replace(s, products=products, regions=regions, region_upto=np.ones((2, 1))))


def changed(t, products=None, front=None, **rules):
    """The tables with other numbers in the shop; `front`: fields of every channel."""
    s = dataclasses.replace(t.shop, rules=t.shop.rules.copy(), front=t.shop.front.copy(), products=t.shop.products.copy())
    for name, value in rules.items():
        if name in s.rules.dtype.names:
            s.rules[0][name] = value
        else:
            s = dataclasses.replace(s, **{name: value})
    for rows, fields in ((s.products, products), (s.front, front)):
        for name, value in (fields or {}).items():
            rows[name] = value
    return dataclasses.replace(t, shop=s)


class Shoppers:
    """N shoppers at once, each in his own row, with one touch each."""

    def __init__(self, t, n=N, seed=1, segment=0):
        self.t, self.n = t, n
        self.people, self.touches, self.orders = np.zeros(n, person.PERSON), np.zeros(n, TOUCH), np.zeros(n, ORDER)
        self.visits, self.lived = np.zeros((n, len(t.channels)), np.int64), np.zeros((n, len(t.channels)))
        for k in range(n):
            key = np.array(customer_key(seed, t.source[0]["hash"], k, 0), np.uint64)
            person.admit(
                self.people, k, self.visits, self.lived, *key, k, 0, k, 0.0, t.source, t.stream, t.segment, t.enter, t.preceded,
                t.shop.region_upto,
            )  # fmt: skip
        self.people["segment"] = segment

    def touch(self, channel, outcome=None, started=0.0, now=100.0):
        """A touch of everybody there begins, is recalled and ends."""
        t, c = self.t, self.t.channels.index(channel)
        for i in range(self.n):
            mode = serving.mode_of(self.people, i, t.channel, c, started, t.service.bot_down)
            serving.begin(self.people, i, self.visits, self.touches, i, c, mode, started, t.channel)
            self.touches[i]["started"] = started
            context.recall(
                self.people, i, self.touches, i, started, t.context, t.identify, t.link, t.pair, t.medium_of, t.channel["hash"],
                t.hub_down, t.segment, t.team, t.stream,
            )  # fmt: skip
            what = outcome if outcome is not None else Outcome.BROWSED if mode == Mode.BROWSE else Outcome.HANDLED
            journey.end_touch(
                self.people, i, self.touches, i, int(what), now, self.lived, t.channel, t.context, self.orders, t.segment,
                t.team, t.service.bots, t.service.contain, np.zeros(len(t.channels), np.int64), *t.shop.sold(), t.laws, t.points,
                t.goods.at_start(1),
            )  # fmt: skip
        return self.touches["step"]

    def steps(self):
        t = self.t
        rest = (t.channel, t.switch, t.retry, t.retry_to, t.stream, t.laws, t.points, t.service.bots, *t.shop.sold())
        return [journey.next_step(self.people, i, self.touches, i, *rest) for i in range(self.n)]

    def priced(self):
        for i in range(self.n):
            price(self.people, i, self.orders, self.t.segment, self.t.shop.products, self.t.shop.rules)
        return self.people["basket"]

    def quotes(self):
        s = self.t.shop
        return [
            quote(self.people, i, self.t.segment, s.front, s.rules, s.regions, s.devices, True, 0.0, self.t.laws) for i in range(self.n)
        ]


def near(share, p, n=N):
    """Within 4 standard errors of a binomial share: false-alarm rate 6e-5."""
    return abs(share - p) < 4 * math.sqrt(p * (1 - p) / n) + 1e-12


# ---- the basket and what delivery costs --------------------------------------------------------------------------


def test_worked_law_of_carriage(t):
    t = changed(t, parcel=875.9, item=42.3, item_mile=0.0541)
    s = t.shop
    assert carriage(1.0, 2, 600.0, 0, s.rules, s.zones, s.up_to) == 1025


@pytest.mark.parametrize(
    ("kg", "amount"),
    [(0.0, 810), (1.0, 810), (1.01, 940), (2.5, 1320), (5.0, 1320), (5.5, 1320 + 810), (10.0, 2640), (11.5, 2640 + 940), (3 * 0.1, 810)],
)
def test_rate_card(t, kg, amount):
    t = changed(t, card=1, steps=3, up_to=np.array([1.0, 2.0, 5.0]), zones=np.array([[810.0, 940.0, 1320.0]]))
    assert carriage(kg, 1, 0.0, 0, t.shop.rules, t.shop.zones, t.shop.up_to) == amount


def test_thirds_of_a_step_weigh_no_more_than_the_step(t):
    t = changed(t, card=1, steps=2, up_to=np.array([0.3, 5.0]), zones=np.array([[100.0, 900.0]]))
    assert carriage(3 * 0.1, 3, 0.0, 0, t.shop.rules, t.shop.zones, t.shop.up_to) == 100


def test_items_are_geometric_and_baskets_lognormal(t):
    crowd = Shoppers(changed(t, products={"more_items": 1.5, "price": 1e6, "sigma": 0.8}))
    basket = crowd.priced()
    items = crowd.people["items"]
    assert near((items == 1).mean(), 1 / 2.5)
    assert near((items > 2).mean(), (1.5 / 2.5) ** 2)
    z = np.log(basket / (1e6 * items)) / 0.8 + 0.4
    assert stats.kstest(z, "norm").pvalue > 1e-4
    before = basket.copy()
    assert (crowd.priced() == before).all(), "a basket is drawn once a need"


def test_worked_basket_and_segment_factor(t):
    crowd = Shoppers(changed(t, products={"price": 3000.0}), n=2)
    crowd.people["segment"] = [0, 1]
    segment = t.segment.copy()
    segment["basket"] = [1.0, 1.2]
    crowd.t = dataclasses.replace(crowd.t, segment=segment)
    assert crowd.priced().tolist() == [3000, 3600]
    tiny = Shoppers(changed(t, products={"price": 0.0}), n=1)
    assert tiny.priced().tolist() == [1]


def test_products_come_by_their_shares(t):
    rows = np.zeros(3, PRODUCT)
    rows["upto"], rows["price"] = [0.2, 0.5, 1.0], 100.0
    crowd = Shoppers(dataclasses.replace(t, shop=dataclasses.replace(t.shop, products=rows)))
    crowd.priced()
    for product, share in enumerate((0.2, 0.3, 0.5)):
        assert near((crowd.people["product"] == product).mean(), share)


THRESHOLD = {"policy": Policy.THRESHOLD, "fee": 595.0, "above": 7500.0, "reach": 2.0}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"policy": Policy.FREE, "fee": 595.0}, (HOME, 0, 0, 0)),
        ({"policy": Policy.FLAT, "fee": 595.0}, (HOME, 595, 0, 0)),
        ({**THRESHOLD}, (HOME, 595, 0, 0)),
        ({**THRESHOLD, "pad": 1.0}, (HOME, 0, 1500, 0)),
        ({**THRESHOLD, "pad": 1.0, "reach": 1.2}, (HOME, 595, 0, 0)),
        ({**THRESHOLD, "above": 6000.0}, (HOME, 0, 0, 0)),
        ({**THRESHOLD, "free_for": 1}, (HOME, 0, 0, 0)),
        ({**THRESHOLD, "free_for": 2}, (HOME, 595, 0, 0)),
        ({**THRESHOLD, "pickup": 1.0}, (PICKUP, 0, 0, 0)),
    ],
)
def test_worked_quotes_of_a_basket_of_60(t, rules, said):
    crowd = Shoppers(changed(t, **rules), n=1)
    crowd.priced()
    assert crowd.quotes() == [said]


def test_who_carries_pays_no_fee_and_a_coupon_takes_its_share(t):
    crowd = Shoppers(changed(t, front={"carry": 1}, policy=Policy.FLAT, fee=595.0), n=1)
    crowd.priced()
    crowd.people["coupon"] = 0.1
    assert crowd.quotes() == [(TAKEN, 0, 0, 600)]


def test_padding_and_picking_up_happen_with_their_shares(t):
    devices = np.zeros(1, DEVICE)
    devices[0] = (1.0, 0.0, 0.7, t.channels.index("web"))
    crowd = Shoppers(changed(t, **THRESHOLD, pad=0.5, devices=devices, device_upto=np.ones((2, 1))))
    crowd.priced()
    assert near(np.mean([q[2] > 0 for q in crowd.quotes()]), 0.5)
    crowd.people["device"] = 0
    assert near(np.mean([q[2] > 0 for q in crowd.quotes()]), 0.35)
    crowd = Shoppers(changed(t, pickup=0.3))
    crowd.priced()
    assert near(np.mean([q[0] == PICKUP for q in crowd.quotes()]), 0.3)


def test_promised_days_are_of_the_way(t):
    day = 86400.0
    t = changed(t, promise_s=5 * day, pickup_promise_s=day / 2)
    args = (t.shop.rules, t.laws)
    assert [promise_days(way, 1.3, 0.0, *args) for way in (TAKEN, HOME, PICKUP)] == [0.0, 6.5, 0.5]
    t = changed(t, promise_s=math.inf, lead=len(t.laws) - 1)
    assert promise_days(HOME, 2.0, 0.0, t.shop.rules, t.laws) == 10.0, "without a promise the mean of the law"
    assert promise_days(HOME, 2.0, 0.0, changed(t, lead=-1).shop.rules, t.laws) == 0.0


# ---- buying ------------------------------------------------------------------------------------------------------


def test_worked_purchase():
    """b .30, basket 60, fee 5.95 x 12, 5 days x .02: V = -2.1373, p = .1055; with live help x 1.16 = .1224."""
    loss = 12 * 5.95 / 60 + 0.02 * 5
    assert math.log(0.3 / 0.7) - loss == pytest.approx(-2.1373, abs=5e-5)
    assert buys_with(0.3, -loss) == pytest.approx(0.1055, abs=5e-5)
    assert 1.16 * buys_with(0.3, -loss) == pytest.approx(0.1224, abs=5e-5)
    assert (buys_with(0.0, 9.0), buys_with(1.0, -9.0), buys_with(0.3, 0.0)) == (0.0, 1.0, 0.3)
    assert buys_with(0.3, -1e6) == 0.0
    assert buys_with(0.3, 1e6) == 1.0


WORKED = {"policy": Policy.FLAT, "fee": 595.0, "fee_weight": 12.0, "lead_weight": 0.02, "promise_s": 5 * 86400.0}


def test_purchases_and_reasons_have_the_worked_probabilities(t):
    """Bought .1055; lost because of fee or promise .3 - .1055, in proportion 1.19 to .10; the rest by reasons of their own."""
    reasons = np.zeros(len(Reason))
    reasons[Reason.TRUST] = 0.25
    crowd = Shoppers(changed(t, front={"buy": 0.3}, reasons=reasons, **WORKED))
    steps = crowd.touch("web")
    reason = crowd.touches["reason"]
    assert near((steps == Step.BUYS).mean(), 0.1055)
    ours = 0.3 - 0.1055
    assert near((reason == Reason.COST).mean(), ours * 1.19 / 1.29)
    assert near((reason == Reason.DELIVERY).mean(), ours * 0.10 / 1.29)
    assert near((reason == Reason.TRUST).mean(), 0.7 * 0.25)
    assert near((reason == Reason.BROWSING).mean(), 0.7 * 0.75)
    assert set(np.unique(steps)) == {Step.BUYS, Step.DROPS}
    assert [s[0] for s in crowd.steps()] == [int(End.CONVERTED) if s == Step.BUYS else int(End.LEFT) for s in steps]
    assert (crowd.orders["fee"][steps == Step.BUYS] == 595).all()


def test_live_help_lifts_and_a_slow_answer_costs(t):
    """Lift 1.16 on .3; delay weight .12 x ln(1 + 600/300) for an answer after ten minutes, twice that for the careful."""
    ask = {"buy": 0.3, "ask": 1.0, "lift": 1.0}
    asks = np.zeros((5, 5))
    asks[:, t.channels.index("chat")] = 1.0
    base = changed(t, front=ask, asks=asks, delay_weight=0.12, delay_scale=300.0)
    base.shop.front[t.channels.index("chat")]["lift"] = 1.16
    for segment, effort in ((0, 1.0), (1, 2.0)):
        named = t.segments.index("careful") if effort == 2.0 else t.segments.index("easy")
        crowd = Shoppers(base, segment=named, seed=segment)
        assert (crowd.touch("web", now=100.0) == Step.ASKS).all()
        assert {s[:2] for s in crowd.steps()} == {(journey.GO, t.channels.index("chat"))}
        steps = crowd.touch("chat", started=700.0, now=800.0)
        assert (crowd.people["asked"] == 2).all()
        assert (crowd.people["delay"] == 600.0).all()
        assert (crowd.touches["front"] == t.channels.index("web")).all()
        assert near((steps == Step.BUYS).mean(), 1.16 * buys_with(0.3, -effort * 0.12 * math.log(3.0)))


def test_an_answer_by_mail_or_none_at_all_lifts_nothing(t):
    asks = np.zeros((5, 5))
    asks[:, t.channels.index("mail")] = 1.0
    base = changed(t, front={"buy": 0.5, "ask": 1.0, "lift": 2.0}, asks=asks, unanswered=0.5, elsewhere=0.3)
    crowd = Shoppers(base, segment=t.segments.index("easy"))
    crowd.touch("web")
    assert near((crowd.touch("mail", started=200.0, now=300.0) == Step.BUYS).mean(), buys_with(0.5, -0.3))
    assert (crowd.people["asked"] == 3).all()
    assert (crowd.people["delay"] == 200.0).all(), "to the end of the reply"
    crowd = Shoppers(base, segment=t.segments.index("easy"))
    crowd.touch("web")
    steps = crowd.touch("mail", outcome=Outcome.ABANDONED)
    assert near((steps == Step.BUYS).mean(), buys_with(0.5, -0.5))
    assert (crowd.people["asked"] == 1).all()
    assert set(np.unique(crowd.touches["reason"][steps == Step.DROPS])) == {Reason.BROWSING, Reason.WAIT}


def test_lost_context_and_contradictions_cost_sales(t):
    base = changed(t, front={"buy": 0.5}, purchase=0.8, contradiction=0.4)
    p = buys_with(0.5, -0.8 * 0.75 - 0.4)
    crowd = Shoppers(base, segment=t.segments.index("easy"))
    hurt(crowd, 0.25)
    assert near((crowd.touches["step"] == Step.BUYS).mean(), p)
    assert near((crowd.touches["reason"] == Reason.CONTEXT).mean(), (0.5 - p) * 0.6)
    assert near((crowd.touches["reason"] == Reason.CONTRADICTION).mean(), (0.5 - p) * 0.4)


def hurt(crowd, q):
    """A visit on which a share `q` of the story is known, contradicted."""
    t, c = crowd.t, crowd.t.channels.index("web")
    for i in range(crowd.n):
        serving.begin(crowd.people, i, crowd.visits, crowd.touches, i, c, int(Mode.BROWSE), 0.0, t.channel)
        row = crowd.touches[i]
        row["completeness"], row["remembers"], row["contradicted"] = q, 1, 1
        journey.end_touch(
            crowd.people, i, crowd.touches, i, int(Outcome.BROWSED), 9.0, crowd.lived, t.channel, t.context, crowd.orders, t.segment,
            t.team, t.service.bots, t.service.contain, np.zeros(len(t.channels), np.int64), *t.shop.sold(), t.laws, t.points,
            t.goods.at_start(1),
        )  # fmt: skip


def test_visits_without_a_cart_go_elsewhere_by_their_shares(t):
    web, app, store = (t.channels.index(c) for c in ("web", "app", "store"))
    switch = np.zeros((5, 6))
    switch[web, store], switch[web, app], switch[web, 5] = 0.3, 0.2, 0.1
    crowd = Shoppers(changed(t, front={"cart": 0.2, "buy": 0.0}, switch=switch, switch_delay=len(t.laws) - 3))
    steps = crowd.touch("web")
    assert near((steps == Step.DROPS).mean(), 0.2)
    assert near((steps == Step.LEAVES).mean(), 0.8 * 0.4)
    told = crowd.steps()
    gone = [s for s, step in zip(told, steps, strict=True) if step == Step.SWITCHES]
    for to, share in ((store, 0.3), (app, 0.2), (journey.FREE, 0.1)):
        assert near(sum(s[1] == to for s in gone) / N, 0.8 * share)
    assert {s[2] for s in gone} == {3600.0}


def test_a_visit_that_finds_the_shop_shut_fills_no_cart(t):
    crowd = Shoppers(changed(t, front={"cart": 1.0, "ask": 1.0}), n=50)
    assert (crowd.touch("web", outcome=Outcome.CLOSED) == Step.LEAVES).all()
    assert (crowd.touches["reason"] == Reason.BROWSING).all()
    crowd = Shoppers(changed(t), n=50)
    assert (crowd.touch("chat", outcome=Outcome.ABANDONED) == Step.LEAVES).all()
    assert (crowd.touches["reason"] == Reason.WAIT).all()
    crowd = Shoppers(changed(t, front={"ask": 1.0}), n=50)
    assert (crowd.touch("chat") == Step.BUYS).all(), "who calls to buy raises no question"


def test_messages_and_second_thoughts_bring_people_back(t):
    """Identified .92 x opened and clicked .3; of the others .5 come back by themselves, once; then the cart is there or lost."""
    web, app = t.channels.index("web"), t.channels.index("app")
    message_to, back_to = np.zeros(5), np.zeros(6)
    message_to[app], back_to[5] = 1.0, 1.0
    base = changed(
        t, front={"buy": 0.0}, message_to=message_to, back_to=back_to, message=0.3, coupon=0.1, back=0.5, back_most=1,
        message_delay=len(t.laws) - 3, back_delay=len(t.laws) - 2, cart_lost=1.0,
    )  # fmt: skip
    crowd = Shoppers(base)
    steps = crowd.touch("web")
    reached = crowd.touches["messaged"]
    assert near((reached > 0).mean(), t.identify[web])
    clicked = t.identify[web] * 0.3
    won = np.isin(reached, (Message.CLICKED, Message.ANYWAY))
    assert near(won.mean(), clicked)
    assert near((reached == Message.ANYWAY).mean(), clicked * 0.5), "half of those who click would have come back by themselves"
    assert ((crowd.people["coupon"] == 0.1) == won).all()
    assert near((steps == Step.RETURNS).mean(), clicked + (1 - clicked) * 0.5)
    told = crowd.steps()
    assert {s[:2] for s, r in zip(told, won, strict=True) if r} == {(journey.GO, app)}
    assert {s[2] for s, r in zip(told, won, strict=True) if r} == {3600.0}
    himself = [s for s, r, step in zip(told, won, steps, strict=True) if not r and step == Step.RETURNS]
    assert {s[:2] for s in himself} == {(journey.GO, web)}
    assert stats.kstest([s[2] / 86400.0 for s in himself], "expon").pvalue > 1e-4
    crowd.touch("web", started=7200.0, now=7300.0)
    assert (crowd.touches["kept"] == 1).all(), "a medium remembers its own carts"
    assert (crowd.people["checkouts"] == 2).all()
    crowd = Shoppers(changed(base, message=0.0, back=0.0))
    crowd.touch("web")
    steps = crowd.touch("app", started=7200.0, now=7300.0)
    kept = t.identify[app] * t.link[t.medium_of[web], t.medium_of[app]]
    assert near((crowd.touches["kept"] == 1).mean(), kept)
    assert ((steps == Step.LEAVES) == (crowd.touches["kept"] == 0)).all()
    assert (crowd.touches["reason"][steps == Step.LEAVES] == Reason.CONTEXT).all()


def test_who_is_written_to_how_often_and_what_a_coupon_is_wasted_on(t):
    """Reached .6 of the identified; clicks .3 x 2 for carts left for the fee; a second message loses .5 of the response; .1 unsubscribe."""
    web = t.channels.index("web")
    to = np.zeros(5)
    to[web] = 1.0
    response = np.ones(len(Reason))
    response[Reason.COST] = 2.0
    rules = {"message_to": to, "message": 0.3, "opened": 0.5, "unreached": 0.4, "unsubscribe": 0.1, "fatigue": 0.5, "response": response}
    base = changed(t, front={"buy": 0.5}, coupon=0.1, fee_weight=1e6, fee=595.0, policy=Policy.FLAT, **rules)
    crowd = Shoppers(base)
    crowd.touch("web")
    reached, why = crowd.touches["messaged"], crowd.touches["reason"]
    assert near((reached > 0).mean(), t.identify[web] * 0.6), "nobody pays such a fee: every cart is left"
    mine = reached > 0
    cost = mine & (why == Reason.COST)
    assert near((reached[cost] == Message.CLICKED).mean(), 0.6, cost.sum())
    other = mine & (why != Reason.COST)
    assert near((reached[other] == Message.CLICKED).mean(), 0.3, other.sum())
    assert near((reached[other] == Message.OPENED).mean(), 0.2, other.sum())
    left = mine & (reached != Message.CLICKED)
    assert near((crowd.touches["unsubscribed"][left] == 1).mean(), 0.1, left.sum())
    before = crowd.people["unsubscribed"] == 1
    crowd.people["asked"], first = 0, mine & ~before
    crowd.touch("web")
    again, why = crowd.touches["messaged"], crowd.touches["reason"]
    assert (again[before] == 0).all()
    second = first & (again > 0) & (why != Reason.COST)
    assert near((again[second] == Message.CLICKED).mean(), 0.15, second.sum())
    crowd = Shoppers(changed(base, message_most=1))
    crowd.touch("web")
    mine = crowd.touches["messaged"] > 0
    crowd.touch("web")
    assert (crowd.touches["messaged"][mine] == 0).all()


def test_a_marketplace_writes_to_nobody(t):
    to = np.zeros(5)
    to[t.channels.index("web")] = 1.0
    crowd = Shoppers(changed(t, front={"buy": 0.0, "foreign": 1}, message_to=to, message=1.0), n=50)
    crowd.touch("web")
    assert (crowd.touches["messaged"] == 0).all()


def test_a_marketplace_that_sends_the_goods_is_paid_for_that_and_nobody_else(t):
    rules = {"pick": 200.0, "parcel": 875.9}
    own = placed(changed(t, **rules), n=1, basket=9000)[0]
    theirs = placed(changed(t, front={"fulfils": 1, "fee_order": 350.0, "fee_item": 100.5, "commission": 0.15}, **rules), n=1, basket=9000)[
        0
    ]
    assert (int(own["handling"]), int(own["carriage"])) == (200, 876)
    assert (int(theirs["handling"]), int(theirs["carriage"]), int(theirs["commission"])) == (551, 0, 1350)


def test_a_currency_that_falls_takes_its_share_of_sales_and_not_of_goods(t):
    """90.00 at margin .40 where the currency has lost a tenth, changing costs 1 % and the border 5 %: 81.00 - 54.00 - .81 - 4.05."""
    regions = t.shop.regions.copy()
    regions["fx"], regions["fx_cost"], regions["duty"] = -0.1, 0.01, 0.05
    o = placed(changed(t, regions=regions), n=1, basket=9000)[0]
    assert [int(o[f]) for f in ("sales", "goods", "payment", "carriage")] == [8100, 5400, 81, 405]


def test_without_context_everybody_is_known_and_every_cart_is_there(t):
    off = t.context.copy()
    off["on"] = 0
    message_to = np.zeros(5)
    message_to[t.channels.index("app")] = 1.0
    crowd = Shoppers(dataclasses.replace(changed(t, front={"buy": 0.0}, message_to=message_to, message=1.0), context=off), n=20)
    assert (crowd.touch("web") == Step.RETURNS).all()
    assert (crowd.touches["messaged"] == 2).all()
    assert (crowd.touches["kept"] == -1).all()
    crowd.touch("app", now=9e9)
    assert (crowd.touches["kept"] == 1).all()


def test_a_login_is_what_identifies_on_a_visit(t):
    segment = t.segment.copy()
    segment["login"] = 0.5
    crowd = Shoppers(dataclasses.replace(changed(t), segment=segment))
    crowd.touch("web")
    assert near((crowd.touches["identified"] == 1).mean(), 0.5 * t.identify[t.channels.index("web")])


# ---- orders ------------------------------------------------------------------------------------------------------


def placed(t, way=HOME, fee=0, padding=0, coupon=0, n=N, basket=None):
    crowd = Shoppers(t, n=n)
    crowd.priced()
    if basket is not None:
        crowd.people["basket"], crowd.people["items"] = basket, 2
    s = t.shop
    for i in range(n):
        orders.place(
            crowd.people, i, crowd.orders, 50.0, way, fee, padding, coupon, s.front, s.rules, s.products, s.regions, s.zones, s.up_to,
            t.laws, t.points, t.goods.at_start(1), -1,
        )  # fmt: skip
    return crowd.orders


def cm(o):
    """(CM1, CM2) in minor units, as docs/model.md says them."""
    one = o["sales"] - o["discount"] - o["refund"] + o["extra"] - o["goods"] + o["restocked"] - o["extra_goods"] - o["commission"]
    return int(one), int(one + o["fee"] - o["payment"] - o["handling"] - o["carriage"] - o["return_cost"])


def test_worked_order_kept_and_returned(t):
    """90.00 at margin .40: kept CM1 36.00, CM2 21.10; sent back by post CM1 -8.10, CM2 -33.00."""
    rules = {"pick": 200.0, "pick_item": 20.0, "parcel": 875.9, "item": 42.3, "item_mile": 0.0541, "payment": 0.025}
    t = changed(t, return_cost=1000.0, loss=0.15, **rules)
    o = placed(t, n=1, basket=9000)[0]
    assert [int(o[f]) for f in ("sales", "goods", "handling", "carriage", "payment", "refund")] == [9000, 5400, 240, 1025, 225, 0]
    assert cm(o) == (3600, 2110)
    o = placed(changed(t, products={"returned": 1.0}), n=1, basket=9000)[0]
    assert [int(o[f]) for f in ("refund", "restocked", "return_cost")] == [9000, 4590, 1000]
    assert cm(o) == (-810, -3300)


def test_an_order_taken_home_is_done(t):
    t = changed(t, front={"carry": 1}, arise=np.ones(8), products={"faulty": 1.0})
    o = placed(t, way=TAKEN, n=3)
    assert (o["state"] == Carried.DELIVERED).all()
    assert (o["next"] == np.inf).all()
    assert (o["handling"] + o["carriage"] == 0).all()
    assert (o["needs"] == 0).all(), "it was not sent, and it does not go back"


def test_fate_has_the_stated_probabilities(t):
    day = 86400.0
    arise = np.zeros(8)
    arise[[Need.QUESTION, Need.LATE, Need.FAULTY, Need.RETURN]] = 0.3, 0.4, 0.9, 0.15
    t = changed(
        t, products={"returned": 0.2, "faulty": 0.1}, front={"returned": 0.5, "commission": 0.15}, lead=len(t.laws) - 2, promise_s=2 * day,
        arise=arise, return_faulty=0.8, late_factor=1.5, store_share=0.6, after=len(t.laws) - 3, store_return_cost=1.0, return_cost=2.0,
    )  # fmt: skip
    o = placed(t)
    lead = (o["due"] - 50.0) / day
    assert stats.kstest(lead, "expon").pvalue > 1e-4
    late = o["late"] == 1
    assert (late == (lead > 2.0)).all()
    assert near((o["faulty"] == 1).mean(), 0.1)
    fine = o["faulty"] == 0
    assert near((o["returned"][fine & ~late] == 1).mean(), 0.1, (fine & ~late).sum())
    assert near((o["returned"][fine & late] == 1).mean(), 0.15, (fine & late).sum())
    assert near((o["returned"][~fine] == 1).mean(), 0.8, (~fine).sum())
    back = o["returned"] == 1
    assert near((o["return_store"][back] == 1).mean(), 0.6, back.sum())
    assert (o["return_cost"][back] == np.where(o["return_store"][back] == 1, 1, 2)).all()
    assert (o["returns_at"][back] == o["due"][back] + 3600.0).all()
    for need, share, among in ((1, 0.3, back | ~back), (2, 0.4, late), (3, 0.9, ~fine), (4, 0.15, back)):
        assert near((o["needs"][among] >> need & 1).mean(), share, among.sum())
        assert not (o["needs"][~among] >> need & 1).any()
    asks = o[(o["needs"] >> 1 & 1) == 1]
    assert stats.kstest((asks["asks_at"] - 50.0) / (asks["due"] - 50.0), "uniform").pvalue > 1e-4
    assert (o["commission"] == [minor(0.15 * (a - b)) for a, b in zip(o["sales"], o["refund"], strict=True)]).all()


def test_padding_bursts_and_pickup_sells_more(t):
    o = placed(changed(t, bubble=0.3, loss=0.5), padding=1500)
    burst = o["returned"] == 2
    assert near(burst.mean(), 0.3)
    assert (o["refund"][burst] == 1500).all()
    assert (o["goods"] == 4500).all()
    assert (o["restocked"][burst] == 450).all(), "a fifth of the goods, at half their worth"
    t = changed(t, extra=0.2, extra_value=2500.0, extra_sigma=0.5, ready=len(t.laws) - 3, pickup_promise_s=60.0, desk=1, store_pick=270.0,
                pickup_cost=100.0, collect=len(t.laws) - 2)  # fmt: skip
    o = placed(t, way=PICKUP)
    assert near((o["extra_sold"] == 1).mean(), 0.2)
    extra = o["extra"][o["extra_sold"] == 1]
    assert stats.kstest(np.log(extra / 2500.0) / 0.5 + 0.25, "norm").pvalue > 1e-4
    assert (o["late"] == 1).all()
    assert (o["promised"] == 110.0).all()
    assert stats.kstest((o["due"] - 3650.0) / 86400.0, "expon").pvalue > 1e-4
    assert ((o["handling"] == 270) & (o["carriage"] == 100)).all()
    assert (o["needs"] == 1 << Need.COLLECT).all()


def test_an_order_plays_its_stages_in_order():
    """Asked before the promise passes before it is due before it returns; of equal times in that order, one at a time."""
    o = np.zeros(1, ORDER)
    nobody, nothing = np.zeros(1, PERSON), (np.zeros(1, FRONT), np.zeros(1, SHOP), np.zeros(0, PRODUCT), np.zeros(0, REGION))
    nowhere = (*nothing, np.zeros((0, 0)), np.zeros(0), np.zeros(0, LAW), np.zeros(0), Shelves().at_start(1))

    def happen():
        return orders.happen(nobody, o, 0, float(o[0]["next"]), *nowhere)

    o["asks_at"], o["promised"], o["due"], o["returns_at"] = 5.0, 5.0, 5.0, 9.0
    o["needs"] = 1 << Need.QUESTION | 1 << Need.LATE | 1 << Need.FAULTY | 1 << Need.COLLECT | 1 << Need.RETURN
    o["next"] = orders.earliest(o[0])
    told = []
    while o[0]["next"] < math.inf:
        when = float(o[0]["next"])
        told.append((when, happen(), int(o[0]["state"])))
    assert told == [
        (5.0, Need.QUESTION, Carried.PLACED),
        (5.0, Need.LATE, Carried.PLACED),
        (5.0, Need.FAULTY, Carried.DELIVERED),
        (9.0, Need.RETURN, Carried.RETURNED),
    ]
    o["done"], o["needs"], o["promised"], o["asks_at"] = 0, 1 << Need.COLLECT, math.nan, math.nan
    o["next"] = orders.earliest(o[0])
    assert happen() == Need.COLLECT
    assert happen() == 0, "a return nobody writes about"


def test_a_need_is_the_buyer_with_luck_of_his_own(t):
    need_to = np.zeros(5)
    need_to[[t.channels.index("chat"), t.channels.index("mail")]] = 0.6, 0.4
    t = changed(t, need_to=need_to, desk=t.channels.index("store"))
    n = 2000
    crowd = Shoppers(t, n=2 * n)
    crowd.people["last_medium"], crowd.people["origins"], crowd.people["step"] = 2, 7, int(Step.BUYS)
    crowd.lived[:, 1] = 33.0

    def opened(reason):
        s = t.shop
        return np.array([
            orders.open_need(
                crowd.people, n + i, i, crowd.visits, crowd.lived, int(reason), 1, 9000 + i, 77.0, t.source, s.need_to, s.rules
            )
            for i in range(n)
        ])  # fmt: skip

    channel = opened(Need.LATE)
    assert near((channel == t.channels.index("chat")).mean(), 0.6, n)
    child = crowd.people[n]
    assert (child["need"], child["parent"], child["customer"], child["goal"]) == (Need.LATE, 0, 9000, Goal.ISSUE)
    assert (child["k"], child["source"], child["arrived"], child["last_end"], child["last_channel"]) == (0, 0, 77.0, 77.0, -1)
    assert (child["last_medium"], child["step"], child["touches"], crowd.lived[n, 1]) == (2, 0, 0, 33.0)
    assert [int(x) for x in child["origins"]] == [7, 7, 0, 0, 7], "his cart and his issue start empty"
    key = customer_key(1, t.source[0]["hash"], 0, int(Need.LATE))
    assert (child["key0"], child["key1"]) == tuple(np.array(key, np.uint64))
    assert (opened(Need.COLLECT) == t.channels.index("store")).all()
