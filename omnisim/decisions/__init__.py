"""What to do, how sure, and what to learn first.

worlds      strategies at any place of the ranges of their inputs, worth by seed, over a year where weeks are given
fair        opponents made for a strategy: same staff, same spend, same service
learning    the expected value of learning one input, by regression
steps       in which order to take parts of a strategy: the order of least regret
decided     `decide`: all of it for one file
hostile     `hostile`: the smallest change of inputs that turns a verdict
phases      where in a plane of two factors a strategy pays, and what its hub may cost there
"""

from omnisim.decisions.decided import Decision, decide
from omnisim.decisions.phasemap import PhaseMap, phases
from omnisim.decisions.turned import Hostile, hostile

__all__ = ["Decision", "Hostile", "PhaseMap", "decide", "hostile", "phases"]
