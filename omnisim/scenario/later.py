"""Names that the model fixes and whose mechanism comes in a later version: refused with a message, never ignored.

path in the file --> what is to come, or nothing
"""

import re

_ANY = r"[^.]+"
_ORDERS = "stock and sourcing are said in fulfilment: nodes, sourcing"
_REACH = "other messages come later"

_LATER: tuple[tuple[str, str], ...] = (
    (r"marketing\.(blasts|retention|consent)", _REACH),
    (r"fulfilment\.(stock|ship_from_store)", _ORDERS),
    (r"nodes|sourcing|stock", _ORDERS),
    (rf"staffing\.pools\.{_ANY}\.(language|languages)", "a channel has a language, and its pools speak it"),
    (rf"customers\.segments\.{_ANY}\.consent", "consent comes later"),
    (r"customers\.(population|regions|fatigue)", "customers come from the streams of demand, and come back by relationship"),
)


def later(path: str) -> str:
    """What is to come for a path of the file, or an empty text.

    >>> later("marketing.consent"), later("channels.web.bot")
    ('other messages come later', '')
    """
    return next((text for pattern, text in _LATER if re.fullmatch(pattern, path)), "")
