"""Which requirements a subject is judged by: those that its claims, and the methods that it has, make asked."""

from collections.abc import Set
from typing import assert_never

from conformance.subject import Claims
from spec_store.requirements import Claim, Requirement

ONE_OPENING = "openings=1 is claimed: no two backends are open on one storage at once in a process"
"""Why what takes two of them is not asked."""


def is_made(claim: Claim, claims: Claims) -> bool:
    """Whether a claim is among those of a subject."""
    match claim:
        case "always":
            return True
        case "durable":
            return claims.durable
        case "threads":
            return claims.threads
        case "processes":
            return claims.processes
        case "threads or processes":
            return claims.threads or claims.processes
        case "crash_safe":
            return claims.crash_safe
        case 'durability="power"':
            return claims.durability == "power"
        case _:
            assert_never(claim)


def takes_two(claims: Claims) -> bool:
    """Whether two backends may be open on one storage at once, and see what the other writes."""
    return claims.durable and (claims.openings is None or claims.openings > 1)


def unclaimed_reason(one: Requirement, claims: Claims, missing: Set[str]) -> str | None:
    """Why a requirement is not asked of a subject, in words for its report; None if it is asked.

    Args:
        one: the requirement.
        claims: what the subject claims.
        missing: the names of the 1.x methods that it lacks.
    """
    if one.method is not None and one.method in missing:
        return f"the backend has no method {one.method}"
    if is_made(one.claim, claims):
        return ONE_OPENING if claims.openings == 1 and _takes_two(one, claims) else None
    if one.claim == "threads or processes":
        return "neither threads nor processes are claimed"
    return f"{one.claim} is not claimed"


def _takes_two(one: Requirement, claims: Claims) -> bool:
    """Whether a requirement is about two backends on one storage, which two processes cannot have instead.

    Where storage does not outlive its backend, two threads read the id of one (ID-9).
    """
    return one.id == "REOPEN-2" or (one.id == "ID-9" and claims.durable and not claims.processes)
