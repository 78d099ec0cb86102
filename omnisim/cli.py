"""The command line: verbs of a few lines around the public functions; heavy modules are imported inside them.

Exit codes: 0 done, 1 a check came out unequal, 2 the input is wrong, 3 a budget ended the run, 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from omnisim.dayverbs import sheet, today, what_if
from omnisim.planning import staff
from omnisim.planverbs import attribute, campaigns, rollout
from omnisim.sweeps import doctor, export, steady, sweep
from omnisim.terminal import (
    UNEQUAL,
    WRONG_INPUT,
    budget_of,
    guard,
    load_all,
    load_one,
    progress_shown,
    ready,
    rules_option,
    say_taken,
    simulation,
)
from omnisim.whys import decide, explain, hostile, phases, who


def _write(text: str, json_path: str) -> None:
    if json_path == "-":
        sys.stdout.write(text)
    else:
        Path(json_path).write_text(text, encoding="utf-8")


VERBS = [staff, explain, who, decide, hostile, phases, sweep, export, doctor, steady, what_if, today, sheet, rollout, attribute, campaigns]


@click.group(commands=VERBS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(None, package_name="omnisim")
def main() -> None:
    """Simulate omnichannel strategies and compare them on the same customers.

    \b
    omnisim compare A.yaml B.yaml     which strategy, by how much, how sure
    omnisim run A.yaml                one strategy: KPIs with intervals
    omnisim staff A.yaml              the cheapest people who keep promises, proved
    omnisim explain A.yaml B.yaml     why they differ, lever by lever
    omnisim decide FILE               what to do, how sure, what to learn first
    """


@main.command()
@click.argument("file", type=click.Path())
@simulation
@click.option("--kpi", "kpis", multiple=True, help="Show these KPIs instead of the deciding ones.")
@click.option("--records", type=click.Path(file_okay=False), help="Keep every row of every replication in FOLDER (.npy).")
@guard
def run(file: str, kpis: tuple[str, ...], records: str | None, **o: Any) -> None:
    """Simulate one scenario: KPIs with 95 % intervals over seeds."""
    scenario = load_one(file, o["sets"])
    ready([scenario], o["engine"])
    from omnisim import answers
    from omnisim.text import channel_table, shop_table

    _known(kpis)
    with progress_shown(o["json_path"] == "-") as progress:
        answer = answers.run(
            scenario, o["seeds"], o["seed"], engine=o["engine"], workers=o["workers"], progress=progress,
            budget=budget_of(o["max_events"], o["max_wall"], o["max_memory"]), records=records, store=o["store"],
        )  # fmt: skip
    say_taken(answer.taken, o["store"])
    if o["json_path"]:
        _write(answers.dumps(answer.to_json()), o["json_path"])
    if o["json_path"] != "-":
        click.echo(f"{scenario.name}: {len(answer.seeds)} seeds from {answer.seeds[0]}, engine {answer.engine}\n")
        click.echo(answer.table(*kpis))
        if not kpis and answer.tables.has_contacts:
            click.echo("\n" + channel_table(answer))
        if not kpis and answer.tables.has_shop:
            click.echo("\n" + shop_table(answer))
        click.echo("\nWhat a number means: omnisim define KPI.  All of them: --json PATH.")


def _known(kpis: tuple[str, ...]) -> None:
    from omnisim.kpis import define

    for kpi in kpis:
        try:
            define(kpi)
        except ValueError as e:
            raise click.BadParameter(str(e), param_hint="--kpi") from None


class _Several(click.Command):
    """A verb whose `--week` takes every file up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        spread: list[str] = []
        inside = False
        for arg in args:
            if arg == "--week":
                inside = True
                continue
            inside = inside and not arg.startswith("-")
            spread += ["--week", arg] if inside else [arg]
        return super().parse_args(ctx, spread)


