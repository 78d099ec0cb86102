"""Every word of the page and of the figures, in English.  Another language is another mapping with the same keys and the same {names}."""

TEXT: dict[str, str] = {
    # small words
    "lang": "en",
    "and": " and ",
    "strategy": "Strategy",
    "strategies": "strategies",
    "measure": "Measure",
    "channel": "Channel",
    "part": "Part",
    "arrived": "Arrived from",
    "difference": "difference",
    "interval": "95 % interval",
    "baseline": "baseline",
    "points": "points",
    "all.channels": "all channels",
    "facts": "The numbers behind this figure",
    "contents": "On this page",
    # 1 verdict
    "page.eyebrow": "The same customers under {n} strategies, compared with {base} · {seeds}",
    "page.seeds": "{n} seeds each",
    "page.seed": "one seed each",
    "page.no_verdict": "{others} compared with {base}",
    "deciding.title": "The numbers that decide",
    "deciding.short": "Numbers",
    "deciding.intro": (
        "Every strategy serves the same customers with the same luck. Under each value stands its difference to {base} with the 95 % "
        "interval of that difference; differences of % are in points."
    ),
    "deciding.vrf": "×{factor}",
    "deciding.note": "Intervals are over {seeds}, adjusted for the number of questions asked (Holm){own}. ×n: unpaired runs would need n times "
    "as many seeds for the same interval. Chance is in the intervals; what is not known of the inputs is not: see “What was assumed”.",
    "deciding.note.own": "; † stands for a measure with an interval of its own",
    "deciding.note.one": "One seed gives no interval: nothing here is more than one possible day.",
    "deciding.better": "better",
    "deciding.worse": "worse",
    "deciding.more": "more",
    "deciding.less": "less",
    "deciding.open": "not settled",
    "deciding.same": "exactly equal",
    "deciding.alone": "no interval",
    "spent.title": "What each strategy spends",
    "spent.hours": "Agent hours paid, h",
    "spent.labour": "Labour, {unit}",
    "spent.hub": "Hub, {unit}",
    "spent.total": "Together, {unit}",
    "spent.note": "Mean over seeds of the measured time, {days}. The hub is the shared customer memory.",
    "days": "{n} days",
    "day": "one day",
    # 2 only if
    "only_if.title": "It pays only if",
    "only_if.short": "Pays only if",
    "only_if.threshold": "Break-even",
    "only_if.yours": "yours: {value} {unit}",
    "only_if.grade": "grade {grade}",
    "only_if.none": "No break-even follows from these strategies: none of them pays for a hub that the baseline does not have.",
    "fair.title": "Against fair opponents",
    "fair.same staff": "Same staff",
    "fair.same spend": "Same spend",
    "fair.same service": "Same service",
    "self.title": "Does a visit to the website count as a switch of channel?",
    "self.intro": (
        "A customer who looked on the web or in the app before asking a person has told a story there, or has not: people disagree. So "
        "both are shown, as differences to {base}."
    ),
    "self.counted": "counted",
    "self.not_counted": "not counted",
    # 3 scorecard
    "views.heading": "The firm’s view beside the customer’s",
    "views.short": "Two views",
    "views.intro": (
        "Every queue can meet its target while customers still fail: they gave up once, told it twice, got two different answers, or "
        "waited past a promised reply."
    ),
    "views.firm": "Firm: answered in time, %",
    "views.customer": "Customer: it worked, %",
    "views.gap": "Gap, points",
    "views.line": "{name}: gap {gap} points",
    "views.axis": "% of contacts, % of journeys",
    "views.key": "hollow: journeys that worked · filled: contacts answered in time",
    "views.part": "{gap} points with {name}",
    "views.title": "The gap between the firm’s view and the customer’s is {parts}",
    "views.spoken": "{name}: {service} % of contacts answered in time, {success} % of journeys worked",
    "views.alt": "Two marks a strategy, joined by a line. {title}. {rows}.",
    "views.caption": (
        "Filled: share of contacts answered in time, weighted by contacts. Hollow: share of journeys that reached their goal with "
        "nothing going wrong on the way. A long line means that the queues look better than the customers fare."
    ),
    # 4 figures
    "figures.title": "Figures",
    "tradeoff.title": "{name} against {base}: {parts}",
    "tradeoff.part": "{kpi} {amount} {unit}",
    "tradeoff.part.open": "{kpi} not settled",
    "tradeoff.best": "cheaper and better",
    "tradeoff.worst": "dearer and worse",
    "tradeoff.cost": "Cost",
    "tradeoff.service": "Service",
    "tradeoff.point": "{name}: {kpi} {y} {y_unit} at {x} {x_unit}",
    "tradeoff.alt": "Scatter of cost against service, one mark a strategy. {title}. {rows}.",
    "tradeoff.caption": (
        "Each strategy stands at the baseline plus its difference; the bars are the 95 % interval of that difference. A bar that "
        "crosses a dashed line (the baseline) means that the seeds do not settle which side it is on. The baseline has no bars: it "
        "differs from itself by nothing."
    ),
    "by_half_hour.half_hour": "half hours",
    "by_half_hour.interval": "intervals",
    "by_half_hour.service": "{channel}: answered within {within}, %",
    "by_half_hour.panel": "{channel}: {kpi}, {unit}",
    "by_half_hour.abandon_rate": "gave up waiting",
    "by_half_hour.target": "target {target} %",
    "by_half_hour.title.met": "{name} meets the target in {met} of {of} {what}, {base} in {base_met}",
    "by_half_hour.title.plain": "{kpi} by {what} and channel",
    "by_half_hour.title.worst": "With {base}, most give up in {channel} at {clock}: {value} %; with {name} then {other} %",
    "by_half_hour.alt": "Line charts over the day, one for each of {channels}. {kpi}. {title}.",
    "by_half_hour.caption.service_level": (
        "{definition} By {what} of arrival, mean over seeds; the bands are 95 % intervals of {base} and {name}. The count in the title "
        "is over all channels with a target."
    ),
    "by_half_hour.caption.abandon_rate": (
        "{definition} By {what} of arrival, mean over seeds; the bands are 95 % intervals of {base} and {name}. Channels in which "
        "nobody gives up are left out."
    ),
    "moves.title": "Moves to another channel per 100 customers: {parts}; to the same one again: {again}",
    "moves.part": "{other} with {name}",
    "moves.from": "Coming from",
    "moves.to": "going to",
    "moves.arriving": "first visit",
    "moves.alt": "Flow diagrams from where customers come to where they go next. {title}. Largest moves: {rows}.",
    "moves.caption": (
        "Mean journeys a replication. Strong colour: on to another channel; pale: the same channel again; dark grey: ends without "
        "success (still open: not ended when the run ended). What flows into a channel (right) flows out of it (left): bars of one "
        "channel are equally high on both sides. Both diagrams have one scale."
    ),
    "end.open": "still open",
    "end.resolved": "resolved",
    "end.lost": "given up",
    "end.converted": "converted",
    "end.left": "left",
    "end.outside": "went elsewhere",
    "minutes.title": "Hearing a story again takes agents {parts}",
    "minutes.part": "{again} {unit} with {name}",
    "minutes.axis": "agent time in the measured period, {unit}",
    "minutes.bar": "{name}: {total} {unit}, told again {again} {unit} ({share} %)",
    "minutes.bar.none": "{name}: {total} {unit}",
    "minutes.alt": "Stacked bars of agents’ handling time, one a strategy. {title}. {rows}.",
    "minutes.caption": (
        "Handling time of all handled contacts, mean over seeds. “Told again” is the time the model adds where an agent lacks what the "
        "customer has already told somebody; it rests on the assumed time a repeat takes."
    ),
    "part.first telling": "the case itself",
    "part.telling it again": "told again",
    "part.looking it up": "looked up",
    "part.wrong record": "wrong record",
    "part.after-contact work": "after-contact work",
    "settling.axis": "seeds",
    "settling.title": "How the differences settle as seeds are added, up to {n}",
    "settling.alt": "Line charts of the running mean difference to the baseline by number of seeds. {title}. {rows}.",
    "settling.caption": (
        "Mean difference to the baseline over the first 2, 3, … seeds, with its 95 % interval. A band that leaves out the zero line "
        "and no longer moves will not change its sign with more seeds."
    ),
    # 5 assumptions
    "assumed.title": "What was assumed",
    "assumed.short": "Assumptions",
    "assumed.intro": (
        "The numbers rest on {counts}. The intervals on this page are chance alone (over seeds); what is not known of these inputs is "
        "not in them."
    ),
    "assumed.C": "{n} assumptions (grade C)",
    "assumed.B": "{n} quoted from a traced source (B)",
    "assumed.A": "{n} measured (A)",
    "assumed.own": "{n} of your own numbers",
    "assumed.none": "This scenario names no sources: every number in it is your own.",
    "assumed.value": "Input",
    "assumed.range": "Range",
    "assumed.stands": "Value",
    "assumed.source": "Source and note",
    "assumed.in": "In",
    "assumed.all": "all",
    "assumed.warnings": "Warnings",
    # 6 seeds
    "seeds.title": "Do the seeds suffice?",
    "seeds.short": "Seeds",
    "seeds.count": "{n} seeds settle the sign of {done} of the {of} differences below.",
    "seeds.intro": "Each difference to {base} with the half-width of its interval, and the number of seeds that settles its sign.",
    "seeds.yes": "settled; {n} would do",
    "seeds.more": "not yet; about {n}",
    "seeds.never": "exactly equal",
    "seeds.far": "more than {n}: as good as equal",
    "seeds.note": "The number of seeds is a forecast from the mean and spread seen so far, for the intervals shown above.",
    # 7 reproduce
    "again.title": "How to get these numbers again",
    "again.short": "Reproduce",
    "again.intro": "The same command, files and versions give the same page, byte for byte.",
    "again.seeds": "Seeds",
    "again.engine": "Engine",
    "again.versions": "Versions",
    "again.file": "File",
    "again.hash": "Scenario hash (SHA-256)",
    "again.files": (
        "Beside this page: numbers.csv (every estimate and difference), run.json (hashes, seeds, versions), figures/ (each figure as SVG)."
    ),
    # 8 definitions
    "define.title": "What the measures mean",
    "define.short": "Definitions",
    "define.unit": "unit",
    "define.higher": "higher is better",
    "define.lower": "lower is better",
    "define.neither": "neither direction is plainly better",
    "define.formula": "Formula",
    "define.command": "In the terminal",
    "define.by_channel": "In these scenarios",
    "define.from": "All its numbers on this page come from",
    "define.above": "the command above",
    # names of measures
    "kpi.contacts_offered": "Contacts offered",
    "kpi.contacts_handled": "Contacts handled",
    "kpi.contacts_abandoned": "Contacts abandoned",
    "kpi.contacts_blocked": "Contacts blocked",
    "kpi.contacts_closed": "Contacts at closed doors",
    "kpi.contacts_open": "Contacts still open",
    "kpi.abandon_rate": "Gave up waiting",
    "kpi.delay_rate": "Had to wait",
    "kpi.wait_mean_s": "Mean wait",
    "kpi.asa_s": "Average speed of answer",
    "kpi.wait_p90_s": "Wait, 90th percentile",
    "kpi.service_level": "Service level",
    "kpi.handle_time_s": "Handling time",
    "kpi.queue_mean": "Mean queue",
    "kpi.reply_mean_s": "Mean time to reply",
    "kpi.reply_p90_s": "Time to reply, 90th percentile",
    "kpi.replied_in_time_rate": "Replied in time",
    "kpi.backlog_mean": "Mean backlog",
    "kpi.agent_minutes": "Agent minutes",
    "kpi.context_hit_rate": "Context at hand",
    "kpi.repeat_told_rate": "Stories told again",
    "kpi.contradiction_rate": "Contradictions",
    "kpi.wrong_record_rate": "Wrong records",
    "kpi.visitors": "Visitors",
    "kpi.journeys_ended": "Journeys ended",
    "kpi.contacts_per_issue": "Contacts per issue",
    "kpi.first_contact_resolution": "First contact resolution",
    "kpi.resolution_rate": "Resolved in the end",
    "kpi.conversion": "Conversion",
    "kpi.journey_success": "Journey success",
    "kpi.perception_gap": "Perception gap",
    "kpi.channels_per_journey": "Channels per journey",
    "kpi.journey_time_s": "Journey time",
    "kpi.retrying_mean": "About to come back",
    "kpi.outside_rate": "Went elsewhere",
    "kpi.occupancy": "Occupancy",
    "kpi.utilisation": "Utilisation",
    "kpi.concurrency_mean": "Contacts in hand",
    "kpi.staffed_hours": "Agent hours paid",
    "kpi.agent_minutes_per_issue": "Agent minutes per issue",
    "kpi.labour_cost": "Labour cost",
    "kpi.hub_cost": "Hub cost",
    "kpi.cost_to_serve": "Cost to serve",
    "kpi.cost_per_resolved": "Cost per resolved issue",
}
