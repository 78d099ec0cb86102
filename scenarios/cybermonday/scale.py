"""How large must this shop be for the hub to earn its cost on Cyber Monday itself?

    visitors and people x 1, 2, 3, ...; the hub and its capital cost the same  -->  EBIT, omnichannel - multichannel, by size
    the size at which it passes 0, by a straight line between the sizes beside it

Run from the checkout:  python scenarios/cybermonday/scale.py 40        seeds (half a minute)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import omnisim as om

HERE = Path(__file__).resolve().parent
SIZES = (1, 2, 3, 4, 6)


def of_size(name: str, size: int) -> Any:
    """A strategy with so many times the visitors and the people on duty."""
    scenario = om.load(HERE / f"{name}.yaml")
    changes: dict[str, object] = {"scale": scenario.scale * size}
    for pool, said in scenario.staffing.pools.items():
        times = [(f"{int(s) // 3600:02d}:{int(s) % 3600 // 60:02d}", n) for s, n in said.agents.points]
        changes[f"staffing.pools.{pool}.agents"] = {start: size * n for start, n in times}
    return scenario.with_(changes)


def crossing(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Where values that rise pass 0, by straight lines; None where they never do.

    >>> crossing((1, 2, 4), (-3.0, -1.0, 1.0)), crossing((1, 2), (-3.0, -1.0))
    (3.0, None)
    """
    for i in range(1, len(sizes)):
        a, b = values[i - 1], values[i]
        if a < 0.0 <= b:
            return sizes[i - 1] + (sizes[i] - sizes[i - 1]) * -a / (b - a)
    return None


def main(seeds: int = 40, sizes: Sequence[int] = SIZES) -> None:
    """Print the difference of EBIT at each size and the size at which it passes 0."""
    found = []
    for size in sizes:
        c = om.compare([of_size("multichannel", size), of_size("omnichannel", size)], seeds=seeds)
        ebit, level = c.difference("ebit"), c.baseline.kpi("service_level")
        found.append((ebit.difference, ebit.low, ebit.high))
        interval = f"[{ebit.low:+,.0f}, {ebit.high:+,.0f}]"
        print(f"{23_000 * size:8,} visitors: EBIT {ebit.difference:+8,.0f} USD {interval}, service level {level.mean:.3f}")
    mean, low, high = (crossing(sizes, values) for values in zip(*found, strict=True))
    if mean is None:
        print("Omnichannel earns less than multichannel at every size tried.")
        return
    ends = f"{23_000 * high:,.0f}" if high else "fewer", f"{23_000 * low:,.0f}" if low else "more"
    print(f"Omnichannel begins to earn more at about {23_000 * mean:,.0f} visitors ({ends[0]} to {ends[1]}), {mean:.1f} times this shop.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
