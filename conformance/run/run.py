"""One run of the kit, as every search is handed it."""

from collections.abc import Iterable

import attrs

from conformance.harness.harness import Harness
from conformance.report.evidence import Evidence
from conformance.run.options import Options
from conformance.run.progress import Progress, Watcher
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims
from conformance.system.budget import Budget
from spec_store.requirements import RequirementId

TOO_LATE = "the time that the budget gives was over before"
"""Why a requirement was not put to the test, where there was no time for it."""


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

    @property
    def origin_without_id(self) -> Origin:
        """How a script opens it as searches for races do, without an id: some lines are reached by that alone."""
        options = self.harness.cheap.items()
        return self.origin.with_options(", ".join(f"{name}={value!r}" for name, value in options))

    def tell(self, stage: str, done: int, total: int, violated: int = 0) -> None:
        """Tell the watcher how far a stage is, and how many requirements seem violated."""
        self.watcher.progress(Progress(stage, done, total, violated))

    def cut_short(self, what: str, done: int, total: int, ids: Iterable[RequirementId]) -> None:
        """Note that time was up before all of something was run, of what these requirements are judged by.

        Args:
            what: what was run, in the plural: "random programs".
            done: how many were run.
            total: how many should have been.
            ids: the requirements; those that were not put to the test at all by then are told so.
        """
        if done >= total:
            return
        for name in ids:
            words = f"{done} of {total} {what} were run"
            if self.evidence.exercised[name]:
                known = self.evidence.cut_short.get(name)
                self.evidence.cut_short[name] = words if known is None else f"{known}; {words}"
            else:
                self.evidence.reasons.setdefault(name, f"{TOO_LATE}: {words}")
