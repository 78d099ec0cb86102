"""Every word of the pages and figures of studies (why, decide, hostile, phase map), in English; with those of `english`."""

from omnisim.report.english import TEXT

WORDS: dict[str, str] = TEXT | {
    "study.contents": "On this page",
    "study.files": "Beside this page: facts.json (every number), run.json (hashes, seeds, versions), figures/ (each figure as SVG).",
    "lever": "Lever",
    "share": "Share",
    "input": "Input",
    # shares of levers
    "shares.total": "together",
    "shares.title": "{kpi}: {b} has {amount} {unit} against {a}; of that {share} by {lever}",
    "shares.axis": "{kpi}, {unit}, more than {a}",
    "shares.caption": (
        "Each bar is what a lever adds, averaged over all orders in which the levers could be moved; the whisker is its 95 % interval "
        "over seeds. The bars add up to the difference exactly."
    ),
    # inputs one at a time
    "tornado.title": "{strategy} against {base}: {top} matters most ({low} to {high} {unit})",
    "tornado.axis": "{what}, {unit}",
    "tornado.caption": (
        "Each bar moves one input from the low to the high end of its stated range while all others stay as they are. The line in the "
        "middle is the difference as the inputs stand; where a bar crosses 0 the answer turns."
    ),
    "tornado.at_low": "at low end",
    "tornado.at_high": "at high end",
    "tornado.break_even": "Answer turns at",
    "tornado.yours": "Yours",
    # phase map
    "phases.title": "What the hub of {strategy} may cost a day before {base} is the better choice, by {x} and {y}",
    "phases.caption": (
        "The number in each cell is the most that the hub may cost a day, in {unit}, with the 95 % half width over seeds. Blue: above "
        "{yours}, what it costs here, so {strategy} pays; vermillion and hatched: below, so {base} is the better choice; grey: the seeds "
        "do not settle it. Black line: break-even at {yours}; thin lines: break-even at other costs of the hub."
    ),
    "phases.cell": "Hub may cost, {unit}/day",
    "phases.better": "Better at {yours}",
    "phases.open": "not settled",
}
