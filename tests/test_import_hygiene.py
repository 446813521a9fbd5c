"""What is heavy is imported where it is used, and nowhere else."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "onnxruntime",
    "spacy",
    "wtpsplit",
    "transformers",
    "textual",
    "pdfplumber",
    "pypdfium2",
    "lxml",
    "docx",
    "tokenizers",
    "huggingface_hub",
    "torch",
)


def loaded(code: str) -> set[str]:
    """The top-level modules that a new Python has after running ``code``."""
    tail = "import sys; sys.__stderr__.write(' '.join({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{tail}"], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import segtool",
        "from segtool.cli.app import main; main(['--help'])",
        "from segtool.cli.app import main; main(['split', '--help'])",
        "from segtool.cli.app import main; main(['review', '--help'])",
        "from segtool.cli.app import main; main(['models', '--help'])",
    ],
)
def test_nothing_heavy(code: str) -> None:
    assert not loaded(code) & set(HEAVY)


def test_import_segtool_and_help_load_no_numpy() -> None:
    assert "numpy" not in loaded("import segtool")
    assert "numpy" not in loaded("from segtool.cli.app import main; main(['--help'])")


def test_a_text_by_paragraphs_needs_no_model() -> None:
    code = "import io, sys; sys.stdin = io.TextIOWrapper(io.BytesIO(b'One. Two.'))\n"
    code += "from segtool.cli.app import main; main(['split', '--by', 'paragraph'])"
    assert not loaded(code) & {"onnxruntime", "spacy", "wtpsplit", "lxml", "pdfplumber", "textual"}
