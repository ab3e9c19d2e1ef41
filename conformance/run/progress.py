"""What a run tells while it goes on."""

from collections.abc import Callable

import attrs

from conformance.programs.operations import Operation


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
