"""The fewest agents with which each strategy keeps its service level: the numbers in the files.

python scenarios/hybrid-service/size.py       prints service level and lost issues for one agent fewer, as many, and one more
"""

from pathlib import Path

import omnisim as om

HERE = Path(__file__).resolve().parent
STAFFED = ("human-only", "hybrid", "false-closure")
SEEDS = 10
AGENTS = "staffing.pools.desk.agents"


def served(name: str, more: int, seeds: int = SEEDS) -> tuple[int, float, float]:
    """(agents, service level, issues lost) of a strategy with so many agents more than its file says."""
    scenario = om.load(HERE / f"{name}.yaml")
    assert scenario.staffing is not None
    agents = scenario.staffing.pools["desk"].agents
    assert isinstance(agents, int)
    answer = om.run(scenario.with_({AGENTS: agents + more}), seeds=seeds, workers=1)
    return agents + more, answer.kpi("service_level").mean, 1.0 - answer.kpi("resolution_rate").mean


def main() -> None:
    for name in STAFFED:
        for more in (-1, 0, 1):
            agents, level, lost = served(name, more)
            print(f"{name:14} {agents:3} agents   service level {level:.3f}   lost {lost:.3f}")


if __name__ == "__main__":
    main()
