"""Running directed checks: each on places of its own, within the time limit, its outcome a value."""

import contextlib
import subprocess
from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from conformance.checks.case import Case
from conformance.checks.text_values import speaking_text
from conformance.harness.harness import Harness
from conformance.programs.outcomes import raised
from conformance.subject.subject import Place, Subject
from conformance.system.limits import OperationTimeoutError, TimeLimit

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
    """The requirement is violated: what was expected and what came, in a sentence."""

    text: str
    hung: bool = False


CaseOutcome: TypeAlias = Passed | Inconclusive | Failed


class _OptionRefusedError(BaseException):
    """The subject does not take an option of its constructor; PROP-2 judges that, no other case."""


@attrs.frozen
class _Opener:
    """`open_backend` of a case: opens the subject; `source` defines the same function for another process.

    `started` is another process that has run the source already, or None.
    """

    subject: Subject
    lenient: bool
    source: str
    wrap: Callable[[Place, Any], Any]
    started: "subprocess.Popen[bytes] | None" = None
    values: tuple[Any, ...] = ()
    texts: dict[str, Any] = attrs.field(factory=dict)

    def __call__(self, place: Place, **options: Any) -> Any:
        try:
            backend = self.wrap(place, self.subject.open(place, **options))
            return speaking_text(backend, self.values, self.texts) if self.values else backend
        except TypeError as error:
            if options and self.lenient and "argument" in str(error):
                raise _OptionRefusedError(str(error)) from error
            raise


def _as_it_is(_place: Place, backend: Any) -> Any:
    return backend


def run_case(
    harness: Harness,
    case: Case,
    source: str = "",
    wrap: Callable[[Place, Any], Any] = _as_it_is,
    started: "subprocess.Popen[bytes] | None" = None,
) -> CaseOutcome:
    """Run one directed check on new places.

    Args:
        harness: what to run it on.
        case: the check.
        source: Python source that defines `open_backend(place, **options)`, for another process; "" if unknown.
        wrap: called with each place and the backend opened on it, gives the backend to use.
        started: a process that `interpreter` started with that source, for the check to use up.
    """
    with contextlib.ExitStack() as places:

        def new_place() -> Place:
            return places.enter_context(harness.subject.place())

        lenient = not case.requirement.startswith("PROP-")
        opener = _Opener(harness.subject, lenient, source, wrap, started, harness.material.foreign)
        return _outcome(harness, case, new_place, opener)


def _outcome(harness: Harness, case: Case, new_place: Callable[[], Place], opener: _Opener) -> CaseOutcome:
    extra = SPAWN_SECONDS if case.spawns and harness.limit.seconds else 0.0
    try:
        with TimeLimit(harness.limit.seconds + extra):
            reason = case.check(new_place, opener, *case.arguments)
    except _OptionRefusedError as error:
        return Inconclusive(f"the backend cannot be opened with the option: {error}")
    except OperationTimeoutError as error:
        return Failed(f"expected an answer, came none within {error.seconds:g} s: it hangs", hung=True)
    except AssertionError as error:
        return Failed(str(error))
    except (Exception, SystemExit) as error:
        return Failed(f"expected no exception here, came {raised(error).text}")
    return Passed() if reason is None else Inconclusive(reason)
