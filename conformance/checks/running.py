"""Running directed checks: each on places of its own, within the time limit, its outcome a value.

What a check has opened is closed at its end, whatever came of it, and its places are cleaned then. A place that cannot
be cleaned is a nuisance and no matter of the specification: whoever runs the check is told.
"""

import contextlib
import subprocess
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from conformance.checks.case import Case
from conformance.checks.support import leave
from conformance.checks.text_values import speaking_text
from conformance.harness.harness import HANGS, Harness
from conformance.harness.interface import DEMANDED_BY
from conformance.harness.orderly import untidy
from conformance.harness.spare import given_back, taken
from conformance.harness.store import Store, SubjectError
from conformance.programs.operations import Reopen
from conformance.programs.outcomes import raised
from conformance.subject.subject import Place
from conformance.system.interruption import PASSED_ON, Interruption
from conformance.system.limits import OperationTimeoutError, TimeLimit
from conformance.system.starvation import blocked_clock
from spec_store import Key

UNTIDY = "a place could not be cleaned up when a check was over"
"""How it begins what is told of such a place."""

SPAWN_SECONDS = 60.0
"""What starting a process and its imports may take, besides the time limit."""


@attrs.frozen
class Passed:
    """The requirement held."""


@attrs.frozen
class Inconclusive:
    """The case does not apply; why, in a sentence."""

    reason: str


@attrs.frozen
class Failed:
    """The requirement is violated.

    Args:
        text: what was expected and what came, in a sentence.
        hung: whether it was not done in time.
        notes: what a reader of the counterexample has to know of how it was seen, in lines.
        lacks: the name of what was asked for that the interface has and the backend has not; "" if that is not it.
    """

    text: str
    hung: bool = False
    notes: tuple[str, ...] = ()
    lacks: str = ""


CaseOutcome: TypeAlias = Passed | Inconclusive | Failed


BLOCKS = "to open the place again blocks"
"""Why a check did not come to an end that opens a place again, where that is known to block."""


class _BlocksError(Interruption):
    """A place is to be opened again, and that is known to block."""


class _OptionRefusedError(Interruption):
    """The subject does not take an option of its constructor; PROP-2 judges that, no other case."""


def _as_it_is(_place: Place, backend: Any) -> Any:
    return backend


def _nobody(_trouble: str) -> None:
    pass


@attrs.frozen
class Setting:
    """How a check is run.

    Args:
        source: Python source that defines `open_backend(place, **options)`, for another process; "" if unknown.
        wrap: called with each place and the backend opened on it, gives the backend to use.
        keys: four plain keys that the backend takes; empty where the check is to find out.
        started: a process that `interpreter` started with that source, for the check to use up.
        told: called with what went wrong besides, that no requirement is about: a place that cannot be cleaned.
    """

    source: str = ""
    wrap: Callable[[Place, Any], Any] = _as_it_is
    keys: tuple[Key, ...] = ()
    started: "subprocess.Popen[bytes] | None" = None
    told: Callable[[str], None] = _nobody


PLAIN = Setting()


@attrs.frozen
class _Opener:
    """`open_backend` of a case: opens the subject, and keeps what it has opened until the check is over."""

    harness: Harness
    lenient: bool
    setting: Setting
    keys: tuple[Key, ...]
    values: tuple[Any, ...] = ()
    texts: dict[str, Any] = attrs.field(factory=dict)
    kept: Store | None = None
    opened: list[Any] = attrs.field(factory=list)
    places: list[Place] = attrs.field(factory=list)
    again: list[Place] = attrs.field(factory=list)

    @property
    def source(self) -> str:
        """The source that defines the same function for another process."""
        return self.setting.source

    @property
    def started(self) -> "subprocess.Popen[bytes] | None":
        """Another process that has run the source already, or None."""
        return self.setting.started

    def __call__(self, place: Place, **options: Any) -> Any:
        known = self.again if place is not None and any(place is each for each in self.places) else self.places
        if known is self.again and self.harness.avoids(Reopen.name):
            raise _BlocksError
        known.append(place)
        if self.kept is not None and place is self.kept.place and known is self.places and not options:
            return self.kept.backend
        try:
            self.opened.append(self.harness.subject.open(place, **options))
            backend = self.setting.wrap(place, self.opened[-1])
            return speaking_text(backend, self.values, self.texts) if self.values else backend
        except TypeError as error:
            if options and self.lenient and "argument" in str(error):
                raise _OptionRefusedError(str(error)) from error
            raise

    def leave(self) -> None:
        """Close all that was opened, the last first, and keep it no longer."""
        while self.opened:
            leave(self.opened.pop())


