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
    so far     <---- saved.json -------------------------  the report so far, now and then
    the answer <---- report.json ------------------------  once, at the end
    how much   <---- printed ----------------------------  standard output
               <---- errors -----------------------------  standard error
    its end    <---------------- exit status, or signal ---  its end

    standard input, on which nothing is ever sent: when it ends, the command is gone, and
                                kills all, removes
                                the directory, ends        ends

The guard runs none of the subject's code, so it can be relied on to end what the subject has started. A worker that
leaves no answer has died: what was in flight is told as a violation, by a report that another worker makes, and the
campaign is run again without that operation, or that check, until a worker comes to its end, or the time that the
budget gives the whole command is up: then what the last worker has saved is told. How long a worker is waited for is
drawn up in `workers.patience`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from conformance.programs.operations import encode_operation
from conformance.programs.outcomes import Died, Hung, encode_outcome
from conformance.report.merging import merged
from conformance.report.results import INTERRUPTED, INTERRUPTED_BEFORE, UNTRIED
from conformance.report.verdicts import MASKED, NOT_EXERCISED, Report
from conformance.run.options import Options
from conformance.run.progress import Progress
from conformance.run.run import TOO_LATE
from conformance.system.temporary import temporary_parent
from conformance.workers.journal import InFlight, in_flight
from conformance.workers.patience import Deadline, Patience, seconds_allowed
from spec_store.requirements import RequirementId

POLL_SECONDS = 0.05
"""Seconds between two looks at a worker."""

ENDING = 15.0
"""Seconds that a worker's guard has to end it, and whatever that has started."""

RESTARTS = 12
"""How often the campaign is begun: each death takes one operation or check out, so there are not many."""

DEATH_REPORT = 10.0
"""Seconds that the report of an operation that a worker did not survive has at least."""

ROOM = 1 << 16
"""Bytes that must find room where a worker ended without an answer; else it is the lack of room that ended it."""

Show = Callable[[Progress], None]


class TargetFault(Exception):
    """The target or the options are at fault; its text is one line."""


class KitFault(Exception):
    """The kit itself failed; its text is one line."""


@attrs.frozen
class _End:
    """How a worker ended.

    Args:
        answer: its answer; None if it left none.
        saved: what it had saved before.
        flight: what was in flight.
        ending: what came of that, where there is no answer.
        interrupted: whether the command was interrupted.
        late: whether the time of the run was up.
        printed: how many bytes it wrote to standard output.
    """

    answer: dict[str, Any] | None
    saved: dict[str, Any] | None
    flight: InFlight
    ending: Hung | Died
    interrupted: bool
    late: bool
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
    deadline, avoided = Deadline.of(options), options
    reports: list[Report] = []
    fatal: dict[str, RequirementId] = {}
    printed = 0
    for _ in range(RESTARTS):
        job = _job(target, claims, deadline.left_of(avoided))
        with _run_worker(job, deadline, options.limit, show) as end:
            printed += end.printed
            if end.answer is not None:
                reports.insert(0, _on_time(_report(end.answer, options, target), end))
                break
            if end.interrupted:
                reports.append(_so_far(target, options, end, f"interrupted; {_lost(end)}"))
                break
            if not end.late:
                reports.append(_report_of_death(target, claims, deadline.left_of(avoided), end))
                if end.flight.program:
                    fatal |= dict.fromkeys([end.flight.operation], *reports[-1].violated[:1])
            if deadline.over() or end.late:
                reports.insert(0, _so_far(target, options, end, f"{OVER}; {_lost(end)}"))
            if deadline.over() or end.late or reports[-1].invalid:
                break
            avoided = _without(avoided, end.flight)
    report = attrs.evolve(_masked(merged(reports), fatal), seconds=deadline.passed())
    if printed:
        note = f"the backend wrote {printed} bytes to standard output; they are not shown"
        report = attrs.evolve(report, notes=(*report.notes, note))
    return report


OVER = "the time that the budget gives was over before the run was"


def _lost(end: _End) -> str:
    """What was in flight, and how it ended, of a worker that left no answer."""
    return f"{end.flight.words or 'the run'} {end.ending}; this is what had been found by then"


def _so_far(target: str, options: Options, end: _End, note: str) -> Report:
    """The report that a worker had saved before it was killed, or an empty one."""
    nothing = Report(target, options.seed, 0.0, spec=options.spec)
    report = nothing if end.saved is None else _report(end.saved, options, target)
    return attrs.evolve(report, notes=(*report.notes, note), interrupted=True)


def _on_time(report: Report, end: _End) -> Report:
    """The report of a worker that had to be asked for it because time was up: nobody has interrupted it."""
    if not end.late or end.interrupted:
        return report
    over = f"{OVER}: it was still {end.flight.words}" if end.flight.beginning else OVER
    notes = tuple(over if note == INTERRUPTED else note for note in report.notes)
    results = tuple(
        attrs.evolve(result, reason=TOO_LATE) if result.reason == INTERRUPTED_BEFORE else result
        for result in report.results
    )
    return attrs.evolve(report, notes=notes, results=results)


