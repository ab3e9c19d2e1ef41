"""How a campaign is to be run."""

from collections.abc import Callable

import attrs

from conformance.programs.operations import Operation
from conformance.system.limits import DEFAULT_SECONDS

DEFAULT_EXAMPLES = 100


@attrs.frozen
class Options:
    """How a campaign is to be run.

    Args:
        examples: how many random programs to run.
        seed: of the random programs; the same seed and subject give the same programs.
        classes: the classes of requirements to judge; None is all that apply.
        budget: seconds by the wall to be done in, about; None is as long as it takes.
        limit: the time limit for one operation, in seconds.
        avoid: names of operations not to perform (they ended the process or hung before).
        skip: names of cases not to run (likewise).
    """

    examples: int = DEFAULT_EXAMPLES
    seed: int = 0
    classes: tuple[str, ...] | None = None
    budget: float | None = None
    limit: float = DEFAULT_SECONDS
    avoid: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()


@attrs.frozen
class Progress:
    """How far a campaign is: `done` of `total` in a stage, and how many requirements are violated so far."""

    stage: str
    done: int
    total: int
    violated: int


@attrs.frozen
class Watcher:
    """What a campaign tells while it runs; each is called often and must be cheap.

    Args:
        progress: how far it is.
        started_program: a new program begins.
        started_operation: an operation is about to be performed.
        started_case: a directed check (by name) is about to run.
    """

    progress: Callable[[Progress], None] = lambda _progress: None
    started_program: Callable[[], None] = lambda: None
    started_operation: Callable[[Operation], None] | None = None
    started_case: Callable[[str], None] = lambda _name: None
