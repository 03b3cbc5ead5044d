"""Normalisers of numbers and money."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from container.language.normalisers.base import Apply, BadArgument, Case, Normaliser, Parameter, of_text, plain
from container.language.values import as_decimal, as_text, number, number_from_text, whole

_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905
_FOUR_DECIMALS = frozenset(("CLF", "UYW"))
# Stripe's own list: docs.stripe.com/currencies, "zero-decimal" and "three-decimal currencies"
_STRIPE_NONE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())  # noqa: SIM905
_STRIPE_THREE = frozenset("BHD JOD KWD OMR TND".split())  # noqa: SIM905
_EXACT = Context(prec=700, rounding=ROUND_HALF_UP)  # more digits than a number of the language can have

_MOST_PLACES = 10

_amount = re.compile(r"[^\d.,+\-]*([+-]?)[^\d.,+\-]*(\d[\d.,'’\s]*)[^\d.,+]*", re.ASCII)
_grouped = re.compile(r"\d{1,3}(?:[.,'’\s]\d{3})+", re.ASCII)
_AS_TYPED = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})  # browsers' blanks and minus


def rounded(value: int | Decimal, places: int) -> Decimal:
    """Half up, as shops round."""
    return Decimal(value).quantize(Decimal(1).scaleb(-places), context=_EXACT)


def _with_comma(value: Any) -> int | Decimal | None:
    if not isinstance(value, str):
        return number(value)
    return number_from_text(value.replace(".", "").replace(",", "."))


def _number(style: str | None) -> Apply:
    return _with_comma if style == "comma" else number


def _integer(value: Any) -> int | None:
    found = number(value)
    return None if found is None else whole(found)


def _money(value: Any) -> Decimal | None:
    found = number(value)
    if found is None and isinstance(value, str):
        found = _written_amount(value)
    return None if found is None else rounded(found, 2)


def _fixed(places: Any) -> Apply:
    if isinstance(places, bool) or not isinstance(places, int) or not 0 <= places <= _MOST_PLACES:
        raise BadArgument("`fixed` needs the number of decimals: fixed(2)")

    def fixed(value: Any) -> str | None:
        found = number(value)
        return None if found is None else f"{rounded(found, places):f}"

    return fixed


def _written_amount(text: str) -> int | Decimal | None:
    match = _amount.fullmatch(text.translate(_AS_TYPED).strip()) if len(text) < 100 else None
    if match is None:
        return None
    digits = match[2].strip(" \t\n.,'’")
    if _grouped.fullmatch(digits) and len({sign for sign in digits if not sign.isdigit()}) == 1:
        plain_digits = re.sub(r"\D", "", digits)
    else:
        before, _, after = digits.replace(",", ".").rpartition(".")
        plain_digits = f"{re.sub(r'[^0-9]', '', before)}.{after}" if before else after
    return number_from_text(match[1] + plain_digits)


def _decimals(currency: Any, by: str | None) -> int | None:
    code = as_text(currency)
    if code is None or not re.fullmatch(r"[A-Za-z]{3}", code.strip()):
        return None
    code = code.strip().upper()
    if by == "stripe":
        return 0 if code in _STRIPE_NONE else 3 if code in _STRIPE_THREE else 2
    if code in _NO_DECIMALS:
        return 0
    return 3 if code in _THREE_DECIMALS else 4 if code in _FOUR_DECIMALS else 2


def _minor(currency: Any, by: str | None) -> Apply:
    places = _decimals(currency, by)

    def minor(value: Any) -> int | None:
        found = number(value)
        return None if found is None or places is None else whole(rounded(Decimal(found).scaleb(places, _EXACT), 0))

    return minor


def _from_minor(currency: Any, by: str | None) -> Apply:
    places = _decimals(currency, by)

    def from_minor(value: Any) -> Decimal | None:
        found = number(value)
        return None if found is None or places is None else Decimal(found).scaleb(-places, _EXACT)

    return from_minor


_SIGNS = dict(
    sign.split(":")
    for sign in (  # noqa: SIM905
        "€:EUR £:GBP ₹:INR ₩:KRW ₺:TRY ₽:RUB ₪:ILS ฿:THB ₫:VND ₴:UAH ₦:NGN ₱:PHP ZŁ:PLN KČ:CZK FT:HUF LEI:RON "
        "US$:USD CA$:CAD C$:CAD AU$:AUD A$:AUD NZ$:NZD HK$:HKD R$:BRL"
    ).split()
)


def _currency(text: str) -> str | None:
    """`$`, `¥` and `kr` are of several currencies: none of them is guessed."""
    code = text.strip().upper()
    code = _SIGNS.get(code, code)
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def _minus(other: Any) -> Apply:
    less = number(other)

    def minus(value: Any) -> int | Decimal | None:
        found = number(value)
        return None if found is None or less is None else as_decimal(_EXACT.subtract(Decimal(found), Decimal(less)))

    return minus


_CURRENCY = (Parameter("currency", "value"), Parameter("by", required=False, choices=("stripe",)))

NORMALISERS = (
    Normaliser(
        "number",
        "the number a text is, in ASCII digits; `comma`: written 1.299,90",
        _number,
        (
            Case("", "149.90", Decimal("149.90")),
            Case("", " 3 ", Decimal(3)),
            Case("comma", "1.299,90", Decimal("1299.90")),
            Case("", "1.299,90", None),
            Case("", "NaN", None),
            Case("", "1e999", None),
            Case("", "٣", None),
            Case("", True, None),
        ),
        (Parameter("style", required=False, choices=("comma",)),),
    ),
    plain(
        "integer",
        "the whole number, its fraction cut off",
        _integer,
        Case("", "3.7", 3),
        Case("", -3.7, -3),
        Case("", "three", None),
    ),
    plain(
        "money",
        "the amount with two decimals, rounded half up; currency signs and thousands separators are cut",
        _money,
        Case("", 149.905, Decimal("149.91")),
        Case("", "€ 1.299,90", Decimal("1299.90")),
        Case("", "1,299.90 USD", Decimal("1299.90")),
        Case("", "1'299.-", Decimal("1299.00")),
        Case("", "12,5", Decimal("12.50")),
        Case("", "free", None),
    ),
    Normaliser(
        "fixed",
        "the number as text with so many decimals, rounded half up: where a network wants 149.90, not 149.9",
        _fixed,
        (
            Case("2", Decimal("149.9"), "149.90"),
            Case("2", "149.905", "149.91"),
            Case("0", 149.5, "150"),
            Case("2", "free", None),
        ),
        (Parameter("decimals", "value"),),
    ),
    plain(
        "currency",
        "the currency's code in capitals; signs that belong to one currency only are read",
        of_text(_currency),
        Case("", " eur ", "EUR"),
        Case("", "€", "EUR"),
        Case("", "R$", "BRL"),
        Case("", "$", None),
        Case("", "undefined", None),
    ),
    Normaliser(
        "minor",
        "an amount in the currency's smallest unit; `stripe`: as Stripe counts it",
        _minor,
        (
            Case("'EUR'", 149.90, 14990),
            Case("'JPY'", "1500", 1500),
            Case("'KWD'", "1.5", 1500),
            Case("'ISK'", 150, 150),
            Case("'ISK', stripe", 150, 15000),
            Case("'Euro'", 1, None),
        ),
        _CURRENCY,
    ),
    Normaliser(
        "from_minor",
        "an amount from the currency's smallest unit; `stripe`: as Stripe counts it",
        _from_minor,
        (
            Case("'EUR'", 14990, Decimal("149.90")),
            Case("'JPY'", 1500, Decimal(1500)),
            Case("'KWD'", 1500, Decimal("1.500")),
            Case("'MGA', stripe", 1500, Decimal(1500)),
            Case("'EUR'", None, None),
        ),
        _CURRENCY,
    ),
    Normaliser(
        "minus",
        "the number less another",
        _minus,
        (
            Case("5", 12, Decimal(7)),
            Case("'0.50'", "149.90", Decimal("149.40")),
            Case("'x'", 1, None),
            Case("1", "one", None),
        ),
        (Parameter("other", "value"),),
    ),
)
