"""Events of an HTML parser to blocks: the part of the HTML loader that keeps state."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from segtool.core.document import ParagraphKind, Style
from segtool.loaders.blocks import Block, clean
from segtool.loaders.numerals import letters, roman
from segtool.loaders.tables import TableCollector

_SKIPPED = frozenset((
    "script", "style", "template", "noscript", "svg", "object", "embed", "iframe", "audio", "video", "canvas",
    "select", "textarea", "option", "datalist", "ix:header", "map", "applet", "frameset", "noframes",
))  # fmt: skip
_FURNITURE = frozenset((
    "nav", "aside", "button", "menu", "dialog",
))  # fmt: skip
_FURNITURE_ROLES = frozenset((
    "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar",
    "toolbar",
))  # fmt: skip
# Whole words only, and none that a section of a policy might have as its id ("cookies", "share-capital").
_FURNITURE_WORDS = re.compile(
    r"(?<![\w-])(?:cookie-?(?:banner|notice|consent|bar|popup|message|law)|(?:consent|gdpr)-(?:banner|notice|popup)"
    r"|onetrust[\w-]*|cookiebot[\w-]*|breadcrumbs?|navbar[\w-]*|nav-?menu|main-?menu|site-?nav\w*|navigation|sidebar"
    r"|side-?bar|pagination|pager|skip-?links?|skip-?to-?content|site-?header|site-?footer|page-?footer|masthead"
    r"|social-(?:links|media|icons|share)|share-(?:buttons|links|bar)|newsletter-signup|advert(?:isement)?|ad-banner)(?![\w-])",
    re.I,
)
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "listing", "xmp", "optgroup", "button",
))  # fmt: skip
_HEADING = re.compile(r"h([1-6])$")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BOLD = re.compile(r"font-weight\s*:\s*(bold|[6-9]00|normal|[1-5]00)", re.I)
_ITALIC = re.compile(r"font-style\s*:\s*(italic|oblique|normal)", re.I)
_SIZE = re.compile(r"font-size\s*:\s*([\d.]+)\s*(pt|px)", re.I)
_ALIGN = re.compile(r"text-align\s*:\s*(\w+)", re.I)
_LIST_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?\b"
    r"(none|decimal|(?:lower|upper)-(?:alpha|latin|roman)|disc|circle|square)\b",
    re.I,
)
_OL_TYPES = {"a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman", "1": "decimal"}
_PERMALINKS = ("¶", "#", "🔗")  # links to a heading itself, which pages show behind it
_WHITE = re.compile(r"[ \t\n\r\f\xa0]+")
_LABEL_AT_START = re.compile(r"\(?\w{1,5}[.)]\s")


@dataclass(slots=True)
class Page:
    """What a page holds: blocks in order, whether each stands in ``main``, and its metadata as written."""

    blocks: list[Block] = field(default_factory=list)
    in_main: list[bool] = field(default_factory=list)
    title: str = ""
    language: str | None = None
    meta: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _List:
    """An open list; ``style`` is the CSS list style of an ordered one, None if its items have no number."""

    style: str | None
    next: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True)
class _Frame:
    """An open element with what it hands down to its content."""

    tag: str = ""
    skipped: bool = False
    furniture: bool = False
    main: bool = False
    inner: bool = False
    """Inside an article, section or the like, where header and footer belong to the content."""
    kind: ParagraphKind = "body"
    level: int = 0
    pre: bool = False
    bold: bool = False
    italic: bool = False
    size: float | None = None
    centred: bool = False
    block: str | None = None
    """The innermost element that breaks lines."""
    is_list: bool = False
    table: bool = False


def read_html(text: str) -> Page:
    """The blocks and metadata of a page; any text is a page, however broken."""
    from lxml import etree

    reader = _Reader()
    parser = etree.HTMLParser(target=reader, no_network=True, huge_tree=True)
    parser.feed("<!-- -->" + text.replace("\0", ""))  # an empty feed would be an error
    parser.close()
    return reader.page


class _Reader:
    """Target of lxml's parser. Text gathers in ``_text`` until an element that breaks the line of text flushes it."""

    def __init__(self) -> None:
        self.page = Page()
        self._frames: list[_Frame] = [_Frame()]
        self._open: Counter[str] = Counter()
        self._text: list[str] = []
        self._opening: _Frame | None = None
        self._plain = self._strong = 0
        self._slanted = 0
        self._lists: list[_List] = []
        self._label: str | None = None
        self._is_item = False
        self._tables: list[TableCollector] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        tag = str(tag).lower()
        frame = _descend(self._frames[-1], tag, attributes)
        if tag in _BLOCKS:
            self._flush()
        self._frames.append(frame)
        self._open[tag] += 1
        if tag == "br" and not frame.skipped:
            self._break()
        elif tag == "meta":
            key = attributes.get("name") or attributes.get("property") or attributes.get("http-equiv") or ""
            self.page.meta.append((key.lower(), attributes.get("content") or ""))
        elif tag == "html":
            self.page.language = attributes.get("lang") or attributes.get("xml:lang") or self.page.language
        elif not frame.skipped:
            self._open_structure(tag, attributes)

    def end(self, tag: str) -> None:
        """Close an element; what is still open inside it closes with it."""
        tag = str(tag).lower()
        if not self._open[tag]:
            return
        if tag in _BLOCKS:
            self._flush()
        while len(self._frames) > 1:
            frame = self._frames.pop()
            self._open[frame.tag] -= 1
            if not frame.skipped:
                self._close_structure(frame)
            if frame.tag == tag:
                break

    def data(self, text: str) -> None:
        """Text between tags."""
        frame = self._frames[-1]
        if frame.skipped or frame.tag == "head":
            return
        if frame.tag == "title":
            self.page.title += text
            return
        if frame.kind == "heading" and frame.tag == "a" and text.strip() in _PERMALINKS:
            return
        if not frame.pre:
            text = _WHITE.sub(" ", text)
        if self._opening is None:
            if text.isspace():
                return
            self._opening = frame
        size = len(text.strip())
        self._plain += size
        self._strong += size if frame.bold else 0
        self._slanted += size if frame.italic else 0
        self._text.append(text)

    def comment(self, text: str) -> None:
        """Comments are no text."""

    def pi(self, target: str, data: str | None = None) -> None:
        """Processing instructions are no text."""

    def close(self) -> Page:
        """The end of the page: whatever is open closes."""
        self._flush()
        while self._tables:
            self._end_table()
        return self.page

    def _open_structure(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.append(_list_of(tag, attributes))
        elif tag == "li":
            self._is_item = True
            self._label = _item_label(self._lists[-1], attributes) if self._lists else None
        elif tag == "table":
            self._tables.append(TableCollector((attributes.get("role") or "").lower() in ("presentation", "none")))
        elif self._tables and tag == "tr":
            self._tables[-1].start_row()
        elif self._tables and tag in ("td", "th"):
            self._tables[-1].start_cell()

    def _close_structure(self, frame: _Frame) -> None:
        if frame.is_list and self._lists:
            self._lists.pop()
        elif frame.tag == "li":
            self._is_item, self._label = False, None
        elif frame.table and self._tables:
            self._end_table()

    def _end_table(self) -> None:
        table = self._tables.pop()
        for block, main in table.finish():
            self._emit(block, main)

    def _break(self) -> None:
        """A ``br``: a line break, or where another one stands just before, the end of the paragraph."""
        if self._frames[-2].pre or not self._text:
            self._text.extend("\n" if self._text else "")
            return
        if "".join(self._text[-2:]).rstrip(" ").endswith("\n"):
            self._flush()
        else:
            self._text.append("\n")

    def _flush(self) -> None:
        frame, pieces = self._opening, self._text
        if frame is None:
            self._text = []
            return
        self._opening, self._text = None, []
        raw = "".join(pieces)
        text = raw.strip("\n").rstrip() if frame.pre else clean(raw)
        style = Style(
            size=frame.size,
            bold=self._strong > 0.9 * self._plain,
            italic=self._slanted > 0.9 * self._plain,
            centred=frame.centred,
            name=frame.block,
        )
        self._plain = self._strong = self._slanted = 0
        if text.strip():
            self._emit(self._block(text, frame, style), frame.main)

    def _block(self, text: str, frame: _Frame, style: Style) -> Block:
        if frame.furniture:
            return Block(text, "furniture", style=style)
        if frame.kind == "body" and self._is_item:
            label, self._label, self._is_item = self._label, None, False
            if label and not _LABEL_AT_START.match(text):
                return Block(f"{label}. {text}", "list_item", max(len(self._lists), 1), label, style)
            return Block(text, "list_item", max(len(self._lists), 1), style=style)
        return Block(text, frame.kind, frame.level, style=style)

    def _emit(self, block: Block, main: bool) -> None:
        if self._tables:
            self._tables[-1].add(block, main)
        else:
            self.page.blocks.append(block)
            self.page.in_main.append(main)


def _descend(parent: _Frame, tag: str, attributes: dict[str, str]) -> _Frame:
    """The frame of an element inside ``parent``."""
    css = attributes.get("style") or ""
    role = (attributes.get("role") or "").lower()
    words = f"{attributes.get('id') or ''} {attributes.get('class') or ''}".replace("_", "-")
    kind, level = _kind_of(parent, tag, role, words, attributes)
    inner = parent.inner or tag in ("article", "section", "blockquote", "main", "td")
    bold, italic = _BOLD.search(css), _ITALIC.search(css)
    align = _ALIGN.search(css)
    align_value = (align.group(1) if align else attributes.get("align") or "").lower()
    return replace(
        parent,
        tag=tag,
        skipped=parent.skipped
        or tag in _SKIPPED
        or "hidden" in attributes
        or (tag != "body" and bool(_HIDDEN.search(css))),
        furniture=parent.furniture or _is_furniture(parent, tag, role, words),
        main=parent.main or tag == "main" or role == "main",
        inner=inner,
        kind=kind,
        level=level,
        pre=parent.pre or tag in ("pre", "listing", "xmp"),
        bold=bold.group(1).lower() in ("bold", "600", "700", "800", "900")
        if bold
        else parent.bold or tag in ("b", "strong", "th") or tag in ("h1", "h2", "h3", "h4", "h5", "h6"),
        italic=italic.group(1).lower() != "normal" if italic else parent.italic or tag in ("i", "em", "cite"),
        size=_size_of(css, parent.size),
        centred=align_value == "center" if align_value else parent.centred or tag == "center",
        block=tag if tag in _BLOCKS else parent.block,
        is_list=tag in ("ul", "ol", "menu", "dir"),
        table=tag == "table",
    )


def _kind_of(parent: _Frame, tag: str, role: str, words: str, attributes: dict[str, str]) -> tuple[ParagraphKind, int]:
    heading = _HEADING.match(tag)
    if heading:
        return "heading", int(heading.group(1))
    if role == "heading":
        return "heading", min(max(_integer(attributes.get("aria-level")) or 2, 1), 9)
    if tag in ("caption", "figcaption"):
        return "caption", 0
    if role in ("doc-footnote", "doc-endnote", "doc-endnotes") or re.search(
        r"(?:^|\s)(?:foot|end)notes?(?:$|\s)", words
    ):
        return "footnote", 0
    return parent.kind, parent.level


def _is_furniture(parent: _Frame, tag: str, role: str, words: str) -> bool:
    if tag in ("html", "body", "main", "article") or role.startswith("doc-"):
        return False
    if tag in _FURNITURE or role in _FURNITURE_ROLES:
        return True
    if tag in ("header", "footer"):
        return not parent.inner
    return tag in ("div", "section", "ul", "ol", "p", "a", "form", "table", "span") and bool(
        _FURNITURE_WORDS.search(words)
    )


def _size_of(css: str, inherited: float | None) -> float | None:
    match = _SIZE.search(css)
    if not match:
        return inherited
    try:
        size = float(match.group(1))
    except ValueError:
        return inherited
    return size * 0.75 if match.group(2).lower() == "px" else size


def _list_of(tag: str, attributes: dict[str, str]) -> _List:
    css = _LIST_STYLE.search(attributes.get("style") or "")
    style = css.group(1).lower() if css else _OL_TYPES.get(attributes.get("type") or "1", "decimal")
    if tag != "ol" or style in ("none", "disc", "circle", "square"):
        return _List(None)
    start = _integer(attributes.get("start"))
    return _List(style, 1 if start is None else start, -1 if "reversed" in attributes else 1)


def _item_label(open_list: _List, attributes: dict[str, str]) -> str | None:
    value = _integer(attributes.get("value"))
    number = open_list.next if value is None else value
    open_list.next = number + open_list.step
    style = _OL_TYPES.get(attributes.get("type") or "", open_list.style)
    css = _LIST_STYLE.search(attributes.get("style") or "")
    if open_list.style is None or (css and css.group(1).lower() == "none"):
        return None
    return counter_text(number, css.group(1).lower() if css else style or "decimal")


def counter_text(number: int, style: str) -> str:
    """A number in a CSS list style.

    >>> counter_text(4, "upper-roman")
    'IV'
    """
    if style.endswith("roman"):
        text = roman(number)
    elif style.endswith(("alpha", "latin")):
        text = letters(number)
    else:
        return str(number)
    return text.upper() if style.startswith("upper") else text


def _integer(value: str | None) -> int | None:
    match = re.match(r"\s*(-?\d{1,6})", value or "")
    return int(match.group(1)) if match else None