@main.command(cls=_Several)
@click.argument("files", nargs=-1, required=True, type=click.Path())
@simulation
@click.option("--kpi", "kpis", multiple=True, help="Show these KPIs instead of the deciding ones.")
@click.option(
    "--week", "weeks", multiple=True, type=click.Path(), metavar="FILE ...", help="The same strategies in an ordinary week: make a year."
)
@click.option("--peaks", default=1, show_default=True, type=click.IntRange(0, 365), help="How often a year holds what the FILES tell.")
@click.option("--ignorance", default=0, metavar="N", type=click.IntRange(0, 10_000), help="Draw graded inputs N times from their ranges.")
@click.option("--report", "folder", type=click.Path(file_okay=False), help="Write the page of this comparison into FOLDER.")
@guard
def compare(files: tuple[str, ...], kpis: tuple[str, ...], weeks: tuple[str, ...], folder: str | None, **o: Any) -> None:
    """Compare strategies on the same customers; the first FILE is the baseline.

    Every scenario is answered twice where it has a context block: with self-service touches counted as channel switches
    and not.
    """
    if len(files) < 2:
        raise click.UsageError("compare needs two files or more: a baseline and what is compared with it")
    if weeks and len(weeks) != len(files):
        raise click.UsageError(f"--week needs one file a strategy, in the same order: {len(files)}, found {len(weeks)}")
    scenarios = load_all((*files, *weeks), o["sets"])
    ready(scenarios, o["engine"])
    from omnisim import answers

    _known(kpis)
    try:
        with progress_shown(o["json_path"] == "-") as progress:
            comparison = answers.compare(
                scenarios[: len(files)], o["seeds"], o["seed"], engine=o["engine"], workers=o["workers"], progress=progress,
                self_service=True, budget=budget_of(o["max_events"], o["max_wall"], o["max_memory"]),
                command=_command(files, weeks, folder, o), week=scenarios[len(files) :], peaks=o["peaks"], ignorance=o["ignorance"],
                store=o["store"],
            )  # fmt: skip
    except ValueError as e:  # no year can be made of these, or nothing can be varied
        if weeks or o["ignorance"]:
            raise click.UsageError(str(e)) from None
        raise
    say_taken(comparison.taken, o["store"])
    if o["json_path"]:
        _write(answers.dumps(comparison.to_json()), o["json_path"])
    if o["json_path"] != "-":
        _show(comparison, kpis)
    if folder:
        page = comparison.report(folder)
        click.echo(f"\nReport: {page}", err=o["json_path"] == "-")


def _command(files: tuple[str, ...], weeks: tuple[str, ...], folder: str | None, o: dict[str, Any]) -> str:
    """The command that repeats this comparison."""
    import shlex

    parts = ["omnisim", "compare", *files, "--seeds", str(o["seeds"]), "--seed", str(o["seed"])]
    if weeks:
        parts += ["--week", *weeks, "--peaks", str(o["peaks"])]
    if o["ignorance"]:
        parts += ["--ignorance", str(o["ignorance"])]
    for value in o["sets"]:
        parts += ["--set", value]
    if folder:
        parts += ["--report", folder]
    return shlex.join(parts)


def _show(comparison: Any, kpis: tuple[str, ...]) -> None:
    import textwrap

    def paragraph(text: str, indent: str = "") -> None:
        click.echo(textwrap.fill(text, 80, initial_indent=indent, subsequent_indent="  "))

    v = comparison.verdict
    paragraph(v["headline"].upper() if len(v["headline"]) < 90 else v["headline"])
    click.echo()
    click.echo(comparison.table(*kpis))
    click.echo()
    for line in (*(x["text"] for x in v["only_if"]), *(x["text"] for x in v["fair"])):
        paragraph("- " + line)
    for row in v["self_service"]:
        a, b = row["counted"], row["not_counted"]
        paragraph(
            f"- Agent minutes of {row['strategy']}: {a['difference']:+.1f} % with self-service touches counted as switches, "
            f"{b['difference']:+.1f} % if not."
        )
    both = [v["sentence"]] if v["earnings"] or v["ignorance"] else []
    for line in (*_annual(v), *((v["ignorance"] or {}).get("text", ())), *both):
        paragraph("- " + line)
    paragraph(f"- {v['seeds']['text']} {v['chance']}")
    r = v["rests_on"]
    paragraph(f"- Rests on {r['own']} of your numbers, {r['A']} measured (A), {r['B']} quoted (B), {r['C']} assumed (C).")


