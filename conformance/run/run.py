"""One run of the kit, as every search is handed it."""

import attrs

from conformance.harness.harness import Harness
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims
from conformance.system.budget import Budget


@attrs.frozen
class Run:
    """What the searches of one run share.

    Args:
        harness: the subject under operation.
        origin: how a script opens it.
        options: how the run is to be made: its seed, how many random programs.
        watcher: told how far it is.
        evidence: what has been found out so far; searches add to it.
        budget: when it ends in any case.
    """

    harness: Harness
    origin: Origin
    options: Options
    watcher: Watcher
    evidence: Evidence
    budget: Budget

    @property
    def claims(self) -> Claims:
        """What the subject claims."""
        return self.harness.subject.claims

    def tell(self, stage: str, done: int, total: int, violated: int = 0) -> None:
        """Tell the watcher how far a stage is, and how many requirements seem violated."""
        self.watcher.progress(Progress(stage, done, total, violated))
