"""Directed checks: for each requirement that programs do not reach, small functions that judge it alone."""

from conformance.cases import Case
from conformance.checks import confinement, core, durable, elsewhere, extended, identity, surface, validation

CASES: tuple[Case, ...] = (
    *validation.CASES,
    *core.CASES,
    *confinement.CASES,
    *identity.CASES,
    *surface.CASES,
    *extended.CASES,
    *durable.CASES,
    *elsewhere.CASES,
)
"""Every directed check."""
