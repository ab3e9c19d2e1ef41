"""A directed check is a small plain function, and its own source is the counterexample's script."""

from collections.abc import Callable
from typing import Any

import attrs

from conformance.subject import Claims
from conformance.subject.claims import is_made
from spec_store.requirements import Claim, RequirementId, requirement

NewPlace = Callable[[], Any]
OpenBackend = Callable[..., Any]


@attrs.frozen
class Case:
    """One directed check with its arguments.

    Args:
        requirement: the id of the requirement that it alone judges.
        check: a plain function `check(new_place, open_backend, *arguments)`. `new_place()` gives a new empty
            place, `open_backend(place, **options)` opens a backend on it. It returns None when all is well, a
            sentence when there was nothing to judge (why), and raises AssertionError("expected ..., came ...") on a
            violation. It uses the standard library, spec_store, and plain functions of the same module or of
            conformance.checks.support only: its source is printed as the script.
        arguments: values whose repr is Python source.
        title: a few words for the case, for a heading: "an invalid manual id".
        operations: how many operations the counterexample has for a reader.
        claim: what it needs to be claimed besides what its requirement does: that storage outlives the backend, for a
            check that opens it again though its requirement is asked of every backend. Where something that it needs
            is not claimed it is only probed: a failure is then no violation but "not claimed", a success "works but
            not claimed".
        spawns: whether it needs another Python process, `open_backend.started` or one of its own: it comes last, gets
            more time, and is not run where not claimed.
    """

    requirement: RequirementId
    check: Callable[..., str | None]
    arguments: tuple[Any, ...] = ()
    title: str = ""
    operations: int = 2
    claim: Claim = "always"
    spawns: bool = False

    @property
    def name(self) -> str:
        """A name that is the same in every run: requirement, function, arguments."""
        return f"{self.requirement}:{self.check.__name__}{self.arguments!r}"

    def is_claimed(self, claims: Claims) -> bool:
        """Whether a subject claims all that the check needs."""
        return all(is_made(claim, claims) for claim in (requirement(self.requirement).claim, self.claim))
