"""Every planted fault, and every backend that is correct but odd."""

from conformance.faults import odd_clocks, odd_holders, odd_names, odd_ones
from conformance.faults.planted import (
    alike,
    core_keys,
    core_listing,
    core_moves,
    core_places,
    core_setting,
    core_states,
    core_values,
    crashing_stores,
    dimensions,
    durable,
    exact,
    extended,
    identity,
    idle,
    kept_ids,
    lasting,
    linked,
    mapped,
    meeting,
    named,
    racing,
    recovering,
    resources,
    served,
    surface,
    swept,
    transforming,
    unsynced,
)
from conformance.faults.planting import Fault, OddOne, faults_in, odd_ones_in

__all__ = ["FAULTS", "ODD", "Fault", "OddOne"]

MODULES = (
    core_keys,
    core_places,
    core_values,
    core_setting,
    core_moves,
    core_listing,
    core_states,
    alike,
    swept,
    lasting,
    meeting,
    idle,
    dimensions,
    transforming,
    exact,
    identity,
    kept_ids,
    surface,
    linked,
    resources,
    named,
    extended,
    durable,
    racing,
    mapped,
    crashing_stores,
    unsynced,
    recovering,
    served,
)

FAULTS: tuple[Fault, ...] = tuple(fault for module in MODULES for fault in faults_in(module))
"""Backends with one known fault each, in the order of the specification's classes."""

ODD: tuple[OddOne, ...] = (
    *odd_ones_in(odd_ones),
    *odd_ones_in(odd_holders),
    *odd_ones_in(odd_names),
    *odd_ones_in(odd_clocks),
)
"""Correct backends that must not be accused of anything."""
