"""How fast it is: ratios measured side by side in one run, against peers, against itself and against C.

    deciding    a shop in two strategies, and the same as a SimPy script: time until a sign is settled
    worlds      the scenarios that are timed
    peers       the same queue as users of SimPy and Ciw write it
    cloop       the same queue by hand in C (mm100.c), compiled when it is needed
    timing      alternated timing, ratios with their spread
    memory      peak memory of a process of its own
    measures    what is measured, and what is to be reached
    printed     the measures as a table of 80 columns, as JSON, and the facts of the machine
    curves      cost against customers, agents and people waiting; drawn by `drawing`

`measure()` does all of it but the curves.
"""

from omnisim.bench.measures import measure
from omnisim.bench.printed import dumps, table

__all__ = ["dumps", "measure", "table"]
