"""The staffing planner: the cheapest people and shifts that meet some targets, found step by step and proved on fresh seeds.

targets    what is promised, read from text             layout    what can be decided, what it costs, how a scenario is told
trials     a plan simulated, kept by seed               scores    how far from its target a plan is, and how surely
demand     what comes, when nobody has to wait          formulas  people of an interval, stationary and with the lag
iterated   quantiles of the number in the system        transport agents' time shared out, nobody counted twice
cuts       programs with what simulation has taught     search    one agent less, one moved, cheaper vectors
verify     fresh seeds, one-sided                       shifts    patterns people can work
staff      all of it, in order                          table     what a planner reads
"""
