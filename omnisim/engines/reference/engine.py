"""The stories: customers arrive, are served, try again and leave; the calendar changes staff and opening hours.

    arrivals(source)     one process a source of customers
    journey(customer)    one process a customer: touch, next step, touch ...
    parcel(order)        one process an order: on its way, delivered, returned
    away(customer)       one process a customer between two needs; another for his subscription
    calendar()           one process for shifts and opening hours

Every decision is asked of `omnisim.rules`; here is only who waits for what.  Within a happening the order is: the touch
becomes a row, the agent is freed, the next in line is seated, then the one who leaves decides what he does next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from omnisim.budget import Budget, Meter, exceeded_touches
from omnisim.moments import MOST_TOUCHES, of_arrival, of_touch
from omnisim.records import CUSTOMER, JOURNEY, ORDER, TOUCH, Records
from omnisim.rosters import plan
from omnisim.rules import arrivals, choice, context, journey, loyalty, orders, person, serving, stock, team, waiting
from omnisim.tables import Tables
from omnisim.words import End, Goal, Kind, Mode, Outcome, Parting

from .clock import Clock
from .floor import CLEARED, GAVE_UP, HANDED, LEFT_MESSAGE, SEATED, WITHDRAWN, Contact, Floor
from .kept import Kept
from .rows import Rows, Slots

Story = Generator[Any, Any, None]

SHOP = int(Goal.SHOP)
LIVE = int(Mode.LIVE)
BROWSE = int(Mode.BROWSE)
DUTY = int(Kind.DUTY)
SERVICE_END = int(Kind.SERVICE_END)
WRAP_END = int(Kind.WRAP_END)
PATIENCE_END = int(Kind.PATIENCE_END)
DEADLINE = int(Kind.DEADLINE)
DELIVERY = int(Kind.DELIVERY)
RETRY = int(Kind.RETRY)
ARRIVAL = int(Kind.ARRIVAL)
AGAIN = int(Kind.AGAIN)
HANDLED = int(Outcome.HANDLED)
ABANDONED = int(Outcome.ABANDONED)
BLOCKED = int(Outcome.BLOCKED)
CLOSED = int(Outcome.CLOSED)
BROWSED = int(Outcome.BROWSED)
ENDED: int | None = None  # a talk came to its end
ENDINGS = {CLEARED: CLOSED, GAVE_UP: ABANDONED, WITHDRAWN: ABANDONED, LEFT_MESSAGE: int(Outcome.DEFLECTED)}  # of who waited in vain


def run(tables: Tables, seed: int, budget: Budget | None = None, report: Callable[[float], None] | None = None) -> Records:
    """One replication: the records of `tables` under `seed`.

    `report` is called now and then with the model time reached, in seconds.  Raises BudgetExceeded at a limit.
    """
    return _Run(tables.linked(), seed, Meter(budget or Budget(), tables.largest_batch)).run(report)


class _Run:
    def __init__(self, tables: Tables, seed: int, meter: Meter) -> None:
        self.t = tables
        self.sold = tables.shop.sold()
        self.delivered = (tables.shop.products, tables.shop.regions, tables.shop.zones, tables.shop.up_to)
        self.goods = tables.goods.at_start(seed)
        stock.open_shelves(self.goods, tables.laws, tables.points)
        self.seed = seed
        self.meter = meter
        self.clock = Clock()
        self.people = Slots(person.PERSON)
        self.floor = Floor(tables, self.clock, self.people)
        self.visits = np.zeros((256, tables.visit_columns), np.int64)
        self.lived = np.zeros((256, len(tables.channels)))
        self.orders = np.zeros(256, ORDER)
        self.threads = [0] * 256  # processes that still need a customer's row
        self.idle = [math.nan] * 256  # since when a customer is between two touches
        self.touches = Slots(TOUCH)
        self.bot_handled = np.zeros(len(tables.channels), np.int64)  # conversations that bots have had
        self.present: dict[int, Contact | None] = {}  # touches that have not ended
        self.under_way: dict[int, int] = {}  # customer number -> row, of journeys that have not ended
        self.parcels: dict[int, int] = {}  # customer number -> row, of orders to which something may still happen
        self.touch_rows = Rows(TOUCH)
        self.journey_rows = Rows(JOURNEY)
        self.order_rows = Rows(ORDER)
        self.customer_rows = Rows(CUSTOMER)
        self.kept = Kept(tables)
        self.customers = 0
        self.last = 0.0  # when something last happened
        self.state = np.zeros(len(tables.sources), arrivals.STATE)
        arrivals.start_sources(tables.source, self.state)
        self.factors = np.array([arrivals.day_factor(seed, day, tables.busyness_cv) for day in range(tables.days)])
        self.redraw = int(tables.retry[0]["redraw"]) if tables.retry[0]["on"] else 1

    def run(self, report: Callable[[float], None] | None) -> Records:
        t, clock = self.t, self.clock
        for s in range(len(t.sources)):
            clock.process(self.arrivals(s))
        clock.process(self.calendar())
        clock.run_until(t.horizon_s, self.meter, report)
        if t.drain:
            clock.run_until(math.inf, self.meter, report)
        else:
            self.floor.closing = True
            clock._now = t.horizon_s
            clock.run_instant(t.horizon_s, SERVICE_END, self.meter)  # a contact that ends with the run has ended
        end = max(t.horizon_s, self.last)
        clock._now = end
        self.floor.finish()
        self.leave_open()
        stock.close_shelves(self.goods, end, t.laws, t.points)
        return Records(
            self.seed, self.touch_rows.array(), self.journey_rows.array(), self.floor.stints.array(), end, self.meter.events,
            self.order_rows.array(), self.goods.stock.ravel(), self.customer_rows.array(),
        )  # fmt: skip

    # ---- what comes from outside ---------------------------------------------------------------------------------

    def arrivals(self, s: int) -> Story:
        t = self.t
        while True:
            when = arrivals.next_arrival(self.seed, s, t.source, t.pieces, self.state, self.factors)
            if when >= t.horizon_s:
                return
            k = int(self.state[s]["k"]) - 1
            key0, key1 = self.state[s]["key0"], self.state[s]["key1"]
            yield self.clock.at(when, ARRIVAL, of_arrival(s, k))
            i = self.new_person()
            channel = person.admit(
                self.people.rows, i, self.visits, self.lived, key0, key1, self.customers, s, k, when,
                t.source, t.stream, t.segment, t.enter, t.preceded, t.shop.region_upto,
            )  # fmt: skip
            if t.has_bonds:
                self.kept.begin(self.people.rows, i, when)
            self.set_out(i, channel)

    def calendar(self) -> Story:
        t = self.t
        calendar, moves = plan(t, self.seed)
        for change in calendar:
            who = int(change["who"])
            yield self.clock.at(float(change["time"]), DUTY, who)
            if who < len(t.channels):
                self.floor.set_open(who, int(change["value"]), bool(t.channel[who]["disconnect"]))
            elif change["upto"] > 0:
                self.floor.move(who - len(t.channels), moves[int(change["first"]) : int(change["upto"])].tolist())
            else:
                self.floor.set_staff(who - len(t.channels), int(change["value"]))

    def parcel(self, i: int) -> Story:
        """The story of the order of the customer in row `i`, after it was placed; and again after the people of the store picked it."""
        t = self.t
        number = int(self.people.rows[i]["customer"])
        self.parcels[number] = i
        while (when := float(self.orders[i]["next"])) < math.inf:
            yield self.clock.at(when, DELIVERY, of_touch(number, 0))
            self.last = self.clock.now
            before = int(self.orders[i]["state"])
            by_itself = int(self.orders[i]["loose"])
            reason = orders.happen(
                self.people.rows, self.orders, i, self.clock.now, t.shop.front, t.shop.rules, *self.delivered, t.laws, t.points, self.goods
            )
            if self.people.rows[i]["bond"] >= 0:
                loyalty.delivered(self.kept.rows, self.people.rows, i, self.orders, before, self.clock.now, self.t.loyalty.rules)
            if reason:
                c = self.new_person()
                channel = orders.open_need(
                    self.people.rows, c, i, self.visits, self.lived, reason, self.seed, self.customers, self.clock.now,
                    t.source, t.shop.need_to, t.shop.rules,
                )  # fmt: skip
                self.kept.hold(int(self.people.rows[c]["bond"]))
                self.set_out(c, channel)
            if by_itself and not self.orders[i]["loose"]:
                break  # the promise of an order that was picked meanwhile has passed; another process tells the rest
        if not orders.is_over(self.orders[i]):
            return
        self.order_rows.add(self.orders[i])
        del self.parcels[number]
        self.thread_ends(i)

    def away(self, m: int, when: float, subscription: bool = False) -> Story:
        """A customer in row `m` of those who are followed is away until `when`: then he has a need, or his subscription falls due."""
        t, kept = self.t, self.kept
        number = int(kept.rows[m]["number"])
        while True:
            yield self.clock.at(when, AGAIN, of_touch(number, int(subscription)))
            if not subscription:
                break
            when = loyalty.falls_due(kept.rows, m, self.clock.now, kept.limits, t.source, self.seed, t.loyalty.rules)
            if when == math.inf:
                break
        if subscription or kept.rows[m]["end"] != Parting.STAYS:
            self.let_go(m)
            return
        i = self.new_person()
        channel = loyalty.come_again(
            kept.rows, kept.bonds, m, kept.known, self.people.rows, i, self.visits, self.lived, self.seed, self.customers, self.clock.now,
            t.source, t.stream, t.segment, t.enter, t.preceded, t.shop.region_upto,
        )  # fmt: skip
        self.set_out(i, channel)

    # ---- a customer ----------------------------------------------------------------------------------------------

    def set_out(self, i: int, channel: int) -> None:
        """A new customer or need sets out: on this channel or, where people choose freely and it is shut, on another."""
        self.under_way[self.customers] = i
        self.customers += 1
        there = self.spoken(i, channel)
        if self.t.free and not self.floor.open[there] and (self.people.rows[i]["goal"] == SHOP or self.mode_of(i, there) == LIVE):
            channel = journey.FREE
        self.clock.process(self.journey(i, channel))

    def journey(self, i: int, channel: int, again: bool = False) -> Story:
        """The story of the customer in row `i`, from a touch on `channel` to the end; `again`: as a further attempt, now."""
        t = self.t
        self.threads[i] += 1
        if again:
            yield from self.come_back(i, 0.0)
        while True:
            if channel == journey.FREE:
                channel = self.choose(i)
                if channel == choice.OUTSIDE:
                    self.end_journey(i, int(End.OUTSIDE))
                    break
            self.idle[i] = math.nan
            channel = self.spoken(i, channel)
            j = self.touches.take()
            mode = self.mode_of(i, channel)
            serving.begin(self.people.rows, i, self.visits, self.touches.rows, j, channel, mode, self.clock.now, t.channel)
            if mode == BROWSE:
                yield from self.browse(i, j, channel)
            elif mode == serving.BY_BOT:
                yield from self.help_oneself(i, j)
            else:
                yield from self.help(i, j, channel)
            if self.touches.rows[j]["aside"]:
                self.touches.give(j)
                break  # another process tells how he goes on
            what, channel, delay = journey.next_step(
                self.people.rows, i, self.touches.rows, j, t.channel, t.switch, t.retry, t.retry_to, t.stream, t.laws, t.points,
                t.service.bots, *self.sold,
            )  # fmt: skip
            self.touches.give(j)
            if what != journey.GO:
                if what == End.CONVERTED and self.people.rows[i]["goal"] == SHOP:
                    self.threads[i] += 1
                    self.clock.process(self.parcel(i))
                self.end_journey(i, what)
                break
            yield from self.come_back(i, delay)
        self.thread_ends(i)

    def come_back(self, i: int, delay: float) -> Story:
        """Between two touches."""
        now = self.idle[i] = self.clock.now
        serial = int(self.people.rows[i]["touches"])
        most = min(self.meter.budget.touches, MOST_TOUCHES)
        if serial >= most:
            raise exceeded_touches(most)
        yield self.clock.at(now + delay, RETRY, of_touch(int(self.people.rows[i]["customer"]), serial))
        self.last = self.clock.now

    def choose(self, i: int) -> int:
        t = self.t
        return choice.choose(
            self.people.rows, i, self.lived, self.floor.open, t.allowed, t.believed, t.habit, t.fit, t.segment, t.wait_weight, t.outside
        )

    def browse(self, i: int, j: int, channel: int) -> Story:
        """A self-service touch."""
        if self.people.rows[i]["goal"] == SHOP and not self.floor.open[channel]:  # shops keep hours
            self.present[j] = None
            return self.end_touch(i, j, CLOSED)
        yield from self.help_oneself(i, j)
        return None

    def help_oneself(self, i: int, j: int) -> Story:
        """Nobody serves, nobody waits: a visit, or a conversation with a bot."""
        t, people, touches = self.t, self.people, self.touches
        self.present[j] = None
        touches.rows[j]["started"] = self.clock.now
        self.recall(i, j)
        stay = serving.browse_s(people.rows, i, touches.rows, j, t.channel, t.laws, t.points)
        yield self.clock.at(self.clock.now + stay, SERVICE_END, self.who(j))
        self.end_touch(i, j, BROWSED)

    def help(self, i: int, j: int, channel: int) -> Story:
        """A contact: an agent now, or a place in the queue and what comes of it."""
        floor, clock, touches = self.floor, self.clock, self.touches
        row = touches.rows[j]
        now = clock.now
        contact = Contact(j, i, channel, int(row["customer"]), int(row["serial"]), now, clock.event(), int(row["visit"]))
        self.present[j] = contact
        live = self.t.mode[channel] == LIVE
        if live and not floor.open[channel]:
            return self.end_touch(i, j, CLOSED)
        if floor.lines_taken(channel):
            return self.end_touch(i, j, BLOCKED)
        if not live and self.t.deadline_s[channel] < math.inf:
            contact.timer = clock.at(now + float(self.t.deadline_s[channel]), DEADLINE, self.who(j), lambda: self.miss(contact))
        agent = floor.find(contact) if floor.open[channel] and not floor.must_wait(channel) else None
        if agent is not None:
            floor.hold_line(contact)
            floor.seat(contact, agent)
        else:
            touches.rows[j]["delayed"] = 1
            if floor.is_full(channel):
                return self.end_touch(i, j, BLOCKED)
            patience = self.patience(contact) if live else math.inf
            if live and self.balks(contact, patience):
                return self.end_touch(i, j, ABANDONED)
            if touches.rows[j]["callback"] == waiting.ACCEPTED:
                floor.wait_for_call(contact)
            else:
                floor.join(contact)
                floor.hold_line(contact)
                if live:
                    self.wait_at_most(contact, patience)
                floor.look_for_help(channel)
            word = yield contact.turn
            if word != SEATED:
                return self.end_touch(i, j, ENDINGS[word])
        word = yield from self.talk(contact)
        if word != ENDED:
            return self.end_touch(i, j, ABANDONED if word == WITHDRAWN else CLOSED)
        self.wrap_up(contact)
        return None

    def balks(self, contact: Contact, patience: float) -> bool:
        """Who has to wait hears how long it will be and what he can have instead; is it too long for him?"""
        row, rule = self.touches.rows[contact.row], self.t.channel[contact.channel]
        if not rule["announce"] and not rule["offers"]:
            return False
        expected = self.floor.expected(contact.channel, int(rule["announce"]), float(rule["work"]))
        if rule["announce"]:
            row["told"] = expected
        if rule["offers"] and waiting.is_offered_a_call(rule, self.floor.waiting[contact.channel], expected):
            accepts = waiting.accepts_call(self.people.rows[contact.person], row, rule)
            row["callback"] = waiting.ACCEPTED if accepts else waiting.OFFERED
            if accepts:
                return False
        row["balked"] = bool(rule["announce"]) and waiting.balks(row["told"], patience, rule["balk"])
        return bool(row["balked"])

    def patience(self, contact: Contact) -> float:
        t = self.t
        return serving.patience_s(
            self.people.rows, contact.person, self.touches.rows, contact.row, t.channel, t.segment, t.context, self.redraw, t.laws, t.points
        )

    def wait_at_most(self, contact: Contact, most: float) -> None:
        """He gives up when his patience ends, or leaves a message before."""
        word = GAVE_UP
        rule = self.t.channel[contact.channel]
        if waiting.leaves_message(rule, most):
            most, word = float(rule["message"]), LEFT_MESSAGE
        if most < math.inf:
            who = self.who(contact.row)
            contact.timer = self.clock.at(self.clock.now + most, PATIENCE_END, who, lambda: self.floor.leave(contact, word))

    def talk(self, contact: Contact) -> Generator[Any, Any, int | None]:
        """An agent talks or writes, and another goes on where the shift of one ends; the answer is what ended it, ENDED as a rule."""
        t, clock, touches = self.t, self.clock, self.touches
        j = contact.row
        while True:
            agent = contact.agent
            assert agent is not None
            row = touches.rows[j]
            row["agent"] = agent.number
            row["pool"] = agent.pool
            speed = float(t.speed[agent.pool, contact.channel]) * team.pace(t.team, agent.pool, clock.now)
            if row["handed"]:
                serving.take_up(touches.rows, j, clock.now)
                self.floor.talks.begin(contact, contact.left / speed, speed)
            else:
                row["started"] = clock.now
                self.floor.last_wait[contact.channel] = clock.now - contact.arrived
                self.recall(contact.person, j)
                self.floor.talks.begin(contact, self.talk_s(contact, speed), speed)
            word = yield contact.ends
            if word == HANDED:
                serving.lay_down(touches.rows, j, clock.now)
                word = yield contact.turn
            if word != SEATED:
                how: int | None = word
                return how

    def talk_s(self, contact: Contact, speed: float) -> float:
        t = self.t
        talk: float = serving.talk_s(
            self.people.rows, contact.person, self.touches.rows, contact.row, t.channel, t.context, speed, self.redraw, t.laws, t.points,
            t.service.bots, t.service.transfer,
        )  # fmt: skip
        return talk

    def wrap_up(self, contact: Contact) -> None:
        """The talk has ended: the customer leaves, the agent wraps up."""
        t, clock, people, touches = self.t, self.clock, self.people, self.touches
        i, j, agent = contact.person, contact.row, contact.agent
        assert agent is not None
        self.floor.talks.end(contact)
        speed = float(t.speed[agent.pool, contact.channel]) * team.pace(t.team, agent.pool, float(touches.rows[j]["started"]))
        wrap = serving.wrap_s(people.rows, i, touches.rows, j, t.channel, speed, self.redraw, t.laws, t.points)
        touches.rows[j]["wrap_s"] = wrap
        who = self.who(j)
        self.end_touch(i, j, HANDLED)
        if wrap > 0.0:
            clock.at(clock.now + wrap, WRAP_END, who, lambda: self.free(contact))
        else:
            self.free(contact)

    def free(self, contact: Contact) -> None:
        self.last = self.clock.now
        self.floor.release(contact)

    def miss(self, contact: Contact) -> None:
        """The reply deadline of a message comes."""
        j, i, t = contact.row, contact.person, self.t
        self.last = self.clock.now
        to = journey.miss_deadline(self.people.rows, i, self.touches.rows, j, self.clock.now, t.channel, t.missed, t.retry)
        if to < 0:
            return
        if t.channel[contact.channel]["withdraw"] and contact.waiting:
            self.floor.leave(contact, WITHDRAWN)
        self.clock.process(self.journey(i, to, again=True))

    # ---- small steps ---------------------------------------------------------------------------------------------

    def spoken(self, i: int, channel: int) -> int:
        """The channel of his language."""
        return int(serving.spoken(self.people.rows, i, self.t.channel, self.t.service.languages, channel))

    def mode_of(self, i: int, channel: int) -> int:
        return int(serving.mode_of(self.people.rows, i, self.t.channel, channel, self.clock.now, self.t.service.bot_down))

    def recall(self, i: int, j: int) -> None:
        t = self.t
        context.recall(
            self.people.rows, i, self.touches.rows, j, self.clock.now, t.context, t.identify, t.link, t.pair, t.medium_of,
            t.channel["hash"], t.hub_down, t.segment, t.team, t.stream,
        )  # fmt: skip

    def end_touch(self, i: int, j: int, outcome: int) -> None:
        """The touch becomes a row of the records."""
        t = self.t
        journey.end_touch(
            self.people.rows, i, self.touches.rows, j, outcome, self.clock.now, self.lived, t.channel, t.context, self.orders, t.segment,
            t.team, t.service.bots, t.service.contain, self.bot_handled, *self.sold, t.laws, t.points, self.goods,
        )  # fmt: skip
        self.touch_rows.add(self.touches.rows[j])
        contact = self.present.pop(j)
        if contact is not None:
            self.floor.hang_up(contact)
            if contact.timer is not None:
                self.clock.call_off(contact.timer)  # answered, or gone, before the deadline
        self.last = self.clock.now

    def end_journey(self, i: int, end: int) -> None:
        n = self.journey_rows.next()
        journey.close_journey(self.people.rows, i, self.journey_rows.rows, n, end, self.clock.now)
        del self.under_way[int(self.people.rows[i]["customer"])]
        self.last = self.clock.now
        if self.people.rows[i]["bond"] >= 0:
            self.think_back(i, n, end)

        if orders.is_picking(self.people.rows[i]):
            t, buyer = self.t, int(self.people.rows[i]["raised_by"])
            orders.picked(
                self.people.rows, self.orders, buyer, self.clock.now, t.shop.front, t.shop.rules, *self.delivered, t.laws, t.points,
                self.goods,
            )  # fmt: skip
            self.clock.process(self.parcel(buyer))

    def think_back(self, i: int, n: int, end: int) -> None:
        """What a journey (row `n`) means for the customer: does he come again, and whom does he tell?"""
        t, kept, now = self.t, self.kept, self.clock.now
        m = int(self.people.rows[i]["bond"])
        again, due = loyalty.closes(
            kept.rows, kept.bonds, kept.known, self.people.rows, i, self.orders, self.journey_rows.rows, n, self.lived, end, now,
            kept.limits, t.source, self.seed, t.segment, t.loyalty.ties, t.loyalty.rules, t.laws, t.points,
        )  # fmt: skip
        for when, subscription in ((again, False), (due, True)):
            if when < math.inf:
                kept.hold(m)
                self.clock.process(self.away(m, when, subscription))
        when = loyalty.tells(kept.rows, self.people.rows, i, kept.mouth, now, t.horizon_s, t.loyalty.rules, t.laws, t.points)
        if when < math.inf:
            self.clock.process(self.away(kept.introduce(self.people.rows, i, now), when))

    def thread_ends(self, i: int) -> None:
        """Something that needed a person's row needs it no more."""
        self.threads[i] -= 1
        if self.threads[i] == 0:
            self.people.give(i)
            if self.people.rows[i]["bond"] >= 0:
                self.let_go(int(self.people.rows[i]["bond"]))

    def let_go(self, m: int) -> None:
        """Something that needed the row of a customer needs it no more: when nothing does, he becomes a row of the records."""
        if self.kept.let_go(m) and not math.isnan(self.kept.rows[m]["began"]):
            self.customer_rows.add(self.kept.rows[m])

    def leave_open(self) -> None:
        """What has not ended becomes rows too: nothing is lost."""
        rows = self.touches.rows
        for j in sorted(self.present, key=lambda j: (rows[j]["customer"], rows[j]["serial"])):
            serving.take_up(rows, j, self.clock.now)
            self.touch_rows.add(rows[j])
        for customer in sorted(self.under_way):
            i = self.under_way[customer]
            n = self.journey_rows.next()
            journey.close_journey(self.people.rows, i, self.journey_rows.rows, n, int(End.OPEN), self.clock.now)
            self.journey_rows.rows[n]["idle_since"] = self.idle[i]
        for customer in sorted(self.parcels):
            self.order_rows.add(self.orders[self.parcels[customer]])
        for m in self.kept.still_there():
            self.customer_rows.add(self.kept.rows[m])

    def who(self, j: int) -> int:
        row = self.touches.rows[j]
        return of_touch(int(row["customer"]), int(row["serial"]))

    def new_person(self) -> int:
        i = self.people.take()
        while i >= len(self.threads):
            n = len(self.threads)
            self.threads += [0] * n
            self.idle += [math.nan] * n
            self.visits = np.concatenate([self.visits, np.zeros_like(self.visits)])
            self.lived = np.concatenate([self.lived, np.zeros_like(self.lived)])
            self.orders = np.concatenate([self.orders, np.zeros_like(self.orders)])
        self.idle[i] = math.nan
        return i
