"""The verbs about people: staff.  `cli` adds them to the others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from omnisim.campaigns import as_planned
from omnisim.terminal import UNEQUAL, budget_of, guard, load_one, progress_shown, ready, rules_option


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--target", "targets", multiple=True, metavar="PROMISE", help="Such as 'chat.abandon_rate <= 5 %'; default: the scenario's own."
)
@click.option("--risk", metavar="SHARE", help="Promises hold on a share of days, such as '90 % of days'.")
@click.option(
    "--confidence", default=0.95, show_default=True, type=click.FloatRange(0.5, 0.9999), help="That no promise is broken, one-sided."
)
@click.option("--shifts", type=click.Path(), help="Patterns that people can work (YAML, docs/planner.md).")
@click.option("--sheet", type=click.Path(), help="A planner's sheet (docs/planners-sheet.md): volumes, roster, shifts of a day.")
@click.option("--date", metavar="YYYY-MM-DD", help="The day of the sheet; default: the only one.")
@click.option("--filled", type=click.Path(), help="Write the same sheet here, filled with what the plan says.")
@click.option("--cost", "costs", multiple=True, metavar="POOL=PRICE", help="Price of an hour of a pool, instead of its wage.")
@click.option("--least", default=1, show_default=True, type=click.IntRange(0, 1000), help="Fewest people of a pool while it works.")
@click.option("--vary", multiple=True, metavar="PATH=A..B", help="Decide this as well, such as staffing.pools.phone.reserve=0..2.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**61), help="The first seed.")
@click.option("--seeds", type=click.IntRange(4, 100_000), help="Days a step of the search is judged on.")
@click.option("--until", type=click.Choice(["formulas", "proof"]), default="proof", show_default=True, help="Where to stop.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result.")
@click.option("--json", "json_path", metavar="PATH", help="Write the plan as JSON; - is standard output.")
@click.option("--report", "folder", type=click.Path(file_okay=False), help="Write page, figure, tables and the plan into FOLDER.")
@click.option("--max-wall", type=float, help="Stop a replication after so many seconds.")
@click.option("--quiet", is_flag=True, help="Say nothing while at work.")
@rules_option
@guard
def staff(file: str, targets: tuple[str, ...], costs: tuple[str, ...], sets: tuple[str, ...], json_path: str | None, **o: Any) -> None:
    """The cheapest people and shifts that keep some promises, proved on fresh seeds.

    \b
    omnisim staff FILE --target 'call_center.service_level >= 0.80'
      --target 'chat.abandon_rate <= 5 % in each interval'
      --target 'email.reply_p90_s <= 4 h'  --risk '90 % of days'

    Exit 1 if no plan could be proved.
    """
    scenario, sheet, patterns = load_one(file, sets), None, o["shifts"]
    known = as_planned(scenario)
    if known is not scenario:
        click.echo("campaigns that were not announced are not in the plan: who plans does not know of them", err=True)
        scenario = known
    if o["filled"] and not o["sheet"]:
        raise click.UsageError("--filled needs --sheet: what is to be filled")
    if o["sheet"]:
        from omnisim.planfiles.sheeted import opened, write_filled

        sheet, scenario, own = opened(o["sheet"], o["date"], scenario)
        patterns = patterns or own
    ready([scenario], "auto")
    from omnisim.answers import dumps
    from omnisim.staffing.plan.staff import staff as find

    quiet = o["quiet"] or json_path == "-"
    try:
        with progress_shown(True) as progress:
            plan = find(
                scenario, targets, risk=o["risk"], confidence=o["confidence"], shifts=patterns, costs=_prices(costs), least=o["least"],
                vary=o["vary"],
                seed=o["seed"], seeds=o["seeds"], workers=o["workers"], budget=budget_of(None, o["max_wall"], None), progress=progress,
                say=None if quiet else _saying(), until=o["until"], command=_command(file, targets, costs, sets, o),
            )  # fmt: skip
    except ValueError as e:
        raise click.UsageError(str(e)) from None
    if json_path:
        text = dumps(plan.to_json())
        sys.stdout.write(text) if json_path == "-" else Path(json_path).write_text(text, encoding="utf-8")
    if json_path != "-":
        click.echo(plan.text())
    if o["folder"]:
        from omnisim.planfiles import write

        click.echo(f"\nPage: {write(plan, o['folder'])[0]}", err=json_path == "-")
    if sheet is not None and o["filled"]:
        click.echo(f"Sheet: {write_filled(plan, sheet, o['filled'])[0]}", err=json_path == "-")
    if plan.proof is not None and not plan.met:
        sys.exit(UNEQUAL)


def _saying() -> Any:
    """Lines on standard error with the time since the start."""
    import time

    begun = time.monotonic()
    return lambda text: click.echo(f"{time.monotonic() - begun:6.1f} s  {text}", err=True)


def _prices(costs: tuple[str, ...]) -> dict[str, float] | None:
    out = {}
    for text in costs:
        pool, _, price = text.partition("=")
        try:
            out[pool.strip()] = float(price)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not POOL=PRICE, e.g. --cost phone=19.5", param_hint="--cost") from None
        if not 0.0 <= out[pool.strip()] < 1e9:
            raise click.BadParameter(f"{text!r}: a price lies between 0 and a thousand million", param_hint="--cost")
    return out or None


def _command(file: str, targets: tuple[str, ...], costs: tuple[str, ...], sets: tuple[str, ...], o: dict[str, Any]) -> str:
    """The command that makes this plan again."""
    import shlex

    parts = ["omnisim", "staff", file]
    for name, values in (("--target", targets), ("--cost", costs), ("--set", sets), ("--vary", o["vary"])):
        for value in values:
            parts += [name, value]
    for name in ("risk", "shifts", "sheet", "date", "seeds"):
        if o[name] is not None:
            parts += [f"--{name}", str(o[name])]
    parts += ["--confidence", f"{o['confidence']:g}", "--least", str(o["least"]), "--seed", str(o["seed"])]
    return shlex.join(parts)
