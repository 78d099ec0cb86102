"""Currencies: how many digits their amounts have, and amounts in their minor unit."""

from decimal import Decimal

# Digits after the point of a currency (ISO 4217) where it is not 2.
DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}


def exponent(currency: str) -> int:
    """Digits after the point of a currency.

    >>> exponent("USD"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    return next((digits for digits, codes in DIGITS.items() if currency in codes.split()), 2)


def minor_units(amount: float, currency: str) -> float:
    """An amount in minor units, not rounded; read as it is written, so that 19.33 USD is 1933 cents exactly.

    >>> minor_units(19.33, "USD"), 19.33 * 100
    (1933.0, 1932.9999999999998)
    """
    return float(Decimal(repr(float(amount))).scaleb(exponent(currency)))
