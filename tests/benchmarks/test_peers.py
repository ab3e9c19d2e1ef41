"""The faults that are put to zarr's store tests too: each is one, through zarr as well, and the kit tells what it is.

What is about zarr's interface is skipped where zarr is absent, as it is in CI: `peers` says how to install it.
"""

import asyncio
import signal
import subprocess
import sys

import pytest

from conformance import check
from spec_store import Key
from tests.benchmarks import peers
from tests.benchmarks.peer_conformance import subject_of
from tests.benchmarks.peer_faults import CONTROL, CORES, FAULTS, PAGE, Core
from tests.benchmarks.peers import Trial

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

UNDER = {
    "delete no-op": "REMOVE-1",
    "stale overwrite": "SET-1",
    "delete by prefix": "REMOVE-2",
    "list omits": "LIST-1",
    "list by text": "LIST-2",
    "exists for a prefix": "HAS-1",
    "get truncates": "GET-1",
    "empty value lost": "SET-1",
    "case folding": "KEY-4",
    "aliasing": "SET-5",
}
"""A requirement that each fault breaks: what it says is what the core does wrong."""

SMALL, LARGE = ("a",), ("A",)
BELOW, BESIDE = ("a", "b"), ("a-1", "b")


class ThroughZarr:
    """A core by way of zarr's interface."""

    def __init__(self, fault: str) -> None:
        self.zarr = pytest.importorskip("tests.benchmarks.peer_zarr", reason="zarr or pytest-asyncio is not installed")
        self.store = self.zarr.CoreStore(CORES[fault]())

    def set(self, key: Key, value: bytes | bytearray) -> None:
        self.store.set_sync("/".join(key), self.zarr.cpu.Buffer.from_bytes(value))

    def get(self, key: Key) -> bytes:
        found = self.store.get_sync("/".join(key))
        if found is None:
            raise KeyError(key)
        return bytes(found.to_bytes())

    def delete(self, key: Key) -> None:
        self.store.delete_sync("/".join(key))

    def exists(self, key: Key) -> bool:
        return bool(asyncio.run(self.store.exists("/".join(key))))

    def below(self, path: Key) -> list[Key]:
        async def listed() -> list[Key]:
            names = self.store.list_prefix("/".join(path) + "/") if path else self.store.list()
            return [tuple(name.split("/")) async for name in names]

        return asyncio.run(listed())


def seen(core: Core | ThroughZarr) -> list[object]:
    """What can be seen of a core that is put to a few uses, one of which at least is wrong of each fault."""

    def get(key: Key) -> object:
        try:
            return bytes(core.get(key))
        except KeyError:
            return "missing"

    mutable = bytearray(b"before")
    core.set(BELOW, b"1")
    facts: list[object] = [core.exists(SMALL)]
    core.set(BESIDE, b"x" * (PAGE + 1))
    facts += [sorted(core.below(())), sorted(core.below(SMALL)), get(BESIDE)]
    core.set(SMALL, mutable)
    mutable[:] = b"after!"
    core.set(LARGE, b"")
    facts += [get(SMALL), get(LARGE)]
    core.set(BELOW, b"2")
    facts.append(get(BELOW))
    core.delete(SMALL)
    return [*facts, get(SMALL), get(BELOW)]


def test_there_are_ten_faults_beside_the_core_without_one():
    assert len(FAULTS) == 10
    assert {CONTROL, *FAULTS} == set(CORES)
    assert set(UNDER) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_by_a_caller_of_the_core(fault):
    assert seen(CORES[fault]()) != seen(Core())


@pytest.mark.parametrize("fault", CORES)
def test_through_zarr_a_core_is_as_right_or_wrong_as_without(fault):
    assert seen(ThroughZarr(fault)) == seen(CORES[fault]())


@pytest.mark.parametrize("fault", FAULTS)
def test_the_kit_kills_each_fault_under_its_requirement(fault):
    report = check(subject_of(fault), examples=0, seed=1, classes=["core"])
    assert UNDER[fault] in report.violated


def test_the_kit_finds_nothing_wrong_with_the_core_without_a_fault():
    report = check(subject_of(CONTROL), examples=3, seed=1)
    assert (report.verdict, report.violated) == ("conformant", ())


def test_a_cell_says_how_often_a_suite_killed_by_what_and_in_how_many_seconds():
    trials = [Trial(("SET-1", "MOVE-2"), 1.0), Trial((), 2.0), Trial(("SET-1",), 3.0)]
    assert peers.cells_of(trials) == ("2 of 3", "SET-1, MOVE-2", "2.0")
    assert peers.cells_of_all(trials) == ("2 of 3", "", "6 in all")
    assert peers.shortened("abcde") == "a, b, c and 2 more"


def test_the_table_has_a_row_for_each_fault_and_counts_no_kill_of_the_control():
    killed: tuple[Trial, ...] = (Trial(("SET-1",), 1.0),)
    survived: tuple[Trial, ...] = (Trial((), 1.0),)
    found: peers.Found = {
        CONTROL: dict.fromkeys(peers.COLUMNS, killed),
        "aliasing": dict.fromkeys(peers.COLUMNS, survived),
    }
    head, rule, control, aliasing, total = peers.table_of(found)
    assert {row.count("|") for row in (head, rule, control, aliasing, total)} == {2 + 3 * len(peers.COLUMNS)}
    assert control.startswith(f"| {CONTROL} | 1 of 1 | SET-1 | 1.0 |")
    assert total.startswith("| all 1 | 0 of 1 |  | 1 in all |")


def test_without_zarr_it_says_in_a_line_what_it_needs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["peers"])
    monkeypatch.setattr(peers, "NEEDED", ("no_such_library",))
    with pytest.raises(SystemExit) as ended:
        peers.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "peers needs no_such_library: pip install zarr pytest-asyncio\n"


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has spent is read from /proc")
def test_a_process_that_goes_on_for_ever_is_ended_once_its_budget_is_spent():
    loops = subprocess.Popen([sys.executable, "-c", "while True: pass"], stdout=subprocess.PIPE, text=True)
    with loops:
        peers.told_by(loops, budget=0.1)
    assert loops.returncode == -signal.SIGXCPU
