"""Numbers as lists print them: Roman, letters, and the number formats of Word. Pure.

The formats are those of ECMA-376 part 1, 17.18.59 (ST_NumberFormat); what is unknown prints as decimal.
"""

from __future__ import annotations

import re
from collections.abc import Callable

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


_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
             "twelve": "twelfth"}  # fmt: skip


def cardinal(value: int) -> str:
    """A number in English words, digits from a million on.

    >>> cardinal(121)
    'one hundred twenty-one'
    """
    if not 0 <= value < 1_000_000:
        return str(value)
    if value < 20:
        return _ONES[value]
    if value < 100:
        rest = value % 10
        return _TENS[value // 10] + (f"-{_ONES[rest]}" if rest else "")
    size, word = (1000, "thousand") if value >= 1000 else (100, "hundred")
    head, rest = divmod(value, size)
    return f"{cardinal(head)} {word}" + (f" {cardinal(rest)}" if rest else "")


def ordinal_words(value: int) -> str:
    """An ordinal number in English words.

    >>> ordinal_words(22)
    'twenty-second'
    """
    words = cardinal(value)
    last = re.split(r"[ -]", words)[-1]
    head = words[: len(words) - len(last)]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def ordinal(value: int) -> str:
    """An ordinal number in digits, English.

    >>> ordinal(23), ordinal(11)
    ('23rd', '11th')
    """
    teens = value % 100 in (11, 12, 13)
    return f"{value}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


_CJK_DIGITS = "〇一二三四五六七八九"


def chinese(value: int) -> str:
    """Chinese counting numerals up to 99,999.

    >>> chinese(12), chinese(105)
    ('十二', '一百〇五')
    """
    if not 0 < value < 100_000:
        return "".join(_CJK_DIGITS[int(d)] for d in str(value)) if value >= 0 else str(value)
    out, gap = "", False
    for size, word in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // size % 10
        if digit:
            out += ("〇" if gap and out else "") + ("" if digit == 1 and size == 10 and not out else _CJK_DIGITS[digit])
            out += word
        gap = not digit
    return out


def _hebrew(value: int) -> str:
    if not 0 < value < 1000:
        return str(value)
    out = "ת" * (value // 400)
    out += ("", "ק", "ר", "ש")[value % 400 // 100]
    rest = value % 100
    if rest in (15, 16):
        return out + ("טו" if rest == 15 else "טז")
    return out + ("", "י", "כ", "ל", "מ", "נ", "ס", "ע", "פ", "צ")[rest // 10] + " אבגדהוזחט"[rest % 10].strip()


def _digits(first: str) -> Callable[[int], str]:
    table = {ord(str(i)): chr(ord(first) + i) for i in range(10)}
    return lambda value: str(value).translate(table)


def _alphabet(characters: str) -> Callable[[int], str]:
    return lambda value: repeated_letters(value, characters)


def _enclosed(first: str, count: int) -> Callable[[int], str]:
    return lambda value: chr(ord(first) + value - 1) if 0 < value <= count else str(value)


_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "decimalZero": lambda value: f"{value:02d}",
    "upperRoman": lambda value: roman(value).upper(),
    "lowerRoman": roman,
    "upperLetter": lambda value: repeated_letters(value).upper(),
    "lowerLetter": repeated_letters,
    "ordinal": ordinal,
    "cardinalText": lambda value: cardinal(value).capitalize(),
    "ordinalText": lambda value: ordinal_words(value).capitalize(),
    "hex": lambda value: f"{value:X}",
    "chicago": lambda value: "*†‡§"[(value - 1) % 4] * ((value - 1) // 4 + 1) if 0 < value <= 80 else str(value),
    "numberInDash": lambda value: f"- {value} -",
    "decimalEnclosedCircle": _enclosed("①", 20),
    "decimalEnclosedCircleChinese": _enclosed("①", 20),
    "decimalEnclosedParen": _enclosed("⑴", 20),
    "decimalEnclosedFullstop": _enclosed("⒈", 20),
    "decimalFullWidth": _digits("０"),
    "decimalFullWidth2": _digits("０"),
    "ideographDigital": lambda value: "".join(_CJK_DIGITS[int(d)] if d.isdigit() else d for d in str(value)),
    "japaneseDigitalTenThousand": lambda value: "".join(_CJK_DIGITS[int(d)] if d.isdigit() else d for d in str(value)),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographTraditional": _alphabet("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _alphabet("子丑寅卯辰巳午未申酉戌亥"),
    "koreanDigital": lambda value: "".join("영일이삼사오육칠팔구"[int(d)] if d.isdigit() else d for d in str(value)),
    "ganada": _alphabet("가나다라마바사아자차카타파하"),
    "chosung": _alphabet("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"),
    "aiueo": _alphabet("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ"),
    "aiueoFullWidth": _alphabet(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
    ),
    "iroha": _alphabet("ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽ"),
    "irohaFullWidth": _alphabet(
        "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
    ),
    "hebrew1": _hebrew,
    "hebrew2": _alphabet("אבגדהוזחטיכלמנסעפצקרשת"),
    "arabicAlpha": _alphabet("أبتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    "arabicAbjad": _alphabet("أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"),
    "hindiNumbers": _digits("०"),
    "thaiNumbers": _digits("๐"),
    "thaiLetters": _alphabet("กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"),
    "russianLower": _alphabet("абвгдежзиклмнопрстуфхцчшщыэюя"),
    "russianUpper": _alphabet("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ"),
}


def number_text(value: int, number_format: str) -> str:
    """A number in a format of Word; unknown formats print as decimal.

    >>> number_text(4, "upperRoman"), number_text(28, "lowerLetter"), number_text(3, "decimalZero")
    ('IV', 'bb', '03')
    """
    return _FORMATS.get(number_format, str)(value)
