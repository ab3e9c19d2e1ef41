"""A crash shown once more: the same scenario on a new place, the same thing done to its process at the same point."""

from collections.abc import Iterator
from random import Random

from conformance.crash.crash import AtEnd, Crash, Killed, KilledAtRandom, Point, PowerLost, Refused
from conformance.crash.kills import (
    Picking,
    everywhere,
    inject_kills,
    inject_power_losses,
    inject_random_kills,
    inject_repeated_kills,
)
from conformance.crash.refusals import inject_refusals, refuse
from conformance.crash.scenarios import Scenario
from conformance.crash.trial import Trial
from conformance.harness.harness import Harness
from conformance.system.budget import Share
from spec_store.requirements import RequirementId


def uncounted(harness: Harness, scenario: Scenario, known: Crash | None = None) -> Trial:
    """A trial that puts nothing to the test that is counted; after a crash it does the same write as a known one."""
    return Trial(harness, scenario, _pass_over, write=known.later if known else None)


def _pass_over(_name: RequirementId) -> None:
    pass


def shows_again(harness: Harness, known: Crash, share: Share) -> bool:
    """Whether a crash shows again where it was seen."""
    trial = uncounted(harness, known.scenario, known)
    return any(crash.requirement == known.requirement for crash in _same(trial, known, share))


def _same(trial: Trial, known: Crash, share: Share) -> Iterator[Crash]:
    match known.cause:
        case Refused(point=point, action=action):
            crash = refuse(trial, point, action)
            yield from () if crash is None else (crash,)
        case KilledAtRandom():
            yield from inject_random_kills(trial, Random(0), share)
        case PowerLost(point=point, again=None):
            yield from inject_power_losses(trial, _like(point))
        case PowerLost(point=point) | Killed(rounds=1, point=point):
            yield from inject_kills(trial, share, _like(point))
        case Killed(point=point):
            trial.points += [] if isinstance(point, AtEnd) else [point]
            yield from inject_repeated_kills(trial)


def _like(known: Point) -> Picking:
    """Picks the crash point that a known one is."""

    def is_it(point: Point) -> bool:
        if isinstance(known, AtEnd) or isinstance(point, AtEnd):
            return isinstance(known, AtEnd) and isinstance(point, AtEnd)
        return point.number == known.number

    return is_it


def like(trial: Trial, known: Crash, share: Share) -> Crash | None:
    """The first thing that goes wrong as `known` did in another scenario, or None."""
    return next((crash for crash in _alike(trial, known, share) if crash.requirement == known.requirement), None)


def _alike(trial: Trial, known: Crash, share: Share) -> Iterator[Crash]:
    # Lazy: nothing is refused where the kills alone show it.
    if isinstance(known.cause, PowerLost) and known.cause.again is None:
        yield from inject_power_losses(trial, everywhere)
    else:
        yield from inject_kills(trial, share)
        yield from inject_refusals(trial, share)
