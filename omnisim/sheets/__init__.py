"""A planner's sheet: what he knows of the days to come, as a workbook, a folder of CSV files or one CSV file; and filled, what to do.

    volumes     date, start, channel, volume, handling         who comes by interval, and how long handling takes (with wrap-up)
    holidays    date, factor, hours                            so much of the usual volume; open 10:00-16:00, or closed
    campaigns   from, to, channel, factor                      so much of the usual volume meanwhile; no channel: all of them
    shrinkage   start, pool, shrinkage                         share of rostered people who are not there, from this time of day on
    roster      date, start, pool, agents                      the roster as it is: a start; until the next row; no date: every day
    hours       channel, hours                                 opening hours, such as Mon-Fri 08:00-20:00, Sat 09:00-14:00
    shifts      name, start, length, days, breaks, pools       patterns that people work

    read(path, scenario) -> Sheet --day(date)--> the scenario of that day        sheet.filled({...}) -> the same sheet with further columns

Only `volumes` is needed.  Errors name file, row, column, what was found, what is allowed and the nearest known word, all at once.
"""

from omnisim.sheets.plan import OUTPUTS, TABLES, Pattern, Sheet, Volume, read

__all__ = ["OUTPUTS", "TABLES", "Pattern", "Sheet", "Volume", "read"]
