"""Each rule by itself, on a customer made by hand: what it says, and what it leaves alone."""

import math

import numpy as np
import pytest
from scipy import stats

import omnisim as om
from omnisim.draws import customer_key
from omnisim.records import JOURNEY, ORDER, TOUCH
from omnisim.rules import arrivals, choice, context, journey, person, serving
from omnisim.tables import Tables
from omnisim.words import End, Goal, Mode, Outcome

WORLD = """
omnisim: 1
name: t
clock: {horizon: 3 h}
demand:
  calls: {goal: issue, rate: {"00:00": 0 /min, "01:00": 10 /min, "02:00": 1 /min}, enter: {phone: 0.7, mail: 0.3}, preceded: {web: 0.4},
    preceded_gap: {law: constant, value: 3 min}}
channels:
  phone: {believed_wait: 1 min, help: {mode: live, handling: {law: constant, value: 300 s}, wrap: {law: constant, value: 30 s},
    patience: {law: constant, value: 100 s}, resolve: 0.5}}
  mail: {help: {mode: inbox, handling: {law: constant, value: 600 s}, deadline: 1 h, missed: {phone: 0.6}}}
  web: {browse: {time: {law: constant, value: 120 s}, resolve: 0.25}}
staffing: {pools: {p: {agents: 5, skills: {phone: {}, mail: {}}}}}
journey: {issue: {retry: {after_abandoned: 0.8, after_unresolved: 0.6, delay: {law: constant, value: 60 s}, most: 2,
  channel: {same: 0.5, mail: 0.3, free: 0.2}}}}
context: {identify: {phone: 1, mail: 1}, link: {web: {phone: 1.0}, mail: {phone: 0.5}}, latency: 1 min,
  effects: {repeat_time: 60 s, resolution_loss: 0.5, patience_factor: 0.5, lookup_time: 10 s}}
customers:
  segments: {hurried: {share: 0.25, patience_factor: 0.5}, calm: {share: 0.75, habit: {phone: 1.0}}}
  choice: {wait: 0.5 /min, effort: {mail: 0.4}, nudge: {mail: 0.2}, outside: -1.0}
"""
N = 4000


