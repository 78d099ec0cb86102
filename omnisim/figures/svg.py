"""From a drawing to SVG text: the same bytes for the same drawing, letters that stay letters, ink that follows the page.

drawn(width, height, draw) -> raw SVG --page--> <svg role="img">    for the page: no host named, ids unique, ink = currentColor
                                      --file--> a file of its own   with title, description and its own light and dark
"""

import re
import warnings
from collections.abc import Callable
from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from omnisim.figures.looks import INK
from omnisim.figures.panel import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LETTERS = "font-family: 'DejaVu Sans'"
FILE_LETTERS = "font-family: system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
FILE_STYLE = (
    "<style>svg{color:#1b1b1b;background:none}*{stroke-linejoin:round;stroke-linecap:butt}"
    "@media screen and (prefers-color-scheme:dark){svg{color:#e8e6e1}}</style>"
)


def drawn(width: float, height: float, draw: Callable[["Figure"], None]) -> str:
    """The raw SVG of a drawing of so many px; `draw` puts it on a matplotlib figure.

    No window, no global state: settings hold for this drawing only and do not depend on the user's.
    """
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    out = StringIO()
    with style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's fonts draw it, not ours
        figure = Figure(figsize=(width / 72.0, height / 72.0), dpi=72)  # one px of the drawing is one of matplotlib's
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(out, format="svg", dpi=72, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return out.getvalue()


def page(raw: str, prefix: str, alt: str) -> str:
    """A drawing as an element of an HTML page; `prefix` makes its ids its own."""
    head = re.search(r'viewBox="([^"]*)"', raw)
    assert head is not None
    body = _body(raw, prefix).replace(LETTERS, "font-family: inherit")
    return f'<svg role="img" viewBox="{head[1]}" aria-label="{_attribute(alt)}">{body}</svg>\n'


def file(raw: str, prefix: str, title: str, alt: str) -> str:
    """A drawing as a file of its own."""
    head = re.search(r'viewBox="([^"]*)"', raw)
    assert head is not None
    _, _, width, height = head[1].split()
    names = f"<title>{_text(title)}</title>\n<desc>{_text(alt)}</desc>\n"
    body = _body(raw, prefix).replace(LETTERS, FILE_LETTERS)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" viewBox="{head[1]}">\n'
        f"{names}{FILE_STYLE}{body}</svg>\n"
    )


def _body(raw: str, prefix: str) -> str:
    """What stands inside the svg element, with ids only where they are used, prefixed, and ink as the current colour."""
    body = raw[raw.index(">", raw.index("<svg")) + 1 : raw.rindex("</svg>")]
    tags = re.split(r"(<[^>]*>)", body)  # text between tags is people's words: left alone
    body = "".join(_tag(t, prefix) if t.startswith("<") else t for t in tags)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.S)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]*)', body))
    body = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", body)
    body = re.sub(r"<defs>\s*</defs>\s*", "", body)
    body = re.sub(r"<g>\s*</g>\s*|<g/>\s*", "", body)
    return re.sub(r"\n\s+", "\n", body)


def _tag(tag: str, prefix: str) -> str:
    tag = tag.replace("xlink:href=", "href=").replace(INK, "currentColor")
    tag = re.sub(r'((?:id="|href="#|url\(#))([^")]*)', rf"\g<1>{prefix}-\g<2>", tag)
    return re.sub(r"(?<=\d\.\d\d)\d+", "", tag)  # a hundredth of a px is enough


def _text(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text), quote=False)


def _attribute(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text), quote=True)
