"""The verbs about reasons and decisions: explain, who, decide, hostile, phases.  `cli` adds them to the others.

Exit codes: 0 done, 2 the input is wrong or there is nothing to explain or decide, 3 a budget ended it, 130 interrupted.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omnisim.terminal import INTERRUPTED, budget_of, guard, load_all, progress_shown, ready, rules_option, sets_of


def _options(seeds: int | None, several: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options that these verbs share; `seeds`: the default, None where a file says it."""

    def add(verb: Callable[..., Any]) -> Callable[..., Any]:
        options: list[Callable[[Any], Any]] = [
            click.option("--seed", default=None if seeds is None else 1, show_default=seeds is not None, type=click.IntRange(0, 2**62),
                         help="The first seed." if several else "Which seed."),
            click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change one value of every scenario."),
            click.option("--engine", type=click.Choice(["auto", "compiled", "reference"]), default="auto", show_default=True,
                         help="auto: compiled."),
            rules_option,
            click.option("--json", "json_path", metavar="PATH", help="Write the answer as JSON; - is standard output."),
            click.option("--report", "folder", type=click.Path(file_okay=False), help="Write a page into FOLDER."),
            click.option("--max-events", type=click.IntRange(1), help="Stop a replication after so many events."),
            click.option("--max-wall", type=float, help="Stop a replication after so many seconds."),
            click.option("--max-memory", type=float, help="Refuse a replication predicted to need more MB."),
        ]  # fmt: skip
        if several:
            told = "How many replications." if seeds is not None else "So many seeds, whatever the file says."
            options += [
                click.option("--seeds", default=seeds, show_default=seeds is not None, type=click.IntRange(1, 1_000_000), help=told),
                click.option("--workers", type=click.IntRange(1), help="How many at once; default: all cores.  Changes no result."),
            ]
        for option in options:
            verb = option(verb)
        return verb

    return add


@click.command()
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@click.option("--kpi", default="ebit", show_default=True, help="Which difference is explained.")
@click.option("--lever", "groups", multiple=True, metavar="NAME=PATH,PATH", help="Paths that are one lever; may be given several times.")
@click.option(
    "--pairs", default=2, show_default=True, type=click.IntRange(1, 10_000), help="Orders and their reverse a seed, beyond 8 levers."
)
@_options(10)
@guard
def explain(a: str, b: str, kpi: str, groups: tuple[str, ...], pairs: int, **o: Any) -> None:
    """Why B differs from A: the share of each lever in the difference.

    A lever is a block in which the two scenarios differ.  Shares (Shapley) add up to the difference exactly, each with its interval;
    up to 8 levers every mixture of them is run, beyond that orders are sampled.
    """
    scenarios = load_all((a, b), o["sets"])
    ready(scenarios, o["engine"])
    from omnisim.reasons import explain as why

    chosen = _groups(groups)
    told = _told("explain", [a, b], o, {"--kpi": kpi, "--pairs": pairs if pairs != 2 else None}, [("--lever", g) for g in groups])
    with progress_shown(o["json_path"] == "-") as progress:
        more: dict[str, Any] = {"levers": chosen, "pairs": pairs, "progress": progress, "command": told}
        found = _asked(lambda: why(scenarios[0], scenarios[1], kpi, o["seeds"], o["seed"], **more, **_run(o)))
    _show(found, o)


@click.command()
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@_options(1, several=False)
@guard
def who(a: str, b: str, **o: Any) -> None:
    """Who ends differently in A and B, and by what first.

    One run of each with the same people and the same luck; the tables add up to the difference in orders.  `omnisim trace` tells the
    story of any of them.
    """
    scenarios = load_all((a, b), o["sets"])
    ready(scenarios, o["engine"])
    from omnisim.reasons import who as apart

    told = _told("who", [a, b], o, {})
    with progress_shown(o["json_path"] == "-") as progress:
        run = {k: v for k, v in _run(o).items() if k != "workers"}
        found = _asked(lambda: apart(scenarios[0], scenarios[1], o["seed"], progress=progress, command=told, **run))
    _show(found, o)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--points", type=click.IntRange(8, 100_000), help="So many draws of all inputs, whatever the file says.")
@_options(None)
@guard
def decide(file: str, points: int | None, **o: Any) -> None:
    """What to do, how sure, what turns it, and what to learn first.

    FILE is an experiment: its strategies, the first being what is done today, and what `decide` says in it (docs/decide.md).  Fair
    opponents (same staff, same spend, same service) are made where the file names none.
    """
    from omnisim.experiment import Experiment

    experiment = Experiment.load(file, sets_of(o["sets"]))
    ready(list(experiment.question.strategies.values())[:1], o["engine"])
    from omnisim.decisions import decide as decided

    told = _told("decide", [file], o, {"--points": points})
    with progress_shown(o["json_path"] == "-") as progress:
        more: dict[str, Any] = {"seeds": o["seeds"], "seed": o["seed"], "points": points, "progress": progress, "command": told}
        found = _asked(lambda: decided(experiment, **more, **_run(o)))
    _show(found, o)


