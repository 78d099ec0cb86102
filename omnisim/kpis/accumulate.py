"""The accumulator: rows in, counts and sums out, in record order.

    touches  ┐
    journeys ├─ rows, in chunks of any size ─> counts i8[cell, Count], sums f8[cell, Sum], bins i8[2, channel, bin]
    stints   ┘

Each function may be called again with the next rows; the result is the same to the bit as from one call, for every float
is added to its cell in the order of the rows.  Scalar arithmetic only, no parallel sums: either engine's rows give the same.

`layout` i8[20] is `Cells.layout`; `window` f8[5] is (warm-up, horizon, interval or 0, end of the run, second of the week at the start), s;
`periods` f8[span, 3] is (start, end, s of the week; number of the period); `channels` is a
`CHANNEL` array.  Times averaged over [warm-up, horizon] take in every touch; contacts count if they arrived in [warm-up, horizon).
"""

import math

import numpy as np

from omnisim.jit import njit
from omnisim.kpis.funnel import count_shopper, count_shopping
from omnisim.kpis.quantities import DAYS, INTERVALS, PERIODS, POOLS, SEGMENTS, Block, Count, Sum
from omnisim.ledger import interval_of, overlap
from omnisim.words import Bot, Duty, End, Formula, Goal, Mode, Need, Outcome

CHANNEL = np.dtype(
    [
        ("medium", "i8"),
        ("mode", "i8"),  # words.Mode
        ("browses", "i8"),  # 1: a shopper's visit is self-service
        ("formula", "i8"),  # words.Formula
        ("strict", "i8"),  # 1: in time means <, not <=
        ("within_s", "f8"),  # NaN: no service level
        ("short_s", "f8"),
        ("deadline_s", "f8"),  # inf: none
    ],
    align=True,
)

# Bins of waits.  Bin 0 holds no wait at all, bin k the waits in (k - 1, k] s up to 2^17 s (36 h).  Beyond, each doubling of the
# wait is cut into 1024 bins, 128 s wide at first: at most 0.1 % of the wait.  16 doublings reach 2^33 s (272 years).
FINE = 1 << 17
PER_OCTAVE = 1024
OCTAVES = 16
BINS = FINE + 1 + PER_OCTAVE * OCTAVES

PICK = np.uint64(Need.PICK)
WAITS, REPLIES = 0, 1  # first index of `bins`
DAY_S = 86400.0
WEEK_S = 7 * DAY_S


@njit()
def bin_of(wait_s: float) -> int:
    """The bin that holds a wait of so many seconds."""
    if wait_s <= FINE:
        return max(0, math.ceil(wait_s))
    top = float(FINE)
    octave = 0
    while octave < OCTAVES - 1 and wait_s > 2.0 * top:
        top *= 2.0
        octave += 1
    step = math.ceil(min(float(PER_OCTAVE), (wait_s - top) / (top / PER_OCTAVE)))
    return FINE + octave * PER_OCTAVE + step


@njit()
def upper_edge(b: int) -> float:
    """The longest wait a bin holds, seconds."""
    if b <= FINE:
        return float(b)
    octave = (b - FINE - 1) // PER_OCTAVE
    step = (b - FINE - 1) % PER_OCTAVE + 1
    top = float(FINE) * 2.0**octave
    return top + step * (top / PER_OCTAVE)


@njit()
def percentile_90(bins: np.ndarray, members: np.ndarray, n: int) -> float:
    """Upper edge of the bin in which the 90th percentile of some channels' waits lies; NaN if nobody waited.

    `bins` i8[channel, bin]; `members` b1[channel]; `n`: waits in the members' bins, so that only those up to the answer are looked at.
    """
    if n == 0:
        return math.nan
    seen = 0
    for b in range(bins.shape[1]):
        for c in range(bins.shape[0]):
            if members[c]:
                seen += bins[c, b]
        if 10 * seen >= 9 * n:
            return upper_edge(b)
    return math.nan


@njit()
def in_time(wait_s: float, limit_s: float, strict: int) -> bool:
    """Whether a wait keeps within a limit."""
    return wait_s < limit_s if strict else wait_s <= limit_s


