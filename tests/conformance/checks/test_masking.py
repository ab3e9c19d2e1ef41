"""A failure that a known violation may explain is judged again with that held out; what cannot be judged is masked."""

import contextlib
from typing import Any

import pytest

from conformance.campaign import run_campaign
from conformance.checks.catalogue import CASES
from conformance.checks.mending import mending_of, working_keys
from conformance.harness.harness import Harness
from conformance.report.verdicts import MASKED, PASSED, VIOLATED, Report
from conformance.run.options import Options
from conformance.subject.subject import Claims, Subject
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError
from spec_store.requirements import RequirementId
from tests.conformance.checks.stores import DictBackend

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

CLASSES = ("core", "identity", "surface")


def judged(cls: type[Any], claims: Claims | None = None) -> dict[str, Any]:
    """The results of a short run, by requirement."""
    subject = Subject(lambda _place, **options: cls(**options), claims=claims or Claims())
    report: Report = run_campaign(subject, Options(0, 1, CLASSES))
    return {result.requirement.id: result for result in report.results}


def of_verdict(results: dict[str, Any], verdict: str) -> set[str]:
    return {name for name, result in results.items() if result.verdict == verdict}


class CannotMove(InMemoryStoreBackend):
    """Besides, remove_key does not validate."""

    def _move(self, source_key, dest_key, **kwargs):
        raise NotImplementedError

    def remove_key(self, key):
        return self._values.pop(key, None) is not None


@pytest.fixture(scope="module")
def cannot_move():
    return judged(CannotMove)


def test_what_is_independent_of_the_masking_violation_is_reported(cannot_move):
    assert of_verdict(cannot_move, VIOLATED) == {"MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4", "KEY-7"}


def test_nothing_is_masked_by_what_is_not_violated(cannot_move):
    assert cannot_move["ISO-1"].verdict == PASSED
    assert not any("ISO-1" in result.reason for result in cannot_move.values())


def test_what_holds_with_the_violation_held_out_has_passed(cannot_move):
    assert {cannot_move[name].verdict for name in ("ID-6", "ID-10", "KEY-1", "CONFIG-1")} == {PASSED}


class PairsAlone(InMemoryStoreBackend):
    """Shorter keys raise IndexError; besides, values are shared, and list_keys and remove_key do not validate."""

    def _set(self, key, value, **kwargs):
        if key != self.STORE_BACKEND_ID_KEY:
            _ = key[1]
        self._values[key] = value

    def _get(self, key):
        if key not in self._values:
            raise InvalidKeyError(key)
        return self._values[key]

    def list_keys(self, prefix=()):
        return [key for key in self._values if key[: len(prefix)] == prefix]

    def remove_key(self, key):
        return self._values.pop(key, None) is not None


@pytest.mark.parametrize("claims", [Claims(key_length=2), Claims()], ids=["claimed", "not claimed"])
def test_a_key_that_is_refused_wrongly_masks_no_check_that_does_with_others(claims):
    violated = of_verdict(judged(PairsAlone, claims), VIOLATED)
    assert violated >= {"SET-5", "KEY-7"}
    assert claims.key_length or "KEY-5" in violated


class CreatesByReading(InMemoryStoreBackend):
    """Who asks for a missing key has made it."""

    def get(self, key, **kwargs):
        try:
            return super().get(key)
        except InvalidKeyError:
            if key != self.STORE_BACKEND_ID_KEY:
                self._set(key, "")
            raise


def test_a_get_that_changes_the_store_is_held_out_of_what_is_to_change_nothing():
    assert of_verdict(judged(CreatesByReading), VIOLATED) == {"GET-3"}


class OfSixMethods:
    """A dict behind the six methods, as one begins: no more of the interface, and what a dict raises."""

    def __init__(self):
        self._values = {}

    def get(self, key):
        return self._values[key]

    def set(self, key, value, **kwargs):
        self._values[key] = value

    def move(self, source_key, dest_key, **kwargs):
        self._values[dest_key] = self._values.pop(source_key)

    def has_key(self, key):
        return key in self._values

    def list_keys(self, prefix=()):
        return [key for key in self._values if key[: len(prefix)] == prefix]

    def remove_key(self, key):
        return self._values.pop(key, None) is not None


def test_what_asks_for_more_than_the_backend_has_is_masked_by_what_demands_that():
    report = run_campaign(Subject(lambda _place: OfSixMethods()), Options(0, 1, CLASSES))
    results: dict[str, Any] = {result.requirement.id: result for result in report.results}

    assert {"GET-2", "MOVE-4", "ID-1", "CONFIG-1", "IGNORE-1", "URL-1", "CONST-1"} <= of_verdict(results, VIOLATED)
    masked = of_verdict(results, MASKED)
    assert masked >= {"GET-3", "ID-2", "ID-7", "ID-10"}
    assert {results[name].reason for name in masked} == {"masked by ID-1: the backend has no store_backend_id"}
    assert any("spec_store.StoreBackend has them all" in note for note in report.notes)


