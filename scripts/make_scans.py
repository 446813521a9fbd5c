"""Makes scans of PDFs: pictures of their pages that lean a little and have noise, as PDFs without a text layer.

    python scripts/make_scans.py --dpi 200 --lean 0.5 --noise 6 OUT FILE.pdf...

The same arguments give the same pictures. Scored against the truth of the files they were made of, they tell what
recognition costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image


def main() -> None:
    """Writes a scan of each file into the folder, under its name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--lean", type=float, default=0.5, help="degrees against the clock")
    parser.add_argument("--noise", type=float, default=6.0, help="standard deviation, in steps of grey")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for path in options.files:
        first, *rest = scans(path, options.dpi, options.lean, options.noise)
        target = options.folder / path.name
        first.save(target, "PDF", resolution=options.dpi, save_all=True, append_images=rest, quality=80)


def scans(path: Path, dpi: int, lean: float, noise: float) -> Iterator[Image.Image]:
    """The pages as grey pictures: turned, paled, with noise and specks of dirt."""
    document = pdfium.PdfDocument(path)
    for index, page in enumerate(document):
        picture = page.render(scale=dpi / 72).to_pil().convert("L")
        page.close()
        if lean:
            picture = picture.rotate(lean, resample=Image.Resampling.BICUBIC, fillcolor=255)
        random = np.random.default_rng(index)
        grey = np.asarray(picture, dtype=np.float32)
        if noise:
            grey = 250 - (250 - grey) * 0.92 + random.normal(0, noise, grey.shape)
            grey = np.where(random.random(grey.shape) < 0.0004, 30, grey)
        yield Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    document.close()


if __name__ == "__main__":
    main()
