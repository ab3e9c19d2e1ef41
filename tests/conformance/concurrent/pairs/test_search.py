"""Races of pairs: which are told, with a timeline, and shown again by the script."""

import re
import subprocess
import sys
from collections import Counter

import attrs
import pytest

from conformance import Claims, Subject
from conformance.campaign import run_campaign
from conformance.concurrent.pairs.interleaving import Impeded, Interleaved, Stuck
from conformance.concurrent.pairs.pairs import AtCall, AtLine, Observation, OneByOne, Pair, pairs_for
from conformance.concurrent.pairs.search import OF_PROCESSES, OF_THREADS, applies, run_pairs
from conformance.faults.planted import racing
from conformance.faults.planting import subject_of
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.programs.operations import Add, Move, RemoveKey, Set
from conformance.programs.outcomes import Returned
from conformance.report.evidence import Evidence, Failure, Mask
from conformance.report.verdicts import Counterexample
from conformance.run.options import Options
from conformance.run.progress import Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN, Origin
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

ORIGIN = Origin(("from conformance.faults.planted.racing import MovesUnlocked",), "MovesUnlocked({options})")
THREADS = Claims(durable=True, threads=True)


def report_of(subject, origin=ORIGIN):
    return run_campaign(subject, Options(examples=0, seed=0, classes=("concurrent", "extended")), origin=origin)


@pytest.fixture(scope="module")
def race():
    report = report_of(subject_of(racing.MovesUnlocked, THREADS))
    return next(one.counterexample for one in report.results if one.requirement.id == "LIN-1")


@pytest.mark.slow
def test_a_race_is_told_with_a_timeline_and_why_no_order_explains_it(race):
    assert race.operations == 3
    for words in ("thread 1", "thread 2", "is stopped before line", "No order", "thread 1 first", "thread 2 first"):
        assert words in race.message


@pytest.mark.slow
def test_a_race_shows_every_time(race):
    assert race.shown == race.tried == 4


@pytest.mark.slow
def test_the_script_of_a_race_fails_while_the_fault_is_there_and_not_without(race, tmp_path):
    for script, status in ((race.script, 1), (race.script.replace("MovesUnlocked", "LockedStore"), 0)):
        (tmp_path / "script.py").write_text(script, "utf-8")
        done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.slow
def test_the_script_of_a_race_does_not_pass_where_the_line_is_not_reached(race, tmp_path):
    elsewhere = re.sub(
        r"^EVENT, FILE, LINE, OCCURRENCE = .*$",
        "EVENT, FILE, LINE, OCCURRENCE = 'line', 'no.py', 1, 1",
        race.script,
        flags=re.MULTILINE,
    )
    (tmp_path / "script.py").write_text(elsewhere, "utf-8")

    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "the line was not reached" in done.stderr


@pytest.mark.slow
@pytest.mark.exhaustive  # a correct backend of the self-test
@pytest.mark.usefixtures("short_load")
def test_the_reference_is_linearizable_from_threads():
    subject = Subject(lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(threads=True))
    report = report_of(subject)

    verdicts = {one.requirement.id: one.verdict for one in report.results}
    assert {verdicts[name] for name in ("LIN-1", "LIN-3", "LIN-4", "ADD-2")} == {"passed"}


@pytest.mark.slow
@pytest.mark.usefixtures("short_load")
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


A = ("a",)
REMOVALS = Pair((Set(A, "1"),), RemoveKey(A), RemoveKey(A))
ADDS = Pair((), Add(A, "1"), Add(A, "2"))


def test_a_pair_applies_if_it_is_wanted_and_the_backend_has_what_it_calls():
    assert applies(ADDS, Evidence())
    assert not applies(ADDS, Evidence(missing={"add"}))
    assert applies(REMOVALS, Evidence(missing={"add"}))
    assert not applies(REMOVALS, Evidence(classes=frozenset({"core"})))


# The search itself, with what runs the pairs written down


def outcomes(pair, answer):
    """Of a pair both of whose operations return the answer, and whose reads afterwards return nothing."""
    return Observation(Returned(answer), Returned(answer), (Returned(None),) * (len(pair.keys) + 1))


