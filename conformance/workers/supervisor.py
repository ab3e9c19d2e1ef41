"""Running a campaign in a worker process, so that a subject which ends, or never gives back, the process is survived.

Four generations of processes, and what passes between them. All files are in one temporary directory, which is the
parent of the worker's temporary directory too: whatever a killed worker leaves there is removed with it.

    command                     guard                      worker                     its children
    (this module)               (workers.guard)            (workers.worker)           (system.children)

    starts, SIGINT, SIGTERM -->
                                forks, SIGINT, SIGKILL -->
    job.json ------------------------------------------->  what to run
                                                           forks, SIGKILL --------->
                                                           <---- socket ------------  acknowledgements
    in flight  <---- journal ----------------------------  each operation before it is performed
    how far    <---- progress ---------------------------  now and then
    the answer <---- report.json ------------------------  once, at the end
    how much   <---- printed ----------------------------  standard output
               <---- errors -----------------------------  standard error
    its end    <---------------- exit status, or signal ---  its end

    standard input, on which nothing is ever sent: when it ends, the command is gone, and
                                kills all, removes
                                the directory, ends        ends

The guard runs none of the subject's code, so it can be relied on to end what the subject has started. A worker that
leaves no answer has died: what was in flight is told as a violation, by a report that another worker makes, and the
campaign is run again without that operation, or that check, until a worker comes to its end.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from conformance.programs.operations import encode_operation
from conformance.report.merging import merged
from conformance.report.verdicts import Report
from conformance.run.options import Options
from conformance.run.progress import Progress
from conformance.system.temporary import temporary_parent
from conformance.workers.journal import InFlight, in_flight

POLL_SECONDS = 0.05
"""Seconds between two looks at a worker."""

GRACE = 5.0
"""Seconds past the time limit of an operation after which the worker is killed: the alarm did not get through."""

CASE_GRACE = 75.0
"""The same for a directed check, which may perform many operations and start another process."""

LAST_WORDS = 5.0
"""Seconds that an interrupted worker has for its report."""

ENDING = 15.0
"""Seconds that a worker's guard has to end it, and whatever that has started."""

RESTARTS = 12
"""How often the campaign is begun: each death takes one operation or check out, so there are not many."""

ROOM = 1 << 16
"""Bytes that must find room where a worker ended without an answer; else it is the lack of room that ended it."""

Show = Callable[[Progress], None]


class TargetFault(Exception):
    """The target or the options are at fault; its text is one line."""


class KitFault(Exception):
    """The kit itself failed; its text is one line."""


@attrs.frozen
class _End:
    """How a worker ended: its answer, or what was in flight and how it died, and whether it had been interrupted."""

    answer: dict[str, Any] | None
    flight: InFlight
    text: str
    interrupted: bool
    printed: int


def run_in_workers(target: str, claims: Sequence[str], options: Options, show: Show) -> Report:
    """The report of a campaign that is run in worker processes.

    Args:
        target: as for `resolve`.
        claims: names of claims to add.
        options: how to run it.
        show: told how far it is, every now and then.

    Raises:
        TargetFault: the target or an option is at fault, or there is no room for the run's files.
        KitFault: the kit failed.
    """
    try:
        return _run_to_the_end(target, claims, options, show)
    except OSError as error:
        where = "TMPDIR names the directory to work in"
        raise TargetFault(f"no worker can be run: {' '.join(str(error).split())} ({where})") from error


def _run_to_the_end(target: str, claims: Sequence[str], options: Options, show: Show) -> Report:
    """The report of one worker after another, until one comes to its end, and of what the others died at."""
    reports: list[Report] = []
    printed = 0
    for _ in range(RESTARTS):
        with _run_worker(_job(target, claims, options), options, show) as end:
            printed += end.printed
            if end.answer is not None:
                reports.insert(0, _report(end.answer, options, target))
                break
            if end.interrupted:
                note = f"interrupted; what the run had found out is lost: {end.text}"
                reports.append(Report(target, options.seed, 0.0, notes=(note,), interrupted=True))
                break
            reports.append(_report_of_death(target, claims, options, end))
            if reports[-1].invalid:
                break
            options = _without(options, end.flight)
    report = merged(reports)
    if printed:
        note = f"the backend wrote {printed} bytes to standard output; they are not shown"
        report = attrs.evolve(report, notes=(*report.notes, note))
    return report


def _job(target: str, claims: Sequence[str], options: Options) -> dict[str, Any]:
    """What a worker is to do, as JSON has it."""
    values = attrs.asdict(options)
    return {
        "target": target,
        "claims": list(claims),
        "options": {**values, "avoid": sorted(options.avoid), "skip": sorted(options.skip)},
    }


def _without(options: Options, flight: InFlight) -> Options:
    """The options without what was in flight: a directed check, or every operation of the kind."""
    if flight.case:
        return attrs.evolve(options, skip=options.skip | {flight.case})
    return attrs.evolve(options, avoid=options.avoid | {flight.program[-1].name})


