"""Every draw of a run, seen with the compiler off: how many questions are asked, and are they all different?

    NUMBA_DISABLE_JIT=1 python tests/draw_audit.py worlds|shops FOLDER [seeds]

prints, for each seed, [asked, different, digest of the reference engine, digest of the compiled one].  A question that may
be asked again with the same answer is not counted.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def audit(kind, folder, seeds):
    """The rows that this file prints, from a Python without the compiler."""
    command = [sys.executable, str(HERE / "draw_audit.py"), kind, str(folder), json.dumps(list(seeds))]
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(HERE.parent)}
    out = subprocess.run(command, capture_output=True, text=True, env=env, cwd=HERE.parent, check=False)
    assert out.returncode == 0, out.stderr[-2000:]
    return json.loads(out.stdout)


def main(kind, folder, seeds):
    import numpy as np

    np.seterr(over="ignore")
    from omnisim import draws
    from omnisim.engines import compiled, reference
    from omnisim.tables import Tables
    from omnisim.words import Purpose

    asked = []

    def spy(key0, key1, purpose, name, visit, ask=draws.draw):
        asked.append((int(key0), int(key1), int(purpose), int(name), int(visit)))
        return ask(key0, key1, purpose, name, visit)

    for module in list(sys.modules.values()):
        if module.__name__.startswith("omnisim.rules") and hasattr(module, "draw"):
            module.draw = spy
    from shop_tables import shop_tables
    from worlds import load_world

    # an item's one draw, what is one question a need, asked at every checkout, and a day's common factor, asked by every agent
    again = {Purpose.SURVIVE + f for f in range(5)} | {Purpose.LINK + f for f in range(5)}
    again |= {Purpose.DEVICE, Purpose.PAD, Purpose.PICKUP, Purpose.ABSENT_DAY, Purpose.REACH}
    # the fate of an order, told again when people have picked it or a shelf was empty: `rules.fate`
    again |= {Purpose.LEAD, Purpose.FAULT, Purpose.RETURN, Purpose.RETURN_DELAY, Purpose.RETURN_WHERE, Purpose.RETURN_EXTRA}
    again |= {Purpose.RETURN_EXTRA_SIZE, Purpose.BUBBLE, Purpose.DETERRED, Purpose.EXCHANGE, Purpose.INSPECTED, Purpose.UNFIT}
    again |= {Purpose.EXTRA, Purpose.EXTRA_SIZE, Purpose.COLLECT_DELAY, Purpose.ASKED_AT, Purpose.RECALL, Purpose.ALARM}
    again |= {Purpose.CALMED, Purpose.ALARMED} | {Purpose.ARISE + n for n in range(8)}
    out = []
    for seed in seeds:
        asked.clear()
        tables = shop_tables(folder, seed) if kind == "shops" else Tables.build(load_world(folder, seed))
        seen = reference.run(tables, seed)
        kept = {Purpose.HANDLING, Purpose.WRAP, Purpose.PATIENCE} if tables.retry[0]["on"] and not tables.retry[0]["redraw"] else set()
        keys = [a for a in asked if a[2] not in again | kept]
        out.append([len(keys), len(set(keys)), seen.digest(), compiled.run(tables, seed).digest()])
    print(json.dumps(out))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