def right(pair, where):
    return Interleaved(where, False, outcomes(pair, True))


def wrong(pair, where):
    return Interleaved(where, False, outcomes(pair, "what no order gives"))


class Scripted:
    """Runs nothing: what comes of a pair at a step was written down, and a first operation has two steps."""

    who = "thread"
    most = 300

    def __init__(self, result):
        self.result, self.tries = result, []

    def hurried(self):
        return self

    def in_order(self, pair, *, swapped):
        return outcomes(pair, True)

    def at(self, pair, number):
        self.tries.append((pair, number))
        return self.result(pair, AtLine("f.py", 7, 1, number)) if number <= 2 else None


def searched(interleaver, plan=OF_THREADS, evidence=None, cheap=None):
    evidence = evidence or Evidence()
    harness = Harness(subject_of(racing.LockedStore, THREADS), cheap=cheap or {})
    run = Run(harness, UNKNOWN, Options(), Watcher(), evidence, Budget())
    run_pairs(run, interleaver, plan)
    return evidence


def of_removals(result):
    """What comes of pairs that begin with a removal is this, and of others what comes of an order."""
    return lambda pair, where: (result if isinstance(pair.first, RemoveKey) else right)(pair, where)


def test_every_pair_is_tried_at_each_step_of_its_first_operation():
    interleaver = Scripted(right)
    evidence = searched(interleaver)

    pairs = pairs_for("thread", material(THREADS))
    assert interleaver.tries == [(pair, number) for pair in pairs for number in (1, 2, 3)]
    assert evidence.failures == []
    assert evidence.exercised.total() == 2 * len(pairs)


def test_a_pair_that_races_is_tried_at_no_later_step_but_again_at_the_same():
    interleaver = Scripted(of_removals(wrong))
    evidence = searched(interleaver)

    assert {failure.requirement for failure in evidence.failures} == {"LIN-1", "LIN-3", "LIN-4"}
    assert evidence.masked["ALL-1"].by == "LIN-1"  # a get_all is gets, and a listing
    told = [one.counterexample.headline for one in evidence.failures if one.requirement == "LIN-1"]
    assert all("('b',)" not in headline for headline in told)  # LIN-4 explains what takes a second key
    assert {(one.counterexample.shown, one.counterexample.tried) for one in evidence.failures} == {(4, 4)}
    assert {number for pair, number in interleaver.tries if isinstance(pair.first, RemoveKey)} == {1}


def test_a_race_that_does_not_show_again_is_told_as_seen_once():
    seen = set()

    def only_once(pair, where):
        again = (pair, where.number) in seen
        seen.add((pair, where.number))
        return (right if again else wrong)(pair, where)

    evidence = searched(Scripted(of_removals(only_once)))

    assert {(one.counterexample.shown, one.counterexample.tried) for one in evidence.failures} == {(1, 4)}
    assert not any(one.shown_again for one in evidence.failures)  # so that it accuses nobody


def test_a_race_that_shows_again_is_told_rather_than_an_earlier_one_that_does_not():
    seen = set()

    def first_once_and_second_always(pair, where):
        again = (pair, where.number) in seen
        seen.add((pair, where.number))
        return (right if again and where.number == 1 else wrong)(pair, where)

    evidence = searched(Scripted(of_removals(first_once_and_second_always)))

    assert {failure.requirement for failure in evidence.failures} == {"LIN-1", "LIN-3", "LIN-4"}
    assert {(one.counterexample.shown, one.counterexample.tried) for one in evidence.failures} == {(4, 4)}
    assert all(one.shown_again for one in evidence.failures)


@pytest.mark.parametrize(("plan", "opened"), [(OF_THREADS, True), (OF_PROCESSES, False)])
def test_the_script_of_a_race_opens_the_backend_as_the_search_has(plan, opened):
    def result(pair, where):
        return wrong(pair, where if opened else AtCall("write", where.number))

    interleaver = Scripted(of_removals(result))
    interleaver.who = "thread" if opened else "process"
    evidence = searched(interleaver, plan, cheap={"suppress_store_backend_id": True})

    scripts = [failure.counterexample.script for failure in evidence.failures]
    assert scripts
    assert all(("open_backend(place, suppress_store_backend_id=True)" in script) is opened for script in scripts)


