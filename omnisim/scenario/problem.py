"""What is wrong with a scenario file, and where.

    bytes -> tree -> objects        each step *adds* problems and goes on,
       \\______|_______/             so that a person sees all of them at once
          Problem, Problem ... -> ScenarioError

One problem is one line: ``FILE:LINE:COL: PATH: message``, where the message says what was found, what is allowed and,
for a misspelt word, the nearest known one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

WHOLE = "(file)"  # the path of a problem that concerns a file as a whole


@dataclass(frozen=True, slots=True, order=True)
class Pos:
    """A place in a text: file as the reader knows it, line and column counted from 1."""

    file: str
    line: int = 1
    col: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, or worth a warning.

    >>> print(Problem("shop.yaml", 3, 9, "clock.horizon", "found 48 without a unit"))
    shop.yaml:3:9: clock.horizon: found 48 without a unit
    """

    file: str
    line: int
    col: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}: {self.path or WHOLE}: {self.message}"


class ScenarioError(Exception):
    """A scenario cannot be used.  `problems` lists every reason; `str()` prints one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["ScenarioError"], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))  # so that it survives the way back from a worker process


class Refused(Exception):
    """Internal: this value cannot be read; its problem has been written down already."""


@dataclass
class Notes:
    """Collects problems and warnings while a scenario is read."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, pos: Pos, path: str, message: str) -> None:
        self.problems.append(Problem(pos.file, pos.line, pos.col, path, message))

    def warn(self, pos: Pos, path: str, message: str) -> None:
        self.warnings.append(Problem(pos.file, pos.line, pos.col, path, message))

    def raise_if_any(self) -> None:
        if self.problems:
            raise ScenarioError(self.problems)


def short(text: str, most: int = 40) -> str:
    """A text in quotes, cut to a length that fits a message.

    >>> short("a" * 50, 5)
    "'aaaaa...'"
    """
    return repr(text if len(text) <= most else text[:most] + "...")


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known word nearest to `word`, or nothing.

    >>> nearest("omnichanel", ["siloed", "multichannel", "omnichannel"])
    "; did you mean 'omnichannel'?"
    """
    words = {k.lower(): k for k in known}
    close = get_close_matches(word[:80].lower(), list(words), n=1, cutoff=0.6)
    return f"; did you mean {words[close[0]]!r}?" if close else ""


def listing(words: Iterable[str], most: int = 12) -> str:
    """The allowed words, at most `most` of them.

    >>> listing(["cut", "drain"])
    'cut, drain'
    """
    all_words = list(words)
    rest = len(all_words) - most
    return ", ".join(all_words[:most]) + (f" and {rest} more" if rest > 0 else "")
