"""What a planner can know without simulating: formulas, and chains small enough to solve exactly.

    formulas   erlang    B, C, positions for a target; overflow and its peakedness
               patience  Erlang A and M/M/n+G: any patience
               queues    priorities, M/G/1, networks, M(t)/G/infinity
               levels    the four service-level formulas on counts
    exact      N-model, redials, wrap-up, chats, blending, callbacks as sparse Markov chains; trunks; a day in steps

Any one unit of time will do, as long as rates and durations use the same one.
"""
