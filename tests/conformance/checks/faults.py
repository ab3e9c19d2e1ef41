"""Every backend with a known fault that the checks are tried on."""

from tests.conformance.checks import core_faults, identity_faults, other_faults
from tests.conformance.checks.core_faults import SHARED
from tests.conformance.checks.entering import FAULTS, Fault

__all__ = ["FAULTS", "SHARED", "Fault", "core_faults", "identity_faults", "other_faults"]
