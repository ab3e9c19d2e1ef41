"""Two that open empty storage at once read one id (ID-9)."""

from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.programs.operations import ReadId
from conformance.programs.outcomes import Outcome, Raised, Returned


def opened_id(harness: Harness, place: object) -> Outcome:
    """The id that a backend reads that is opened on a place, as text; or what opening it raises."""
    try:
        backend = harness.subject.open(place)
    except Exception as error:
        return Raised(type(error).__name__, str(error))
    came = id_of(backend)
    close_backend(backend)
    return came


def id_of(backend: object) -> Outcome:
    came = perform(ReadId(), backend)
    return Returned(str(came.value)) if isinstance(came, Returned) else came
