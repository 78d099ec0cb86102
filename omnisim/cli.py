"""The command line: verbs of a few lines around the public functions; heavy modules are imported inside them.

Exit codes: 0 done, 1 a check came out unequal, 2 the input is wrong, 3 a budget ended the run, 130 interrupted.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

UNEQUAL = 1
WRONG_INPUT = 2
OVER_BUDGET = 3
INTERRUPTED = 130


def _guard(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Wrong input, budgets and Ctrl-C end with a message and their exit code, never with a traceback."""

    @functools.wraps(verb)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            _verb(verb, *args, **kwargs)
        except KeyboardInterrupt:
            click.echo("interrupted: nothing was written", err=True)
            sys.exit(INTERRUPTED)

    return guarded


def _verb(verb: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call a verb; what it raises about its input becomes one message and an exit code."""
    from omnisim.budget import BudgetExceeded
    from omnisim.scenario import ScenarioError

    try:
        verb(*args, **kwargs)
    except ScenarioError as e:
        click.echo(str(e), err=True)
        sys.exit(WRONG_INPUT)
    except BudgetExceeded as e:
        click.echo(f"stopped: {e}", err=True)
        sys.exit(OVER_BUDGET)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as e:
        click.echo(f"{e.filename or ''}: {e.strerror or e}", err=True)
        sys.exit(WRONG_INPUT)


def _sets(values: tuple[str, ...]) -> dict[str, str]:
    out = {}
    for value in values:
        path, eq, text = value.partition("=")
        if not eq or not path.strip():
            raise click.BadParameter(f"{value!r} is not path=value, e.g. --set context.preset=omnichannel", param_hint="--set")
        out[path.strip()] = text.strip()
    return out


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[float, int], None] | None]:
    """Progress with the time left on standard error: a bar on a terminal, elsewhere a line now and then."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _say_now_and_then()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("replications"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None)

    def show(done: float, total: int) -> None:
        bar.start()  # only now, when the worker processes exist: its thread must not be forked
        bar.update(task, completed=round(done, 2), total=total)

    try:
        yield show
    finally:
        bar.stop()


def _say_now_and_then(every_s: float = 15.0) -> Callable[[float, int], None]:
    """Progress where there is no terminal, as in a log file."""
    import time

    begun = said = time.monotonic()

    def show(done: float, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= every_s and 1.0 <= done < total:  # before the first is done nothing can be told
            said = now
            left = (now - begun) / done * (total - done)
            click.echo(f"{done:.3g} of {total} replications, about {left:.0f} s left", err=True)

    return show


def _rules_option(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The option that brings in a person's own rules."""
    text = "Run this Python file first: it registers your own rules (docs/own-rules.md)."
    return click.option(
        "--rules", type=click.Path(exists=True, dir_okay=False), expose_value=False, callback=_bring_in, is_eager=True, help=text
    )(verb)


def _bring_in(context: Any, option: Any, path: str | None) -> None:
    if path is None:
        return
    import runpy
    import traceback

    try:
        runpy.run_path(path, run_name="omnisim_rules")
    except Exception as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        raise click.BadParameter(f"{path}:{where.lineno}: {type(e).__name__}: {e}", param_hint="--rules") from None


def _simulation(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every simulating verb takes."""
    for option in (
        click.option("--seeds", default=10, show_default=True, type=click.IntRange(1, 1_000_000), help="How many replications."),
        click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The first seed."),
        click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario."),
        click.option(
            "--engine",
            type=click.Choice(["auto", "compiled", "reference"]),
            default="auto",
            show_default=True,
            help="auto: compiled.  Both tell the same story.",
        ),
        click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result."),
        _rules_option,
        click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output."),
        click.option("--max-events", type=click.IntRange(1), help="Stop a replication after so many events."),
        click.option("--max-wall", type=float, help="Stop a replication after so many seconds."),
        click.option("--max-memory", type=float, help="Refuse a replication predicted to need more MB."),
    ):
        verb = option(verb)
    return verb


def _budget(max_events: int | None, max_wall: float | None, max_memory: float | None) -> Any:
    from omnisim.budget import Budget

    given = {"events": max_events, "wall_s": max_wall, "memory_mb": max_memory}
    return Budget(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


def _load(path: str, sets: tuple[str, ...]) -> Scenario:
    from omnisim.scenario import load

    scenario = load(path, _sets(sets))
    for warning in scenario.warnings:
        click.echo(f"warning: {warning}", err=True)
    return scenario


def _first_use(tables: Any = None) -> None:
    """Compiling takes a while once: say so before it seems to hang, and how long it took."""
    from omnisim import jit

    if jit.CACHE is None:
        click.echo("no folder is writable for compiled code: it is compiled anew at every start (about half a minute)", err=True)
    elif not jit.compiled():
        click.echo("first use of this version: compiling (about half a minute, once) ...", err=True)
    else:
        return
    if tables is not None:
        import time

        from omnisim.replications import get_ready

        begun = time.monotonic()
        get_ready(tables)
        click.echo(f"compiled in {time.monotonic() - begun:.0f} s", err=True)


def _ready(scenarios: list[Scenario], engine: str) -> None:
    """Say what is about to be compiled; the compiled engine is got ready before anything is simulated."""
    from omnisim import jit

    if engine == "reference" or (jit.CACHE is not None and jit.compiled()):
        _first_use()
    else:
        from omnisim.tables import Tables

        _first_use(Tables.build(scenarios[0]))


def _write(text: str, json_path: str) -> None:
    if json_path == "-":
        sys.stdout.write(text)
    else:
        Path(json_path).write_text(text, encoding="utf-8")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(None, package_name="omnisim")
def main() -> None:
    """Simulate omnichannel strategies and compare them on the same customers.

    \b
    omnisim compare A.yaml B.yaml     which strategy, by how much, how sure
    omnisim run A.yaml                one strategy: KPIs with intervals
    """


@main.command()
@click.argument("file", type=click.Path())
@_simulation
@click.option("--kpi", "kpis", multiple=True, help="Show these KPIs instead of the deciding ones.")
@click.option("--records", type=click.Path(file_okay=False), help="Keep every row of every replication in FOLDER (.npy).")
@_guard
def run(file: str, kpis: tuple[str, ...], records: str | None, **o: Any) -> None:
    """Simulate one scenario: KPIs with 95 % intervals over seeds."""
    scenario = _load(file, o["sets"])
    _ready([scenario], o["engine"])
    from omnisim import answers
    from omnisim.text import channel_table, shop_table

    _known(kpis)
    with _progress(o["json_path"] == "-") as progress:
        answer = answers.run(
            scenario, o["seeds"], o["seed"], engine=o["engine"], workers=o["workers"], progress=progress,
            budget=_budget(o["max_events"], o["max_wall"], o["max_memory"]), records=records,
        )  # fmt: skip
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
@_simulation
@click.option("--kpi", "kpis", multiple=True, help="Show these KPIs instead of the deciding ones.")
@click.option(
    "--week", "weeks", multiple=True, type=click.Path(), metavar="FILE ...", help="The same strategies in an ordinary week: make a year."
)
@click.option("--peaks", default=1, show_default=True, type=click.IntRange(0, 365), help="How often a year holds what the FILES tell.")
@click.option("--ignorance", default=0, metavar="N", type=click.IntRange(0, 10_000), help="Draw graded inputs N times from their ranges.")
@click.option("--report", "folder", type=click.Path(file_okay=False), help="Write the page of this comparison into FOLDER.")
@_guard
def compare(files: tuple[str, ...], kpis: tuple[str, ...], weeks: tuple[str, ...], folder: str | None, **o: Any) -> None:
    """Compare strategies on the same customers; the first FILE is the baseline.

    Every scenario is answered twice where it has a context block: with self-service touches counted as channel switches
    and not.
    """
    if len(files) < 2:
        raise click.UsageError("compare needs two files or more: a baseline and what is compared with it")
    if weeks and len(weeks) != len(files):
        raise click.UsageError(f"--week needs one file a strategy, in the same order: {len(files)}, found {len(weeks)}")
    scenarios = _load_all((*files, *weeks), o["sets"])
    _ready(scenarios, o["engine"])
    from omnisim import answers

    _known(kpis)
    try:
        with _progress(o["json_path"] == "-") as progress:
            comparison = answers.compare(
                scenarios[: len(files)], o["seeds"], o["seed"], engine=o["engine"], workers=o["workers"], progress=progress,
                self_service=True, budget=_budget(o["max_events"], o["max_wall"], o["max_memory"]),
                command=_command(files, weeks, folder, o), week=scenarios[len(files) :], peaks=o["peaks"], ignorance=o["ignorance"],
            )  # fmt: skip
    except ValueError as e:  # no year can be made of these, or nothing can be varied
        if weeks or o["ignorance"]:
            raise click.UsageError(str(e)) from None
        raise
    if o["json_path"]:
        _write(answers.dumps(comparison.to_json()), o["json_path"])
    if o["json_path"] != "-":
        _show(comparison, kpis)
    if folder:
        page = comparison.report(folder)
        click.echo(f"\nReport: {page}", err=o["json_path"] == "-")


def _load_all(files: tuple[str, ...], sets: tuple[str, ...]) -> list[Scenario]:
    """Every file, or all errors of all of them."""
    from omnisim.scenario import ScenarioError

    scenarios, wrong = [], []
    for file in files:
        try:
            scenarios.append(_load(file, sets))
        except ScenarioError as e:
            wrong.append(str(e))
    if wrong:
        click.echo("\n".join(wrong), err=True)
        sys.exit(WRONG_INPUT)
    return scenarios


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
@_rules_option
@_guard
def trace(files: tuple[str, ...], customer: str, seed: int, sets: tuple[str, ...]) -> None:
    """One customer's story; with two FILEs side by side: the same person with the same luck."""
    scenarios = _load_all(files, sets)
    _ready(scenarios, "auto")
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
@_rules_option
@_guard
def agree(file: str, seeds: int, seed: int, sets: tuple[str, ...]) -> None:
    """Do both engines tell the same story?  Records are compared to the bit and in order; exit 1 if they differ."""
    scenario = _load(file, sets)
    _ready([scenario], "auto")
    from omnisim.agreement import agree as compare_engines

    with _progress(False) as progress:
        answer = compare_engines(scenario, seeds, seed, progress=progress)
    click.echo(f"{scenario.name}: {answer.sentence()}")
    if not answer.equal:
        sys.exit(UNEQUAL)


@main.command()
@click.option("--quick", is_flag=True, help="Fewer rounds, and no more than 200,000 customers: under three minutes.")
@click.option("--rounds", type=click.IntRange(1, 1000), help="Rounds of each measure; default: 5, with --quick 3.")
@click.option("--json", "json_path", metavar="PATH", help="Write every round as JSON; - is standard output.")
@_guard
def bench(quick: bool, rounds: int | None, json_path: str | None) -> None:
    """How fast it is: ratios to SimPy, Ciw and C, measured side by side."""
    _first_use()
    from omnisim import bench as benches

    found = benches.measure(quick, rounds, lambda what: click.echo(f"measuring {what}", err=True))
    if json_path:
        _write(benches.dumps(found), json_path)
    if json_path != "-":
        click.echo(benches.table(found))


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
@_rules_option
@_guard
def check(files: tuple[str, ...], sets: tuple[str, ...]) -> None:
    """Check scenario files without running them: all errors at once."""
    for file, scenario in zip(files, _load_all(files, sets), strict=True):
        click.echo(f"{file}: ok ({len(scenario.channels)} channels, {len(scenario.demand)} streams)")


@main.command()
@click.argument("file", type=click.Path())
@click.option("--resolved/--written", default=True, help="The whole meaning (default), or the file as it is written.")
@click.option("--origin", is_flag=True, help="Say beside each value which file and line it comes from.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE")
@_rules_option
@_guard
def show(file: str, resolved: bool, origin: bool, sets: tuple[str, ...]) -> None:
    """Show what a scenario means: bases merged, presets filled in."""
    scenario = _load(file, sets)
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
