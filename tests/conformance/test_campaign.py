"""The campaign as a whole: one pass, safety, budget, interruption, notes."""

import gc
import re
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from conformance import check
from conformance.campaign import run_campaign
from conformance.checks.catalogue import CASES
from conformance.checks.running import Failed
from conformance.harness.harness import Harness
from conformance.one_by_one import SAMPLE, blocked_once, confined, in_rounds, sampled
from conformance.programs.keys import escapes
from conformance.programs.operations import Get, HasKey
from conformance.report.evidence import Evidence
from conformance.report.results import INTERRUPTED
from conformance.report.verdicts import Report
from conformance.report.words import concluded
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.run.run import Run
from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from conformance.system.budget import Budget
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackend
from tests.conformance.subjects import LosesOnSelfMove, RemovesChildren, StripsNewline, subject_of

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

QUICK = Options(examples=10, seed=1)


class Several(LosesOnSelfMove, RemovesChildren, StripsNewline):
    """Three faults in one backend."""


class Recording(InMemoryStoreBackend):
    """Remembers every key that is written to any of its stores."""

    written: set[tuple[str, ...]] = set()  # noqa: RUF012

    def _set(self, key, value, **kwargs):
        self.written.add(key)
        return super()._set(key, value)


class Escaping(StoreBackend):
    """Joins keys to its directory and follows where that leads, as far as the directory above it."""

    written: set[tuple[str, ...]] = set()  # noqa: RUF012

    def __init__(self, root, **options):
        super().__init__(**options)
        self._root = Path(root)

    def _path(self, key):
        path = Path(self._root, *key)
        if not path.resolve().is_relative_to(self._root.parent):
            raise ValueError("too far out")
        return path

    def _get(self, key):
        try:
            return self._path(key).read_text("utf-8")
        except OSError as error:
            raise InvalidKeyError(str(key)) from error

    def _set(self, key, value, **kwargs):
        self.written.add(key)
        try:
            self._path(key).write_text(value, "utf-8")
        except OSError as error:
            raise ValueError(str(error)) from error

    def _has_key(self, key):
        return self._path(key).is_file()

    def _move(self, source_key, dest_key, **kwargs):
        self._set(dest_key, self._get(source_key))
        self.remove_key(source_key)

    def list_keys(self, prefix=()):
        return [(path.name,) for path in self._root.iterdir() if (path.name,)[: len(prefix)] == prefix]

    def remove_key(self, key):
        self._validate_key(key)
        there = self._has_key(key)
        self._path(key).unlink(missing_ok=True)
        return there


def nested(tmp_path):
    """Places that lie two levels down in a temporary directory."""

    class Place:
        number = 0

        def __enter__(self):
            Place.number += 1
            place = tmp_path / str(Place.number) / "store"
            place.mkdir(parents=True)
            return str(place)

        def __exit__(self, *_):
            pass

    return Place


def test_one_pass_finds_every_fault_and_no_consequence():
    assert set(run_campaign(subject_of(Several), QUICK).violated) == {"MOVE-3", "REMOVE-2", "GET-1"}


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=[pytest.mark.slow, pytest.mark.exhaustive]) for seed in (1, 2))]
)
def test_the_reference_is_conformant(seed):
    report = check(subject_of(InMemoryStoreBackend), examples=20, seed=seed)
    assert (report.verdict, report.violated, report.seed) == ("conformant", (), seed)


def test_the_same_seed_performs_the_same_programs():
    def programs():
        seen: list[str] = []
        run_campaign(
            subject_of(InMemoryStoreBackend),
            QUICK,
            watcher=Watcher(started_operation=lambda one: seen.append(repr(one))),
        )
        return [one for one in seen if "conformance-" not in one]

    assert programs() == programs()


def test_keys_that_may_leave_the_store_are_performed_where_it_confines_them():
    run_campaign(subject_of(Recording), QUICK)
    assert ("", "a") in Recording.written


def test_a_run_leaves_nothing_to_be_collected():
    gc.collect()
    run_campaign(subject_of(StripsNewline), Options(examples=0, seed=1, classes=("core",)))
    assert gc.collect() < 1000  # some hundreds of the test's own; a run makes some ten thousand


@pytest.mark.slow
def test_keys_that_leave_the_store_are_only_ever_tried_with_names_that_nothing_else_has(tmp_path):
    subject = Subject(open=lambda place, **options: Escaping(place, **options), place=nested(tmp_path))
    report = run_campaign(subject, QUICK)
    assert "KEY-8" in report.violated
    out = {key for key in Escaping.written if escapes(key)}
    assert out
    assert all(any(len(element) >= 32 for element in key) for key in out)


def test_a_place_that_is_not_empty_is_the_authors():
    class Full(InMemoryStoreBackend):
        def __init__(self, **options):
            super().__init__(**options)
            self._values["a",] = "precious"

    report = run_campaign(subject_of(Full), QUICK)
    assert report.verdict == "invalid"
    assert "is not empty" in report.invalid


