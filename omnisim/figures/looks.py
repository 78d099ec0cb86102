"""How a strategy looks: the same colour, marker and dash on every figure and every page.

    multichannel  blue         circle         siloed       purple    triangle
    omnichannel   vermillion   square         same spend   sky blue  triangle, dashed
    any other     the next free of green, orange, ink, ...

Colours are those of Okabe and Ito (2008), which people with any common colour blindness tell apart; the marker and the dash say
the same once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisim.answers import Comparison

# On the page this colour becomes the colour of the text, so that axes and labels are dark on light and light on dark.
INK = "#010203"

OKABE_ITO = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}

Dash = tuple[float, ...]
SOLID: Dash = ()


@dataclass(frozen=True)
class Look:
    """Colour (hex), marker (as matplotlib names it) and dash (points on, points off; empty: solid)."""

    colour: str
    marker: str
    dash: Dash = SOLID


FIXED: dict[str, Look] = {
    "multichannel": Look(OKABE_ITO["blue"], "o"),
    "omnichannel": Look(OKABE_ITO["vermillion"], "s"),
    "siloed": Look(OKABE_ITO["purple"], "^", (1.2, 1.6)),
    "same spend": Look(OKABE_ITO["sky blue"], "v", (4.0, 1.8)),
}
FREE: tuple[Look, ...] = (
    Look(OKABE_ITO["green"], "D", (5.0, 1.5, 1.2, 1.5)),
    Look(OKABE_ITO["orange"], "P", (2.5, 1.2)),
    Look(INK, "X", (6.0, 2.5)),
)
MARKERS = "DPX^vos"  # when more strategies come than colours, markers go on changing
YELLOW = OKABE_ITO["yellow"]  # too pale for a line on white: kept for areas


def kind_of(name: str, preset: str | None = None) -> str | None:
    """Which of the fixed looks a strategy has by its name, else by its context preset; None: no fixed one.

    >>> kind_of("Multichannel, same spend"), kind_of("my omni plan"), kind_of("today", "multichannel"), kind_of("plan B")
    ('same spend', 'omnichannel', 'multichannel', None)
    """
    text = name.casefold()
    if "same" in text and any(word in text for word in ("spend", "money", "budget")):
        return "same spend"
    for word, kind in (("omni", "omnichannel"), ("silo", "siloed"), ("multi", "multichannel")):
        if word in text:
            return kind
    return preset if preset in FIXED else None


def looks(names: Sequence[str], presets: Sequence[str | None]) -> dict[str, Look]:
    """One look a strategy, all different: the fixed ones by name first, then by preset, then the free ones in order.

    >>> [look.marker for look in looks(["Today", "Multichannel", "Plan B"], ["multichannel", None, None]).values()]
    ['D', 'o', 'P']
    """
    given: dict[str, Look] = {}
    for by_preset in (False, True):
        for name, preset in zip(names, presets, strict=True):
            kind = kind_of(name, preset if by_preset else None)
            if name not in given and kind is not None and FIXED[kind] not in given.values():
                given[name] = FIXED[kind]
    left = [name for name in names if name not in given]
    for i, name in enumerate(left):
        free = FREE[i % len(FREE)]
        round_ = i // len(FREE)
        given[name] = free if round_ == 0 else Look(free.colour, MARKERS[(i + round_) % len(MARKERS)], (1.0 + round_, 1.0 + i % 3))
    return {name: given[name] for name in names}


def looks_of(comparison: "Comparison") -> dict[str, Look]:
    """The looks of the strategies of a comparison, by name."""
    presets = [getattr(a.scenario.context, "preset", None) for a in comparison.answers]
    return looks(comparison.names, presets)


def focus(comparison: "Comparison") -> int:
    """Index of the strategy that is shown where only one can stand beside the baseline: the omnichannel one, else the first."""
    presets = [getattr(a.scenario.context, "preset", None) for a in comparison.answers]
    kinds = [kind_of(n, p) for n, p in zip(comparison.names, presets, strict=True)]
    others = range(1, len(kinds))
    return next((i for i in others if kinds[i] == "omnichannel"), 1)


def short_names(names: Sequence[str], most: int = 26) -> dict[str, str]:
    """Names for labels: without the words they all begin with, cut to `most` characters, still all different.

    >>> list(short_names(["Retail day, siloed", "Retail day, omnichannel"]).values())
    ['siloed', 'omnichannel']
    """
    words = [n.split() for n in names]
    shared = 0
    while len(names) > 1 and all(len(w) > shared + 1 and w[shared] == words[0][shared] for w in words):
        shared += 1
    rest = [" ".join(w[shared:]) or n for w, n in zip(words, names, strict=True)]
    cut = [clip(r, most) for r in rest]
    if len(set(cut)) < len(cut):
        cut = [f"{clip(r, most - 4)} ({i + 1})" for i, r in enumerate(rest)]
    return dict(zip(names, cut, strict=True))


def clip(text: str, most: int) -> str:
    """At most so many characters, control characters left out.

    >>> clip("a very long name", 8)
    'a very …'
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + (" …" if plain[: most - 1][-1] == " " else "…")


SHAPES = {
    "o": '<circle cx="14" cy="7" r="4.2"/>',
    "s": '<rect x="10" y="3" width="8" height="8"/>',
    "^": '<path d="M14 2.2 18.8 11H9.2z"/>',
    "v": '<path d="M14 11.8 9.2 3h9.6z"/>',
    "D": '<path d="M14 1.8 19.2 7 14 12.2 8.8 7z"/>',
    "P": '<path d="M12.4 2.4h3.2v3h3v3.2h-3v3h-3.2v-3h-3V5.4h3z"/>',
    "X": '<path d="M10.6 2.4 14 5.8l3.4-3.4 1.2 1.2L15.200 7l3.4 3.4-1.2 1.2L14 8.2l-3.4 3.4-1.2-1.2L12.8 7 9.400 3.600z"/>',
}


def glyph(look: Look) -> str:
    """A little picture of a look for tables and keys: a piece of line with its marker, as an SVG element."""
    colour = "currentColor" if look.colour == INK else look.colour
    dash = f' stroke-dasharray="{" ".join(f"{2 * d:g}" for d in look.dash)}"' if look.dash else ""
    line = f'<path d="M1 7H27" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
    return f'<svg class="glyph" viewBox="0 0 28 14" aria-hidden="true">{line}<g fill="{colour}">{SHAPES[look.marker]}</g></svg>'


Looks = Mapping[str, Look]
