"""One customer's story, in one strategy or side by side in two: the same person with the same luck.

records  ->  lines (clock, what happened)  ->  text of at most 80 columns
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from omnisim.answers import simulate, strategy_names
from omnisim.currencies import exponent
from omnisim.records import Records
from omnisim.rules.bots import FIRST_VISIT
from omnisim.rules.loyalty import NTH
from omnisim.rules.orders import DUE_STAGE, LATE_STAGE, PADDING, RETURN_STAGE
from omnisim.rules.waiting import ACCEPTED
from omnisim.scenario import Scenario, load
from omnisim.tables import Tables
from omnisim.words import Bot, Carried, End, Goal, Message, Mode, Need, Outcome, Reason, Step, Way

if TYPE_CHECKING:
    import numpy as np

Line = tuple[float, str]

ENDINGS = {
    End.OPEN: "the run ends before the journey does",
    End.RESOLVED: "the issue is resolved",
    End.LOST: "gives up: the issue stays unresolved",
    End.CONVERTED: "reaches the goal",
    End.LEFT: "leaves without",
    End.OUTSIDE: "goes elsewhere: no open channel is good enough",
}
STEPS = {
    Step.ASKS: "has a question before buying",
    Step.LEAVES: "leaves",
    Step.SWITCHES: "goes to look elsewhere",
    Step.DROPS: "leaves the cart",
    Step.BUYS: "buys",
    Step.RETURNS: "leaves the cart for now",
}
BOTS = {
    Bot.SOLVED: "solves it",
    Bot.FALSE_CLOSURE: "says it is solved, and it is not",
    Bot.ESCALATED: "hands over to an agent",
    Bot.UNSOLVED: "cannot help",
}
REASONS = {
    Reason.BROWSING: "was only browsing",
    Reason.ACCOUNT: "would have needed an account",
    Reason.TRUST: "does not trust the shop",
    Reason.CHECKOUT: "the checkout is too long",
    Reason.COST: "shipping costs too much",
    Reason.DELIVERY: "delivery is too slow",
    Reason.WAIT: "waited too long for an answer",
    Reason.CONTRADICTION: "was told two different things",
    Reason.CONTEXT: "cart or story are lost",
    Reason.OUT_OF_STOCK: "it is sold out",
    Reason.STORE: "the store has it",
}
WAYS = {
    Way.TAKEN: "takes home",
    Way.HOME: "orders",
    Way.PICKUP: "orders, to pick up,",
    Way.EXPRESS: "orders by express",
    Way.TO_STORE: "orders to a store",
    Way.POINT: "orders to a pick-up point",
}
NEEDS = {
    Need.QUESTION: "where is the order?",
    Need.LATE: "the order is late",
    Need.FAULTY: "the goods are faulty",
    Need.RETURN: "the goods go back",
    Need.COLLECT: "the goods are ready at the desk",
    Need.PICK: "the store is to pick the goods",
    Need.BRING: "the goods are brought back to the store",
}


def find(tables: Tables, seen: Records, customer: str) -> int | None:
    """Customer number for `stream:k` (customer k of a stream's own source) or for a plain number in order of arrival.

    None where he never arrived; ValueError for an unknown stream.
    """
    if ":" in customer:
        source, _, k = customer.rpartition(":")
        if source not in tables.sources:
            raise ValueError(f"there is no source of customers {source!r}; there are {', '.join(tables.sources[:12])}")
        rows = seen.journeys[(seen.journeys["source"] == tables.sources.index(source)) & (seen.journeys["k"] == int(k))]
        return int(rows[0]["customer"]) if len(rows) else None
    number = int(customer)
    return number if (seen.journeys["customer"] == number).any() else None


def story(tables: Tables, seen: Records, number: int) -> list[Line]:
    """What happened to one customer, as (seconds, text) in order: with his order, and the needs that arose from it."""
    lines = _journey(tables, seen, number)
    for order in seen.orders[seen.orders["customer"] == number]:
        lines.extend(_order(tables, order))
    for child in seen.journeys["customer"][seen.journeys["parent"] == number]:
        lines.extend(_journey(tables, seen, int(child)))
    lines.sort(key=lambda line: line[0])
    return lines


def _journey(tables: Tables, seen: Records, number: int) -> list[Line]:
    journey = seen.journeys[seen.journeys["customer"] == number][0]
    touches = seen.touches[seen.touches["customer"] == number]
    segment = tables.segments[journey["segment"]]
    who = f"arrives (stream {tables.streams[journey['stream']]}" + (f", segment {segment})" if len(tables.segments) > 1 else ")")
    if journey["parent"] >= 0:
        who = f"needs help: {NEEDS[Need(int(journey['need']) % 8)]}"
    elif journey["need"] > 0:
        who = f"comes again, need {1 + (int(journey['need']) >> NTH)} of his own (stream {tables.streams[journey['stream']]})"
    lines: list[Line] = [(float(journey["arrived"]), who)]
    for t in sorted(touches, key=lambda t: int(t["serial"])):
        lines.extend(_touch(tables, t))
    end = End(int(journey["end"]))
    if journey["goal"] != Goal.SHOP or end in (End.OPEN, End.OUTSIDE):  # else his last step has said it
        lines.append((seen.end_s if math.isnan(journey["ended"]) else float(journey["ended"]), ENDINGS[end]))
    if journey["bond"] == 2:
        lines.append((float(journey["ended"]), "leaves the firm for good"))
    return lines


def _order(tables: Tables, o: np.void) -> list[Line]:
    """An order: what was sold and how it travels, then what happened to it."""
    names = tables.shop.product_names
    what = "the goods"
    if o["product"] >= 0:
        what = ", ".join(f"{o['line_items'][n]} x {names[o['line_product'][n]]}" for n in range(o["lines"]))
    money = ""
    if tables.has_money:
        parts = [f"{_money(tables, o['sales'])} {tables.currency}"]
        parts += [f"{_money(tables, o['discount'])} off"] if o["discount"] else []
        parts += [f"{_money(tables, o['fee'])} shipping"] if o["fee"] else []
        parts += ["padded to ship free"] if o["padded"] else []
        money = ": " + ", ".join(parts)
    way = WAYS[Way(int(o["way"]))]
    sent_from = sorted({tables.goods.names[n] for n in o["line_node"][: int(o["lines"])] if n >= 0}) if tables.has_nodes else []
    node = f", from {' and '.join(sent_from)}" if sent_from else ""
    lines = [(float(o["placed"]), f"{way} {what}{money}{node}")]
    if o["state"] == Carried.CANCELLED:
        return [*lines, (float(o["due"]), "order: cancelled, no shelf has it")]
    if o["short"]:
        lines.append((float(o["leaves"]), f"order: {o['short']} of {o['lines']} lines cancelled, no shelf has them"))
    if o["warned"]:
        lines.append((float(o["warned_at"]), "order: he is told that it will be late"))
    if o["done"] & LATE_STAGE and o["late"]:
        lines.append((float(o["promised"]), "order: the promised time passes"))
    if o["done"] & DUE_STAGE and o["way"] != Way.TAKEN:
        arrives = "collected" if o["way"] in (Way.PICKUP, Way.TO_STORE, Way.POINT) else "delivered"
        lines.append((float(o["due"]), f"order: {arrives}{', late' if o['late'] else ''}{', faulty' if o['faulty'] else ''}"))
    if o["done"] & RETURN_STAGE:
        part = "part of it goes back" if o["returned"] == PADDING else "is exchanged" if o["exchanged"] else "goes back"
        lines.append((float(o["returns_at"]), f"order: {part}{' to a store' if o['return_store'] else ' by post'}"))
    return lines


def _money(tables: Tables, amount: int) -> str:
    digits = exponent(tables.currency)
    return f"{int(amount) / 10**digits:.{digits}f}"


def _touch(tables: Tables, t: np.void) -> list[Line]:
    channel = tables.channels[t["channel"]]
    arrived, started, ended = float(t["arrived"]), float(t["started"]), float(t["ended"])
    outcome = Outcome(int(t["outcome"]))
    cart = {1: ", the cart is there", 0: ", the cart is not there"}.get(int(t["kept"]), "") if t["goal"] == Goal.SHOP else ""
    if t["mode"] == Mode.BROWSE and t["bot"] != Bot.NONE:
        lines = [(arrived, f"{channel}: talks to the bot{' again' if t['visit'] > FIRST_VISIT else ''}")]
        if outcome == Outcome.BROWSED:
            lines.append((ended, f"{channel}: the bot {BOTS[Bot(int(t['bot']))]} after {_span(ended - arrived)}{_contradiction(t)}"))
        return [*lines, *_step(tables, t)]
    if t["mode"] == Mode.BROWSE:
        does = "helps himself" if t["goal"] != Goal.SHOP else "looks around"
        lines = [(arrived, f"{channel}: {does}{' again' if t['visit'] and t['goal'] == Goal.SHOP else ''}{cart}")]
        if outcome == Outcome.CLOSED:
            lines.append((ended, f"{channel}: closed"))
        if t["goal"] == Goal.SHOP:
            return [*lines, *_step(tables, t)]
        if outcome == Outcome.BROWSED:
            lines.append(
                (ended, f"{channel}: done after {_span(ended - arrived)}{', it helped' if t['resolved'] else ''}{_contradiction(t)}")
            )
        return lines
    verb = "writes" if t["mode"] == Mode.INBOX else "asks for help"
    lines = [(arrived, f"{channel}: {verb}" + (" again" if t["visit"] else ""))]
    if outcome == Outcome.BLOCKED:
        return [*lines, (ended, f"{channel}: blocked, every waiting place is taken"), *_step(tables, t)]
    if outcome == Outcome.CLOSED and math.isnan(started):
        return [*lines, (ended, f"{channel}: closed"), *_step(tables, t)]
    if outcome == Outcome.DEFLECTED:
        return [*lines, (ended, f"{channel}: leaves a message after {_span(ended - arrived)}"), *_step(tables, t)]
    if t["balked"]:
        return [*lines, (ended, f"{channel}: gives up at once, told to wait {_span(float(t['told']))}"), *_step(tables, t)]
    if outcome == Outcome.ABANDONED and math.isnan(started):
        return [*lines, (ended, f"{channel}: gives up after {_span(ended - arrived)}"), *_step(tables, t)]
    if t["missed"]:
        elsewhere = ", tries elsewhere" if t["aside"] else ""
        lines.append((arrived + float(tables.deadline_s[t["channel"]]), f"{channel}: the reply deadline passes{elsewhere}"))
    if not math.isnan(started):
        agent = f"{tables.pools[t['pool']]} {int(t['agent']) + 1}"
        if t["callback"] == ACCEPTED:
            lines.append((arrived, f"{channel}: asks to be called back"))
        waited = f" after {_span(started - arrived)}" if t["delayed"] else " at once"
        if t["handed"]:
            agent = f"somebody whose shift ends before the talk does, and then {agent},"
        lines.append((started, f"{channel}: {agent} answers{waited}{_memory(t)}"))
    if outcome in (Outcome.CLOSED, Outcome.ABANDONED):
        why = "the shift ends, and with it the talk" if not t["handed"] else "nobody goes on with it"
        lines.append((ended, f"{channel}: {why}"))
    if outcome == Outcome.HANDLED:
        answer = ", answered too late to matter" if t["aside"] else ", resolved" if t["resolved"] else ""
        if t["transfer"] >= 0:
            answer = f", handed on to {tables.channels[t['transfer']]}"
        wrap = f", wrap-up {_span(float(t['wrap_s']))}" if t["wrap_s"] > 0 else ""
        talk = _span(ended - started - float(t["held_s"]))
        lines.append((ended, f"{channel}: talk ends after {talk}{wrap}{answer}{_contradiction(t)}"))
    return [*lines, *_step(tables, t)]


def _step(tables: Tables, t: np.void) -> list[Line]:
    """What the touch led a shopper to, and why; nothing for others."""
    step = Step(int(t["step"]))
    if step == Step.NONE:
        return []
    text = STEPS[step]
    if step in (Step.LEAVES, Step.DROPS, Step.RETURNS):
        text += f": {REASONS[Reason(int(t['reason']))]}"
    if step == Step.RETURNS:
        text += "; a message will bring him back" if t["messaged"] in (Message.CLICKED, Message.ANYWAY) else "; he will come back"
        text += "; he has read a message about it" if t["messaged"] == Message.OPENED else ""
    elif t["messaged"]:
        text += "; a message is sent"
    text += ", and he wants no more of them" if t["unsubscribed"] else ""
    return [(float(t["ended"]), f"{tables.channels[t['front']]}: {text}")]


def _memory(t: np.void) -> str:
    if t["wrong_record"]:
        return ", with a wrong record"
    if not t["remembers"]:
        return ""
    q = float(t["completeness"])
    return ", knows the whole story" if q == 1.0 else ", knows nothing of it" if q == 0.0 else f", knows {100 * q:.0f} % of it"


def _contradiction(t: np.void) -> str:
    return ", contradicts the answer before" if t["contradicted"] else ""


def _span(seconds: float) -> str:
    """A duration in words.

    >>> _span(75.2), _span(12.0), _span(4000.0)
    ('1 min 15 s', '12 s', '1 h 06 min')
    """
    s = round(seconds)
    if s < 60:
        return f"{s} s"
    if s < 3600:
        return f"{s // 60} min {s % 60} s"
    return f"{s // 3600} h {s % 3600 // 60:02d} min"


def trace(scenarios: Sequence[Scenario | str | Path], customer: str, seed: int = 1, engine: str = "auto") -> str:
    """The story of one customer (`stream:k`, or his number in order of arrival) in one or several strategies, as text."""
    loaded = [s if isinstance(s, Scenario) else load(s) for s in scenarios]
    told = []
    for name, s in zip(strategy_names(loaded), loaded, strict=True):
        tables = Tables.build(s)
        seen = simulate(s, seed, engine=engine)
        told.append((name, tables, seen, find(tables, seen, customer)))
    return side_by_side(told, customer)


def side_by_side(told: Sequence[tuple[str, Tables, Records, int | None]], customer: str) -> str:
    """One customer's story in several runs (title, tables, records, his number there or None), in columns."""
    columns: list[list[str]] = []
    width = 80 if len(told) == 1 else (80 - 2 * (len(told) - 1)) // len(told)
    for name, tables, seen, number in told:
        lines = [name[:width], "-" * min(width, len(name))]
        if number is None:
            lines.append(f"customer {customer} never arrives")
        else:
            for second, text in story(tables, seen, number):
                clock = (tables.start + timedelta(seconds=second)).strftime("%a %H:%M:%S")
                wrapped = textwrap.wrap(text, width - 13)
                lines.append(f"{clock} {wrapped[0]}")
                lines.extend(" " * 13 + more for more in wrapped[1:])
        columns.append(lines)
    height = max(map(len, columns))
    rows = [[c[i] if i < len(c) else "" for c in columns] for i in range(height)]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell in row).rstrip() for row in rows)
