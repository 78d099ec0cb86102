"""From logs to parameters.

    call log --calls-->  arrays of seconds  --survival--> patience   (censored: most callers were answered before they gave up)
                                            --handling--> handling   (the calls agents cut off left out)
             timestamps                     --profiles--> hour of day, day of week, busyness of a day
    purchases  --repurchase-->  how often customers come back, and how many still do (BG/NBD)

Every function takes arrays, so that any log will do; `calls` reads two public formats.  Worked through in docs/calibration.md.
"""
