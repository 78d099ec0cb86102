"""What messages about carts recover, what they add, and what the coupon gives away: the table of docs/marketing.md.

python scenarios/remarketing/table.py
"""

from pathlib import Path

import omnisim as om
from omnisim.text import interval, shown

HERE = Path(__file__).resolve().parent
SEEDS = 8


def main() -> None:
    """Print it."""
    found = om.compare([HERE / f"{name}.yaml" for name in ("silent", "letter", "coupon")], seeds=SEEDS)
    print(f"{SEEDS} seeds, 7 days, against nobody writing; 95 % intervals")
    print(f"{'':<34}{'message':>22}{'with coupon':>22}")
    for text, kpi in (("orders more", "orders"), ("CM4 more, USD", "cm4")):
        cells = []
        for name in found.names[1:]:
            d = found.difference(kpi, name)
            cells.append(f"{shown(d.difference, d.unit, True)} {interval(d.low, d.high, d.unit, True)}")
        print(f"{text:<34}" + "".join(f"{c:>22}" for c in cells))
    for text, kpi in (
        ("recovered, % of the messages", "cart_recovery"),
        ("coupons not needed, % of coupons", "coupon_waste"),
        ("readers lost, % of the messages", "unsubscribe_rate"),
    ):
        cells = []
        for answer in found.answers[1:]:
            known = [e for e in answer.estimates if e.kpi == kpi and not e.scope]
            cells.append(f"{shown(known[0].mean, 'share')} {interval(known[0].low, known[0].high, 'share')}" if known else "-")
        print(f"{text:<34}" + "".join(f"{c:>22}" for c in cells))


if __name__ == "__main__":
    main()