def _annual(v: dict[str, Any]) -> list[str]:
    """One line a strategy: EBIT over a year and over three."""
    from omnisim.text import interval, shown

    out = []
    for row in v["annual"]:
        if row["kpi"] == "ebit":
            unit, w = row["unit"], row["weights"]
            more = f"{shown(row['difference'], unit, True)} {unit} {interval(row['low'], row['high'], unit, True)}"
            out.append(
                f"EBIT of {row['strategy']} over a year ({w['peak']:g} times what was run, {w['week']:.1f} times the week): {more}; "
                f"over three years {shown(row['three_years'], unit, True)} {unit}."
            )
    return out


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--customer", required=True, metavar="K", help="stream:k, or the customer's number in order of arrival.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62))
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE")
@rules_option
@guard
def trace(files: tuple[str, ...], customer: str, seed: int, sets: tuple[str, ...]) -> None:
    """One customer's story; with two FILEs side by side: the same person with the same luck."""
    scenarios = load_all(files, sets)
    ready(scenarios, "auto")
    from omnisim.stories import trace as tell

    try:
        click.echo(tell(scenarios, customer, seed))
    except ValueError as e:
        raise click.BadParameter(str(e), param_hint="--customer") from None


@main.command()
@click.argument("file", type=click.Path())
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1, 1_000_000), help="How many replications.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The first seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@rules_option
@guard
def agree(file: str, seeds: int, seed: int, sets: tuple[str, ...]) -> None:
    """Do both engines tell the same story?  Records are compared to the bit and in order; exit 1 if they differ."""
    scenario = load_one(file, sets)
    ready([scenario], "auto")
    from omnisim.agreement import agree as compare_engines

    with progress_shown(False) as progress:
        answer = compare_engines(scenario, seeds, seed, progress=progress)
    click.echo(f"{scenario.name}: {answer.sentence()}")
    if not answer.equal:
        sys.exit(UNEQUAL)


@main.command()
@click.argument("file", type=click.Path())
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(2, 1_000_000), help="How many replications.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The first seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@click.option("--engine", type=click.Choice(["auto", "compiled", "reference"]), default="auto", show_default=True)
@click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result.")
@click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output.")
@rules_option
@guard
def exact(file: str, seeds: int, seed: int, sets: tuple[str, ...], engine: str, workers: int | None, json_path: str | None) -> None:
    """Exact numbers of a scenario beside a simulation of it, with the difference in standard errors.

    Exit 1 if a number is further out than chance allows: 4 standard errors, more with few seeds.  Exit 2 if the scenario is no
    known exact model; each feature that stands in the way is named.
    """
    import textwrap

    scenario = load_one(file, sets)
    from omnisim.staffing.known import Stops, recognise

    try:
        known = recognise(scenario)
    except Stops as e:
        click.echo(f"{scenario.name}: no exact model is known for this scenario.", err=True)
        for obstacle in e.obstacles:
            click.echo(textwrap.fill(f"- {obstacle}", 80, subsequent_indent="  "), err=True)
        sys.exit(WRONG_INPUT)
    ready([scenario], engine)
    from omnisim.answers import dumps
    from omnisim.crosscheck import cross_check

    with progress_shown(json_path == "-") as progress:
        found = cross_check(scenario, seeds, seed, engine=engine, workers=workers, progress=progress, known=known)
    if json_path:
        _write(dumps(found.to_json()), json_path)
    if json_path != "-":
        click.echo(found.text())
    if not found.agrees:
        sys.exit(UNEQUAL)