@click.command()
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@click.option("--kpi", default="ebit", show_default=True, help="By what the verdict is made.")
@click.option("--week", "weeks", nargs=2, type=click.Path(), help="Both in an ordinary week: the verdict is about a year.")
@click.option("--peaks", default=1, show_default=True, type=click.IntRange(0, 365), help="How often a year holds what A and B tell.")
@click.option("--input", "only", multiple=True, metavar="PATH", help="Move only these inputs; may be given several times.")
@_options(10)
@guard
def hostile(a: str, b: str, kpi: str, weeks: tuple[str, str] | None, peaks: int, only: tuple[str, ...], **o: Any) -> None:
    """The smallest plausible change of inputs that turns the verdict.

    Inputs move within the ranges that their provenance states.  Says how large the change is, or that none was found, and tells one
    customer's story in the turned world.
    """
    scenarios = load_all((a, b, *(weeks or ())), o["sets"])
    ready(scenarios, o["engine"])
    from omnisim.decisions import hostile as turned

    week = [part for w in weeks or () for part in ("--week", w)][:1] + list(weeks or ())
    told = _told("hostile", [a, b], o, {"--kpi": kpi, "--peaks": peaks if weeks else None}, [("--input", p) for p in only], week)
    with progress_shown(o["json_path"] == "-") as progress:
        more: dict[str, Any] = {"week": scenarios[2:], "peaks": peaks, "only": only, "progress": progress, "command": told}
        found = _asked(lambda: turned(scenarios[0], scenarios[1], kpi, o["seeds"], o["seed"], **more, **_run(o)))
    _show(found, o)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--store", type=click.Path(file_okay=False), help="Where results are kept; default: reports/NAME.")
@_options(None)
@guard
def phases(file: str, store: str | None, **o: Any) -> None:
    """A phase map: what the hub may cost over a plane of two factors.

    FILE is an experiment with two factors and the KPIs ebit and hub_cost.  Results are kept as those of `sweep`.
    """
    from omnisim.experiment import Experiment

    experiment = Experiment.load(file, sets_of(o["sets"])).with_seeds(o["seeds"], o["seed"])
    ready(list(experiment.question.strategies.values())[:1], o["engine"])
    from omnisim.decisions import phases as mapped

    o["store"] = store or str(Path("reports") / experiment.name)
    told = _told("phases", [file], o, {"--store": store})
    try:
        found = _mapped(mapped, experiment, told, o)
    except KeyboardInterrupt:
        click.echo(f"interrupted: what was finished is kept in {o['store']}; the same command goes on from there", err=True)
        sys.exit(INTERRUPTED)
    _show(found, o)


def _mapped(mapped: Callable[..., Any], experiment: Any, told: str, o: dict[str, Any]) -> Any:
    with progress_shown(o["json_path"] == "-") as progress:
        return _asked(lambda: mapped(experiment, o["workers"], o["store"], engine=o["engine"], progress=progress, command=told))


def _asked(question: Callable[[], Any]) -> Any:
    """The answer; what cannot be asked of these files is wrong input."""
    try:
        return question()
    except KeyError as e:
        raise click.UsageError(str(e.args[0])) from None
    except ValueError as e:
        if type(e).__name__ == "ScenarioError":
            raise
        raise click.UsageError(str(e)) from None


def _run(o: dict[str, Any]) -> dict[str, Any]:
    return {
        "engine": o["engine"], "workers": o.get("workers"), "budget": budget_of(o["max_events"], o["max_wall"], o["max_memory"]),
    }  # fmt: skip


def _groups(given: tuple[str, ...]) -> dict[str, list[str]]:
    out = {}
    for text in given:
        name, eq, paths = text.partition("=")
        if not eq or not name.strip() or not paths.strip():
            raise click.BadParameter(f"{text!r} is not NAME=PATH,PATH", param_hint="--lever")
        out[name.strip()] = [p.strip() for p in paths.split(",") if p.strip()]
    return out


def _told(
    verb: str, files: list[str], o: dict[str, Any], values: dict[str, Any], several: list[tuple[str, str]] | None = None,
    more: list[str] | None = None,
) -> str:  # fmt: skip
    """The command that gives this answer again."""
    parts = ["omnisim", verb, *files, *(more or [])]
    for option, value in {**values, "--seeds": o.get("seeds"), "--seed": o["seed"]}.items():
        parts += [option, str(value)] if value is not None else []
    for option, value in [*(several or []), *(("--set", s) for s in o["sets"])]:
        parts += [option, value]
    if o["folder"]:
        parts += ["--report", o["folder"]]
    return shlex.join(parts)


def _show(found: Any, o: dict[str, Any]) -> None:
    from omnisim.answers import dumps

    if o["json_path"]:
        text = dumps(found.to_json())
        sys.stdout.write(text) if o["json_path"] == "-" else Path(o["json_path"]).write_text(text, encoding="utf-8")
    if o["json_path"] != "-":
        click.echo(found.text)
    if o["folder"]:
        page = found.report(o["folder"])
        click.echo(f"\nReport: {page}", err=o["json_path"] == "-")
