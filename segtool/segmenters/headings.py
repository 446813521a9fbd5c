"""Evidence for headings: what each paragraph's form, number, layout and neighbours say, as numbers.

Nothing is decided here. ``read_lines`` looks once at every paragraph (its first characters only), ``evidence`` turns
what was seen into one row of features each; the outline weighs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from zlib import crc32

from segtool.core.document import Document, Paragraph
from segtool.segmenters.letter_runs import letter_runs
from segtool.segmenters.number import Number
from segtool.segmenters.numbering import parse_number
from segtool.segmenters.numbering_units import RANKS

HEADING_CHARACTERS = 200
"""A paragraph longer than this is no heading as a whole; it may begin with one."""
LEAD_CHARACTERS = 110
"""A run-in heading ends within so many characters behind its number."""

N_WORDS = 8
"""Words of a heading whose identity counts."""
N_BUCKETS = 4096
"""Words are told apart by a hash in ``1 .. N_BUCKETS``."""

_LEAD_BODY = r"[^\W_a-z][^\n.:;?!]"
_BEHIND_LEAD = r"\s*[–—-]?\s+(?=[^\W_]|[\"“„«(\[])"
_LEAD = re.compile(rf"(?P<lead>{_LEAD_BODY}{{1,{LEAD_CHARACTERS}}}?)(?:[.:?]|(?=\s[–—-]\s)){_BEHIND_LEAD}")
_LONGEST_LEAD = re.compile(rf"{_LEAD_BODY}{{1,{LEAD_CHARACTERS}}}")
_STOP_AND_BEHIND = re.compile(rf"[.:?]{_BEHIND_LEAD}")
_MARKUP = re.compile(r"(?:#{1,6}[ \t]+|[*_]{1,3}(?=\S)|>[ \t]+)+")
_DASH = re.compile("[–—-]")
_CJK_LEAD = re.compile(r"[(（](?P<lead>[^()（）\n]{1,40})[)）]\s*(?=\S)")
_QUOTED_LEAD = re.compile(r"(?P<lead>[“\"„«][^“”\"„«»\n]{2,80}[”\"»“])\s")
_LEADER_ENDS = frozenset("0123456789.…")
_LEADERS_TAIL = r"\s*\d{0,4}\s*$"
_LEADERS = re.compile(
    rf"[.…\t](?:(?<=\.)\.\.{_LEADERS_TAIL}|(?<=…){_LEADERS_TAIL}|(?<=\s\.)\s\.{_LEADERS_TAIL}|(?<=\t)\s*\d{{1,4}}\s*$)"
)
"""Dots, dots with spaces between, or a tab, and a page: sought by their first sign, which few places have."""


@dataclass(slots=True)
class Line:
    """One paragraph as the outline sees it; offsets are of the document's text.

    ``text_start`` is behind marks of Markdown, ``rest`` is where the text behind the number starts, ``lead`` where a
    run-in heading ends (0: none found). ``words``, ``capitals`` and ``shouted`` count the first words behind the number
    (of the run-in heading, if there is one): all, those with a capital first, those in capitals throughout. ``hashes``
    tell those words apart, and the word before the number.
    """

    start: int
    end: int
    paragraph: Paragraph
    text_start: int
    number: Number | None
    rest: int
    lead: int = 0
    words: int = 0
    capitals: int = 0
    shouted: int = 0
    has_leaders: bool = False
    hashes: tuple[int, ...] = ()
    key: tuple[object, ...] = field(default=())

    @property
    def is_long(self) -> bool:
        """Whether the paragraph is too long for a heading."""
        return self.end - self.start > HEADING_CHARACTERS


def read_lines(document: Document) -> list[Line]:
    """A line for every paragraph, in order."""
    text = document.text
    hashes = _Hashes()
    return [_read(text, paragraph, hashes) for paragraph in document.paragraphs]


def _read(text: str, paragraph: Paragraph, hashes: _Hashes) -> Line:
    start, end = paragraph.span.start, paragraph.span.end
    if paragraph.kind == "heading" and (marks := _MARKUP.match(text, start, end)):
        start = marks.end()
    head = text[start : min(end, start + HEADING_CHARACTERS + 100)]
    number = parse_number(head)
    at = min(number.end, len(head)) if number else 0
    line = Line(paragraph.span.start, end, paragraph, start, number, start + at)
    lead = _find_lead(head, at, number)
    stop = len(head)
    if lead:
        line.lead = start + lead
        stop = lead
    elif line.is_long:
        stop = at
    _count_words(line, head[at:stop], hashes)
    line.has_leaders = not line.is_long and head.rstrip()[-1:] in _LEADER_ENDS and bool(_LEADERS.search(head))
    line.key = _key(line, head[at:stop])
    return line


def _find_lead(head: str, at: int, number: Number | None) -> int:
    """Where a run-in heading behind the number ends, 0 if there is none."""
    end = _stopped_lead(head, at)
    if not end and number:
        match = _CJK_LEAD.match(head, at) or _QUOTED_LEAD.match(head, at)
        end = match.end("lead") if match else 0
    return end if end < len(head.rstrip()) else 0


def _stopped_lead(head: str, at: int) -> int:
    """Where a run-in heading with a stop or a dash behind it ends, 0 if there is none."""
    longest = _LONGEST_LEAD.match(head, at)
    if not longest:
        return 0
    end = longest.end()
    if _DASH.search(head, at, end + 2):  # else only the stop at its end can close it
        match = _LEAD.match(head, at)
        return match.end("lead") if match else 0
    return end if _STOP_AND_BEHIND.match(head, end) else 0


def _count_words(line: Line, piece: str, hashes: _Hashes) -> None:
    """Count and hash the words of the piece, in place."""
    words = letter_runs(piece[:160])
    if words:
        is_ascii = piece.isascii()  # then "[" stands between all capitals and all small letters
        capitals = [word for word in words if word < "["] if is_ascii else [w for w in words if w[0].isupper()]
        line.words, line.capitals = len(words), len(capitals)
        if capitals:
            candidates = capitals if is_ascii else words
            line.shouted = len([word for word in candidates if len(word) > 1 and word.isupper()])
    first = words[: N_WORDS - 1]
    if line.number is not None and not (line.number.text.isascii() and line.number.text.replace(".", "").isdigit()):
        first = letter_runs(line.number.text)[:1] + first
    line.hashes = tuple([hashes[word] for word in first])


class _Hashes(dict[str, int]):
    """Hash of each word, made when it is first asked for."""

    def __missing__(self, word: str) -> int:
        self[word] = crc32(word.lower()[:6].encode()) % N_BUCKETS + 1
        return self[word]


def _key(line: Line, piece: str) -> tuple[object, ...]:
    """What makes lines look alike: headings of one level share a key, mostly."""
    number, style = line.number, line.paragraph.style
    look: tuple[object, ...] = (line.paragraph.kind == "heading" and line.paragraph.level,)
    if style is not None:
        look = (*look, style.size, style.bold, style.name)
    caps = line.words > 0 and line.shouted * 2 > line.words
    if number is None:
        return ("", caps, piece[-1:] in "?？", bool(line.lead), *look)
    depth = len(number.values) if number.kind == "decimal" else 0
    case = number.text.isupper() if number.kind in ("letter", "roman") else caps and number.kind not in RANKS
    return (number.kind, number.style, depth, case, number.is_weak, *look)
