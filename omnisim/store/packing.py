"""A replication's result as bytes, and back: a line of JSON that says what follows, then numbers.

    Result --> {"seed": 1, "events": 120, "arrays": [["num", "<f8", [63]], ...]} \\n  numbers     --zlib--> bytes

Numbers come back with every bit.  Eight-byte numbers are written byte by byte (all first bytes, then all second ones): they
compress three times better so.  Nothing is trusted on the way back: sizes, kinds and names are checked.
"""

import json
import zlib
from typing import Any

import numpy as np

from omnisim.flows import Flows
from omnisim.replications import Result
from omnisim.sales import Sales

MOST_BYTES = 64_000_000  # of one result, unpacked: more is a bomb
FLOWS = ("moves", "minutes")
SALES = ("hist", "by_channel", "by_region")
KINDS = ("<f8", "<i8")


def pack(result: Result) -> bytes:
    """The bytes of a result."""
    arrays = {"num": result.num, "den": result.den} | {name: getattr(result.flows, name) for name in FLOWS}
    if result.sales is not None:
        arrays |= {name: getattr(result.sales, name) for name in SALES}
    plain = {name: np.ascontiguousarray(a, "<f8" if a.dtype.kind == "f" else "<i8") for name, a in arrays.items()}
    head = {"seed": result.seed, "events": result.events, "arrays": [[n, a.dtype.str, list(a.shape)] for n, a in plain.items()]}
    numbers = b"".join(a.tobytes() for a in plain.values())
    columns = np.frombuffer(numbers, np.uint8).reshape(-1, 8).T.tobytes()
    return zlib.compress(json.dumps(head).encode() + b"\n" + columns, 1)


def unpack(body: bytes) -> Result:
    """The result of bytes that `pack` made.  Raises ValueError for any others."""
    try:
        head, arrays = _read(body)
        sales = Sales(*(arrays[name] for name in SALES)) if SALES[0] in arrays else None
        flows = Flows(*(arrays[name] for name in FLOWS))
        return Result(int(head["seed"]), arrays["num"], arrays["den"], flows, int(head["events"]), sales)
    except (KeyError, TypeError, IndexError, zlib.error) as e:
        raise ValueError(f"these bytes are no result ({type(e).__name__}: {e})") from None


def _read(body: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    text = inflate(body)
    line, _, columns = text.partition(b"\n")
    head = json.loads(line)
    if len(columns) % 8:
        raise ValueError("a result is cut off")
    numbers = np.frombuffer(columns, np.uint8).reshape(8, -1).T.tobytes()
    arrays: dict[str, np.ndarray] = {}
    at = 0
    for name, kind, shape in head["arrays"]:
        if kind not in KINDS or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError(f"{name!r} is no array of numbers")
        size = int(np.prod(shape, dtype=object))
        if size > (len(numbers) - at) // 8:
            raise ValueError("a result is cut off")
        arrays[name] = np.frombuffer(numbers, kind, size, at).reshape(shape).copy()
        at += 8 * size
    if at != len(numbers):
        raise ValueError("a result has more numbers than it says")
    return head, arrays


def inflate(data: bytes) -> bytes:
    """What zlib wrote, at most MOST_BYTES of it.  Raises ValueError."""
    pump = zlib.decompressobj()
    try:
        out = pump.decompress(data, MOST_BYTES)
    except zlib.error as e:
        raise ValueError(f"not compressed data ({e})") from None
    if not pump.eof:
        raise ValueError("compressed data that is cut off or too large")
    return out