def test_what_is_asked_of_every_backend_is_masked_by_no_error_of_the_wrong_kind_for_a_missing_key():
    class OfTheWrongKind(InMemoryStoreBackend):
        """Besides, remove_key does not validate."""

        def get(self, key, **kwargs):
            try:
                return super().get(key, **kwargs)
            except InvalidKeyError as error:
                raise (error if key == self.STORE_BACKEND_ID_KEY else KeyError(key)) from None

        def remove_key(self, key):
            return self._values.pop(key, None) is not None

    results = judged(OfTheWrongKind)
    assert of_verdict(results, VIOLATED) == {"GET-2", "KEY-7"}
    assert of_verdict(results, MASKED) == set()


class Row:
    def __init__(self, value: object) -> None:
        self.value = value


class GivesRows(InMemoryStoreBackend):
    def _get(self, key, **kwargs):
        return Row(super()._get(key))


def test_what_cannot_be_judged_is_masked_by_what_is_violated():
    results = judged(GivesRows)
    assert results["GET-1"].verdict == VIOLATED
    masked = of_verdict(results, MASKED)
    assert masked >= {"ID-2", "ID-3", "ID-7"}
    assert all(results[name].reason.startswith("masked by GET-1: the check (") for name in ("ID-2", "ID-3", "ID-7"))
    assert {results[name].verdict for name in ("ISO-1", "GET-3", "KEY-1", "KEY-2", "KEY-7")} == {PASSED}


SHARED: dict[Any, Any] = {}


class SharesAndTakesAnyPrefix(DictBackend):
    """All stores are one; besides, list_keys does not validate."""

    def __init__(self, **options: Any) -> None:
        super().__init__(SHARED, **options)

    def list_keys(self, prefix=()):
        return [key for key in self._values if key[: len(prefix)] == prefix]


@pytest.mark.slow
def test_stores_that_are_shared_mask_what_takes_two_and_no_more():
    SHARED.clear()
    results = judged(SharesAndTakesAnyPrefix)
    assert of_verdict(results, VIOLATED) >= {"ISO-1", "KEY-7"}
    assert results["ID-1"].reason.startswith("masked by ISO-1: the check (two stores' ids) ")


class OwnFaults(InMemoryStoreBackend):
    def has_key(self, key):
        return True

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if key != self.STORE_BACKEND_ID_KEY]

    def _move(self, source_key, dest_key, **kwargs):
        self._values[dest_key] = self._get(source_key)


def case_named(name: str) -> Any:
    return next(case for case in CASES if case.name.startswith(name))


@pytest.fixture
def mended():
    """A backend with all held out that a check of ID-10 meets, as far as it calls it, and what is done."""
    harness = Harness(Subject(lambda _place, **options: OwnFaults(**options)))
    known: frozenset[RequirementId] = frozenset({"HAS-1", "LIST-4", "MOVE-1"})
    cases = [case_named("REOPEN-2:sees"), case_named("ID-6:writes")]
    mendings = [mending_of(harness, case, "MOVE-1", known) for case in cases]
    assert mendings[0] is not None
    with contextlib.ExitStack() as stack:
        store = mendings[0].applied(harness).open()
        stack.callback(harness.close, store)
        yield store.backend, str(mendings[0])


def test_a_faulty_operation_is_done_by_means_of_others(mended):
    backend, words = mended
    backend.set(("a",), "1")
    backend.move(("a",), ("b",))
    assert backend.get(("b",)) == "1"
    assert backend.has_key(("a",)) is False
    assert backend.has_key(("b",)) is True
    assert sorted(backend.list_keys()) == [(".ge_store_backend_id",), ("b",)]
    assert backend.list_keys(("b",)) == [("b",)]
    with pytest.raises(TypeError):
        backend.move(("b",), 1)
    assert backend.get(("b",)) == "1"
    assert words == (
        "move is done by get, set and remove_key, has_key is whether get finds the key, "
        "list_keys lists the id key if get finds it"
    )


def test_nothing_is_done_by_means_of_what_is_faulty_itself():
    harness = Harness(Subject(lambda _place, **options: OwnFaults(**options)))
    case = case_named("ID-6:writes")
    assert mending_of(harness, case, "MOVE-1", frozenset({"MOVE-1"})) is not None
    assert mending_of(harness, case, "MOVE-1", frozenset({"MOVE-1", "GET-1"})) is None


def test_what_a_check_is_about_is_never_replaced():
    harness = Harness(Subject(lambda _place, **options: OwnFaults(**options)))
    assert mending_of(harness, case_named("MOVE-1:moves_a_value"), "MOVE-1", frozenset({"MOVE-1"})) is None
    assert mending_of(harness, case_named("KEY-1:refuses('move from'"), "MOVE-1", frozenset({"MOVE-1"})) is None


def test_a_backend_with_slots_has_nothing_held_out():
    class Slotted:
        __slots__ = ("inner",)

        def __init__(self, **options: Any) -> None:
            self.inner = InMemoryStoreBackend(**options)

        def get(self, key: Any) -> Any:
            return self.inner.get(key)

    harness = Harness(Subject(lambda _place, **options: Slotted(**options)))
    assert mending_of(harness, case_named("ID-6:writes"), "MOVE-1", frozenset({"MOVE-1"})) is None


def test_keys_that_work_are_found():
    class TakesThree(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            if len(key) != 3 and key != self.STORE_BACKEND_ID_KEY:
                raise StoreBackendError("three elements")
            super()._set(key, value)

    harness = Harness(Subject(lambda _place, **options: TakesThree(**options)))
    assert working_keys(harness)[0] == ("a", "a", "probe")
