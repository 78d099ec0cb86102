"""Every decision of the model, told once, as njit functions over numbers and records that both engines call.

    arrivals   when the next customer of a source comes
    person     who he is: luck, segment, first channel
    choice     which open channel somebody free to choose takes
    context    what a medium remembers of him, and what it gets wrong
    serving    how long he waits, talks and writes, and whether it helped
    journey    what he does next
    shop       what a shopper's visit leads to
    checkout   baskets, fees, carriage, whether he buys
    orders     what becomes of an order, and the needs that arise from it

Rules know no calendar, queue or agent: those the engines tell twice.
"""
