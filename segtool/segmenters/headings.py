"""Evidence for headings: what each paragraph's form, number, layout and neighbours say, as numbers.

Nothing is decided here. ``read_lines`` looks once at every paragraph (its first characters only), ``evidence`` turns
what was seen into one row of features each; the outline weighs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from zlib import crc32

from segtool.core.document import Document, Paragraph
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

_LEAD = re.compile(
    rf"(?P<lead>[^\W_a-z][^\n.:;?!]{{1,{LEAD_CHARACTERS}}}?)(?P<mark>\.|:|\?|(?=\s[–—-]\s))"
    r"\s*[–—-]?\s+(?=[^\W_]|[\"“„«(\[])"
)
_MARKUP = re.compile(r"(?:#{1,6}[ \t]+|[*_]{1,3}(?=\S)|>[ \t]+)+")
_CJK_LEAD = re.compile(r"[(（](?P<lead>[^()（）\n]{1,40})[)）]\s*(?=\S)")
_QUOTED_LEAD = re.compile(r"(?P<lead>[“\"„«][^“”\"„«»\n]{2,80}[”\"»“])\s")
_WORD = re.compile(r"[^\W\d_]+")
_LEADER_ENDS = frozenset("0123456789.…")
_LEADERS = re.compile(r"(?:\.{3,}|…|\s\.(?:\s\.)+)\s*\d{0,4}\s*$|\t\s*\d{1,4}\s*$")


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
    hashes: dict[str, int] = {}
    return [_read(text, paragraph, hashes) for paragraph in document.paragraphs]


def _read(text: str, paragraph: Paragraph, hashes: dict[str, int]) -> Line:
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
    match = _LEAD.match(head, at) or (number and (_CJK_LEAD.match(head, at) or _QUOTED_LEAD.match(head, at)))
    if not match or match.end("lead") >= len(head.rstrip()):
        return 0
    return match.end("lead")


def _count_words(line: Line, piece: str, hashes: dict[str, int]) -> None:
    """Count and hash the words of the piece, in place; ``hashes`` holds those of all words seen so far."""
    words = _WORD.findall(piece, 0, 160) if piece else []
    if words:
        line.words = len(words)
        line.capitals = len([word for word in words if word[0].isupper()])
        if line.capitals:
            line.shouted = len([word for word in words if word.isupper() and len(word) > 1])
    first = words[: N_WORDS - 1]
    if line.number is not None and not (line.number.text.isascii() and line.number.text.replace(".", "").isdigit()):
        first = _WORD.findall(line.number.text)[:1] + first
    for word in first:
        if word not in hashes:
            hashes[word] = crc32(word.lower()[:6].encode()) % N_BUCKETS + 1
    line.hashes = tuple([hashes[word] for word in first])


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
