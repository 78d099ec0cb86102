"""This checkout against an earlier commit, in turn: has the retail day become slower?

python benchmarks/against.py COMMIT [CUSTOMERS] [ROUNDS]        e1f23fd is the bench before there was a shop

The commit is laid out in a temporary folder; each round runs each side in a process of its own: one day of so many customers, one
core, KPIs included.  Told is the CPU time an event of this checkout over that of the commit: 1.15 would be 15 % slower.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from omnisim.bench.timing import ratios

ROOT = Path(__file__).resolve().parent.parent
CODE = """
import sys
from omnisim.bench import worlds
from omnisim.bench.measures import per_event
from omnisim.replications import replicate
from omnisim.tables import Tables
customers, round_ = int(sys.argv[1]), int(sys.argv[2])
tables = Tables.build(worlds.retail(customers))
replicate(tables, 0)
print(per_event(tables, max(1, 400_000 // customers), round_))
"""


def cost(checkout: Path, customers: int, round_: int) -> float:
    """CPU seconds an event of the retail day in a checkout."""
    command = [sys.executable, "-c", CODE, str(customers), str(round_)]
    env = os.environ | {"PYTHONPATH": str(checkout)}
    return float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=checkout, env=env).stdout)


def main(commit: str, customers: int = 20_000, rounds: int = 5) -> None:
    """Print the ratio with its spread."""
    with tempfile.TemporaryDirectory() as folder:
        tar = subprocess.run(["git", "archive", commit], capture_output=True, check=True, cwd=ROOT).stdout
        subprocess.run(["tar", "x", "-C", folder], input=tar, check=True)
        then = Path(folder)
        cost(then, 1_000, 0)  # compiled before anything is timed
        cost(ROOT, 1_000, 0)
        found = ratios((cost(ROOT, customers, r), cost(then, customers, r)) for r in range(1, rounds + 1))
    print(f"retail day of {customers:,}, time an event, now / {commit}: {found.text('x')}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
