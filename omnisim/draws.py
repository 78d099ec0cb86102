"""Keyed luck: a random number is a function of the question asked, never of the moment it is asked.

    (seed, source of arrivals, customer k, need)  ->  the customer's key, cached with the customer
    (customer's key; purpose, name, visit)        ->  one uniform in (0, 1)

So customer k is the same person, with the same luck, in every strategy; an extra contact shifts nobody's later luck; and
adding a channel redraws nothing for the others, because a channel takes part by its name.

The generator is Threefry2x64 with 13 rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3.
SC'11), a published counter-based generator that passes BigCrush; the tests hold it to the authors' known answers.
It was chosen over Philox because it needs no 128-bit product, and over a home-made hash because it is certified.
"""

import hashlib
import math
from typing import Any, TypeAlias

import numpy as np

from omnisim.jit import njit

U = np.uint64
Word: TypeAlias = Any  # an unsigned 64-bit integer: int or np.uint64
_PARITY = U(0x1BD11BDAA9FC1A22)
_TO_UNIT = 2.0**-53


@njit()
def _turn(x: Word, bits: int) -> Word:
    return (x << U(bits)) | (x >> U(64 - bits))


@njit()
def threefry2x64(k0: Word, k1: Word, c0: Word, c1: Word) -> tuple[Word, Word]:
    """Threefry2x64-13: two 64-bit words from a 128-bit key (k0, k1) and a 128-bit counter (c0, c1).

    All words are unsigned 64-bit.  Source: Salmon et al. 2011, section 3.3 and the Random123 known-answer vectors.

    >>> [f"{int(w):016x}" for w in threefry2x64(U(0), U(0), U(0), U(0))]
    ['f167b032c3b480bd', 'e91f9fee4b7a6fb5']
    """
    k2 = _PARITY ^ k0 ^ k1
    x = c0 + k0
    y = c1 + k1
    for group in range(3):
        if group % 2 == 0:
            x += y
            y = _turn(y, 16) ^ x
            x += y
            y = _turn(y, 42) ^ x
            x += y
            y = _turn(y, 12) ^ x
            x += y
            y = _turn(y, 31) ^ x
        else:
            x += y
            y = _turn(y, 16) ^ x
            x += y
            y = _turn(y, 32) ^ x
            x += y
            y = _turn(y, 24) ^ x
            x += y
            y = _turn(y, 21) ^ x
        if group == 0:
            x += k1
            y += k2 + U(1)
        elif group == 1:
            x += k2
            y += k0 + U(2)
        else:
            x += k0
            y += k1 + U(3)
    x += y
    y = _turn(y, 16) ^ x
    return x, y


@njit()
def customer_key(seed: Word, source: Word, k: Word, need: Word) -> tuple[Word, Word]:
    """The 128-bit key of customer `k` of an arrival source (its name hash), for one of his needs (0: the first)."""
    return threefry2x64(U(seed), U(source), U(k), U(need))


@njit()
def draw(key0: Word, key1: Word, purpose: int, name: Word, visit: int) -> float:
    """One uniform in (0, 1) for one question: what for (`words.Purpose`), about whom (a name hash, 0: nobody), which visit.

    The words are packed without loss (purpose < 2^16, visit < 2^48), so different questions never share a counter.
    """
    x, _ = threefry2x64(U(key0), U(key1), U(name), (U(purpose) << U(48)) | U(visit))
    return (np.float64(x >> U(11)) + 0.5) * _TO_UNIT


def name_hash(name: str) -> int:
    """A name as 64 bits (BLAKE2b), the same on every machine and under every PYTHONHASHSEED.

    >>> name_hash("call_center") == name_hash("call_center"), name_hash("web") != name_hash("app")
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@njit()
def gumbel(u: float) -> float:
    """Standard Gumbel variate by inversion, for the multinomial logit.

    >>> round(gumbel(0.5), 6)
    0.366513
    """
    return -math.log(-math.log(u))
