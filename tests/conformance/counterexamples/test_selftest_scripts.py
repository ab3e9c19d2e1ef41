"""Scripts of backends with a known fault: each fails while the fault is there, and ends with 0 once it is taken out."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import conformance
from conformance.campaign import run_campaign
from conformance.faults.catalogue import FAULTS
from conformance.faults.planting import Fault
from conformance.faults.stores.file_store import FileStore
from conformance.report.verdicts import VIOLATED
from conformance.run.options import Options
from conformance.subject.origin import Origin

NAMES = (
    *(
        "TakesListsForKeys",
        "JoinsElements",
        "FilesFoldCase",
        "StripsTheNewline",
        "HandsOutItsOwnObject",
        "IgnoresOverwriting",
    ),
    *("MoveCopies", "SelfMoveLoses", "MoveRaisesKeyError", "HasOneOrZero", "HidesTheId", "ListsATuple"),
    *("GoesToTheLatest", "SharesOneShelf", "WarnsOnce", "RepairsItsId", "HasAnIdOfVersion1", "RaisesWhereStorageFails"),
    *("CountsItsWrites", "TellsMoreThanItTakes", "HandsOutItsConfig", "ListsInOrderAlone", "MovesInOrderAlone"),
    *("HasUrlsAsPaths", "IgnoresNothing", "NamesAnotherPrefix", "FollowsAbsolutePaths"),
)
"""Of the faults that one process shows, some of each room: of programs, and of checks with and without arguments."""


def chosen() -> list[Fault]:
    return [fault for fault in FAULTS if fault.name in NAMES]


def origin_of(cls: type) -> Origin:
    base = FileStore if issubclass(cls, FileStore) else "DictStore"
    module = "file_store" if base is FileStore else "dict_store"
    place = "new_directory" if base is FileStore else "new_shelf"
    return Origin(
        (
            f"from {cls.__module__} import {cls.__name__} as Store",
            f"from conformance.faults.stores.{module} import {place}",
        ),
        "Store(place{options})",
        f"{place}()",
    )


def mended(script: str, cls: type) -> str:
    """The script with the correct store in the place of the faulty one."""
    base, module = ("FileStore", "file_store") if issubclass(cls, FileStore) else ("DictStore", "dict_store")
    line = f"from {cls.__module__} import {cls.__name__} as Store"
    assert line in script
    return script.replace(line, f"from conformance.faults.stores.{module} import {base} as Store")


def run(script: str, path: Path) -> "subprocess.CompletedProcess[str]":
    path.write_text(script, "utf-8")
    root = str(Path(conformance.__file__).parent.parent)
    return subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": root},
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", chosen(), ids=lambda fault: fault.name)
def test_a_script_fails_while_the_fault_is_there_and_no_longer(fault, tmp_path):
    cls = fault.subject.open
    fault.reset()
    report = run_campaign(fault.subject, Options(20, 1), origin=origin_of(cls))
    fault.reset()
    found = [result for result in report.results if result.verdict == VIOLATED]

    assert fault.requirement in [result.requirement.id for result in found]
    for result in found:
        for one in (result.counterexample, *result.further):
            assert one is not None
            ast.parse(one.script)
            there = run(one.script, tmp_path / "there.py")
            assert there.returncode == 1, (result.requirement.id, one.headline, there.stdout, there.stderr)
            assert f"{result.requirement.id} is violated: " in there.stderr
            gone = run(mended(one.script, cls), tmp_path / "gone.py")
            assert gone.returncode == 0, (result.requirement.id, one.headline, gone.stdout, gone.stderr)