def _report(answer: dict[str, Any], options: Options, target: str) -> Report:
    """The report of a worker's answer, which may be that there is none."""
    if "error" in answer:
        raise TargetFault(answer["error"])
    if "fault" in answer:
        raise KitFault(answer["fault"])
    if "interrupted" in answer:
        return Report(target, options.seed, 0.0, notes=("interrupted before anything was judged",), interrupted=True)
    return Report.from_json(answer["report"])


def _report_of_death(target: str, claims: Sequence[str], options: Options, end: _End) -> Report:
    """The report of the operation or check that ended a worker, made in another one."""
    flight = end.flight
    if not flight.program and not flight.case:
        invalid = f"{target} cannot be judged: importing or opening it ended the Python process ({end.text})"
        return Report(target, options.seed, 0.0, invalid=invalid)
    job = {**_job(target, claims, options), "text": end.text}
    job |= (
        {"case": flight.case}
        if flight.case
        else {"program": [encode_operation(operation) for operation in flight.program]}
    )
    with _run_worker(job, options, lambda _progress: None) as again:
        if again.answer is None:
            # It opens the subject in children alone, so that it is not the subject that has ended it.
            raise KitFault(f"no report could be made of the end of a worker ({end.text}, then {again.text})")
        return _report(again.answer, options, target)


@contextmanager
def _run_worker(job: dict[str, Any], options: Options, show: Show) -> Iterator[_End]:
    """Run a worker to its end; its directory is there for as long as the block."""
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent(), ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "job.json").write_text(json.dumps(job), "utf-8")
        worker = _start_worker(directory)
        try:
            text, interrupted = _watch(worker, directory, options, show)
        finally:
            _end_worker(worker)
        answer = _json(directory / "report.json")
        if answer is None:
            (directory / "room").write_bytes(b" " * ROOM)  # raises where there is none: that, no operation, ended it
        yield _End(
            answer,
            in_flight(directory / "journal"),
            text,
            interrupted,
            (directory / "printed").stat().st_size,
        )


def _start_worker(directory: Path) -> "subprocess.Popen[bytes]":
    """Start a worker under its guard, on the job in a directory."""
    temporary = str(directory / "tmp")
    Path(temporary).mkdir()
    environment = {**os.environ, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
    with (directory / "printed").open("wb") as printed, (directory / "errors").open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "conformance.workers.worker", str(directory)],
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=None if os.environ.get("CONFORMANCE_DEBUG") else errors,
            env=environment,
            start_new_session=True,
        )


def _watch(worker: "subprocess.Popen[bytes]", directory: Path, options: Options, show: Show) -> tuple[str, bool]:
    """Wait for a worker's end or an operation that never returns; how it ended, and whether it was interrupted."""
    interrupted, deadline = False, float("inf")
    while worker.poll() is None:
        try:
            time.sleep(POLL_SECONDS)
            _show_progress(directory, show)
            if _is_stuck(directory, options.limit):
                return f"it did not return within {options.limit:g} s, and no signal got through", interrupted
            if time.monotonic() > deadline:
                return f"it did not end within {LAST_WORDS:g} s", True
        except KeyboardInterrupt:
            if interrupted:
                return "it was interrupted twice", True
            interrupted, deadline = True, time.monotonic() + LAST_WORDS
            worker.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    status = worker.returncode
    return f"signal {-status}" if status < 0 else f"exit status {status}", interrupted


def _is_stuck(directory: Path, limit: float) -> bool:
    """Whether a worker has written nothing into its journal for longer than what is in flight may take.

    The worker ends an operation itself by an alarm (`system.limits`), but for native code that keeps the interpreter.
    """
    if not limit:
        return False
    try:
        quiet = time.time() - (directory / "journal").stat().st_mtime
    except OSError:
        return False
    if quiet < limit + GRACE:
        return False
    # A directed check writes no more than its name, and between programs nothing is written: quiet is no hang so soon.
    return bool(in_flight(directory / "journal").program) or quiet > limit + CASE_GRACE


def _end_worker(worker: "subprocess.Popen[bytes]") -> None:
    """Make sure that neither the worker nor a process that it started is left: its guard sees to that."""
    if worker.poll() is None:
        worker.terminate()
        try:
            worker.wait(ENDING)
        except subprocess.TimeoutExpired:
            worker.kill()
    worker.wait()
    if worker.stdin is not None:
        worker.stdin.close()


def _show_progress(directory: Path, show: Show) -> None:
    """Tell how far a worker is; what is there may be half written, and is told the next time."""
    try:
        values = json.loads((directory / "progress").read_text("utf-8"))
    except (OSError, ValueError):
        return
    show(Progress(*values))


def _json(path: Path) -> dict[str, Any] | None:
    """What a file has that a worker may have left."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