@main.command()
@click.option("--quick", is_flag=True, help="Fewer rounds, and no more than 200,000 customers: under three minutes.")
@click.option("--rounds", type=click.IntRange(1, 1000), help="Rounds of each measure; default: 5, with --quick 3.")
@click.option("--json", "json_path", metavar="PATH", help="Write every round as JSON; - is standard output.")
@guard
def bench(quick: bool, rounds: int | None, json_path: str | None) -> None:
    """How fast it is: ratios to SimPy, Ciw and C, measured side by side."""
    ready([], "auto")
    from omnisim import bench as benches

    found = benches.measure(quick, rounds, lambda what: click.echo(f"measuring {what}", err=True))
    if json_path:
        _write(benches.dumps(found), json_path)
    if json_path != "-":
        click.echo(benches.table(found))


@main.command()
@click.argument("cases", nargs=-1)
@click.option("--short", is_flag=True, help="Short runs: the half-width may be the whole tolerance.")
@guard
def validate(cases: tuple[str, ...], short: bool) -> None:
    """Simulate what is known exactly or published, and compare: one table.

    CASES: names or public numbers such as mmc or P13; without any, all of them.  Exit 1 if one row does not hold.
    """
    ready([], "auto")
    from omnisim.validation import validate as compare_all

    try:
        report = compare_all(cases, short=short, progress=lambda name: click.echo(f"playing {name}", err=True))
    except ValueError as e:
        raise click.BadParameter(str(e), param_hint="CASES") from None
    click.echo(report.text())
    if not report.holds:
        sys.exit(UNEQUAL)


@main.command()
@click.argument("kpi", required=False)
def define(kpi: str | None) -> None:
    """What a KPI means: definition, unit, formula.  Without a name: all of them."""
    import textwrap

    from omnisim.kpis import MEASURES
    from omnisim.kpis import define as definition

    if kpi is None:
        for name, m in MEASURES.items():
            click.echo(f"{name:<26} {m.unit:<10} {textwrap.shorten(m.definition, 42, placeholder=' ...')}")
        return
    try:
        m = definition(kpi)
    except ValueError as e:
        raise click.BadParameter(str(e), param_hint="KPI") from None
    click.echo(f"{m.name}  ({m.unit}; better: {m.better or 'neither'})")
    click.echo(textwrap.fill(m.definition, 80))
    click.echo(textwrap.fill(f"= {m.formula}", 80, subsequent_indent="  "))
    click.echo("given for: " + "; ".join(" x ".join(s) if s else "total" for s in m.scopes))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE")
@rules_option
@guard
def check(files: tuple[str, ...], sets: tuple[str, ...]) -> None:
    """Check scenario files without running them: all errors at once."""
    for file, scenario in zip(files, load_all(files, sets), strict=True):
        click.echo(f"{file}: ok ({len(scenario.channels)} channels, {len(scenario.demand)} streams)")


@main.command()
@click.argument("file", type=click.Path())
@click.option("--resolved/--written", default=True, help="The whole meaning (default), or the file as it is written.")
@click.option("--origin", is_flag=True, help="Say beside each value which file and line it comes from.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE")
@rules_option
@guard
def show(file: str, resolved: bool, origin: bool, sets: tuple[str, ...]) -> None:
    """Show what a scenario means: bases merged, presets filled in."""
    scenario = load_one(file, sets)
    if not resolved:
        click.echo(Path(file).read_text(encoding="utf-8"), nl=False)
        return
    from omnisim.scenario import resolved_text

    click.echo(resolved_text(scenario, origin), nl=False)


@main.command()
@click.option("--partial", is_flag=True, help="Nothing required: for files that extend another.")
@click.option("--markdown", is_flag=True, help="As a page to read instead.")
def schema(partial: bool, markdown: bool) -> None:
    """The JSON Schema of scenario files, for editors."""
    import json

    from omnisim.scenario import json_schema
    from omnisim.scenario.reference import reference

    click.echo(reference() if markdown else json.dumps(json_schema(partial), indent=2, ensure_ascii=False), nl=not markdown)
