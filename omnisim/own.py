"""A person's own rules: compiled functions written outside omnisim, registered under a name, used by a scenario.

    @omnisim.rule("duration")            a law of durations         {law: own, rule: NAME, mean: 5 min, a: 2}
    @omnisim.rule("try_again")           who tries again            journey.issue.retry.rule: NAME
    @omnisim.rule("utility")             what a channel is worth    customers.choice.rule: NAME

Both engines call the same machine code by its address, so that one kernel serves every rule there will ever be.  The
tables hold the rule's place in their list of names (`own`, counted from 1; 0: none); `linked` turns it into the address
when a run begins.  docs/own-rules.md is the guide.
"""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

# place -> what the function is given, all float64; it returns one float64
PLACES: dict[str, tuple[str, ...]] = {
    "duration": ("u", "mean_s", "a", "b", "c"),
    "try_again": ("chance", "outcome", "contacts", "waited_s", "repeats", "completeness"),
    "utility": ("utility", "wait_s", "goal", "segment", "contacts", "failures"),
}


@dataclass(frozen=True)
class Rule:
    """A registered rule: `place` is a key of PLACES, `digest` names its source, `address` its compiled code."""

    name: str
    place: str
    function: Callable[..., float]
    digest: str
    address: int


RULES: dict[str, Rule] = {}
_PLAIN: dict[int, Callable[..., float]] = {}  # by address: what is called when nothing is compiled


def rule(place: str, name: str | None = None) -> Callable[[Callable[..., float]], Callable[..., float]]:
    """Decorator: registers a function as a rule for `place`, under its own name or `name`.

    The function takes float64 numbers named as in PLACES (the names may differ, their number may not) and returns one; it
    may use `math`, plain arithmetic and other njit functions, must not raise, and must depend on nothing but its arguments.
    Raises ValueError for an unknown place or a wrong number of arguments.
    """
    if place not in PLACES:
        raise ValueError(f"{place!r} is no place for a rule; places are {', '.join(PLACES)}")

    def register(function: Callable[..., float]) -> Callable[..., float]:
        plain = getattr(function, "py_func", function)
        takes = list(inspect.signature(plain).parameters)
        if len(takes) != len(PLACES[place]):
            raise ValueError(f"a rule for {place} takes {len(PLACES[place])} numbers ({', '.join(PLACES[place])}), not {len(takes)}")
        said = name or plain.__name__
        source = inspect.getsource(plain)
        if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
            address = len(_PLAIN) + 1
        else:
            compiled = numba.cfunc(types.float64(*[types.float64] * len(takes)))(plain)
            address = int(compiled.address or 0)
            _PLAIN[-address] = compiled  # kept alive
        _PLAIN[address] = plain
        RULES[said] = Rule(said, place, plain, hashlib.sha256(source.encode()).hexdigest()[:16], address)
        return function

    return register


def linked(rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Rows of a table whose field `own` counts the rules of `names` from 1, with the addresses of this process instead.

    Raises LookupError where a rule is not registered in this process.
    """
    if not rows["own"].any():
        return rows
    missing = [n for n in names if n not in RULES]
    if missing:
        raise LookupError(f"rule {missing[0]!r} is not registered in this process: import the module that registers it")
    addresses = np.array([0, *(RULES[n].address for n in names)], np.int64)
    out = rows.copy()
    out["own"] = addresses[rows["own"]]
    return out


def _caller() -> Any:
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return lambda address, numbers: _PLAIN[int(address)](*numbers)

    @intrinsic
    def call(context: Any, address: Any, numbers: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            from llvmlite import ir

            real = ir.DoubleType()
            kind = ir.FunctionType(real, [real] * len(numbers)).as_pointer()
            values = [builder.extract_value(args[1], i) for i in range(len(numbers))]
            return builder.call(builder.inttoptr(args[0], kind), values)

        return types.float64(types.int64, numbers), code

    return call


# the number that the rule at `address` gives for a tuple of numbers
call_own = _caller()
