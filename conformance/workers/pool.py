"""The processes that share out a self-test, and the directory that they work in; both end when it does, however."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

import attrs

from conformance.system.signals import sigterm_interrupts, terminate_with_parent
from conformance.system.temporary import CHOSEN_BY, temporary_parent

Work = Callable[[str], Any]

POOL_ENDING = 10.0
"""Seconds that a process has to end what it is at."""


@contextlib.contextmanager
def mapping(jobs: int) -> Iterator[Callable[[Work, Sequence[str]], Iterator[Any]]]:
    """`map`, or for more `jobs` than one, one like it over as many processes.

    The work makes its temporary files in a directory of its own, which is removed at the end, and in memory where
    there is such a place, for most of the time goes into making them. The end of the block, by an interrupt as well,
    ends the processes at what they are doing; so does the end of this one, and when it was killed they tidy up.

    Raises:
        ChildProcessError: a process ended at its work; the iterator raises it.
    """
    with _directory() as directory:
        if jobs == 1:
            yield map
            return
        workers: list[_Worker] = []
        try:
            yield lambda work, names: _share_out(work, names, workers, jobs, directory)
        finally:
            for worker in workers:
                worker.process.terminate()
            for worker in workers:
                worker.process.join(POOL_ENDING)
                worker.process.kill()


@contextlib.contextmanager
def _directory() -> Iterator[str]:
    """A directory for all temporary files of this process, and of those that it starts."""
    before, chosen = tempfile.tempdir, {name: os.environ.get(name) for name in CHOSEN_BY}
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent(), ignore_cleanup_errors=True) as name:
        tempfile.tempdir = name
        os.environ.update(dict.fromkeys(CHOSEN_BY, name))
        try:
            yield name
        finally:
            tempfile.tempdir = before
            for variable, value in chosen.items():
                _restore(variable, value)


def _restore(variable: str, value: str | None) -> None:
    os.environ.pop(variable, None)
    if value is not None:
        os.environ[variable] = value


@attrs.define
class _Worker:
    """A process, the pipe to it, and the number of what it is at, if at anything."""

    process: SpawnProcess
    connection: "Connection[Any, Any]"
    at: int | None = None


def _share_out(work: Work, names: Sequence[str], workers: list[_Worker], jobs: int, directory: str) -> Iterator[Any]:
    """The results in order, each as soon as it is there and those before it."""
    waiting = iter(range(len(names)))
    done: dict[int, Any] = {}
    for _ in range(min(jobs, len(names))):
        workers.append(_start_worker(work, directory))
        _give(workers[-1], waiting, names)
    for number in range(len(names)):
        while number not in done:
            busy = [worker for worker in workers if worker.at is not None]
            ready = wait([one for worker in busy for one in (worker.connection, worker.process.sentinel)])
            for worker in busy:
                if worker.at is not None and not {worker.connection, worker.process.sentinel}.isdisjoint(ready):
                    done[worker.at] = _result(worker, names[worker.at])
                    _give(worker, waiting, names)
        yield done.pop(number)


def _start_worker(work: Work, directory: str) -> _Worker:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    with theirs:
        process = spawning.Process(target=_serve, args=(theirs, work, directory), daemon=True)
        process.start()
    return _Worker(process, ours)


def _give(worker: _Worker, waiting: Iterator[int], names: Sequence[str]) -> None:
    """Have a worker do the next piece that waits, if there is one."""
    worker.at = next(waiting, None)
    if worker.at is not None:
        with contextlib.suppress(BrokenPipeError):  # it has ended, as is seen where its result is waited for
            worker.connection.send(names[worker.at])


def _result(worker: _Worker, name: str) -> Any:
    try:
        return worker.connection.recv()
    except (EOFError, ConnectionError):
        worker.process.join()
        status = worker.process.exitcode or 0
        how = f"by signal {-status}" if status < 0 else f"with exit status {status}"
        raise ChildProcessError(f"the process at work on {name} ended {how}") from None


def _serve(connection: "Connection[Any, Any]", work: Work, directory: str) -> None:
    """What a process does: a piece of the work after another. An interrupt is for its parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(directory))
    terminate_with_parent()
    try:
        while True:
            connection.send(_do(work, directory, connection.recv()))
    except (EOFError, KeyboardInterrupt):
        _end(directory)


def _end(directory: str) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(128 + signal.SIGTERM)


def _do(work: Work, directory: str, name: str) -> Any:
    """Do a piece of the work; at SIGTERM end what it has started, and this process."""
    with sigterm_interrupts() as arrived:
        try:
            return work(name)
        finally:
            if arrived:  # whatever became of the interrupt on its way here
                _end(directory)
