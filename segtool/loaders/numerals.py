"""Numbers as lists print them: Roman, letters, words of the formats of HTML and Word. Pure."""

from __future__ import annotations

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def roman(value: int) -> str:
    """Lower-case Roman numeral; Arabic digits outside 1 to 3999.

    >>> roman(14)
    'xiv'
    """
    if not 0 < value < 4000:
        return str(value)
    out = ""
    for worth, digits in _ROMAN:
        count, value = divmod(value, worth)
        out += digits * count
    return out


def letters(value: int) -> str:
    """Letters as spreadsheets and HTML count: z is followed by aa, ab; digits below 1.

    >>> letters(28)
    'ab'
    """
    if value < 1:
        return str(value)
    out = ""
    while value:
        value, digit = divmod(value - 1, 26)
        out = chr(ord("a") + digit) + out
    return out


def repeated_letters(value: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Letters as Word counts: z is followed by aa, bb; digits outside 1 to 780.

    >>> repeated_letters(28)
    'bb'
    """
    if not 0 < value <= 30 * len(alphabet):
        return str(value)
    times, index = divmod(value - 1, len(alphabet))
    return alphabet[index] * (times + 1)