@njit()
def service_level_parts(channel: np.void, answered: bool, abandoned: bool, wait_s: float) -> tuple[int, int]:
    """(numerator, denominator) that one contact adds to the service level of its channel.

    `answered`: service began; `wait_s`: until then, or until it gave up.
    """
    if math.isnan(channel["within_s"]):
        return 0, 0
    within = in_time(wait_s, channel["within_s"], channel["strict"])
    met = 1 if answered and within else 0
    formula = channel["formula"]
    if formula == Formula.ANSWERED_IN_TIME_OVER_ANSWERED:
        return met, 1 if answered else 0
    if formula == Formula.EXCLUDING_SHORT_ABANDONS:
        short = abandoned and in_time(wait_s, channel["short_s"], channel["strict"])
        return met, 0 if short else 1
    if formula == Formula.ABANDONS_COUNT_AS_MET:
        return 1 if (answered or abandoned) and within else 0, 1
    return met, 1


@njit()
def count_bot(counts: np.ndarray, cells: np.ndarray, row: np.void) -> None:
    """Add one conversation with a bot to the first three of `cells`: total, channel, medium."""
    bot = row["bot"]
    for j in range(3):
        mine = counts[cells[j]]
        mine[Count.BOT_CONTACTS] += 1
        mine[Count.BOT_ENDED] += 1 if bot != Bot.TALKS else 0
        mine[Count.BOT_SOLVED] += 1 if bot == Bot.SOLVED else 0
        mine[Count.BOT_FALSE] += 1 if bot == Bot.FALSE_CLOSURE else 0
        mine[Count.BOT_KEPT] += 1 if bot == Bot.SOLVED or bot == Bot.FALSE_CLOSURE else 0


@njit()
def age_s2(young: float, old: float) -> float:
    """Age integrated over time while it grows from `young` to `old`, s^2.

    >>> age_s2(0.0, 60.0)    # a minute, on average half a minute old
    1800.0
    """
    return 0.5 * (old - young) * (old + young)


@njit()
def in_days(layout: np.ndarray, week_s: float, periods: np.ndarray, c: int, arrived: float, cells: np.ndarray, n: int) -> int:
    """Put the cells of the day and of the periods in which a contact of channel `c` arrived into `cells` from `n`; returns the next `n`."""
    if layout[DAYS] > 0:
        day = min(math.floor((week_s % DAY_S + arrived) / DAY_S), layout[DAYS] - 1)
        cells[n] = layout[Block.DAY] + day
        cells[n + 1] = layout[Block.CHANNEL_DAY] + c * layout[DAYS] + day
        n += 2
    second = (week_s + arrived) % WEEK_S
    for k in range(periods.shape[0]):
        if periods[k, 0] <= second < periods[k, 1]:
            cells[n] = layout[Block.PERIOD] + int(periods[k, 2])
            cells[n + 1] = layout[Block.CHANNEL_PERIOD] + c * layout[PERIODS] + int(periods[k, 2])
            n += 2
    return n


