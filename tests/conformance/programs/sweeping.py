"""What the tests of sweeps share: programs run on the reference, beside itself."""

from conformance import Subject
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims
from spec_store import InMemoryStoreBackend

CLAIMS = Claims()
MATERIAL = material(CLAIMS)


def reference():
    """The reference as a subject."""
    return Harness(Subject(lambda _place, **options: InMemoryStoreBackend(**options)))


def wrong_in(programs):
    """What the reference is accused of in any of some programs."""
    harness = reference()
    return [one for program in programs for one in divergences(harness, program)]
