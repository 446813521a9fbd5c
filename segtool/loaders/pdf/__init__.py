"""PDF: characters from PDFium, everything from words to paragraphs by pure code of our own.

``load_pdf`` is the loader, ``iter_pdf`` the same a paragraph at a time; the modules beside it go from glyphs to words,
rows, columns, lines, paragraphs.
"""

from segtool.loaders.pdf.load import iter_pdf, load_pdf

__all__ = ["iter_pdf", "load_pdf"]
