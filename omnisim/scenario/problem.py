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
from itertools import islice
from typing import NamedTuple

WHOLE = "(file)"  # the path of a problem that concerns a file as a whole
MOST_PROBLEMS = 200  # more than anybody corrects at once, and few enough that a hostile file is answered at once


class Pos(NamedTuple):
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
        return printable(f"{self.file}:{self.line}:{self.col}: {self.path or WHOLE}: {self.message}")


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
        """Write a problem down.  Raises ScenarioError when there are too many to go on."""
        self.problems.append(Problem(pos.file, pos.line, pos.col, path[:200], message))
        if len(self.problems) >= MOST_PROBLEMS:
            last = Problem(pos.file, pos.line, pos.col, WHOLE, f"{MOST_PROBLEMS} problems; more are not looked for")
            raise ScenarioError([*sorted(self.problems), last])

    def warn(self, pos: Pos, path: str, message: str) -> None:
        self.warnings.append(Problem(pos.file, pos.line, pos.col, path, message))

    def raise_if_any(self) -> None:
        if self.problems:
            raise ScenarioError(self.problems)


def printable(text: str) -> str:
    """A text whose line breaks and control characters are shown as escapes, so that one problem stays one line.

    >>> printable("a\\nb")
    'a\\\\nb'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def short(text: str, most: int = 40) -> str:
    """A text in quotes, cut to a length that fits a message.

    >>> short("a" * 50, 5)
    "'aaaaa...'"
    """
    return repr(text if len(text) <= most else text[:most] + "...")


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, if any is near.

    >>> near("omnichanel", ["siloed", "multichannel", "omnichannel"])
    'omnichannel'
    """
    words = {k.lower(): k for k in islice(known, 300)}
    close = get_close_matches(word[:80].lower(), list(words), n=1, cutoff=0.6)
    return words[close[0]] if close else None


def nearest(word: str, known: Iterable[str]) -> str:
    """A question to add to a message about an unknown word, or nothing.

    >>> nearest("omnichanel", ["siloed", "multichannel", "omnichannel"])
    " (did you mean 'omnichannel'?)"
    """
    word_near = near(word, known)
    return f" (did you mean {word_near!r}?)" if word_near else ""


def listing(words: Iterable[str], most: int = 12) -> str:
    """The allowed words, at most `most` of them.

    >>> listing(["cut", "drain"])
    'cut, drain'
    """
    all_words = list(words)
    rest = len(all_words) - most
    return ", ".join(all_words[:most]) + (f" and {rest} more" if rest > 0 else "")
