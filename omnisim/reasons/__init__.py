"""Why two strategies differ, and who it is that ends differently.

levers      the paths in which two scenarios differ, in groups that can be moved one by one
worth       what a KPI is in many scenarios under the same seeds
shapley     the share of each lever in a difference, from the worth of mixed scenarios
explained   `explain`: both together, with intervals, as text, JSON and a page
who         `who`: the customers of one pair of runs whose orders differ, and by what first
"""

from omnisim.reasons.explained import Explanation, explain
from omnisim.reasons.levers import Lever
from omnisim.reasons.people import Who, who

__all__ = ["Explanation", "Lever", "Who", "explain", "who"]
