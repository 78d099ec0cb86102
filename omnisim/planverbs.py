"""The verbs that look beyond a comparison: rollout, attribute, campaigns.  `cli` adds them to the others.

Exit codes: 0 done, 2 the input is wrong, 3 a budget ended it, 130 interrupted.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from omnisim.terminal import budget_of, guard, load_all, load_one, progress_shown, ready, simulation


def _write(text: str, json_path: str) -> None:
    if json_path == "-":
        sys.stdout.write(text)
    else:
        Path(json_path).write_text(text, encoding="utf-8")


@click.command()
@click.argument("baseline", type=click.Path())
@click.argument("file", type=click.Path())
@simulation
@click.option("--week", "weeks", nargs=2, type=click.Path(), metavar="BASELINE FILE", help="Both in an ordinary week: make a year.")
@click.option("--peaks", default=1, show_default=True, type=click.IntRange(0, 365), help="How often a year holds what the FILES tell.")
@click.option(
    "--ignorance", default=0, metavar="N", type=click.IntRange(0, 10_000), help="Draw the inputs of rollout N times from their ranges."
)
@click.option("--figure", type=click.Path(dir_okay=False), metavar="PATH", help="Draw the curve: .svg, .png or .pdf.")
@guard
def rollout(baseline: str, file: str, weeks: tuple[str, ...] | None, figure: str | None, **o: Any) -> None:
    """When has FILE paid for itself, rolled out in place of BASELINE?

    How fast it spreads, what people must learn and what is paid for it stands in its block rollout.  --set changes FILE (and its week),
    e.g. --set rollout.ramp="24 d".
    """
    from omnisim.scenario import ScenarioError

    if figure is not None and Path(figure).suffix not in (".svg", ".png", ".pdf"):
        raise click.BadParameter(f"{figure!r} does not end in .svg, .png or .pdf", param_hint="--figure")
    mine = {path: text for path, text in (v.partition("=")[::2] for v in o["sets"]) if path.strip().startswith("rollout")}
    shared = tuple(v for v in o["sets"] if v.partition("=")[0] not in mine)
    scenarios = load_all((baseline, file, *(weeks or ())), shared)
    try:
        scenarios = [s.with_(mine) if i % 2 and mine else s for i, s in enumerate(scenarios)]
    except ScenarioError as e:
        click.echo(str(e), err=True)
        sys.exit(2)
    ready(scenarios, o["engine"])
    from omnisim.answers import dumps
    from omnisim.rollout import roll_out

    command = ["omnisim", "rollout", baseline, file, "--seeds", str(o["seeds"]), "--seed", str(o["seed"])]
    command += ["--week", *weeks, "--peaks", str(o["peaks"])] if weeks else []
    command += ["--ignorance", str(o["ignorance"])] if o["ignorance"] else []
    command += [x for v in o["sets"] for x in ("--set", v)]
    try:
        with progress_shown(o["json_path"] == "-") as progress:
            found = roll_out(
                scenarios[0], scenarios[1], o["seeds"], o["seed"], week=scenarios[2:], peaks=o["peaks"], engine=o["engine"],
                workers=o["workers"], budget=budget_of(o["max_events"], o["max_wall"], o["max_memory"]), progress=progress,
                store=o["store"], ignorance=o["ignorance"], command=shlex.join(command),
            )  # fmt: skip
    except ValueError as e:
        raise click.UsageError(str(e)) from None
    if o["json_path"]:
        _write(dumps(found.to_json()), o["json_path"])
    if o["json_path"] != "-":
        click.echo(found.text())
    if figure is not None:
        from omnisim.figures.jcurve import save

        save(found, Path(figure))
        click.echo(f"Figure: {figure}", err=True)


@click.command()
@click.argument("file", type=click.Path())
@simulation
@guard
def attribute(file: str, **o: Any) -> None:
    """Which channel earned the orders: by who sold, first, last, linear, and by removal effect.

    All rules share out the same orders; none says what a channel causes.
    """
    scenario = load_one(file, o["sets"])
    ready([scenario], o["engine"])
    from omnisim.answers import dumps
    from omnisim.attribution import attribute as share_out

    try:
        with progress_shown(o["json_path"] == "-") as progress:
            found = share_out(
                scenario, o["seeds"], o["seed"], engine=o["engine"], progress=progress,
                budget=budget_of(o["max_events"], o["max_wall"], o["max_memory"]),
            )  # fmt: skip
    except ValueError as e:
        raise click.UsageError(str(e)) from None
    if o["json_path"]:
        _write(dumps(found.to_json()), o["json_path"])
    if o["json_path"] != "-":
        click.echo(f"{found.scenario}: {len(found.seeds)} seeds from {found.seeds[0]}\n")
        click.echo(found.text())


@click.command()
@click.argument("file", type=click.Path())
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@click.option("--json", "json_path", metavar="PATH", help="Write the rows as JSON; - is standard output.")
@guard
def campaigns(file: str, sets: tuple[str, ...], json_path: str | None) -> None:
    """What each campaign reaches and is expected to bring; nothing is simulated."""
    import dataclasses
    import json

    from omnisim.campaigns import sent, table

    scenario = load_one(file, sets)
    if json_path:
        rows = [dataclasses.asdict(row) for row in sent(scenario)]
        _write(json.dumps({"command": "campaigns", "scenario": scenario.name, "rows": rows}, indent=2) + "\n", json_path)
    if json_path != "-":
        click.echo(table(scenario))
