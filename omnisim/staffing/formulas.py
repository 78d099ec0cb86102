"""Every exact formula in one place; see the module of each for its source.

lost or waiting    erlang_b  ErlangC  positions  Overflow  hayward
giving up          erlang_a  PatienceQueue, with a patience from `durations`
beyond one queue   priorities  pollaczek_khinchine  jackson  absorbing  mt_g_infinity
counting           service_level
"""

from omnisim.staffing.durations import Duration, constant, exponential, gamma, lognormal, mixture, never, uniform, weibull
from omnisim.staffing.erlang import ErlangC, Overflow, Positions, erlang_b, hayward, positions
from omnisim.staffing.levels import service_level
from omnisim.staffing.patience import PatienceQueue, erlang_a
from omnisim.staffing.queues import Network, Priorities, absorbing, jackson, mt_g_infinity, pollaczek_khinchine, priorities

__all__ = [
    "Duration",
    "ErlangC",
    "Network",
    "Overflow",
    "PatienceQueue",
    "Positions",
    "Priorities",
    "absorbing",
    "constant",
    "erlang_a",
    "erlang_b",
    "exponential",
    "gamma",
    "hayward",
    "jackson",
    "lognormal",
    "mixture",
    "mt_g_infinity",
    "never",
    "pollaczek_khinchine",
    "positions",
    "priorities",
    "service_level",
    "uniform",
    "weibull",
]
