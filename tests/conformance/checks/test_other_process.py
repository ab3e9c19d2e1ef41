"""The other process of REOPEN-1: started early, used by the check, and ended with the run."""

import json
import os
import pathlib
import tempfile

import pytest

from conformance.campaign import run_campaign
from conformance.checks import search
from conformance.checks.other_process import CASES, LOCALE, elsewhere, interpreter
from conformance.checks.running import Failed, Passed, Setting, run_case
from conformance.harness.harness import Harness
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import standalone_opener
from conformance.subject.subject import Claims, Subject
from conformance.subject.target import resolve
from spec_store import InvalidKeyError
from tests.conformance.checks.stores import FileBackend

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

CASE = CASES[0]
FILES = resolve("tests.spec_store.backends.subjects:filesystem", ())


@pytest.fixture
def started(monkeypatch):
    """The processes that a campaign starts."""
    processes = []

    def recorded(source):
        processes.append(interpreter(source))
        return processes[-1]

    monkeypatch.setattr(search, "interpreter", recorded)
    return processes


def test_a_program_runs_where_the_source_has_run():
    process = interpreter("def twice(text): return text + text")
    assert elsewhere(process, "print(json.dumps(twice('\u00e9\\n')))") == "\u00e9\n\u00e9\n"
    assert process.returncode == 0


def test_a_source_that_fails_is_told_from_a_program_that_fails():
    assert elsewhere(interpreter("import a_module_that_is_not_there"), "print(1)") is None
    with pytest.raises(AssertionError, match="came ZeroDivisionError: division by zero"):
        elsewhere(interpreter("pass"), "1/0")


def test_a_program_does_not_wait_for_the_end_of_what_a_forked_process_keeps_open():
    process = interpreter("pass")
    assert process.stdin is not None
    kept = os.dup(process.stdin.fileno())
    try:
        assert elsewhere(process, "print(json.dumps(1))") == 1
    finally:
        os.close(kept)


def test_the_check_uses_the_process_that_was_started_for_it():
    process = interpreter(standalone_opener(FILES.origin))
    assert run_case(Harness(FILES.subject), CASE, Setting(standalone_opener(FILES.origin), started=process)) == Passed()
    assert process.returncode == 0


def test_the_check_starts_a_process_where_none_was_started():
    assert run_case(Harness(FILES.subject), CASE, Setting(standalone_opener(FILES.origin))) == Passed()


@pytest.mark.slow
def test_a_campaign_starts_one_process_and_lets_it_end(started):
    report = run_campaign(FILES.subject, Options(1, 0, ("durable",)), origin=FILES.origin)
    assert report.exit_status == 0
    assert [process.returncode for process in started] == [0]


@pytest.mark.slow
def test_a_campaign_that_is_interrupted_ends_its_process(started):
    def interrupt(now: Progress) -> None:
        if now.stage == "random programs":
            raise KeyboardInterrupt

    report = run_campaign(FILES.subject, Options(1, 0), origin=FILES.origin, watcher=Watcher(interrupt))
    assert report.interrupted
    assert [process.returncode is None for process in started] == [False]


def test_a_campaign_starts_no_process_for_a_subject_that_claims_no_durability(started):
    memory = resolve("spec_store:InMemoryStoreBackend", ())
    run_campaign(memory.subject, Options(0, 0, ("durable",)), origin=memory.origin)
    assert not started


class NamesInFiles(FileBackend):
    """Names its files after the elements of keys, so that their names are in the encoding of the locale."""

    def path(self, key):
        return pathlib.Path(self.directory, "+".join(["key", *key]))


class ValuesInTheLocale(FileBackend):
    """Writes UTF-8, and reads in the encoding of the locale."""

    def _get(self, key):
        try:
            return json.loads(self.path(key).read_text())[1]
        except FileNotFoundError:
            raise InvalidKeyError(key) from None

    def _set(self, key, value, **kwargs):
        self.path(key).write_bytes(json.dumps([key, value], ensure_ascii=False).encode("utf-8"))

    def list_keys(self, prefix=()):
        keys = [tuple(json.loads(path.read_bytes())[0]) for path in pathlib.Path(self.directory).iterdir()]
        return [key for key in keys if key[: len(prefix)] == prefix]


class NamesAndValuesInTheLocale(ValuesInTheLocale, NamesInFiles):
    """Both."""


def told_of(cls):
    """What the check says of a class on directories."""
    subject = Subject(cls, tempfile.TemporaryDirectory, Claims(durable=True))
    source = f"from {cls.__module__} import {cls.__name__} as backend\n"
    source += "def open_backend(place, **options):\n    return backend(place, **options)\n"
    outcome = run_case(Harness(subject), CASE, Setting(source))
    assert isinstance(outcome, Failed)
    return outcome.text


def test_a_name_and_a_value_that_cannot_be_read_are_told_apart():
    start = f"expected the same answers here and {LOCALE}, came of "
    names, values, both = map(told_of, (NamesInFiles, ValuesInTheLocale, NamesAndValuesInTheLocale))

    assert names.startswith(f"{start}names, ")
    assert "of values" not in names
    assert values.startswith(f"{start}values, written here: get(('two',)) returned ")
    assert "UnicodeDecodeError there" in values
    assert "of names" in both
    assert both.startswith(f"{start}values, ")
    assert "locale is C" in both
