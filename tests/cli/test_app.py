"""What all commands share: help, version, verbosity, and how errors end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segtool import __version__
from segtool.cli import options
from segtool.cli.app import COMMANDS, load_command, main
from segtool.core.layer import LAYER_NAMES
from segtool.loaders.formats import FORMATS
from segtool.storage.export import EXPORTERS
from tests.cli.conftest import Run

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_begins_with_its_summary(run: Run, name: str) -> None:
    command = load_command(name)
    assert (command.help or "").split("\n")[0] == COMMANDS[name].summary
    result = run(name, "--help")
    assert result.code == 0
    assert "--debug" in result.out.decode()
    assert "bool" not in result.out.decode(), "a flag takes no value"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    command = load_command(name)
    text = DOCS.read_text(encoding="utf-8")
    assert f"## segtool {name}" in text
    commands = list(getattr(command, "commands", {}).values()) or [command]
    options = {option for c in commands for p in c.params for option in p.opts if option.startswith("--")}
    missing = {o for o in options if f"`{o}" not in text} - {"--install-completion", "--show-completion", "--help"}
    assert not missing


def test_the_help_names_every_command(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    for name, entry in COMMANDS.items():
        assert re.search(rf"\b{name}\b", result.out.decode()), entry


def test_version(run: Run) -> None:
    assert run("--version").out.decode() == f"segtool {__version__}\n"


@pytest.mark.parametrize("typo", ["splt", "outlin", "modles"])
def test_a_mistyped_command_is_guessed(run: Run, typo: str) -> None:
    result = run(typo)
    assert result.code == 2
    assert "Did you mean" in result.error


def test_without_a_command_the_help_is_printed(run: Run) -> None:
    result = run()
    assert (result.code, result.error) == (2, "")
    assert "Usage" in result.out.decode()


@pytest.mark.parametrize(
    ("words", "offered"),
    [("segtool out", "outline"), ("segtool split --form", "--format"), ("segtool split --by sec", "section")],
)
def test_the_shell_completes(words: str, offered: str) -> None:
    environment = {**os.environ, "_SEGTOOL_COMPLETE": "complete_bash", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(words.count(" "))
    command = [sys.executable, "-c", "from segtool.cli.app import main; main()"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [offered]


def test_the_choices_offered_are_the_choices_there_are() -> None:
    assert options.UNITS == LAYER_NAMES
    assert tuple(EXPORTERS) == options.FORMATS_OUT
    assert tuple(FORMATS) == options.FORMATS_IN


def test_quiet_works_before_and_after_the_command(run: Run) -> None:
    for arguments in (("-q", "split", "nowhere"), ("split", "-q", "nowhere")):
        assert run(*arguments).code == 3


def test_debug_shows_a_traceback_and_nothing_else_does(run: Run) -> None:
    assert "Traceback" in run("outline", "nowhere", "--debug").error
    assert "Traceback" not in run("outline", "nowhere").error


def test_a_bug_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("segtool.cli.single.iter_documents", broken)
    result = run("load", "x")
    assert result.code == 1
    assert "boom" in result.error
    assert result.error.count("\n") == 1


def test_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("segtool.cli.splitting.segment_documents", interrupted)
    assert run("split", "-o", "out.txt", stdin=b"One.").code == 130
    assert not list(Path().iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_while_waiting_for_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "segtool", "split", "-o", str(tmp_path / "out.txt")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    while not list(tmp_path.iterdir()):  # the unfinished output shows that it runs
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in error
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_closed_pipe_is_silent() -> None:
    line = b'{"text": "One two. Three four."}\n'
    command = [sys.executable, "-m", "segtool", "split", "--from", "jsonl", "--by", "paragraph"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.readline() == b"One two. Three four.\n"
        process.stdout.close()
        process.stdin.write(line)
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


def test_main_takes_its_arguments_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "argv", ["segtool", "--version"])
    assert main() == 0
    assert capfdbinary.readouterr().out.startswith(b"segtool ")


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
@pytest.mark.parametrize(
    ("shell", "code"),
    [
        ("split a.txt --by paragraph >&-", 6),
        ("split a.txt --by paragraph <&-", 0),
        ("split --by paragraph <&-", 2),
        ("split nowhere 2>&-", 3),
        ("split a.txt --by paragraph -o out.jsonl <&- >&- 2>&-", 0),
    ],
)
def test_closed_streams(shell: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.")
    command = f"{sys.executable} -m segtool {shell}"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