@njit()
def accumulate_touches(
    layout: np.ndarray,
    window: np.ndarray,
    periods: np.ndarray,
    channels: np.ndarray,
    counts: np.ndarray,
    sums: np.ndarray,
    bins: np.ndarray,
    cells: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Add touches (`records.TOUCH`); `cells` i8[10 + 2 x periods] is room to work in."""
    warmup, horizon, interval, end_s = window[0], window[1], window[2], window[3]
    for i in range(len(rows)):
        row = rows[i]
        c = int(row["channel"])
        channel = channels[c]
        mode = row["mode"]
        arrived = row["arrived"]
        answered = not math.isnan(row["started"])
        over = end_s if math.isnan(row["ended"]) else row["ended"]
        served = row["started"] if answered else over
        cells[0] = layout[Block.TOTAL]
        cells[1] = layout[Block.CHANNEL] + c
        cells[2] = layout[Block.MEDIUM] + channel["medium"]

        # averages over time: every touch, whenever it arrived
        if row["serial"] > 0 and not math.isnan(row["since"]):
            sums[cells[0], Sum.RETRYING_S] += overlap(row["since"], arrived, warmup, horizon)
        if mode != Mode.BROWSE:
            waiting = overlap(arrived, served, warmup, horizon)
            unanswered = overlap(arrived, over, warmup, horizon) if mode == Mode.INBOX else 0.0
            for j in range(3):
                sums[cells[j], Sum.WAITING_S] += waiting
                sums[cells[j], Sum.BACKLOG_S] += unanswered
            if unanswered > 0.0:
                grown = min(over, horizon) - arrived
                aged = age_s2(max(0.0, warmup - arrived), grown)
                for j in range(3):
                    sums[cells[j], Sum.AGE_S2] += aged
                    sums[cells[j], Sum.OLDEST_S] = max(sums[cells[j], Sum.OLDEST_S], grown)

        # the rest: touches that arrived in the window
        if not warmup <= arrived < horizon:
            continue
        if row["switched"]:
            for j in range(3):
                counts[cells[j], Count.SWITCHED] += 1
                counts[cells[j], Count.CONTRADICTED] += 1 if row["contradicted"] else 0
        if row["goal"] == Goal.SHOP:
            count_shopping(layout, channels[row["front"]]["browses"], counts, row)
        if row["bot"] != Bot.NONE and mode == Mode.BROWSE:
            count_bot(counts, cells, row)
        if mode == Mode.BROWSE:
            continue

        n = 3
        if 0 <= row["segment"] < layout[SEGMENTS]:
            cells[n] = layout[Block.SEGMENT] + row["segment"]
            n += 1
        if row["pool"] >= 0:
            cells[n] = layout[Block.POOL] + row["pool"]
            cells[n + 1] = layout[Block.CHANNEL_POOL] + c * layout[POOLS] + row["pool"]
            n += 2
        if interval > 0.0:
            slot = interval_of(arrived, interval, layout[INTERVALS])
            cells[n] = layout[Block.INTERVAL] + slot
            cells[n + 1] = layout[Block.CHANNEL_INTERVAL] + c * layout[INTERVALS] + slot
            n += 2
        n = in_days(layout, window[4], periods, c, arrived, cells, n)

        outcome = int(row["outcome"])
        handled = outcome == Outcome.HANDLED
        abandoned = outcome == Outcome.ABANDONED
        wait = served - arrived
        reply = over - arrived
        met, rated = service_level_parts(channel, answered, abandoned, wait)
        if handled or abandoned:
            bins[WAITS, c, bin_of(wait)] += 1
        if handled and mode == Mode.INBOX:
            bins[REPLIES, c, bin_of(reply)] += 1
        due = mode == Mode.INBOX and channel["deadline_s"] < math.inf
        for j in range(n):
            cell = cells[j]
            counts[cell, Count.OFFERED] += 1
            counts[cell, Count.DEFLECTED if outcome == Outcome.DEFLECTED else Count.OPEN + outcome] += 1
            if not math.isnan(row["told"]):
                counts[cell, Count.TOLD] += 1
                counts[cell, Count.BALKED] += 1 if row["balked"] else 0
                sums[cell, Sum.TOLD_S] += row["told"]
            counts[cell, Count.DELAYED] += 1 if row["delayed"] else 0
            # an inbox keeps its promise in hours: it has a service level of its own, but none in a total
            if mode == Mode.LIVE or j == 1 or layout[Block.CHANNEL_INTERVAL] <= cell < layout[Block.DAY]:
                counts[cell, Count.MET] += met
                counts[cell, Count.RATED] += rated
            if due:
                counts[cell, Count.DUE] += 1
                counts[cell, Count.IN_TIME] += 1 if handled and reply <= channel["deadline_s"] else 0
            if handled or abandoned:
                counts[cell, Count.WAITED] += 1
                sums[cell, Sum.WAIT_S] += wait
            if handled:
                work = row["ended"] - row["started"] - row["held_s"] + row["wrap_s"]
                sums[cell, Sum.ANSWER_S] += wait
                sums[cell, Sum.HANDLE_S] += work
                if row["goal"] == Goal.ISSUE:
                    sums[cell, Sum.ISSUE_HANDLE_S] += work
                if row["transfer"] >= 0:
                    counts[cell, Count.TRANSFERS] += 1
                if mode == Mode.INBOX:
                    counts[cell, Count.REPLIES] += 1
                    sums[cell, Sum.REPLY_S] += reply
            if row["callback"] > 0:
                counts[cell, Count.CALL_OFFERED] += 1
                counts[cell, Count.CALL_ACCEPTED] += 1 if row["callback"] == 2 else 0
                if row["callback"] == 2 and answered:
                    counts[cell, Count.CALL_DIALLED] += 1
                    sums[cell, Sum.CALL_S] += wait
            if answered:
                counts[cell, Count.ANSWERED] += 1
                counts[cell, Count.RETOLD] += 1 if row["completeness"] < 1.0 else 0
                counts[cell, Count.WRONG] += 1 if row["wrong_record"] else 0
                if row["remembers"]:
                    counts[cell, Count.REMEMBERING] += 1
                    sums[cell, Sum.COMPLETENESS] += row["completeness"]


@njit()
def accumulate_journeys(layout: np.ndarray, window: np.ndarray, counts: np.ndarray, sums: np.ndarray, rows: np.ndarray) -> None:
    """Add journeys (`records.JOURNEY`)."""
    warmup, horizon, end_s = window[0], window[1], window[3]
    for i in range(len(rows)):
        row = rows[i]
        end = row["end"]
        if end == End.OPEN and not math.isnan(row["idle_since"]):
            sums[layout[Block.TOTAL], Sum.RETRYING_S] += overlap(row["idle_since"], end_s, warmup, horizon)
        if not warmup <= row["arrived"] < horizon or row["need"] & np.uint64(7) == PICK:  # picking is work, and nobody's journey
            continue
        reached = end == End.RESOLVED or end == End.CONVERTED
        smooth = row["failures"] == 0 and row["repeats"] == 0 and row["contradictions"] == 0 and row["missed"] == 0
        if row["goal"] == Goal.SHOP or row["parent"] >= 0:
            count_shopper(layout, counts, row)
        for j in range(2):
            cell = layout[Block.TOTAL]
            if j == 1:
                if not 0 <= row["segment"] < layout[SEGMENTS]:
                    continue
                cell = layout[Block.SEGMENT] + row["segment"]
            counts[cell, Count.VISITORS] += 1 if row["parent"] < 0 else 0
            if end == End.OPEN:
                continue
            counts[cell, Count.ENDED] += 1
            counts[cell, Count.REACHED] += 1 if reached else 0
            counts[cell, Count.SUCCEEDED] += 1 if reached and smooth else 0
            counts[cell, Count.MEDIA] += row["media"]
            counts[cell, Count.OUTSIDE] += 1 if end == End.OUTSIDE else 0
            sums[cell, Sum.JOURNEY_S] += row["ended"] - row["arrived"]
            if row["bond"] > 0:
                counts[cell, Count.JUDGED] += 1
                counts[cell, Count.DEFECTED] += 1 if row["bond"] == 2 else 0
                sums[cell, Sum.EFFORT] += row["effort"]
                sums[cell, Sum.SATISFACTION] += row["satisfaction"]
            if row["goal"] == Goal.ISSUE:
                counts[cell, Count.ISSUES] += 1
                counts[cell, Count.ATTEMPTS] += row["contacts"]
                counts[cell, Count.FIRST_RESOLVED] += 1 if row["first_resolved"] else 0
                counts[cell, Count.RESOLVED] += 1 if end == End.RESOLVED else 0
            else:
                counts[cell, Count.BUYERS] += 1
                counts[cell, Count.CONVERTED] += 1 if end == End.CONVERTED else 0


@njit()
def accumulate_stints(layout: np.ndarray, window: np.ndarray, slots: np.ndarray, sums: np.ndarray, rows: np.ndarray) -> None:
    """Add agents' stretches of duty (`records.STINT`); `slots` i8[pool]: contacts an agent of the pool can have in hand."""
    warmup, horizon, interval = window[0], window[1], window[2]
    for i in range(len(rows)):
        row = rows[i]
        p = int(row["pool"])
        load = int(row["load"])
        start, end = row["start"], row["end"]
        within = overlap(start, end, warmup, horizon)
        after = overlap(start, end, horizon, math.inf)
        duty = row["duty"]
        for j in range(2):
            cell = layout[Block.TOTAL] if j == 0 else layout[Block.POOL] + p
            if duty > Duty.FINISHING:
                sums[cell, Sum.PAID_S] += 0.0 if duty == Duty.BREAK or duty == Duty.ABSENT else within
                continue
            if duty == Duty.ON:
                sums[cell, Sum.ON_S] += within
                sums[cell, Sum.SLOT_S] += slots[p] * within
                sums[cell, Sum.ON_LOAD_S] += load * within
                sums[cell, Sum.PAID_S] += within + (after if load > 0 else 0.0)
            else:
                sums[cell, Sum.PAID_S] += within + after
            sums[cell, Sum.DUTY_S] += within
            if load > 0:
                sums[cell, Sum.BUSY_S] += within
                sums[cell, Sum.LOAD_S] += load * within
        if interval > 0.0 and within > 0.0 and duty <= Duty.FINISHING:
            slot = interval_of(max(start, warmup), interval, layout[INTERVALS])
            while slot < layout[INTERVALS] and slot * interval < min(end, horizon):
                piece = overlap(start, end, max(slot * interval, warmup), min((slot + 1) * interval, horizon))
                for j in range(2):
                    cell = layout[Block.INTERVAL] + slot
                    if j == 1:
                        cell = layout[Block.POOL_INTERVAL] + p * layout[INTERVALS] + slot
                    sums[cell, Sum.DUTY_S] += piece
                    if row["duty"] == Duty.ON:
                        sums[cell, Sum.SLOT_S] += slots[p] * piece
                        sums[cell, Sum.ON_LOAD_S] += load * piece
                    if load > 0:
                        sums[cell, Sum.BUSY_S] += piece
                        sums[cell, Sum.LOAD_S] += load * piece
                slot += 1


@njit()
def accumulate_roster(layout: np.ndarray, window: np.ndarray, sums: np.ndarray, rows: np.ndarray) -> None:
    """Add agents' stretches of duty to what rosters are measured by; work after shift or into a break is not on the roster."""
    warmup, horizon, interval = window[0], window[1], window[2]
    for i in range(len(rows)):
        row = rows[i]
        if row["duty"] == Duty.FINISHING:
            continue
        p = int(row["pool"])
        start, end = max(row["start"], warmup), min(row["end"], horizon)
        if start >= end:
            continue
        add_roster(sums, layout[Block.TOTAL], row["duty"], end - start)
        add_roster(sums, layout[Block.POOL] + p, row["duty"], end - start)
        if interval <= 0.0:
            continue
        slot = interval_of(start, interval, layout[INTERVALS])
        while slot < layout[INTERVALS] and slot * interval < end:
            piece = overlap(start, end, slot * interval, (slot + 1) * interval)
            add_roster(sums, layout[Block.INTERVAL] + slot, row["duty"], piece)
            add_roster(sums, layout[Block.POOL_INTERVAL] + p * layout[INTERVALS] + slot, row["duty"], piece)
            slot += 1


@njit()
def add_roster(sums: np.ndarray, cell: int, duty: int, seconds: float) -> None:
    """Add so many rostered seconds of one duty to a cell."""
    sums[cell, Sum.ROSTER_S] += seconds
    if duty == Duty.ON:
        sums[cell, Sum.KEPT_S] += seconds
    else:
        sums[cell, Sum.AWAY_S] += seconds
    if duty == Duty.ON or duty == Duty.MISSING or duty == Duty.ABSENT or duty == Duty.PAID_ABSENT:
        sums[cell, Sum.PRESENT_S] += seconds
    if duty == Duty.BREAK or duty == Duty.PAID_BREAK:
        sums[cell, Sum.BREAK_S] += seconds
