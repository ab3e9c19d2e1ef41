"""What programs could not judge for what else is violated is judged again without that, or is masked by it."""

import pytest

from conformance.campaign import run_campaign
from conformance.report.verdicts import MASKED, PASSED, UNDECIDED, VIOLATED
from conformance.run.options import Options
from spec_store import InMemoryStoreBackend, StoreBackendError
from tests.conformance.subjects import subject_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_programs_of_module")]


def verdicts(cls):
    report = run_campaign(subject_of(cls), Options(examples=0, seed=1, classes=("core",)))
    return {result.requirement.id: result for result in report.results}


class NeverMoves(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        raise StoreBackendError("no moves here")


def test_what_a_move_must_leave_alone_is_masked_where_every_move_raises():
    found = verdicts(NeverMoves)

    assert found["MOVE-1"].verdict == VIOLATED
    assert found["MOVE-5"].verdict == MASKED
    assert found["MOVE-5"].reason == "masked by MOVE-1: move went wrong wherever it was put to the test"


class ListingLosesAKey(InMemoryStoreBackend):
    def list_keys(self, prefix=()):
        listed = super().list_keys(prefix)
        for key in listed[:1]:
            self.remove_key(key)
        return listed


class AndRemovingTakesAnother(ListingLosesAKey):
    def remove_key(self, key):
        removed = super().remove_key(key)
        if removed and ("b",) in super(ListingLosesAKey, self).list_keys():
            super().remove_key(("b",))
        return removed


def test_what_is_spoiled_by_a_listing_is_judged_without_listings():
    found = verdicts(ListingLosesAKey)

    assert found["GET-3"].verdict == VIOLATED
    assert {name: found[name].verdict for name in ("MOVE-5", "REMOVE-2")} == dict.fromkeys(
        ("MOVE-5", "REMOVE-2"), PASSED
    )
    # What a listing of the kit's own has taken amid a long program is seen once, and by no replay of its calls.
    assert found["SET-2"].verdict in (PASSED, UNDECIDED)


def test_and_what_is_wrong_besides_is_found_then():
    found = verdicts(AndRemovingTakesAnother)

    assert found["REMOVE-2"].verdict == VIOLATED
