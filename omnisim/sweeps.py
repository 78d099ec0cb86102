"""The verbs about experiments: sweep, export, doctor, steady.  `cli` adds them to the others.

Exit codes: 0 done, 1 something was damaged (doctor), 2 the input is wrong, 3 a budget ended it, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from omnisim.terminal import (
    INTERRUPTED,
    OVER_BUDGET,
    UNEQUAL,
    WRONG_INPUT,
    guard,
    load_one,
    progress_shown,
    ready,
    rules_file,
    rules_option,
    sets_of,
)

if TYPE_CHECKING:
    from omnisim.experiment import Experiment
    from omnisim.experiment.sweep import Sweep
    from omnisim.experiment.table import Table
    from omnisim.store import Store


F = TypeVar("F", bound=Callable[..., Any])


@click.command()
@click.argument("file", type=click.Path())
@click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result.")
@click.option("--dask", metavar="ADDRESS", help="Use the workers of a dask scheduler, e.g. tcp://head:8786 (needs the extra `dist`).")
@click.option("--dask-local", type=click.IntRange(1, 1024), metavar="N", help="Start N dask workers on this machine.")
@click.option("--store", "folder", type=click.Path(file_okay=False), help="Where results are kept; default: reports/NAME.")
@click.option("--seeds", type=click.IntRange(1, 1_000_000), help="So many seeds, whatever the file says.")
@click.option("--seed", type=click.IntRange(0, 2**62), help="The first seed, whatever the file says.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario of every strategy.")
@click.option("--engine", type=click.Choice(["auto", "compiled", "reference"]), default="auto", show_default=True, help="auto: compiled.")
@click.option("--retry", is_flag=True, help="Try replications that failed once more.")
@click.option("--report", "report", is_flag=False, flag_value="", metavar="[FOLDER]", help="Write the page, into the store's folder.")
@click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output.")
@rules_option
@guard
def sweep(file: str, folder: str | None, sets: tuple[str, ...], json_path: str | None, **o: Any) -> None:
    """Run an experiment, or what is missing of it.

    Every result is kept as soon as it is there: stop it at any time (Ctrl-C), and the same command goes on.
    """
    from omnisim.experiment import Experiment
    from omnisim.store import Store

    experiment = Experiment.load(file, sets_of(sets)).with_seeds(o["seeds"], o["seed"])
    ready(list(experiment.question.strategies.values())[:1], o["engine"])
    where = Path(folder) if folder else Path("reports") / experiment.name
    try:
        with Store(where) as store:
            table = _swept(experiment, store, where, json_path == "-", o)
    except KeyboardInterrupt:
        click.echo(f"interrupted: {_kept_in(where)}; the same command goes on from there", err=True)
        sys.exit(INTERRUPTED)
    if json_path:
        text = dumps(table)
        sys.stdout.write(text) if json_path == "-" else Path(json_path).write_text(text, encoding="utf-8")
    if json_path != "-":
        _show(table, where)
    if o["report"] is not None:
        from omnisim.report.asked import write

        click.echo(f"Report: {write(table, Path(o['report'] or where), _command(file, sets, o))}", err=json_path == "-")
    if table.over:
        click.echo(f"stopped: {table.over}; {_kept_in(where)}, and the same command goes on", err=True)
        sys.exit(OVER_BUDGET)


def _command(file: str, sets: tuple[str, ...], o: dict[str, Any]) -> str:
    """The command that gives the report again."""
    import shlex

    words = ["omnisim", "sweep", file, *(w for change in sets for w in ("--set", change))]
    for name in ("seeds", "seed"):
        words += [f"--{name}", str(o[name])] if o[name] is not None else []
    words += ["--engine", o["engine"]] if o["engine"] != "auto" else []
    return shlex.join([*words, "--report"])


def _swept(experiment: Experiment, store: Store, where: Path, quiet: bool, o: dict[str, Any]) -> Table:
    from omnisim.experiment.changes import changes, said

    before = store.plan(experiment.name)
    for line in changes(before[0], said(experiment.question)) if before else ():
        click.echo(f"changed since the last time: {line}", err=True)
    if not store.first:
        click.echo(f"another process is at work on {where}: the two share the work", err=True)
    far = o["dask"] is not None or o["dask_local"] is not None
    if far and o["workers"] is not None:
        raise click.UsageError("--workers is for this machine; with --dask the scheduler knows its workers, with --dask-local say N")
    if o["dask"] is not None and o["dask_local"] is not None:
        raise click.UsageError("--dask and --dask-local: one of them")
    with progress_shown(quiet) as progress:
        run = experiment.sweep(store, o["engine"], progress, o["retry"])
        if not far:
            return run.run(o["workers"] or os.cpu_count() or 1)
        return _on_a_cluster(run, o["dask"], o["dask_local"])


def _on_a_cluster(run: Sweep, address: str | None, workers: int | None) -> Table:
    from omnisim.cluster import ClusterError, connected, fingerprint
    from omnisim.crew import WorkerDiffers

    try:
        with connected(address, workers, rules_file()) as cluster:
            click.echo(f"{cluster.workers} dask workers", err=True)
            return run.run(cluster.workers, cluster.executor, far=fingerprint())
    except (ClusterError, WorkerDiffers) as e:
        click.echo(str(e), err=True)
        sys.exit(WRONG_INPUT)


def _kept_in(where: Path) -> str:
    """How many replications a store has, for a message at the end."""
    from omnisim.store import Store, StoreError

    try:
        with Store(where, make=False) as store:
            return f"{store.read('SELECT count(*) FROM results')[0][0]} replications are kept in {where}"
    except StoreError:
        return f"what was finished is kept in {where}"


def _show(table: Table, where: Path) -> None:
    import textwrap

    from omnisim.experiment.table import settled_sentences

    if table.question:
        click.echo(textwrap.fill(table.question, 80) + "\n")
    click.echo(str(table) + "\n")
    if table.settled_by:
        for line in settled_sentences(table, table.settled_by)[:10]:
            click.echo(textwrap.fill("- " + line, 80, subsequent_indent="  "))
    c = table.counts
    text = f"{c.computed} replications computed, {c.kept} taken from the store, {c.failed} failed."
    if c.damaged:
        text += f" {c.damaged} rows of the store were damaged and computed anew."
    click.echo(text)
    click.echo(f"Every number: omnisim export {where} --csv")


def dumps(table: Table) -> str:
    """The table as JSON text."""
    import json

    return json.dumps(table.to_json(), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _target(name: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{name}", is_flag=False, flag_value="", metavar="[PATH]", help=text)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option("--experiment", metavar="NAME", help="Which one, where the store has several.")
@click.option("--all", "everything", is_flag=True, help="By channel, pool, interval ... too, not totals only.")
@_target("csv", "Comma-separated text.")
@_target("json", "JSON.")
@_target("parquet", "Parquet (needs the extra `data`).")
@_target("xlsx", "A spreadsheet (needs the extra `excel`).")
@guard
def export(folder: str, experiment: str | None, everything: bool, **targets: str | None) -> None:
    """Write the numbers of a store, one row a point and seed.

    Without a PATH a file lies in FOLDER; - is standard output (csv, json).
    """
    from omnisim import export as exports
    from omnisim.report.files import write_bytes
    from omnisim.store import Store

    wanted = {form: target for form, target in targets.items() if target is not None}
    if not wanted:
        raise click.UsageError("say what to write: --csv, --json, --parquet, --xlsx")
    try:
        with Store(folder, make=False) as store:
            table = exports.frame(store, experiment, everything)
        for form, target in wanted.items():
            data = exports.as_bytes(table, form)
            if target == "-":
                sys.stdout.buffer.write(data)
                continue
            path = Path(target) if target else Path(folder) / f"{table.experiment}.{form}"
            write_bytes(path, data)
            click.echo(f"{path}: {len(next(iter(table.columns.values())))} rows, {len(table.columns)} columns", err="-" in wanted.values())
    except (ValueError, exports.Missing) as e:
        raise click.UsageError(str(e)) from None


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option("--look", is_flag=True, help="Only look; change nothing.")
@guard
def doctor(folder: str, look: bool) -> None:
    """Check every number of a store, and put aside what is damaged; exit 1 if anything was.

    What is put aside is computed anew by the next sweep.
    """
    from omnisim.store import examine

    health = examine(folder, mend=not look)
    click.echo(f"{folder}: {health.sentence()}")
    for line in health.damaged[:20]:
        click.echo(f"  {line}")
    if not health.well:
        sys.exit(UNEQUAL)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--channel", help="Whose waits; default: the first live channel.")
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many runs the warm-up is seen in.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The first seed.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of the scenario.")
@click.option("--figure", metavar="PATH", help="Write the plot of the warm-up (SVG).")
@click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output.")
@rules_option
@guard
def steady(file: str, channel: str | None, seeds: int, seed: int, sets: tuple[str, ...], figure: str | None, json_path: str | None) -> None:
    """A scenario that goes on alike for ever: its warm-up (MSER-5), and the mean of one long run (batch means).

    Exit 1 if the warm-up is refused or the batches go together: the run is too short.
    """
    scenario = load_one(file, sets)
    ready([scenario], "auto")
    import json

    from omnisim.longrun import Unsteady, look, write_figure

    try:
        found = look(scenario, channel, seeds, seed)
    except Unsteady as e:
        raise click.UsageError(str(e)) from None
    if figure:
        write_figure(found, Path(figure))
    if json_path:
        text = json.dumps(found.to_json(), indent=2, allow_nan=False) + "\n"
        sys.stdout.write(text) if json_path == "-" else Path(json_path).write_text(text, encoding="utf-8")
    if json_path != "-":
        click.echo(found.text())
    if found.warm.refused or found.batches is None or found.batches.short:
        sys.exit(UNEQUAL)
