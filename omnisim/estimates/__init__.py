"""What many points and many seeds say together.  Plain numbers in, plain numbers out; whoever asked stands above.

selection   the best of several, with a promise (Kim and Nelson)       pareto    trade-offs, and how sure they are
effects     main effects of levels, one at a time                      indices   Sobol indices, Morris' elementary effects
surface     a response surface with its uncertainty                    steady    warm-up (MSER-5) and batch means of one long run
"""
