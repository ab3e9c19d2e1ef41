"""The scripts of planted faults: what a campaign prints, and what they come to with the fault there and taken out.

A script is run in a forked process, which has imported what it needs: a few milliseconds, where a new interpreter takes
a third of a second. No campaign runs in the process that is forked, for what it has left in a class would be there.
"""

import os
import re
import runpy
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import attrs

from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS
from conformance.faults.planting import Fault
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.report.verdicts import VIOLATED
from conformance.run.options import Options
from conformance.subject.origin import Origin
from spec_store.requirements import RequirementId, requirement

CLASSES = ("core", "identity", "surface", "extended", "durable")
"""The classes of requirements that programs and directed checks judge."""


def of_programs_and_checks() -> list[Fault]:
    """The planted faults that programs and checks find, in a store of which the correct one is known."""
    return [
        fault
        for fault in FAULTS
        if requirement(fault.requirement).class_ in CLASSES and issubclass(class_of(fault), DictStore | FileStore)
    ]


@attrs.frozen
class Printed:
    """A script of a fault: under which requirement, with which headline, and its text."""

    fault: str
    requirement: RequirementId
    headline: str
    script: str


def printed(fault: Fault, examples: int = 10) -> list[Printed]:
    """Every script that a campaign prints for a fault."""
    cls = class_of(fault)
    subject = attrs.evolve(fault.subject, claims=attrs.evolve(fault.subject.claims, threads=False, processes=False))
    fault.reset()
    options = Options(examples, 1, CLASSES, limit=fault.limit)
    report = run_campaign(subject, options, origin=origin_of(cls))
    fault.reset()
    return [
        Printed(fault.name, result.requirement.id, one.headline, one.script)
        for result in report.results
        if result.verdict == VIOLATED
        for one in (result.counterexample, *result.further)
        if one is not None
    ]


def class_of(fault: Fault) -> type[Any]:
    """The class that has the fault."""
    assert isinstance(fault.subject.open, type)
    return fault.subject.open


def base_of(cls: type) -> type:
    """The correct store that a fault is planted in."""
    return FileStore if issubclass(cls, FileStore) else DictStore


def origin_of(cls: type) -> Origin:
    """How a script opens a class, on a new place."""
    base = base_of(cls)
    place = "new_directory" if base is FileStore else "new_shelf"
    return Origin(
        (f"from {cls.__module__} import {cls.__name__} as Store", f"from {base.__module__} import {place}"),
        "Store(place{options})",
        f"{place}()",
    )


def mended(script: str, cls: type) -> str:
    """The script with the correct store in the place of the faulty one."""
    base = base_of(cls)
    line = f"from {cls.__module__} import {cls.__name__} as Store"
    assert line in script
    return script.replace(line, f"from {base.__module__} import {base.__name__} as Store")


@attrs.frozen
class Ended:
    """How a script has ended, and what it had written by then."""

    status: int
    written: str


def run_script(script: str) -> Ended:
    """Run a script in a forked process."""
    with tempfile.TemporaryDirectory() as directory:
        path, output = Path(directory, "script.py"), Path(directory, "output")
        path.write_text(script, "utf-8")
        child = os.fork()
        if not child:
            os._exit(_run(path, output))
        _, status = os.waitpid(child, 0)
        return Ended(os.waitstatus_to_exitcode(status), output.read_text("utf-8", "replace"))


def _run(path: Path, output: Path) -> int:
    descriptor = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = sys.stderr = output.open("a", encoding="utf-8", errors="backslashreplace")
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
    return 0


def complaints(one: Printed) -> list[str]:
    """What is wrong about a script: it must fail by its requirement, and end with 0 once the fault is taken out."""
    cls = next(class_of(fault) for fault in FAULTS if fault.name == one.fault)
    there, gone = run_script(one.script), run_script(mended(one.script, cls))
    mark = f"{one.fault}, {one.requirement} ({one.headline})"
    said = re.compile(rf"\b{one.requirement} is violated: |^Timeout \(", re.MULTILINE)
    wrong = []
    if there.status != 1 or not said.search(there.written):
        wrong.append(f"{mark}: with the fault it ended with {there.status}: {there.written[-600:]}")
    if gone.status != 0:
        wrong.append(f"{mark}: without the fault it ended with {gone.status}: {gone.written[-600:]}")
    return wrong
