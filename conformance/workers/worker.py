"""The process in which a subject is run: a job in, a report out, both files; what it prints spoils neither.

A job is a JSON object: target, claims, options, and for a death its program (as lines of a journal) or case, and what
came of it (an outcome as a line). What was found so far is saved now and then, as the answer {"report": ...} would be.
The answer is one of four: {"report": ...}, {"error": line} (the target or an option is at fault, or there is no room),
{"fault": line} (the kit is), {"interrupted": true}. Which process this is in, and who reads what, is drawn in
`workers.supervisor`.
"""

import errno
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from conformance.campaign import run_campaign
from conformance.checks.catalogue import CASES
from conformance.programs.operations import decode_operation
from conformance.programs.outcomes import Died, Hung, decode_outcome
from conformance.report.verdicts import Report
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.target import TargetError, resolve
from conformance.system.signals import exit_with_standard_input
from conformance.workers.deaths import report_of_death, report_of_death_in_case
from conformance.workers.guard import run_guarded
from conformance.workers.journal import Journal

SAVING_EVERY, SAVING_SHARE = 1.0, 0.02
"""Seconds between two savings of what was found so far; and the share of the time that they may take at most."""

LAST_PART, LAST_SHARE = 0.75, 0.5
"""After what part of a budget the worker may be killed any moment, and the share that they may take from then on."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def main() -> None:
    """Do the job in the directory named by the first argument, and leave report.json there."""
    directory = Path(sys.argv[1])
    run_guarded(directory, partial(_work, directory))


def _work(directory: Path) -> None:
    exit_with_standard_input()
    job = json.loads((directory / "job.json").read_text("utf-8"))
    try:
        answer = _answer(job, directory)
    except TargetError as error:
        answer = {"error": str(error)}
    except KeyboardInterrupt:
        answer = {"interrupted": True}
    except Exception as error:
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        answer = _fault(error)
    part = directory / "report.part"  # put in place whole: a report that is there is one that was finished
    part.write_text(json.dumps(answer), "utf-8")
    part.replace(directory / "report.json")
    sys.stdout.flush()
    os._exit(0)  # threads that the subject left running shall not keep the process


def _fault(error: Exception) -> dict[str, Any]:
    """The answer to an exception that came out of the campaign: a full file system is not the kit's fault."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return {"error": f"the run cannot go on: {' '.join(str(error).split())}"}
    return {"fault": " ".join(f"{type(error).__name__}: {error}".split())}


def _answer(job: dict[str, Any], directory: Path) -> dict[str, Any]:
    journal = Journal.at(directory / "journal")
    journal.start_beginning("importing")
    target = resolve(job["target"], job["claims"])
    journal.start_beginning("")
    gc.freeze()  # what the target imports stays: no collection need look at it again
    options = Options(**{**job["options"], **{name: frozenset(job["options"][name]) for name in ("avoid", "skip")}})
    if options.classes is not None:
        options = attrs.evolve(options, classes=tuple(options.classes))
    subject, origin = target.subject, target.origin
    if "ending" not in job:
        saver = Saver(directory / "saved.json", time.monotonic() + LAST_PART * (options.budget or float("inf")))
        watcher = _watcher(directory, journal, saver)
        return {"report": run_campaign(subject, options, origin=origin, watcher=watcher).to_json()}
    ending = decode_outcome(job["ending"])
    if not isinstance(ending, Hung | Died):
        raise ValueError(f"no worker ends so: {ending}")
    if "program" in job:
        program = tuple(decode_operation(line) for line in job["program"])
        return {"report": report_of_death(program, ending, subject, options, origin).to_json()}
    case = next(case for case in CASES if case.name == job["case"])
    return {"report": report_of_death_in_case(case, ending, subject, options, origin).to_json()}


def _watcher(directory: Path, journal: Journal, saver: "Saver") -> Watcher:
    descriptor = os.open(directory / "progress", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def progress(now: Progress) -> None:
        line = json.dumps([now.stage, now.done, now.total, now.violated])
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{line:<200}\n".encode())

    return Watcher(
        progress,
        journal.start_program,
        journal.start_operation,
        journal.start_case,
        journal.start_step,
        journal.start_beginning,
        saver.save,
    )


@attrs.define
class Saver:
    """Saves the report so far, as the supervisor tells it of a worker that has to be killed.

    Args:
        path: where.
        late: from when on (by `time.monotonic`) the worker may be killed any moment, so that much may have been shown
            since an earlier saving.
    """

    path: Path
    late: float = float("inf")
    _next: float = 0.0

    def save(self, report: Callable[[], Report]) -> None:
        """Save it, unless that was done a moment ago; the report is not made then."""
        if time.monotonic() < self._next:
            return
        began = time.monotonic()
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps({"report": report().to_json()}), "utf-8")
        part.replace(self.path)
        now = time.monotonic()
        took = now - began
        often, seldom = now + took / LAST_SHARE, now + max(SAVING_EVERY, took / SAVING_SHARE)
        self._next = min(seldom, max(often, self.late))


if __name__ == "__main__":
    main()
