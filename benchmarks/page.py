"""Measures everything and writes it where it is told: docs/speed.md, docs/images/speed-*.svg, and the README if it asks.

python benchmarks/page.py [--quick]       takes about ten minutes on a quiet machine; --quick three

A measured place is `<!-- measured: COMMAND -->`, then anything, then `<!-- end -->`; what stands between is replaced.
"""

import re
import subprocess
import sys
from pathlib import Path

from omnisim import bench
from omnisim.bench import curves, drawing

ROOT = Path(__file__).resolve().parent.parent
PLACE = re.compile(r"(<!-- measured: (?P<command>[^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def say(what: str) -> None:
    """Progress."""
    print(f"measuring {what}", file=sys.stderr, flush=True)


def curve_table(found: list[curves.Curve]) -> str:
    """Nanoseconds an event at each size."""
    lines = []
    for curve in found:
        sizes = " | ".join(f"{p.size:,.0f}" for p in curve.points)
        costs = " | ".join(f"{p.median:,.0f} ({p.low:,.0f}-{p.high:,.0f})" for p in curve.points)
        lines += [f"| {curve.axis} | {sizes} |", "|---|" + "---:|" * len(curve.points), f"| ns an event | {costs} |", ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, draw, write."""
    quick = "--quick" in sys.argv
    found = curves.measure(2 if quick else 5, say)
    for curve in found:
        (ROOT / "docs" / "images" / f"speed-{curve.name}.svg").write_text(drawing.drawn(curve), encoding="utf-8")
    told = {"curves": curve_table(found), "omnisim bench": bench.table(bench.measure(quick, say=say)) + "\n"}
    say("mechanisms")
    command = [sys.executable, str(ROOT / "benchmarks" / "mechanisms.py"), "2" if quick else "5"]
    told["python benchmarks/mechanisms.py"] = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for path in (ROOT / "docs" / "speed.md", ROOT / "README.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(PLACE.sub(lambda m: f"{m[1]}{told.get(m['command'], '')}{m[3]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
