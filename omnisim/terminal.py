"""What every verb of the command line shares: options, progress, first use, and how it ends when something is wrong.

Exit codes: 0 done, 1 a check came out unequal, 2 the input is wrong, 3 a budget ended the run, 130 interrupted.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

UNEQUAL = 1
WRONG_INPUT = 2
OVER_BUDGET = 3
INTERRUPTED = 130
RULES_FILE = "omnisim.rules"  # where click keeps what --rules named


def guard(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Wrong input, budgets and Ctrl-C end with a message and their exit code, never with a traceback."""

    @functools.wraps(verb)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            _verb(verb, *args, **kwargs)
        except KeyboardInterrupt:
            folder, store = kwargs.get("records"), kwargs.get("store")
            kept = f"the records of finished replications are in {folder}" if folder else "nothing was written"
            kept = f"finished replications are kept in {store}; the same command goes on from there" if store else kept
            click.echo(f"interrupted: {kept}", err=True)
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


def sets_of(values: tuple[str, ...]) -> dict[str, str]:
    """`--set PATH=VALUE` as a mapping; a click error names one that is not."""
    out = {}
    for value in values:
        path, eq, text = value.partition("=")
        if not eq or not path.strip():
            raise click.BadParameter(f"{value!r} is not path=value, e.g. --set context.preset=omnichannel", param_hint="--set")
        out[path.strip()] = text.strip()
    return out


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Callable[[float, int], None] | None]:
    """Progress with the time left on standard error: a bar on a terminal, elsewhere a line now and then."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield say_now_and_then()
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


def say_now_and_then(every_s: float = 15.0) -> Callable[[float, int], None]:
    """Progress where there is no terminal, as in a log file."""
    import time

    said = time.monotonic()
    first: tuple[float, float] | None = None  # when the first was done: what comes before is loading and compiling, too

    def show(done: float, total: int) -> None:
        nonlocal said, first
        now = time.monotonic()
        if first is None:
            first = (now, done) if done >= 1.0 else None
        elif now - said >= every_s and first[1] < done < total:
            said = now
            left = (now - first[0]) / (done - first[1]) * (total - done)
            click.echo(f"{done:.3g} of {total} replications, about {left:.0f} s left", err=True)

    return show


def rules_option(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The option that brings in a person's own rules."""
    text = "Run this Python file first: it registers your own rules (docs/own-rules.md)."
    return click.option(
        "--rules", type=click.Path(exists=True, dir_okay=False), expose_value=False, callback=_bring_in, is_eager=True, help=text
    )(verb)


def rules_file() -> str | None:
    """The file that `--rules` named, for workers elsewhere; None where there is none."""
    found: str | None = click.get_current_context().meta.get(RULES_FILE)
    return found


def _bring_in(context: Any, option: Any, path: str | None) -> None:
    if path is None:
        return
    context.meta[RULES_FILE] = path
    import runpy
    import traceback

    try:
        runpy.run_path(path, run_name="omnisim_rules")
    except Exception as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        raise click.BadParameter(f"{path}:{where.lineno}: {type(e).__name__}: {e}", param_hint="--rules") from None


def simulation(verb: Callable[..., Any]) -> Callable[..., Any]:
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
        rules_option,
        click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output."),
        click.option("--store", type=click.Path(file_okay=False), help="Take results from FOLDER, and keep new ones there."),
        click.option("--max-events", type=click.IntRange(1), help="Stop a replication after so many events."),
        click.option("--max-wall", type=float, help="Stop a replication after so many seconds."),
        click.option("--max-memory", type=float, help="Refuse a replication predicted to need more MB."),
    ):
        verb = option(verb)
    return verb


def say_taken(taken: int, store: str | None) -> None:
    """What was not computed but taken from a store, on standard error."""
    if store:
        click.echo(f"{taken} replications were taken from {store}; new ones are kept there", err=True)


def budget_of(max_events: int | None, max_wall: float | None, max_memory: float | None) -> Any:
    """The limits a run keeps to, from the options of the command."""
    from omnisim.budget import Budget

    given = {"events": max_events, "wall_s": max_wall, "memory_mb": max_memory}
    return Budget(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


def load_one(path: str, sets: tuple[str, ...]) -> Scenario:
    """One scenario with the changes of `--set`; a mistake in it ends the command with exit code 2."""
    from omnisim.scenario import load

    scenario = load(path, sets_of(sets))
    for warning in scenario.warnings:
        click.echo(f"warning: {warning}", err=True)
    return scenario


def ready(scenarios: list[Scenario], engine: str) -> None:
    """Compiling takes a while once: say so before it seems to hang, do it, and say how long it took."""
    from omnisim import jit

    if jit.compiled(engine):
        return
    if jit.CACHE is None:
        click.echo("no folder is writable for compiled code: it is compiled anew at every start (two or three minutes)", err=True)
    else:
        click.echo("first use of this version: compiling (two or three minutes, once) ...", err=True)
    if engine != "reference" and scenarios:
        import time

        from omnisim.replications import get_ready
        from omnisim.tables import Tables

        begun = time.monotonic()
        get_ready(Tables.build(scenarios[0]))
        click.echo(f"compiled in {time.monotonic() - begun:.0f} s", err=True)


def load_all(files: tuple[str, ...], sets: tuple[str, ...]) -> list[Scenario]:
    """Every file, or all errors of all of them."""
    from omnisim.scenario import ScenarioError

    scenarios, wrong = [], []
    for file in files:
        try:
            scenarios.append(load_one(file, sets))
        except ScenarioError as e:
            wrong.append(str(e))
    if wrong:
        click.echo("\n".join(wrong), err=True)
        sys.exit(WRONG_INPUT)
    return scenarios