@pytest.mark.slow
def test_a_later_place_that_holds_what_was_written_elsewhere_is_the_backends():
    shelf: dict[tuple[str, ...], object] = {}

    class Shared(InMemoryStoreBackend):
        def __init__(self, **options):
            super().__init__(**options)
            shelf.update(self._values)
            self._values = shelf

    assert "ISO-1" in run_campaign(subject_of(Shared), QUICK).violated


@pytest.fixture
def clock(monkeypatch):
    """The wall clock of the run: it goes on by a second whenever a backend of `Ticking` is read."""
    now = [1000.0]
    for module in ("budget", "starvation"):  # not the module of all: what waits for other processes needs the true one
        stub = SimpleNamespace(monotonic=lambda: now[0], thread_time=lambda: 0.0)
        monkeypatch.setattr(f"conformance.system.{module}.time", stub)
    monkeypatch.setattr("conformance.system.starvation.starved_seconds", lambda: 0.0)
    return now


def ticking(clock, seconds=1.0, cls: Any = InMemoryStoreBackend):
    class Ticking(cls):  # type: ignore[misc]
        def _get(self, key):
            clock[0] += seconds
            return super()._get(key)

    return subject_of(Ticking)


def test_a_budget_bounds_the_time(clock):
    report = run_campaign(ticking(clock), Options(examples=1_000_000, seed=1, budget=20_000.0))
    assert 21_000.0 <= clock[0] <= 21_010.0
    assert (report.verdict, report.interrupted) == ("conformant", False)
    cut = {result.requirement.id: result.cut_short for result in report.results if result.cut_short}
    assert re.search(r"\d+ of 1000000 random programs were run$", cut["GET-1"])
    assert "cut short" in concluded(report)


class LeavesATemporaryFile(InMemoryStoreBackend):
    """Violates RES-1, which version 1.0 of the specification does not have, and SET-6, which it has."""

    def __init__(self, **options):
        self._directory = tempfile.TemporaryDirectory()
        super().__init__(**options)

    def update(self, key, value, **kwargs):
        super().update(key, value)
        Path(self._directory.name, uuid4().hex).touch()

    def set(self, key, value, **kwargs):
        if kwargs:
            raise TypeError("no keywords")
        return super().set(key, value)


@pytest.mark.parametrize(("spec", "violated"), [("1.0", ("SET-6",)), ("1.1", ("SET-6", "RES-1"))])
def test_an_earlier_version_neither_asks_nor_reports_what_came_later(spec, violated):
    report = check(subject_of(LeavesATemporaryFile), examples=0, seed=1, classes=("core", "surface"), spec=spec)
    assert report.violated == violated
    assert report.spec == spec
    assert {result.requirement.since for result in report.results} == {"1.0", spec}


def test_what_there_was_no_time_for_at_all_is_not_passed(clock):
    report = run_campaign(ticking(clock), Options(examples=10, seed=1, budget=3.0))
    results = {result.requirement.id: result for result in report.results}
    assert clock[0] <= 1_010.0
    assert report.verdict == "incomplete"
    assert results["URL-1"].verdict == "not exercised"
    assert results["URL-1"].reason.startswith("the time that the budget gives was over before")
    assert {result.verdict for result in report.results} <= {"passed", "not exercised", "not claimed"}


def test_what_was_found_before_the_time_was_up_is_told_though_there_is_none_to_show_it_again(clock):
    report = run_campaign(ticking(clock, cls=StripsNewline), Options(examples=1000, seed=1, budget=4000.0))
    (found,) = (result for result in report.results if result.requirement.id == "GET-1")
    assert found.verdict == "undecided"
    assert found.counterexample is not None


def test_a_short_run_puts_each_requirement_to_the_test_before_any_for_the_second_time():
    run = run_of(Options(budget=30.0))
    run.evidence.exercised.update(["KEY-1"])
    chosen = in_rounds(run, CASES)
    first = [case.requirement for case in chosen[: len({case.requirement for case in CASES} - {"KEY-1"})]]
    assert len(set(first)) == len(first)
    assert "KEY-1" not in first
    assert sorted(case.name for case in chosen) == sorted(case.name for case in CASES)
    assert tuple(in_rounds(run_of(Options()), CASES)) == CASES


def test_a_short_run_begins_with_a_sample_of_the_programs():
    plain = ((Get(("a",)),), (HasKey(("a",)),))
    usual, short = sampled(run_of(Options()), plain), sampled(run_of(Options(budget=30.0)), plain)
    assert usual[:2] == plain
    assert short[:4] == (plain[1], usual[2], plain[0], usual[2 + SAMPLE])
    assert sorted(map(repr, short)) == sorted(map(repr, usual))


