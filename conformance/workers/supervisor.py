"""Running a campaign in a worker process, so that a subject which ends, or never gives back, the process is survived.

The two talk by files in a temporary directory, which is the worker's temporary directory too: whatever a killed
worker leaves there is removed with it.
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

from conformance.report.merging import merged
from conformance.report.verdicts import Report
from conformance.run.options import Options
from conformance.run.progress import Progress
from conformance.system.temporary import temporary_parent
from conformance.workers.journal import InFlight, encoded, in_flight

POLL = 0.05
GRACE = 5.0
"""Seconds past the time limit of an operation after which the worker is killed: the alarm did not get through."""

CASE_GRACE = 75.0
LAST_WORDS = 5.0
"""Seconds that an interrupted worker has for its report."""

ENDING = 15.0
"""Seconds that a worker's guard has to end it, and whatever that has started."""

RESTARTS = 12

ROOM = 1 << 16
"""Bytes that must find room where a worker ended without an answer; else it is the lack of room that ended it."""

Show = Callable[[Progress], None]


class TargetFault(Exception):
    """The target or the options are at fault; its text is one line."""


class KitFault(Exception):
    """The kit itself failed; its text is one line."""


@attrs.frozen
class _Ended:
    """How a worker ended: its answer, or what was in flight and how it died, and whether it had been interrupted."""

    answer: dict[str, Any] | None
    flight: InFlight
    text: str
    interrupted: bool
    printed: int


def supervised(target: str, claims: Sequence[str], options: Options, show: Show) -> Report:
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
        return _supervised(target, claims, options, show)
    except OSError as error:
        where = "TMPDIR names the directory to work in"
        raise TargetFault(f"no worker can be run: {' '.join(str(error).split())} ({where})") from error


def _supervised(target: str, claims: Sequence[str], options: Options, show: Show) -> Report:
    reports: list[Report] = []
    printed = 0
    for _ in range(RESTARTS):
        with _ended(_job(target, claims, options), options, show) as ended:
            printed += ended.printed
            if ended.answer is not None:
                reports.insert(0, _report(ended.answer, options, target))
                break
            if ended.interrupted:
                note = f"interrupted; what the run had found out is lost: {ended.text}"
                reports.append(Report(target, options.seed, 0.0, notes=(note,), interrupted=True))
                break
            reports.append(_death(target, claims, options, ended))
            if reports[-1].invalid:
                break
            options = _without(options, ended.flight)
    report = merged(reports)
    if printed:
        note = f"the backend wrote {printed} bytes to standard output; they are not shown"
        report = attrs.evolve(report, notes=(*report.notes, note))
    return report


def _job(target: str, claims: Sequence[str], options: Options) -> dict[str, Any]:
    values = attrs.asdict(options)
    return {
        "target": target,
        "claims": list(claims),
        "options": {**values, "avoid": sorted(options.avoid), "skip": sorted(options.skip)},
    }


def _without(options: Options, flight: InFlight) -> Options:
    if flight.case:
        return attrs.evolve(options, skip=options.skip | {flight.case})
    return attrs.evolve(options, avoid=options.avoid | {flight.program[-1].name})


def _report(answer: dict[str, Any], options: Options, target: str) -> Report:
    if "error" in answer:
        raise TargetFault(answer["error"])
    if "fault" in answer:
        raise KitFault(answer["fault"])
    if "interrupted" in answer:
        return Report(target, options.seed, 0.0, notes=("interrupted before anything was judged",), interrupted=True)
    return Report.from_json(answer["report"])


def _death(target: str, claims: Sequence[str], options: Options, ended: _Ended) -> Report:
    """The report of the operation or check that ended a worker, made in another one."""
    flight = ended.flight
    if not flight.program and not flight.case:
        invalid = f"{target} cannot be judged: importing or opening it ended the Python process ({ended.text})"
        return Report(target, options.seed, 0.0, invalid=invalid)
    job = {**_job(target, claims, options), "text": ended.text}
    job |= {"case": flight.case} if flight.case else {"program": [encoded(one) for one in flight.program]}
    with _ended(job, options, lambda _progress: None) as again:
        if again.answer is None:
            raise KitFault(f"no report could be made of the end of a worker ({ended.text}, then {again.text})")
        return _report(again.answer, options, target)


@contextmanager
def _ended(job: dict[str, Any], options: Options, show: Show) -> Iterator[_Ended]:
    """Run a worker to its end."""
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent(), ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "job.json").write_text(json.dumps(job), "utf-8")
        worker = _started(directory)
        try:
            text, interrupted = _watched(worker, directory, options, show)
        finally:
            _killed(worker)
        answer = _json(directory / "report.json")
        if answer is None:
            (directory / "room").write_bytes(b" " * ROOM)
        yield _Ended(
            answer,
            in_flight(directory / "journal"),
            text,
            interrupted,
            (directory / "printed").stat().st_size,
        )


def _started(directory: Path) -> "subprocess.Popen[bytes]":
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


def _watched(worker: "subprocess.Popen[bytes]", directory: Path, options: Options, show: Show) -> tuple[str, bool]:
    """Wait for a worker's end or an operation that never returns; how it ended, and whether it was interrupted."""
    interrupted, deadline = False, float("inf")
    while worker.poll() is None:
        try:
            time.sleep(POLL)
            _shown(directory, show)
            if _stuck(directory, options.limit):
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


def _stuck(directory: Path, limit: float) -> bool:
    if not limit:
        return False
    try:
        quiet = time.time() - (directory / "journal").stat().st_mtime
    except OSError:
        return False
    if quiet < limit + GRACE:
        return False
    return bool(in_flight(directory / "journal").program) or quiet > limit + CASE_GRACE


def _killed(worker: "subprocess.Popen[bytes]") -> None:
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


def _shown(directory: Path, show: Show) -> None:
    try:
        values = json.loads((directory / "progress").read_text("utf-8"))
    except (OSError, ValueError):
        return
    show(Progress(*values))


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
