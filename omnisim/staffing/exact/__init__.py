"""Small service systems solved exactly, so that a simulation can be checked on numbers of one's own.

    n_model     two classes, one pool for the first and one for both; priority, abandonment
    redials     callers who give up and call again
    talk_wrap   after-contact work that keeps the agent, not the caller
    chats       several chats an agent, each slower the more there are
    blending    calls, and messages without end in between, with a reserve of idle agents
    callbacks   who must wait may leave a number and is called when agents are spare
    trunks      M/M/c with finite lines, balking and patience
    shared_lines  queues with agents of their own on the same lines
    moving      M(t)/M/s(t)+M over a day: demand and staff in steps, from empty or not, then drain

Arrivals are Poisson, all durations exponential; any one unit of time.  Queues are cut at `room` waiting places, far beyond
where anybody stands; `cut` says how likely the edge is, and a result with more than 1e-9 there is refused.
"""

from omnisim.staffing.exact.blending import Blending, blending
from omnisim.staffing.exact.callbacks import Callbacks, callbacks
from omnisim.staffing.exact.chats import Chats, chats
from omnisim.staffing.exact.edge import EDGE, ClassResult, TooNarrow, widened
from omnisim.staffing.exact.moving import Moving, Piece, agents_for_delay, busyness, delay_of_poisson, mixed, moving
from omnisim.staffing.exact.n_model import NModelResult, n_model
from omnisim.staffing.exact.redials import RedialsResult, redials
from omnisim.staffing.exact.shared_lines import SharedLines, shared_lines
from omnisim.staffing.exact.talk_wrap import TalkWrapResult, talk_wrap
from omnisim.staffing.exact.trunks import Trunks, trunks

__all__ = [
    "EDGE",
    "Blending",
    "Callbacks",
    "Chats",
    "ClassResult",
    "Moving",
    "NModelResult",
    "Piece",
    "RedialsResult",
    "SharedLines",
    "TalkWrapResult",
    "TooNarrow",
    "Trunks",
    "agents_for_delay",
    "blending",
    "busyness",
    "callbacks",
    "chats",
    "delay_of_poisson",
    "mixed",
    "moving",
    "n_model",
    "redials",
    "shared_lines",
    "talk_wrap",
    "trunks",
    "widened",
]
