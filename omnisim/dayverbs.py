"""The verbs about a plan that stands: what-if, today, sheet.  `cli` adds them to the others.

Exit codes: 0 done, 2 the input is wrong, 3 a budget ended it, 130 interrupted.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnisim.terminal import guard, load_one, progress_shown, ready, rules_option


def _planning(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both verbs."""
    for option in (
        click.option(
            "--target", "targets", multiple=True, metavar="'X.KPI >= V'", help="What is promised; default: what channels promise."
        ),
        click.option("--risk", metavar="'90 % of days'", help="On how many days, for every target that says nothing else."),
        click.option(
            "--confidence", default=0.95, show_default=True, type=click.FloatRange(0.5, 0.9999), help="One-sided, of met and missed."
        ),
        click.option("--seeds", default=20, show_default=True, type=click.IntRange(2, 1_000_000), help="How many replications of each."),
        click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The first seed."),
        click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario."),
        click.option("--engine", type=click.Choice(["auto", "compiled", "reference"]), default="auto", show_default=True),
        click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result."),
        click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output."),
        rules_option,
    ):
        verb = option(verb)
    return verb


@click.command("what-if")
@click.argument("file", type=click.Path())
@click.option("--if", "ifs", multiple=True, metavar="NAME[=SIZE]", help="What happens (above); default: all of it.")
@click.option("--at", metavar="MOMENT", help="When outages begin and the campaign is sent; default: the busiest time.")
@_planning
@guard
def what_if(file: str, ifs: tuple[str, ...], at: str | None, **o: Any) -> None:
    """What breaks a plan, and in which half hours.

    The same days are played as planned and with one thing changed, with the same customers and the same luck.

    \b
    more_demand=20 %   so many more customers, all day
    one_fewer=1        so many agents fewer in a pool; each pool by itself
    bot_down=2 h       bots are down
    hub_down=2 h       nothing follows a customer between media
    campaign=100 %     a mail nobody announced: so many more in its first hour
    """
    scenario = load_one(file, o["sets"])
    from omnisim import whatif

    moment = whatif.clock_moment(scenario, at) if at else None
    ready([scenario], o["engine"])
    with progress_shown(o["json_path"] == "-") as progress:
        found = whatif.what_if(
            scenario, o["targets"], ifs, o["seeds"], o["seed"], at=moment, risk=o["risk"], confidence=o["confidence"], engine=o["engine"],
            workers=o["workers"], progress=progress, command=_command("what-if", file, o, {"--if": ifs, "--at": (at,) if at else ()}),
        )  # fmt: skip
    _show(found, o["json_path"])


@click.command()
@click.argument("file", type=click.Path())
@click.option("--actuals", required=True, type=click.Path(), help="Contacts so far: a table of date, start, channel, contacts (CSV, XLSX).")
@click.option("--move", "moves", multiple=True, metavar="FROM:TO", help="People of pool FROM may work in pool TO.")
@click.option("--most", default=6, show_default=True, type=click.IntRange(0, 100), help="Moves at most.")
@click.option("--spread", type=click.FloatRange(0.0, 10.0), help="How days differ: standard deviation / mean; default: world.busyness_cv.")
@_planning
@guard
def today(file: str, actuals: str, moves: tuple[str, ...], most: int, spread: float | None, **o: Any) -> None:
    """The rest of a day that has begun: what comes, and whom to move."""
    scenario = load_one(file, o["sets"])
    ready([scenario], o["engine"])
    from omnisim import intraday

    more = {"--actuals": (actuals,), "--move": moves, "--spread": () if spread is None else (f"{spread:g}",)}
    with progress_shown(o["json_path"] == "-") as progress:
        found = intraday.today(
            scenario, actuals, o["targets"], moves, o["seeds"], o["seed"], spread=spread, most=most, risk=o["risk"],
            confidence=o["confidence"], engine=o["engine"], workers=o["workers"], progress=progress,
            command=_command("today", file, o, more | ({} if most == 6 else {"--most": (str(most),)})),
        )  # fmt: skip
    _show(found, o["json_path"])


@click.command()
@click.argument("file", type=click.Path())
@click.option("--out", required=True, type=click.Path(), help="plan.xlsx, or a folder of CSV files; nothing is written over.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@guard
def sheet(file: str, out: str, sets: tuple[str, ...]) -> None:
    """A planner's sheet made from a scenario: volumes, roster, hours.

    Correct it by hand; omnisim staff --sheet reads it, and gives it back filled.
    """
    scenario = load_one(file, sets)
    from omnisim.sheets import made

    for path in made.write(made.tables(scenario), out):
        click.echo(path)


def _show(found: Any, json_path: str | None) -> None:
    from omnisim.answers import dumps

    if json_path == "-":
        sys.stdout.write(dumps(found.to_json()))
        return
    if json_path:
        Path(json_path).write_text(dumps(found.to_json()), encoding="utf-8")
    click.echo(str(found))


def _command(verb: str, file: str, o: dict[str, Any], more: dict[str, tuple[str, ...]]) -> str:
    """The command that repeats this answer."""
    parts = ["omnisim", verb, file]
    several = {"--target": o["targets"], "--set": o["sets"], **more}
    parts += [word for name, values in several.items() for value in values for word in (name, value)]
    if o["risk"]:
        parts += ["--risk", o["risk"]]
    if o["confidence"] != 0.95:
        parts += ["--confidence", f"{o['confidence']:g}"]
    return shlex.join([*parts, "--seeds", str(o["seeds"]), "--seed", str(o["seed"])])