@pytest.fixture(scope="module")
def t(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "w.yaml"
    path.write_text(WORLD, encoding="utf-8")
    return Tables.build(om.load(path))


class Crowd:
    """N customers at once, each in his own row, with one touch each."""

    def __init__(self, t, seed=1, n=N):
        self.t, self.n = t, n
        self.people = np.zeros(n, person.PERSON)
        self.visits = np.zeros((n, len(t.channels)), np.int64)
        self.lived = np.zeros((n, len(t.channels)))
        self.touches = np.zeros(n, TOUCH)
        self.orders = np.zeros(n, ORDER)
        keys = [np.array(customer_key(seed, t.source[0]["hash"], k, 0), np.uint64) for k in range(n)]
        self.first = [
            person.admit(
                self.people,
                k,
                self.visits,
                self.lived,
                *keys[k],
                k,
                0,
                k,
                0.0,
                t.source,
                t.stream,
                t.segment,
                t.enter,
                t.preceded,
                t.shop.region_upto,
            )
            for k in range(n)
        ]

    def begin(self, channel, now=0.0):
        c = self.t.channels.index(channel)
        for i in range(self.n):
            serving.begin(self.people, i, self.visits, self.touches, i, c, int(self.t.mode[c]), now, self.t.channel)

    def recall(self, now):
        t = self.t
        for i in range(self.n):
            context.recall(
                self.people,
                i,
                self.touches,
                i,
                now,
                t.context,
                t.identify,
                t.link,
                t.pair,
                t.medium_of,
                t.channel["hash"],
                t.hub_down,
                t.segment,
                t.team,
                t.stream,
            )

    def end(self, outcome, now):
        t = self.t
        for i in range(self.n):
            self.touches[i]["started"] = now - 10.0
            journey.end_touch(
                self.people,
                i,
                self.touches,
                i,
                int(outcome),
                now,
                self.lived,
                t.channel,
                t.context,
                self.orders,
                t.segment,
                t.team,
                t.service.bots,
                t.service.contain,
                np.zeros(len(t.channels), np.int64),
                *t.shop.sold(),
                t.laws,
                t.points,
                t.goods.at_start(1),
            )

    def step(self):
        t = self.t
        args = (t.channel, t.switch, t.retry, t.retry_to, t.stream, t.laws, t.points, t.service.bots, *t.shop.sold())
        return [journey.next_step(self.people, i, self.touches, i, *args) for i in range(self.n)]


def near(share, p, n=N):
    """Within 4 standard errors of a binomial share: false-alarm rate 6e-5."""
    return abs(share - p) < 4 * math.sqrt(p * (1 - p) / n) + 1e-12


def test_admit_draws_segment_first_channel_and_self_service(t):
    crowd = Crowd(t)
    phone, web = t.channels.index("phone"), t.channels.index("web")
    assert near(np.mean([t.segments[p["segment"]] == "hurried" for p in crowd.people]), 0.25)
    first = np.array(crowd.first)
    assert near((first == web).mean(), 0.4)
    assert near((first[first != web] == phone).mean(), 0.7, (first != web).sum())
    assert (crowd.people["then_channel"][first == web] >= 0).all()
    assert (crowd.people["then_channel"][first != web] == -1).all()


def test_pick_goes_through_shares_in_order():
    shares = np.array([0.2, 0.0, 0.3])
    assert [person.pick(u, shares) for u in (0.1, 0.3, 0.6)] == [0, 2, -1]
    assert person.pick_certain(0.9999999, shares) == 2


def test_next_arrival_has_the_right_law(t):
    """Counts are Poisson in each hour (also hour 0, where nobody comes); rescaled gaps are exponential.  False alarms: 3 x 1e-4."""
    counts, gaps = [], []
    for seed in range(150):
        state = np.zeros(len(t.sources), arrivals.STATE)
        arrivals.start_sources(t.source, state)
        times = []
        while (when := arrivals.next_arrival(seed, 0, t.source, t.pieces, state, np.ones(t.days))) < math.inf:
            times.append(when)
        counts.append(np.histogram(times, [0, 3600, 7200, 10800])[0])
        area = np.interp(times, [3600, 7200, 10800], [0.0, 600.0, 660.0])
        gaps.extend(np.diff(area, prepend=0.0))
    counts = np.array(counts)
    assert (counts[:, 0] == 0).all()
    for hour, mean in ((1, 600.0), (2, 60.0)):
        dispersion = ((counts[:, hour] - mean) ** 2).sum() / mean
        assert 1e-4 < stats.chi2.cdf(dispersion, len(counts)) < 1 - 1e-4
    assert stats.kstest(gaps, "expon").pvalue > 1e-4


def test_customers_move_but_stay_the_same_when_demand_grows(t, tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text(WORLD.replace("10 /min", "20 /min"), encoding="utf-8")
    more = Tables.build(om.load(path))
    few = om.simulate(om.load(path).with_({"scale": 0.5}), 4).journeys
    many = om.simulate(om.load(path), 4).journeys
    assert len(more.sources) == 1
    a = {int(j["k"]): j for j in few}
    b = {int(j["k"]): j for j in many}
    both = a.keys() & b.keys()
    assert len(both) > 300
    assert all(a[k]["segment"] == b[k]["segment"] for k in both)
    assert any(a[k]["arrived"] != b[k]["arrived"] for k in both)


def test_day_factor_is_gamma_with_mean_1(t):
    f = np.array([arrivals.day_factor(seed, 3, 0.3) for seed in range(N)])
    assert stats.kstest(f, stats.gamma(1 / 0.09, scale=0.09).cdf).pvalue > 1e-4
    assert arrivals.day_factor(1, 1, 0.0) == 1.0


def test_choose_is_the_multinomial_logit(t):
    """Shares of the logit for each segment, within 4 standard errors; a channel that shuts moves nobody between the others."""
    crowd = Crowd(t)
    phone, mail = t.channels.index("phone"), t.channels.index("mail")
    everything = np.ones(len(t.channels), np.int64)
    args = (t.allowed, t.believed, t.habit, t.fit, t.segment, t.wait_weight, t.outside)

    def chosen(open_now):
        crowd.people["choices"] = 0
        return np.array([choice.choose(crowd.people, i, crowd.lived, open_now, *args) for i in range(N)])

    taken = chosen(everything)
    calm = crowd.people["segment"] == t.segments.index("calm")
    for group, habit in ((calm, 1.0), (~calm, 0.0)):
        weights = {phone: math.exp(habit - 0.5), mail: math.exp(-0.4 + 0.2), -1: math.exp(-1.0)}
        for option, weight in weights.items():
            assert near((taken[group] == option).mean(), weight / sum(weights.values()), group.sum())
    shut = everything.copy()
    shut[phone] = 0
    without = chosen(shut)
    assert (without[taken != phone] == taken[taken != phone]).all()
    assert not (without == phone).any()
    crowd.lived[:, phone] = 600.0
    assert (chosen(everything) == phone).mean() < (taken == phone).mean() / 3, "who has waited long goes elsewhere"


def test_recall_knows_nothing_new_and_everything_it_wrote_itself(t):
    crowd = Crowd(t)
    crowd.begin("phone")
    crowd.recall(10.0)
    assert (crowd.touches["remembers"] == 0).all(), "a first touch has nothing to remember"
    assert (crowd.touches["completeness"] == 1.0).all()
    crowd.end(Outcome.HANDLED, 20.0)
    crowd.begin("phone", 30.0)
    crowd.recall(30.0)
    assert (crowd.touches["remembers"] == 1).all()
    assert (crowd.touches["completeness"] == 1.0).all(), "a medium remembers its own touches, latency or not"


def test_recall_follows_links_identification_latency_and_outages(t):
    crowd = Crowd(t)
    crowd.begin("mail")
    crowd.recall(0.0)
    crowd.end(Outcome.HANDLED, 0.0)
    crowd.begin("phone", 600.0)
    crowd.recall(30.0)
    assert (crowd.touches["completeness"] == 0.0).all(), "not synced yet"
    crowd.begin("phone", 600.0)
    crowd.recall(600.0)
    q = crowd.touches["completeness"]
    assert near(q.mean(), 0.5, 3 * N), "half of the three kinds of items follow from mail to phone"
    assert set(np.round(np.unique(q), 6)) == {0.0, 0.333333, 0.666667, 1.0}
    assert (crowd.touches["switched"] == 1).all()
    assert (crowd.touches["contradicted"] == 0).all()
    assert not context.hub_is_up(np.array([[100.0, 200.0]]), 100.0)
    assert context.hub_is_up(np.array([[100.0, 200.0]]), 200.0)


def test_remember_writes_the_kinds_of_the_stage(t):
    crowd = Crowd(t, n=2)
    context.remember(crowd.people, 0, int(Mode.LIVE), 0, 1, 50.0, t.context, 1)
    p = crowd.people[0]
    assert [int(o) for o in p["origins"]] == [2, 2, 0, 2, 0], "identity, history and the issue, on medium 1"
    assert p["wrote"][0] == 50.0
    assert [int(o) for o in crowd.people[1]["origins"]] == [0] * 5
    context.remember(crowd.people, 1, int(Mode.LIVE), 0, 1, 50.0, t.context, 0)
    assert int(crowd.people[1]["origins"][0]) == 1 << 63, "said, and nowhere at hand"
    assert crowd.people[1]["last_medium"] == 1


def test_times_follow_their_laws_and_the_context(t):
    crowd = Crowd(t, n=50)
    crowd.begin("phone")
    crowd.recall(0.0)
    touch = (crowd.people, 0, crowd.touches, 0, t.channel)
    common = (1, t.laws, t.points)
    agents = (t.service.bots, t.service.transfer)
    assert serving.talk_s(*touch, t.context, 1.0, *common, *agents) == 300.0
    assert serving.talk_s(*touch, t.context, 0.5, *common, *agents) == 600.0
    assert serving.wrap_s(*touch, 2.0, *common) == 15.0
    crowd.touches[0]["completeness"], crowd.touches[0]["remembers"] = 0.25, 1
    assert serving.talk_s(*touch, t.context, 1.0, *common, *agents) == 300.0 + 60.0 * 0.75 + 10.0
    patience = {t.segments[p["segment"]]: serving.patience_s(crowd.people, i, crowd.touches, i, t.channel, t.segment, t.context, *common)
                for i, p in enumerate(crowd.people)}  # fmt: skip
    assert patience == {"calm": 100.0, "hurried": 50.0}
    crowd.people[0]["repeats"] = 2
    first = serving.patience_s(crowd.people, 0, crowd.touches, 0, t.channel, t.segment, t.context, *common)
    assert first == patience[t.segments[crowd.people[0]["segment"]]] / 4
    crowd.begin("web")
    assert serving.browse_s(*touch, t.laws, t.points) == 120.0


def test_resolves_with_its_probability_and_loses_by_lost_context(t):
    crowd = Crowd(t)
    crowd.begin("phone")
    crowd.recall(0.0)
    args = (crowd.people, crowd.touches)
    yes = [serving.resolves(args[0], i, args[1], i, t.channel, t.context, t.team) for i in range(N)]
    assert near(np.mean(yes), 0.5)
    crowd.touches["completeness"] = 0.0
    less = [serving.resolves(args[0], i, args[1], i, t.channel, t.context, t.team) for i in range(N)]
    assert near(np.mean(less), 0.25)
    assert not any(b and not a for a, b in zip(yes, less, strict=True)), "losing context helps nobody"


def test_next_step_of_an_issue(t):
    crowd = Crowd(t)
    crowd.people["then_channel"] = -1
    crowd.begin("phone")
    crowd.recall(0.0)
    crowd.end(Outcome.ABANDONED, 100.0)
    steps = crowd.step()
    again = [s for s in steps if s[0] == journey.GO]
    assert near(len(again) / N, 0.8)
    assert {s[2] for s in again} == {60.0}
    share = {c: np.mean([s[1] == c for s in again]) for c in {s[1] for s in again}}
    assert near(share[t.channels.index("phone")], 0.5, len(again))
    assert near(share[t.channels.index("mail")], 0.3, len(again))
    assert near(share[journey.FREE], 0.2, len(again))
    assert {s[0] for s in steps} == {journey.GO, int(End.LOST)}
    crowd.people["retries"] = 2
    assert {s[0] for s in crowd.step()} == {int(End.LOST)}, "`most` is kept"


def test_next_step_after_self_service_goes_to_the_contact(t):
    crowd = Crowd(t, n=500)
    crowd.begin("web")
    crowd.recall(0.0)
    crowd.end(Outcome.BROWSED, 120.0)
    contained = [i for i, s in enumerate(crowd.step()) if s[0] == int(End.RESOLVED)]
    assert near(len(contained) / 500, 0.25, 500)
    crowd = Crowd(t, n=500)
    there = [i for i in range(500) if crowd.people[i]["then_channel"] >= 0]
    then = [int(crowd.people[i]["then_channel"]) for i in there]
    crowd.begin("web")
    crowd.end(Outcome.BROWSED, 120.0)
    crowd.touches["resolved"] = 0
    steps = crowd.step()
    assert [(steps[i][0], steps[i][1], steps[i][2]) for i in there] == [(journey.GO, c, 180.0) for c in then]


def test_a_missed_deadline_sends_its_share_elsewhere(t):
    crowd = Crowd(t)
    crowd.begin("mail")
    to = [journey.miss_deadline(crowd.people, i, crowd.touches, i, 3600.0, t.channel, t.missed, t.retry) for i in range(N)]
    assert near(np.mean([x == t.channels.index("phone") for x in to]), 0.6)
    assert (crowd.touches["missed"] == 1).all()
    assert ((crowd.touches["aside"] == 1) == (np.array(to) >= 0)).all()


def test_a_journey_becomes_its_row(t):
    crowd = Crowd(t, n=3)
    crowd.begin("phone")
    crowd.begin("mail", 5.0)
    rows = np.zeros(1, JOURNEY)
    journey.close_journey(crowd.people, 1, rows, 0, int(End.RESOLVED), 99.0)
    row = rows[0]
    assert (row["customer"], row["touches"], row["contacts"], row["media"], row["ended"]) == (1, 2, 2, 2, 99.0)
    assert row["goal"] == Goal.ISSUE
    journey.close_journey(crowd.people, 1, rows, 0, int(End.OPEN), 99.0)
    assert math.isnan(rows[0]["ended"])