def _masked(report: Report, fatal: Mapping[str, RequirementId]) -> Report:
    """The report in which what was not tried is masked by what workers have died at.

    Args:
        report: the report.
        fatal: the names of the operations that are not performed any more, and which requirement each violates.
    """
    if not fatal:
        return report
    why = f"{' and '.join(fatal)} {'is' if len(fatal) == 1 else 'are'} not performed any more"
    by = next(iter(fatal.values()))
    results = tuple(
        attrs.evolve(result, verdict=MASKED, reason=f"masked by {by}: {why}")
        if result.verdict == NOT_EXERCISED and result.reason == UNTRIED
        else result
        for result in report.results
    )
    return attrs.evolve(report, results=results)


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
    return attrs.evolve(options, avoid=options.avoid | {flight.operation})


def _report(answer: dict[str, Any], options: Options, target: str) -> Report:
    """The report of a worker's answer, which may be that there is none."""
    if "error" in answer:
        raise TargetFault(answer["error"])
    if "fault" in answer:
        raise KitFault(answer["fault"])
    if "interrupted" in answer:
        notes = ("interrupted before anything was judged",)
        return Report(target, options.seed, 0.0, notes=notes, interrupted=True, spec=options.spec)
    return Report.from_json(answer["report"])


def _report_of_death(target: str, claims: Sequence[str], options: Options, end: _End) -> Report:
    """The report of the operation or check that ended a worker, made in another one."""
    flight = end.flight
    if not flight.program and not flight.case:
        doing = f"{flight.beginning or 'importing or opening'} it"
        what = f"{doing} {end.ending}" if isinstance(end.ending, Died) else f"{doing} takes too long: it {end.ending}"
        return Report(target, options.seed, 0.0, invalid=f"{target} cannot be judged: {what}", spec=options.spec)
    job = {**_job(target, claims, options), "ending": encode_outcome(end.ending)}
    job |= (
        {"case": flight.case}
        if flight.case
        else {"program": [encode_operation(operation) for operation in flight.program]}
    )
    # It has the time of the run that is left, and a while in any case: what is told here is known, and must be told.
    deadline = Deadline.of(attrs.evolve(options, budget=max(options.budget or 0.0, DEATH_REPORT)))
    with _run_worker(job, deadline, options.limit, lambda _progress: None) as again:
        if again.answer is None:
            # It opens the subject in children alone, so that it is not the subject that has ended it.
            raise KitFault(f"no report could be made of the end of a worker (it {end.ending}, then {again.ending})")
        return _report(again.answer, options, target)


@contextmanager
def _run_worker(job: dict[str, Any], deadline: Deadline, limit: float, show: Show) -> Iterator[_End]:
    """Run a worker to its end; its directory is there for as long as the block."""
    with tempfile.TemporaryDirectory(prefix="conformance-", dir=temporary_parent(), ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "job.json").write_text(json.dumps(job), "utf-8")
        worker = _start_worker(directory)
        watch = _Watch(worker, directory, deadline, Patience(worker.pid, directory / "journal", limit), show)
        try:
            ending = watch.wait()
        finally:
            _end_worker(worker)
        answer = _json(directory / "report.json")
        if answer is None:
            (directory / "room").write_bytes(b" " * ROOM)  # raises where there is none: that, no operation, ended it
        yield _End(
            answer,
            _json(directory / "saved.json"),
            in_flight(directory / "journal"),
            ending,
            watch.interrupted,
            watch.late,
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


@attrs.define
class _Watch:
    """Waits for a worker's end, or for what ends it.

    Args:
        worker: the process.
        directory: where it keeps its files.
        deadline: when the time of the run is up.
        patience: how long it may be quiet.
        show: told how far it is.
        interrupted: whether the command was interrupted.
        late: whether the worker had to be asked for its report because the time was up.
    """

    worker: "subprocess.Popen[bytes]"
    directory: Path
    deadline: Deadline
    patience: Patience
    show: Show
    interrupted: bool = False
    late: bool = False
    _last: float = float("inf")

    def wait(self) -> Hung | Died:
        """Wait; how it ended, or what the operation did that it was killed at."""
        while self.worker.poll() is None:
            try:
                ending = self._look()
            except KeyboardInterrupt:
                if self.interrupted:
                    return self.patience.hung()
                self.interrupted = True
                self._ask()
            else:
                if ending is not None:
                    return ending
        status = self.worker.returncode
        return Died(f"signal {-status}" if status < 0 else f"exit status {status}")

    def _look(self) -> Hung | None:
        """Look at the worker after a moment; what has hung, where it is to be killed."""
        time.sleep(POLL_SECONDS)
        stuck = self.patience.look()
        self.show(_progress_in(self.directory, self.patience.waiting_for()))
        if stuck is not None:
            return Hung(seconds_allowed(stuck, self.patience.limit))
        if time.monotonic() > self._last:
            return self.patience.hung()
        if not self.late and self.deadline.overdue():
            self.late = True
            self._ask()
        return None

    def _ask(self) -> None:
        """Interrupt the worker, which then has a moment to tell what it has found."""
        self._last = min(self._last, time.monotonic() + self.deadline.last_words())
        self.worker.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


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


def _progress_in(directory: Path, waiting: str) -> Progress:
    """How far a worker is; what is there may be half written, and is told the next time."""
    try:
        stage, done, total, violated = json.loads((directory / "progress").read_text("utf-8"))
    except (OSError, ValueError):
        return Progress("", 0, 0, 0, waiting)
    return Progress(stage, done, total, violated, waiting)


def _json(path: Path) -> dict[str, Any] | None:
    """What a file has that a worker may have left."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found
