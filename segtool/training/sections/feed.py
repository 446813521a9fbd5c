"""Worker processes that draw batches ahead of the trainer.

Batches come over pipes in a fixed order (worker 0, 1, …, 0, 1, …), each worker with its own seed, so a run sees the
same data whatever the speed of its machine.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import queue
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

log = logging.getLogger(__name__)


class Feed:
    """Iterates over what `draw` makes in `workers` processes.

    Args:
        draw: Called in each worker with its random generator; must be ready before the fork.
        workers: Processes; with 0, batches are drawn in place.
        seed: Of the whole feed.
        ahead: Batches read before they are asked for.
    """

    def __init__(self, draw: Callable[[np.random.Generator], Any], workers: int, seed: int, ahead: int = 16) -> None:
        self._draw = draw
        self._generator = np.random.default_rng(seed)
        self._queue: queue.Queue[Any] = queue.Queue(ahead)
        self._processes = []
        self._stop = threading.Event()
        context = multiprocessing.get_context("fork")
        connections = []
        for worker in range(workers):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(draw, theirs, [seed, worker]), daemon=True)
            process.start()
            theirs.close()
            _widen(ours)
            self._processes.append(process)
            connections.append(ours)
        if workers:
            threading.Thread(target=self._read, args=(connections,), daemon=True).start()

    def _read(self, connections: list[Connection]) -> None:
        while not self._stop.is_set():
            for connection in connections:
                try:
                    item = pickle.loads(connection.recv_bytes())
                except (EOFError, OSError):
                    return
                self._queue.put(item)

    def __iter__(self) -> Iterator[Any]:
        while not self._stop.is_set():
            yield self._queue.get() if self._processes else self._draw(self._generator)

    def close(self) -> None:
        """End the workers."""
        self._stop.set()
        for process in self._processes:
            process.terminate()


def _widen(connection: Connection) -> None:
    """A larger buffer for a pipe, where the system has such: a batch of some megabytes then comes in few reads."""
    try:
        import fcntl

        fcntl.fcntl(connection.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)
    except (ImportError, AttributeError, OSError):
        log.debug("pipes keep their size")


def _work(draw: Callable[[np.random.Generator], Any], connection: Connection, seed: list[int]) -> None:
    generator = np.random.default_rng(seed)
    while True:
        try:
            connection.send_bytes(pickle.dumps(draw(generator), protocol=5))
        except (BrokenPipeError, OSError):
            return
