"""Generated worlds: small scenarios that together use every mechanism, with ties on purpose in three of ten."""

import json
import random
from pathlib import Path
from typing import Any

from omnisim.scenario import Scenario, load

PRESETS = ("siloed", "multichannel", "omnichannel")


def world(seed: int) -> dict[str, Any]:
    """A random scenario as a plain dict (a valid scenario file)."""
    g = random.Random(seed)
    grid = g.choice((0, 0, 0, 0, 0, 0, 0, 30, 300, 30))
    goal = g.choice(("issue", "issue", "markov"))
    live = [f"live{i}" for i in range(g.randint(1, 3))]
    inbox = [f"inbox{i}" for i in range(g.randint(0, 1))]
    browse = [f"web{i}" for i in range(g.randint(0, 2))]
    channels: dict[str, Any] = {}
    for name in live:
        help_ = {"mode": "live", "handling": law(g, grid, 30, 300), "patience": patience(g, grid), "resolve": g.choice((1.0, 0.7, 0.0))}
        if g.random() < 0.4:
            help_["wrap"] = law(g, grid, 0, 90)
        if g.random() < 0.3:
            help_["queue_limit"] = g.choice((0, 1, 5))
        if g.random() < 0.3:
            help_["at_close"] = "disconnect"
        if g.random() < 0.6:
            formulas = (
                "answered_in_time_over_offered",
                "answered_in_time_over_answered",
                "excluding_short_abandons",
                "abandons_count_as_met",
            )
            help_["service_level"] = {"within": "30 s", "target": 0.8, "formula": g.choice(formulas), "strict": g.random() < 0.5}
        channels[name] = {"help": help_}
        if g.random() < 0.3:
            channels[name]["hours"] = g.choice(("Mon-Sun 00:30-02:30", "Mon-Fri 00:00-01:00, Mon-Fri 02:00-03:00"))
        if g.random() < 0.2:
            channels[name]["medium"] = live[0]
        if g.random() < 0.3:
            channels[name]["believed_wait"] = "2 min"
    for name in inbox:
        help_ = {"mode": "inbox", "handling": law(g, grid, 60, 300), "resolve": g.choice((1.0, 0.6))}
        if g.random() < 0.7:
            help_ |= {
                "deadline": g.choice(("10 min", "30 min")),
                "missed": {live[0]: g.choice((0.0, 0.5, 1.0))},
                "withdraw": g.random() < 0.5,
            }
        channels[name] = {"help": help_}
        if g.random() < 0.5:
            channels[name]["hours"] = "Mon-Sun 01:00-03:00"
    for name in browse:
        channels[name] = {"browse": {"time": law(g, grid, 30, 300), "resolve": g.choice((0.0, 0.3, 1.0))}}
    names = live + inbox + browse
    demand = {f"stream{i}": stream(g, goal, live + inbox, browse, names) for i in range(g.randint(1, 2))}
    pools: dict[str, Any] = {}
    for i in range(g.randint(1, 3)):
        skilled = g.sample(live + inbox, g.randint(1, len(live + inbox)))
        pools[f"pool{i}"] = {
            "agents": g.choice(
                (g.randint(1, 6), [g.randint(0, 4) for _ in range(8)], {"00:00": g.randint(0, 3), "01:30": g.randint(1, 5)})
            ),
            "wage": "20 USD/h",
            "skills": {
                c: {
                    "priority": g.randint(1, 2),
                    "preference": g.randint(1, 2),
                    "speed": g.choice((1.0, 0.5, 2.0)),
                    "concurrency": g.choice((1, 1, 2, 3)),
                }
                for c in skilled
            },
        }
    for c in live + inbox:
        if not any(c in p["skills"] for p in pools.values()):
            pools["pool0"]["skills"][c] = {}
    out: dict[str, Any] = {
        "omnisim": 1,
        "name": f"world {seed}",
        "clock": {
            "horizon": "4 h",
            "warmup": g.choice(("0 s", "20 min")),
            "interval": "30 min",
            "at_end": g.choice(("cut", "drain")),
        },
        "demand": demand,
        "channels": channels,
        "staffing": {
            "routing": {"agent": g.choice(("preference", "least_loaded")), "contact": g.choice(("priority", "longest_wait"))},
            "pools": pools,
        },
    }
    if g.random() < 0.3:
        out["world"] = {"busyness_cv": 0.3}
    if goal == "markov":
        share = 0.8 / len(names)
        out["journey"] = {"markov": {"switch": {a: dict.fromkeys(names, share) for a in names}, "convert": dict.fromkeys(names, 0.1)}}
    elif g.random() < 0.8:
        to = {"same": 0.5, g.choice(live): 0.5}
        out["journey"] = {
            "issue": {
                "retry": {
                    "after_abandoned": g.choice((0.0, 0.5, 0.9)),
                    "after_unresolved": g.choice((0.0, 0.6, 0.9)),
                    "delay": law(g, grid, 0, 600),
                    "channel": to if g.random() < 0.7 else {"same": 1.0},
                    "most": g.randint(0, 6),
                    "redraw": g.random() < 0.7,
                }
            }
        }
    if g.random() < 0.7:
        out["context"] = context(g, names)
    if g.random() < 0.4:
        out["customers"] = customers(g, names, live)
        if "journey" in out and "issue" in out["journey"] and "choice" in out["customers"]:
            out["journey"]["issue"]["retry"]["channel"] = {"same": 0.5, "free": 0.5}
    return out


