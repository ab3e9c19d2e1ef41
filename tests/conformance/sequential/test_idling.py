"""What an hour and a year do to a store is found by moved clocks; what reads a clock rightly is accused of nothing."""

import subprocess
import sys

import attrs
import pytest

from conformance.faults import odd_clocks
from conformance.faults.planted import idle
from conformance.faults.planting import faults_in, odd_ones_in, origin_of, subject_of
from conformance.faults.stores.dict_store import DictStore
from conformance.harness.harness import Harness
from conformance.programs.calls import told_seconds
from conformance.programs.operations import Reopen, Wait
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.sequential.waiting import explore_idle_time
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget
from conformance.system.clocks import move_ahead
from spec_store import InMemoryStoreBackend, InvalidKeyError
from tests.sampling import sampled

ID_KEY = InMemoryStoreBackend.STORE_BACKEND_ID_KEY
FAULTS = faults_in(idle)
REFERENCE = Subject(lambda place: InMemoryStoreBackend(), name="the reference")


def explored(subject, origin=UNKNOWN, wait=0.0):
    run = Run(Harness(subject), origin, Options(wait=wait), Watcher(), Evidence(), Budget())
    explore_idle_time(run)
    return run.evidence


def told(evidence):
    return [str(reach) for reach in evidence.reached]


@pytest.mark.slow
@pytest.mark.parametrize("fault", sampled(FAULTS, 2), ids=lambda fault: fault.name)
def test_what_is_right_for_some_time_only_is_found_by_a_short_program(fault):
    failures = explored(fault.subject).failures
    assert {failure.requirement for failure in failures} <= {fault.requirement, *fault.also}
    assert fault.requirement in {failure.requirement for failure in failures}
    assert min(failure.counterexample.operations for failure in failures) <= 4


@pytest.mark.parametrize("odd", odd_ones_in(odd_clocks), ids=lambda odd: odd.name)
def test_who_reads_a_clock_rightly_is_accused_of_nothing(odd):
    assert explored(odd.subject).failures == []


def test_a_session_that_is_over_is_told_once():
    fault = next(fault for fault in FAULTS if fault.name == "LosesItsSession")
    assert len(explored(fault.subject).failures) == 1


def test_the_report_says_what_was_done_and_that_nothing_was_waited_for():
    assert told(explored(REFERENCE)) == ["idle time: an hour and a year, by moved clocks; not waited"]


def test_a_real_wait_is_told_with_its_seconds():
    assert told(explored(REFERENCE, wait=0.01)) == ["idle time: an hour and a year, by moved clocks; waited for 0.01 s"]


class ForgetsSoon(DictStore):
    """What was written more than 50 ms ago is gone, by a clock that nobody moves."""

    def _set(self, key, value, **kwargs):
        super()._set(key, value, **kwargs)
        self.shelf.marks[key] = len(STARTED)

    def _get(self, key):
        if key in self.shelf.marks and len(STARTED) > self.shelf.marks[key] and key != ID_KEY:
            raise InvalidKeyError(key)
        return super()._get(key)


STARTED: list[Wait] = []


def test_what_is_gone_after_a_real_wait_is_told_with_it(monkeypatch):
    monkeypatch.setattr(Wait, "on", lambda self, backend: STARTED.append(self) if self.really else move_ahead(1.0))
    failures = explored(subject_of(ForgetsSoon, Claims(durable=True)), wait=0.5).failures
    assert [failure.requirement for failure in failures] == ["GET-1"]
    assert "time.sleep(0.5)" in failures[0].counterexample.script


def test_of_entries_that_are_claimed_to_expire_nothing_is_asked():
    fault = next(fault for fault in FAULTS if fault.name == "ForgetsAfterTwentyMinutes")
    claims = attrs.evolve(fault.subject.claims, expires=True)
    evidence = explored(attrs.evolve(fault.subject, claims=claims))
    assert evidence.failures == []
    assert told(evidence) == ["idle time: not judged: entries may expire, as is claimed"]


def test_the_script_moves_the_clock_and_needs_nothing_of_the_kit(tmp_path):
    cls = idle.KeepsFilesForAMonth
    fault = next(fault for fault in FAULTS if fault.name == cls.__name__)
    script = explored(fault.subject, origin_of(cls)).failures[0].counterexample.script
    path = tmp_path / "script.py"
    path.write_text(script, "utf-8")
    ended = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "GET-1 is violated" in ended.stderr
    path.write_text(script.replace("KeepsFilesForAMonth", "FileStore").replace("planted.idle", "stores.file_store"))
    ended = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_what_passes_is_told_in_words():
    assert told_seconds(3600) == "the clocks of the process say that an hour has passed"
    assert told_seconds(90) == "the clocks of the process say that 90 seconds have passed"


def test_a_wait_is_neither_a_write_nor_about_a_key():
    assert (Wait(1).writes, Wait(1).keys) == (False, ())


def test_durable_stores_are_opened_again_after_it():
    from conformance.programs.idling import idle_programs
    from conformance.programs.material import material

    claims = Claims(durable=True)
    assert any(Reopen() in program for program in idle_programs(claims, material(claims)))
    assert not any(Reopen() in program for program in idle_programs(Claims(), material(Claims())))