def test_a_race_of_processes_is_tried_again_less_often():
    evidence = searched(Scripted(of_removals(wrong)), OF_PROCESSES)

    assert {(one.counterexample.shown, one.counterexample.tried) for one in evidence.failures} == {(3, 3)}


def test_an_operation_that_does_not_end_is_told():
    evidence = searched(Scripted(of_removals(lambda pair, where: Stuck(where, "the second one is not done"))))

    assert evidence.failures
    assert all("the second one is not done" in failure.counterexample.message for failure in evidence.failures)
    assert {(one.counterexample.shown, one.counterexample.tried) for one in evidence.failures} == {(2, 2)}


def test_few_pairs_are_run_that_do_not_end_none_twice_of_the_same_operations_and_the_search_says_so():
    interleaver = Scripted(lambda pair, where: Stuck(where, "the second one is not done"))
    evidence = searched(interleaver)

    tried = [(pair.first.name, pair.second.name) for pair, _ in interleaver.tries]
    assert len(set(tried)) == 3
    assert Counter(tried).most_common(1)[0][1] <= 2  # in the search, and once more before it is told
    assert "did not end" in evidence.cut_short["LIN-3"]


class HangsInOrder(Scripted):
    """One operation after the other, one of them does not end."""

    def in_order(self, pair, *, swapped):
        return Stuck(OneByOne("thread", swapped), "add, run alone, is not done after 10 s")


class MovesHangAlone(Scripted):
    """A move does not end, whatever comes before or after it."""

    def in_order(self, pair, *, swapped):
        move = next((one for one in (pair.first, pair.second) if isinstance(one, Move)), None)
        if move is None:
            return super().in_order(pair, swapped=swapped)
        return Stuck(OneByOne("thread", swapped, hangs=move), "move, run alone, is not done after 10 s")


def test_an_operation_that_does_not_end_without_a_stop_is_told_too():
    evidence = searched(HangsInOrder(right))

    assert evidence.failures
    message = evidence.failures[0].counterexample.message
    assert "one after the other" in message
    assert "Actual: add, run alone, is not done after 10 s." in message
    assert "faulthandler" in evidence.failures[0].counterexample.script


def test_what_does_not_end_by_itself_is_no_matter_of_the_other_operation_of_the_pair():
    evidence = searched(MovesHangAlone(right))

    assert {failure.requirement for failure in evidence.failures} == {"LIN-1"}
    assert all("move, run alone" in failure.counterexample.message for failure in evidence.failures)


def test_a_pair_for_which_the_backend_does_not_open_puts_nothing_to_the_test():
    evidence = searched(Scripted(lambda pair, where: Impeded("it cannot be opened in another process: Busy")))

    assert not evidence.exercised
    assert evidence.failures == []
    assert set(evidence.reasons.values()) == {"it cannot be opened in another process: Busy"}


def test_a_search_leaves_out_what_was_found_before():
    known = Failure("LIN-1", Counterexample(2, "message", "script", "headline"))
    interleaver = Scripted(right)
    searched(interleaver, evidence=Evidence(failures=[known], masked={"ALL-1": Mask("LIN-1", "why")}))

    assert {pair.requirement for pair, _ in interleaver.tries} == {"LIN-3", "LIN-4", "ADD-2"}


def test_what_was_found_before_an_interrupt_counts_and_is_not_tried_again():
    def interrupted(pair, where):
        if isinstance(pair.first, Add):
            raise KeyboardInterrupt
        return wrong(pair, where)

    interleaver, evidence = Scripted(interrupted), Evidence()
    with pytest.raises(KeyboardInterrupt):
        searched(interleaver, evidence=evidence)

    assert len(evidence.failures) == 1
    assert (evidence.failures[0].counterexample.shown, evidence.failures[0].counterexample.tried) == (2, 2)
    assert isinstance(interleaver.tries[-1][0].first, Add)
