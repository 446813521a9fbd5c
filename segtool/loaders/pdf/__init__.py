"""PDF: characters from PDFium, everything from words to paragraphs by pure code of our own.

``load_pdf`` is the loader; the modules beside it go from glyphs to words, rows, columns, lines, paragraphs.
"""

from segtool.loaders.pdf.load import load_pdf

__all__ = ["load_pdf"]
