"""What ``segtool split`` does: inputs through the pipeline into an exporter, going on after inputs that fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segtool.chunking import token_counter
from segtool.cli import output
from segtool.cli.inputs import STANDARD_INPUT, opened_input, resolve_inputs, standard_input
from segtool.core.document import Document
from segtool.core.layer import LayerName
from segtool.errors import LoadError, RecordError, SegtoolError, UsageError
from segtool.loaders import iter_documents
from segtool.pipeline import layers_for, segment_documents
from segtool.settings import READ_AHEAD, Settings
from segtool.storage.export import make_exporter
from segtool.storage.records import Record, passage_records
from segtool.storage.sentence_lines import LayerRecords

if TYPE_CHECKING:
    from segtool.storage.sidecar import Sidecar

_LOG = logging.getLogger(__name__)
STREAMED_FORMATS = ("text", "jsonl")
MOST_RECORDS_NAMED = 20
"""Broken records that are named one by one."""


@dataclass(frozen=True, slots=True)
class SplitRequest:
    """What the user asked for, but for the settings of the library."""

    inputs: Sequence[str]
    layer: LayerName
    format: str
    output: Path | None = None
    glob: str | None = None
    null: bool = False
    force: bool = False
    edits: bool = True


@dataclass(slots=True)
class Outcome:
    """What came of the inputs: how many gave a document, and the exit codes of those that failed."""

    n_done: int = 0
    n_records: int = 0
    """Broken records among the failures."""
    failures: list[int] = field(default_factory=list)

    def fail(self, error: SegtoolError) -> None:
        """Note an error and say it; of broken records, which may be millions, only the first."""
        self.failures.append(error.exit_code)
        if isinstance(error, RecordError):
            self.n_records += 1
            if self.n_records > MOST_RECORDS_NAMED and not _LOG.isEnabledFor(logging.INFO):
                return
        output.print_error(str(error))

    def finish(self) -> None:
        """Say what was left unsaid."""
        left = self.n_records - MOST_RECORDS_NAMED
        if left > 0 and not _LOG.isEnabledFor(logging.INFO):
            output.print_error(f"{left} more broken records (--verbose names each)")
        _LOG.info("%d documents done, %d inputs or records failed", self.n_done, len(self.failures))

    @property
    def exit_code(self) -> int:
        """0 all done; the code of what failed if nothing was done and all failed alike; else 1."""
        if not self.failures:
            return 0
        return self.failures[0] if not self.n_done and len(set(self.failures)) == 1 else 1


def run_split(request: SplitRequest, settings: Settings) -> int:
    """Split all inputs into one output, and return the exit code.

    Raises:
        UsageError, ModelError, OutputError: what no other input can mend.
        SystemExit: nothing could be read; what stands at the output stays.
    """
    items = resolve_inputs(request.inputs, request.glob, request.output)
    if all(isinstance(item, str) and Path(item).is_file() for item in items):  # nobody types them in
        settings = replace(settings, sentences=replace(settings.sentences, read_ahead=READ_AHEAD))
    files = [Path(item) for item in items if isinstance(item, str) and item != STANDARD_INPUT]
    outcome = Outcome()
    with (
        output.open_output(request.output, request.format, files, request.force) as sink,
        output.progress(len(items), request.output is None) as advance,
    ):
        names = _readable(items, outcome, advance)
        for data in _exported(names, request, settings, outcome):
            sink.write(data)
            sink.flush()
        outcome.finish()
        if outcome.failures and not outcome.n_done:
            raise SystemExit(outcome.exit_code)
    return outcome.exit_code


def run_stream(request: SplitRequest, settings: Settings) -> int:
    """Write the sentences of one endless text as they become certain, and return the exit code.

    Raises:
        UsageError: what is asked for needs the whole text, or more than one.
        LoadError, ModelError, OutputError: what ends it.
    """
    from segtool.streaming import stream_sentences

    items = resolve_inputs(request.inputs, request.glob, request.output)
    if request.layer != "sentence" or request.format not in STREAMED_FORMATS:
        raise UsageError(f"--stream: gives sentences as {' or '.join(STREAMED_FORMATS)}, nothing else")
    if len(items) != 1:
        raise UsageError(f"--stream: takes one input, not {len(items)}")
    if isinstance(items[0], LoadError):
        raise items[0]
    exporter = make_exporter(request.format, "sentence", request.null)
    files = [Path(items[0])] if items[0] != STANDARD_INPUT else []
    with (
        opened_input(items[0]) as stream,
        output.open_output(request.output, request.format, files, request.force) as sink,
    ):
        for records in stream_sentences(stream, items[0], settings):
            for data in exporter.document(records):
                sink.write(data)
            sink.flush()
    return 0


def _readable(items: Sequence[str | LoadError], outcome: Outcome, advance: Callable[[str], None]) -> Iterator[str]:
    for item in items:
        if isinstance(item, LoadError):
            outcome.fail(item)
            continue
        advance(item)
        yield item


def _exported(names: Iterator[str], request: SplitRequest, settings: Settings, outcome: Outcome) -> Iterator[bytes]:
    """The bytes of the output; none, not even its frame, if every input failed."""
    exporter = make_exporter(request.format, request.layer, request.null)
    is_first = True
    for records in _document_records(names, request, settings, outcome):
        if is_first:
            yield exporter.start()
        is_first = False
        outcome.n_done += 1
        yield from exporter.document(records)
    if outcome.n_done:
        yield exporter.finish()
    elif not outcome.failures:
        yield exporter.start() + exporter.finish()


def _document_records(
    names: Iterator[str], request: SplitRequest, settings: Settings, outcome: Outcome
) -> Iterator[Iterable[Record]]:
    """The records of each document, in order."""
    if request.layer != "paragraph":
        yield from _segmented(names, request, settings, outcome)
        return
    from segtool.cli.streams import is_streamed, open_stream

    for name in names:
        if not is_streamed(name, settings.load, request.edits):
            yield from _segmented(iter([name]), request, settings, outcome)
            continue
        try:
            passages = open_stream(name, settings.load)
        except LoadError as error:
            outcome.fail(error)
        else:
            yield _until_failure(passage_records(name, passages, settings.load.keep_furniture), outcome)


def _until_failure(records: Iterator[Record], outcome: Outcome) -> Iterator[Record]:
    try:
        yield from records
    except LoadError as error:
        outcome.fail(error)


def _segmented(
    names: Iterator[str], request: SplitRequest, settings: Settings, outcome: Outcome
) -> Iterator[Iterable[Record]]:
    counter = token_counter(settings.chunks.tokenizer)
    segmentations = segment_documents(
        iter_documents(names, settings.load, outcome.fail, standard_input()),
        layers=layers_for(request.layer),
        settings=settings,
        find_edits=find_edits if request.edits else None,
        on_error=outcome.fail,
    )
    for segmentation in segmentations:
        layer = segmentation.layers[request.layer]
        yield LayerRecords(segmentation, layer, counter, settings.load.keep_furniture)


def find_edits(document: Document) -> Sidecar | None:
    """The review beside a document that is a file of its own, said on standard error."""
    if document.id == STANDARD_INPUT or document.source is None or document.source.format == "jsonl":
        return None
    from segtool.storage.sidecar import find_sidecar, fitted, sidecar_path

    sidecar = find_sidecar(document.id)
    if sidecar is None or not sidecar.log.active:
        return None
    left = len(fitted(sidecar, document).conflicts)
    rest = f"; {left} have no certain place in this text, 'segtool review' shows them" if left else ""
    n_edits = len(sidecar.log.active)
    output.print_note(
        f"{document.id}: {n_edits} edits of {sidecar_path(document.id).name} applied{rest} (or --no-edits)"
    )
    return sidecar
