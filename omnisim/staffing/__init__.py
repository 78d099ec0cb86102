"""What a planner can know without simulating: formulas, and chains small enough to solve exactly.

    formulas   erlang    B, C, positions for a target; overflow
               patience  Erlang A and M/M/n+G: any patience
               queues    priorities, M/G/1, networks, M(t)/G/infinity
               levels    the four service-level formulas on counts
    exact      N-model, redials, talk and wrap as sparse Markov chains

Any one unit of time will do, as long as rates and durations use the same one.
"""