def test_keys_that_may_lead_out_of_the_store_are_not_used_where_their_checks_were_cut_short():
    run = run_of(Options(budget=30.0))
    run.evidence.exercised.update(["KEY-8"])
    assert confined(run, []).harness.confined
    run.cut_short("directed checks", 1, 55, ["KEY-8"])
    assert not confined(run, []).harness.confined


def test_a_constructor_that_waits_for_an_operation_says_for_which():
    class Waits(InMemoryStoreBackend):
        def _get(self, key):
            time.sleep(60)

    report = run_campaign(subject_of(Waits), Options(budget=0.5, limit=30.0))
    assert re.search(r"does not open: not done after 0\.5 s \(its constructor was waiting for get\)", report.invalid)


def test_many_sets_end_with_the_time_of_the_run(clock):
    class Slow(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            clock[0] += 1.0
            super()._set(key, value)

    run_campaign(subject_of(Slow), Options(examples=0, seed=1, budget=3000.0))
    assert clock[0] <= 4_010.0


def test_the_report_so_far_can_be_saved_and_has_what_was_seen_but_is_not_minimized_yet():
    saved: list[Report] = []

    def save(report):
        if len(saved) < 40:
            saved.append(report())

    run_campaign(subject_of(LosesOnSelfMove), QUICK, watcher=Watcher(save=save))
    verdicts = [next(one.verdict for one in report.results if one.requirement.id == "MOVE-3") for report in saved]
    assert "undecided" in verdicts


def test_the_report_so_far_has_what_triage_has_shown_again_as_violated():
    class LosesAndRaises(LosesOnSelfMove):
        """A second fault, so that triage goes on after the first."""

        def _has_key(self, key):
            raise RuntimeError("nobody has asked for this")

    stages: list[Progress] = []
    saved: list[tuple[str, ...]] = []

    def save(report):
        if stages and stages[-1].stage == "minimizing" and stages[-1].done > 0:
            saved.append(report().violated)

    run_campaign(subject_of(LosesAndRaises), QUICK, watcher=Watcher(progress=stages.append, save=save))

    assert "HAS-1" in saved[0]


def test_an_interrupt_gives_the_report_so_far():
    class Interrupted(InMemoryStoreBackend):
        moves = 0

        def _move(self, source_key, dest_key, **kwargs):
            Interrupted.moves += 1
            if Interrupted.moves == 100:
                raise KeyboardInterrupt
            return super()._move(source_key, dest_key)

    report = run_campaign(subject_of(Interrupted), QUICK)
    assert INTERRUPTED in report.notes
    assert any(result.exercised for result in report.results)


def test_check_lets_an_interrupt_through():
    class Interrupted(InMemoryStoreBackend):
        def _move(self, source_key, dest_key, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(subject_of(Interrupted), examples=5, seed=1)


def test_what_is_claimed_but_cannot_be_tried_is_not_passed():
    subject = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(crash_safe=True))
    report = run_campaign(subject, QUICK)
    assert report.verdict == "incomplete"
    assert {one.verdict for one in report.results if one.requirement.id in ("FAULT-1", "CRASH-1")} == {"not exercised"}


def test_what_is_not_claimed_but_works_is_told(tmp_path):
    stores: dict[str, dict[tuple[str, ...], object]] = {}

    class Durable(InMemoryStoreBackend):
        def __init__(self, place, **options):
            super().__init__(suppress_store_backend_id=True)
            self._suppress_store_backend_id = options.get("suppress_store_backend_id", False)
            self._values = stores.setdefault(place, {})

    subject = Subject(open=lambda place, **options: Durable(place, **options), place=nested(tmp_path))
    verdicts = {one.requirement.id: one.verdict for one in run_campaign(subject, QUICK).results}
    assert verdicts["REOPEN-1"] == "works but not claimed"
    assert verdicts["LIN-1"] == "not claimed"


def run_of(options: Options) -> Run:
    return Run(Harness(subject_of(InMemoryStoreBackend)), UNKNOWN, options, Watcher(), Evidence(), Budget())


def test_checks_that_block_with_one_error_are_one_finding_and_mask_the_others():
    run = run_of(QUICK)
    evidence = run.evidence
    by_requirement = {case.requirement: case for case in CASES}
    locked = Failed("expected no exception here, came OperationalError: database is locked", hung=True)
    other = Failed("expected an answer, came none within 10 s: it hangs", hung=True)
    failures = [(by_requirement[name], locked) for name in ("ID-8", "REOPEN-1", "REOPEN-2")]
    failures += [(by_requirement["ID-4"], other)]
    kept = blocked_once(run, failures)
    assert [case.requirement for case, _ in kept] == ["ID-8", "ID-4"]
    assert {name: mask.by for name, mask in evidence.masked.items()} == {"REOPEN-1": "ID-8", "REOPEN-2": "ID-8"}
    assert evidence.masked["REOPEN-1"].why.endswith("OperationalError: database is locked")