def claimed_keys(harness: Harness) -> tuple[Key, ...]:
    """Four plain keys such as the author claims that the backend takes; empty where it is to take any key."""
    claims = harness.subject.claims
    if claims.elements is not None:
        keys = tuple(dict.fromkeys(map(harness.material.plain_key, range(8))))[:4]
        return keys if len(keys) == 4 else ()
    fewest, most = claims.lengths
    if claims.key_length is None or not most:
        return ()
    return tuple((*("a",) * (fewest - 1), name) for name in ("probe", "one", "two", "three"))


def run_case(harness: Harness, case: Case, setting: Setting = PLAIN) -> CaseOutcome:
    """Run one directed check on new places, or on a store that was used before, where that will do (`Case.emptied`).

    Args:
        harness: what to run it on.
        case: the check.
        setting: how to run it.
    """
    lenient = not case.requirement.startswith("PROP-")
    keys = setting.keys or claimed_keys(harness)
    kept = _kept(harness, case, setting)
    opener = _Opener(harness, lenient, setting, keys, harness.material.foreign, kept=kept)
    places = contextlib.ExitStack()

    def new_place() -> Place:
        if kept is not None and not opener.places:
            return kept.place
        return places.enter_context(harness.subject.place())

    began, outcome = blocked_clock(), None
    try:
        outcome = _outcome(harness, case, new_place, opener)
        if opener.again and not case.spawns and blocked_clock() - began >= harness.memory.pace.blocked:
            _note_blocking(harness, case, outcome)
        return outcome
    finally:
        if kept is not None and isinstance(outcome, Passed) and not opener.again:
            given_back(harness, kept)
        elif kept is not None:
            harness.close(kept)
        _leave(harness, opener, places, setting.told)


def _kept(harness: Harness, case: Case, setting: Setting) -> Store | None:
    """The store for a check that may have one that was used before, or a new one; None where it opens its own.

    A check that is looked at call by call, or that speaks text to what stores other values, has a backend of its own.
    """
    if not case.emptied or harness.spare is None or setting.wrap is not _as_it_is or harness.material.foreign:
        return None
    try:
        return taken(harness)
    except SubjectError:
        return None


def _note_blocking(harness: Harness, case: Case, outcome: CaseOutcome) -> None:
    """Have no place opened again from now on: each time would cost as much, and no time limit may shorten it.

    A check that has passed may have waited for what it wrote, on a disk that is busy.
    """
    if isinstance(outcome, Passed) and not _blocks_when_reopened(harness):
        return
    harness.memory.hangs[Reopen.name] += HANGS
    if isinstance(outcome, Failed):
        harness.memory.blocked.setdefault(Reopen.name, case.requirement)


def _blocks_when_reopened(harness: Harness) -> bool:
    """Whether to open a place again blocks, where nothing else is done meanwhile."""
    try:
        store = harness.open()
    except SubjectError:
        return False
    try:
        began = blocked_clock()
        harness.reopen(store)
        return blocked_clock() - began >= harness.memory.pace.blocked
    finally:
        harness.close(store)


def _leave(harness: Harness, opener: _Opener, places: contextlib.ExitStack, told: Callable[[str], None]) -> None:
    """Close and clean up, within the time limit; a place that cannot be cleaned is told of."""
    with contextlib.suppress(OperationTimeoutError), harness.limit:
        opener.leave()
    before = len(untidy(harness.subject))
    try:
        with harness.limit:
            places.close()
    except OperationTimeoutError as error:
        told(f"{UNTIDY}: {error}")
    for trouble in untidy(harness.subject)[before:]:
        told(f"{UNTIDY}: {trouble}")


def _outcome(harness: Harness, case: Case, new_place: Callable[[], Place], opener: _Opener) -> CaseOutcome:
    extra = SPAWN_SECONDS if case.spawns and harness.limit.seconds else 0.0
    try:
        with TimeLimit(harness.limit.seconds + extra):
            reason = case.check(new_place, opener, *case.arguments)
    except _OptionRefusedError as error:
        return Inconclusive(f"the backend cannot be opened with the option: {error}")
    except _BlocksError:
        return Inconclusive(BLOCKS)
    except OperationTimeoutError as error:
        return Failed(f"expected an answer, came none within {error.seconds:g} s: it hangs", hung=True)
    except AssertionError as error:
        return Failed(str(error))
    except PASSED_ON:
        raise
    except BaseException as error:
        name = error.name if isinstance(error, AttributeError) else None
        lacks = name if name is not None and name in DEMANDED_BY else ""
        return Failed(f"expected no exception here, came {raised(error).text}", lacks=lacks)
    return Passed() if reason is None else Inconclusive(reason)
