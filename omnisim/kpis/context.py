"""KPIs of context retention and coherence: did the firm know what the customer had told it before?"""

from omnisim.kpis.declaration import CHANNEL, MEDIUM, TOTAL, Measure
from omnisim.kpis.quantities import Count, Sum

PLAIN = (TOTAL, CHANNEL, MEDIUM)

# fmt: off
MEASURES = (
    Measure(
        "context_hit_rate", "share", "higher", Sum.COMPLETENESS, Count.REMEMBERING, PLAIN,
        "sum of completeness / answered contacts with something to remember",
        "Mean share of what the customer had left behind that the agent had at hand.",
        "contact", "context",
    ),
    Measure(
        "repeat_told_rate", "share", "lower", Count.RETOLD, Count.ANSWERED, PLAIN,
        "answered contacts with completeness below 1 / answered contacts",
        "Share of contacts in which the customer had to tell something again.",
        "contact", "context",
    ),
    Measure(
        "contradiction_rate", "share", "lower", Count.CONTRADICTED, Count.SWITCHED, PLAIN,
        "touches whose answer contradicted that of the medium before / touches on another medium than the one before",
        "Share of channel switches that met another price, stock or policy answer.",
        "any", "context",
    ),
    Measure(
        "wrong_record_rate", "share", "lower", Count.WRONG, Count.ANSWERED, PLAIN,
        "answered contacts served from a stranger's or a stale record / answered contacts",
        "Share of contacts harmed by the memory itself.",
        "contact", "context",
    ),
)
# fmt: on
