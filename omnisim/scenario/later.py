"""Names that the model fixes and whose mechanism comes in a later version: refused with a message, never ignored.

path in the file --> what is to come, or nothing
"""

import re

SHOP = "the shop journey comes later"
_ANY = r"[^.]+"

_LATER: tuple[tuple[str, str], ...] = (
    (r"catalog", SHOP),
    (r"fulfilment", "orders, stock and sourcing come later"),
    (r"shipping", "shipping and delivery come later"),
    (r"returns", "returns come later"),
    (r"marketing", "marketing comes later"),
    (r"relationship", "loyalty and repurchase come later"),
    (r"costs", "the full profit and loss account comes later"),
    (r"rollout", "the roll-out of a strategy comes later"),
    (r"regions", "regions come later"),
    (r"journey\.shop", SHOP),
    (rf"channels\.{_ANY}\.(bot|bots)", "bots come later"),
    (rf"channels\.{_ANY}\.help\.(bot|bots)", "bots come later"),
    (rf"channels\.{_ANY}\.(help\.)?callback", "callbacks come later"),
    (
        rf"staffing\.pools\.{_ANY}\.(shrinkage|breaks|training|language|languages|outsourced)",
        "shrinkage, breaks, training and outsourcing come later",
    ),
    (rf"staffing\.pools\.{_ANY}\.(shifts|access)", "shifts and outsourced pools come later"),
    (r"staffing\.routing\.(overflow|reserve|ageing)", "further routing policies come later"),
    (
        rf"customers\.segments\.{_ANY}\.(basket_factor|price_sensitivity|consent|login_rate|device|region|language|prospect|existing)",
        "customers who shop come later",
    ),
    (r"customers\.choice\.fit\.shop", SHOP),
    (r"customers\.(population|regions|fatigue)", "customers who shop come later"),
)


def later(path: str) -> str:
    """What is to come for a path of the file, or an empty text.

    >>> later("channels.web.bot"), later("channels.web.bott")
    ('bots come later', '')
    """
    return next((text for pattern, text in _LATER if re.fullmatch(pattern, path)), "")
