"""Races between threads: found, told with a timeline, and shown again by the script."""

import re
import subprocess
import sys

import attrs
import pytest

from conformance import Claims, Subject
from conformance.campaign import run_campaign
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.run.options import Options
from conformance.subject.origin import Origin
from spec_store import InMemoryStoreBackend

pytestmark = pytest.mark.slow

ORIGIN = Origin(("from conformance.faults.planted.racing import MovesUnlocked",), "MovesUnlocked({options})")
THREADS = Claims(durable=True, threads=True)


def report_of(subject, origin=ORIGIN):
    return run_campaign(subject, Options(examples=0, seed=0, classes=("concurrent", "extended")), origin=origin)


@pytest.fixture(scope="module")
def race():
    report = report_of(subject_of(racing.MovesUnlocked, THREADS))
    return next(one.counterexample for one in report.results if one.requirement.id == "LIN-1")


def test_a_race_is_told_with_a_timeline_and_why_no_order_explains_it(race):
    assert race.operations == 3
    for words in ("thread 1", "thread 2", "is stopped before line", "No order", "thread 1 first", "thread 2 first"):
        assert words in race.message


def test_a_race_shows_every_time(race):
    assert race.shown == race.tried == 4


def test_the_script_of_a_race_fails_while_the_fault_is_there_and_not_without(race, tmp_path):
    for script, status in ((race.script, 1), (race.script.replace("MovesUnlocked", "LockedStore"), 0)):
        (tmp_path / "script.py").write_text(script, "utf-8")
        done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr


def test_the_script_of_a_race_does_not_pass_where_the_line_is_not_reached(race, tmp_path):
    elsewhere = re.sub(
        r"^FILE, LINE, OCCURRENCE = .*$", "FILE, LINE, OCCURRENCE = 'no.py', 1, 1", race.script, flags=re.MULTILINE
    )
    (tmp_path / "script.py").write_text(elsewhere, "utf-8")

    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "the line was not reached" in done.stderr


def test_the_reference_is_linearizable_from_threads():
    subject = Subject(lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(threads=True))
    report = report_of(subject)

    verdicts = {one.requirement.id: one.verdict for one in report.results}
    assert {verdicts[name] for name in ("LIN-1", "LIN-3", "LIN-4", "ADD-2")} == {"passed"}


def test_what_is_wrong_without_threads_is_no_race():
    class MovesWrongly(racing.LockedStore):
        """move keeps the source."""

        def _move(self, source_key, dest_key, **kwargs):
            with self.lock:
                self._kept[dest_key] = (dest_key, self._get(source_key))

    report = report_of(subject_of(MovesWrongly, THREADS))

    assert report.violated == ()


def test_nothing_is_run_unless_threads_are_claimed():
    subject = subject_of(racing.MovesUnlocked, THREADS)
    report = report_of(attrs.evolve(subject, claims=Claims(durable=True)))

    assert {one.verdict for one in report.results if one.requirement.class_ == "concurrent"} == {"not claimed"}
