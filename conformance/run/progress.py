"""What a run tells while it goes on."""

from collections.abc import Callable

import attrs

from conformance.programs.operations import Operation
from conformance.report.verdicts import Report


@attrs.frozen
class Progress:
    """How far a campaign is: `done` of `total` in a stage, and how many requirements are violated so far.

    `waiting` is what it has been at for some seconds, in words; "" where it goes on.
    """

    stage: str
    done: int
    total: int
    violated: int
    waiting: str = ""


@attrs.frozen
class Watcher:
    """What a campaign tells while it runs; each is called often and must be cheap.

    Args:
        progress: how far it is.
        started_program: a new program begins.
        started_operation: an operation is about to be performed.
        started_case: a directed check (by name) is about to run.
        started_step: one of the sets of a `SetMany`, by its number, is about to be performed.
        began: what comes before there are programs, in words that "the target" follows; "" when it is over.
        save: the report so far may be saved; it is made by what is handed over.
    """

    progress: Callable[[Progress], None] = lambda _progress: None
    started_program: Callable[[], None] = lambda: None
    started_operation: Callable[[Operation], None] | None = None
    started_case: Callable[[str], None] = lambda _name: None
    started_step: Callable[[int], None] | None = None
    began: Callable[[str], None] = lambda _words: None
    save: Callable[[Callable[[], Report]], None] = lambda _report: None
