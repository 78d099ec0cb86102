"""One table of everything that is known: case, metric, known value, ours from two base seeds, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omnisim.validation import moving, published, routed, theory
from omnisim.validation.cases import HALF, Case, Judged, judge, play
from omnisim.validation.formulas import Formula, formulas

BASE_SEEDS = (10_001, 1_000_001)


def all_cases() -> tuple[Case, ...]:
    """Every case that is simulated."""
    return (*theory.cases(), *moving.cases(), *routed.cases(), *published.cases())


@dataclass(frozen=True)
class Report:
    """What was compared: formulas, and of each case the rows judged by base seed [row][base seed]."""

    formulas: Sequence[Formula]
    cases: Sequence[tuple[Case, Sequence[Sequence[Judged]]]]
    base_seeds: Sequence[int]

    @property
    def holds(self) -> bool:
        """Whether every row holds."""
        return not self.failures

    @property
    def rows(self) -> int:
        """How many lines the table has."""
        return len(self.formulas) + sum(len(rows) for _, rows in self.cases)

    @property
    def failures(self) -> list[str]:
        """The rows that do not hold."""
        bad = [f"{f.public} {f.name}" for f in self.formulas if not f.holds]
        return bad + [f"{case.name}: {row[0].row.name}" for case, rows in self.cases for row in rows if not all(j.holds for j in row)]

    def text(self) -> str:
        """The table: a line a row, below a line for each case."""
        seeds = " and ".join(str(s) for s in self.base_seeds)
        ours = "".join(f"{f'ours {i + 1}':>11}{'s.e.':>6}" for i in range(len(self.base_seeds)))
        lines = [
            f"Base seeds {seeds}.  s.e.: standard errors between ours and the known value.",
            "Width: half-width of the 95 % interval over the tolerance, the larger of both; it may be 0.5.",
            "Known: exact; published (*) where it is the mean of a long published or independent simulation.",
            "",
            f"{'Case':<5} {'metric':<44}{'known':>11}{ours}{'tolerance':>10}{'width':>6}",
        ]
        for f in self.formulas:
            own = f"{_number(f.ours()):>11}{'-':>6}" + f"{'':>17}" * (len(self.base_seeds) - 1)
            lines.append(_line(f.public, f.name, f.value, own, f.tolerance, None, f.holds))
        for case, rows in self.cases:
            lines.append(f"{case.public:<5} scenarios/{case.file}.yaml" + "".join(f", {k}: {_short(v)}" for k, v in case.changes.items()))
            for row in rows:
                known, width = row[0].row, max(j.width for j in row)
                own = "".join(f"{_number(j.seen.estimate):>11}{j.errors:>6.2f}" for j in row)
                star = "" if case.exact else "*"
                lines.append(_line("", known.name, known.value, own, known.tolerance, width, all(j.holds for j in row), star))
        bad = self.failures
        lines += ["", f"{self.rows - len(bad)} of {self.rows} rows hold." + (f"  Not: {'; '.join(bad)}." if bad else "")]
        return "\n".join(lines)


def _line(public: str, name: str, known: float, ours: str, tolerance: float, width: float | None, holds: bool, star: str = "") -> str:
    share = f"{width:>6.2f}" if width is not None else f"{'-':>6}"
    return f"{public:<5} {name:<44}{_number(known) + star:>11}{ours}{_number(tolerance):>10}{share}{'  ok' if holds else '  FAILS'}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _number(x: float) -> str:
    """Six figures, as short as they go.

    >>> _number(0.694456), _number(1815.27), _number(1e-8), _number(0.0)
    ('0.694456', '1815.27', '1e-08', '0')
    """
    return f"{x:.6g}"


def validate(
    names: Sequence[str] = (),
    base_seeds: Sequence[int] = BASE_SEEDS,
    *,
    short: bool = False,
    engine: str = "compiled",
    workers: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Play every case (or those of these names or public numbers) and compare.

    `short`: runs of which the half-width may be the whole tolerance, and slow rows need only lie within 4 standard errors.
    Raises ValueError for a name that no case has.
    """
    cases = all_cases()
    known = {c.name for c in cases} | {c.public for c in cases} | {f.public for f in formulas()}
    for name in names:
        if name not in known:
            raise ValueError(f"there is no case {name!r}; there are: {', '.join(sorted(known - {'-'}))}")
    chosen = [c for c in cases if not names or c.name in names or c.public in names]
    done = []
    for case in chosen:
        if progress is not None:
            progress(case.name)
        known_rows = case.rows()
        length, share = (case.short, 1.0) if short else (case.full, HALF)
        played = [play(case, length, seed, engine, workers) for seed in base_seeds]
        done.append((case, [[judge(row, p, share, ease=short) for p in played] for row in known_rows]))
    return Report([f for f in formulas() if not names or f.public in names], done, base_seeds)
