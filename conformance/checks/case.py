"""A directed check is a small plain function, and its own source is the counterexample's script.

So a check is read as text too: `checks/counterexample.py` gathers its source and, by the names that its code reads, the
source of all that it calls. This is the contract under which that works, for a check and for each function of the kit
that it uses:

1. It is a plain function at the top level of its module, without a decorator, a closure, or a call of itself, and its
   name is its own among all that is gathered with it.
2. What it reads by a global name is a module, something imported from outside of the kit, a plain function or a class
   of the kit, or a constant whose repr is Python source. Standard library and spec_store aside it uses nothing else.
3. Annotations that name something imported are quoted: they are not gathered.
4. The arguments of a case are values whose repr is Python source that needs no name but a built-in one.
5. An operation of the backend is named where it is called, as `.move` or "move", or is an argument of the case: by that
   it is known which checks not to run on a backend that an operation kills, or hangs (`calls`).
6. A check that has another process open the backend reads `open_backend.source` itself, not in what it calls: by that
   it is known that its script has to say it (`reads_source`). Such a case is one that `spawns`.
"""

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
            violation. It keeps the contract of this module.
        arguments: values whose repr is Python source.
        title: a few words for the case, for a heading: "an invalid manual id".
        operations: how many operations the counterexample has for a reader.
        claim: what it needs to be claimed besides what its requirement does: that storage outlives the backend, for a
            check that opens it again though its requirement is asked of every backend. Where something that it needs
            is not claimed it is only probed: a failure is then no violation but "not claimed", a success "works but
            not claimed".
        together: how many backends it needs open on one place at once, if more than one: it is not run where fewer can
            be.
        spawns: whether it needs another Python process, `open_backend.started` or one of its own: it comes last, gets
            more time, and is not run where not claimed.
        emptied: whether it may be run on a store that one before has used and that was emptied since (`harness.spare`):
            it judges neither what is new nor the id, and opens one store, once and without options.
    """

    requirement: RequirementId
    check: Callable[..., str | None]
    arguments: tuple[Any, ...] = ()
    title: str = ""
    operations: int = 2
    claim: Claim = "always"
    together: int = 1
    spawns: bool = False
    emptied: bool = False

    @property
    def name(self) -> str:
        """A name that is the same in every run: requirement, function, arguments."""
        return f"{self.requirement}:{self.check.__name__}{self.arguments!r}"

    def is_claimed(self, claims: Claims) -> bool:
        """Whether a subject claims all that the check needs."""
        return all(is_made(claim, claims) for claim in (requirement(self.requirement).claim, self.claim))
