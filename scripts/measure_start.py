"""CPU seconds of a cold start, medians of ten, beside what Python and its libraries cost alone."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 10
BARE = """
import typer
app = typer.Typer()
@app.command()
def one(name: str = "x"): "One."
@app.command()
def two(name: str = "x"): "Two."
app()
"""
PROGRAM = str(Path(sys.executable).with_name("segtool"))


def main() -> None:
    """Print one line a command."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        commands: dict[str, tuple[list[str], bytes]] = {
            "a bare program of typer with two commands, --help": ([sys.executable, str(bare), "--help"], b""),
            "segtool --help": ([PROGRAM, "--help"], b""),
            "import typer, numpy, onnxruntime": ([sys.executable, "-c", "import typer, numpy, onnxruntime"], b""),
            'echo "One. Two." | segtool split': ([PROGRAM, "split"], b"One. Two.\n"),
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, (command, data) in commands.items():
                times[name].append(cpu_seconds(command, data))
    for name, values in times.items():
        print(f"{statistics.median(values):.2f} s  {name}")


def cpu_seconds(command: list[str], data: bytes) -> float:
    """User and system time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=data, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
