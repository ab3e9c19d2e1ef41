"""Every directed check."""

from conformance.checks import (
    by_name,
    confinement,
    core,
    durable,
    equal_keys,
    extended,
    identity,
    other_process,
    own_names,
    resources,
    surface,
    validation,
)
from conformance.checks.case import Case

CASES: tuple[Case, ...] = (
    *validation.CASES,
    *core.CASES,
    *by_name.CASES,
    *equal_keys.CASES,
    *own_names.CASES,
    *confinement.CASES,
    *identity.CASES,
    *surface.CASES,
    *resources.CASES,
    *extended.CASES,
    *durable.CASES,
    *other_process.CASES,
)
"""Every directed check."""