def law(g: random.Random, grid: int, low: int, high: int) -> dict[str, Any]:
    """A law of durations; on the grid constants that are multiples of it."""
    if grid:
        return {"law": "constant", "value": f"{grid * g.randint(low // grid, max(1, high // grid))} s"}
    mean = f"{g.uniform(max(low, 1), high):.3f} s"
    kind = g.choice(("exponential", "lognormal", "gamma", "weibull", "uniform", "constant"))
    if kind == "constant":
        return {"law": kind, "value": mean}
    if kind == "exponential":
        return {"law": kind, "mean": mean}
    if kind == "uniform":
        return {"law": kind, "low": "0 s", "high": mean}
    return {"law": kind, "mean": mean, "cv": g.choice((0.5, 1.3))}


def patience(g: random.Random, grid: int) -> Any:
    """Patience: never, none at all, a law, or a mixture with balking."""
    if grid:
        return g.choice(("never", {"law": "constant", "value": f"{grid * g.randint(0, 4)} s"}))
    balk = {
        "law": "mixture",
        "parts": [{"share": 0.2, "law": "constant", "value": "0 s"}, {"share": 0.8, "law": "exponential", "mean": "90 s"}],
    }
    return g.choice(("never", {"law": "exponential", "mean": "60 s"}, {"law": "constant", "value": "45 s"}, balk))


def stream(g: random.Random, goal: str, helped: list[str], browse: list[str], names: list[str]) -> dict[str, Any]:
    """Demand by rate, clock map, volume with profile and surge, or batch."""
    targets = helped if goal == "issue" else names
    first, second = g.choice(targets), g.choice(targets)
    out: dict[str, Any] = {"goal": goal, "enter": {first: 1.0} if first == second else {first: 0.6, second: 0.4}}
    how = g.choice(("rate", "clock", "volume", "batch"))
    if how == "rate":
        out["rate"] = f"{g.uniform(0.1, 1.5):.3f} /min"
    elif how == "clock":
        out["rate"] = {"00:00": "0.5 /min", "01:00": "2 /min", "03:00": "0 /min"}
    elif how == "volume":
        out |= {"volume": g.randint(20, 250), "profile": {"hourly": [g.randint(0, 5) for _ in range(23)] + [1]}}
        if sum(out["profile"]["hourly"][:4]) == 0:
            out["profile"]["hourly"][0] = 1
        out["surge"] = [{"from": "2001-01-01 01:00", "to": "2001-01-01 01:30", "factor": g.choice((3, 0.5))}]
    else:
        out["at"] = {"00:00": g.randint(1, 30), "2001-01-01 02:00": g.randint(1, 20)}
    if goal == "issue" and browse and g.random() < 0.6:
        out["preceded"] = {browse[0]: 0.5}
        if g.random() < 0.5:
            out["preceded_gap"] = {"law": "constant", "value": "2 min"}
    return out


def context(g: random.Random, names: list[str]) -> dict[str, Any]:
    """Context rules with gains and harms."""
    out: dict[str, Any] = {
        "preset": g.choice(PRESETS),
        "self_service_counts": g.random() < 0.7,
        "own_memory": g.choice((1.0, 0.5)),
        "effects": {
            "repeat_time": g.choice(("0 s", "75 s", "30 s")),
            "lookup_time": g.choice(("0 s", "20 s")),
            "resolution_loss": g.choice((0.0, 0.3)),
            "patience_factor": g.choice((1.0, 0.5)),
            "contradiction_loss": g.choice((0.0, 0.4)),
        },
        "harms": {
            "false_match": g.choice((0.0, 0.2)),
            "stale": g.choice((0.0, 0.3)),
            "wrong_record_time": g.choice(("0 s", "60 s")),
            "wrong_record_loss": g.choice((0.0, 0.5)),
            "consent_friction": g.choice((0.0, 0.2)),
            "induced_contacts": g.choice((0.0, 0.1)),
        },
        "hub": {"cost": "900 USD/day", "down": [{"from": "2001-01-01 01:00", "to": "2001-01-01 02:00"}] if g.random() < 0.4 else []},
    }
    out.update(g.choice(({}, {"time_to_live": "30 min"}, {"half_life": "20 min"})))
    if g.random() < 0.3:
        out["level"] = g.choice(("L0", "L1", "L2", "L3", "L4"))
    return out


def customers(g: random.Random, names: list[str], live: list[str]) -> dict[str, Any]:
    """Segments and, sometimes, free choice."""
    out: dict[str, Any] = {
        "segments": {
            "hurried": {"share": 0.4, "patience_factor": 0.5, "effort_sensitivity": 2.0, "habit": {live[0]: 0.5}},
            "calm": {"share": 0.6, "habit": {g.choice(names): 1.0}},
        }
    }
    if g.random() < 0.7:
        out["choice"] = {"wait": "0.1 /min", "effort": {live[0]: 0.2}, "nudge": {live[-1]: 0.3}, "outside": -1.0}
    return out


def load_world(folder: Path, seed: int, **changes: Any) -> Scenario:
    """World `seed` as a loaded scenario; the file is JSON, which is YAML."""
    path = folder / f"world{seed}.yaml"
    path.write_text(json.dumps({**world(seed), **changes}), encoding="utf-8")
    return load(path)
