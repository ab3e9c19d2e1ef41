"""Every sweep for a subject, the more telling ones first: where time is short, these go further."""

from conformance.programs.ages import age_sweeps
from conformance.programs.caches import cache_sweeps
from conformance.programs.constants import constant_sweeps
from conformance.programs.counts import collision_sweeps, count_sweeps
from conformance.programs.covering import covering_sweeps
from conformance.programs.extents import Sweep
from conformance.programs.lives import life_sweeps
from conformance.programs.material import Material
from conformance.programs.orders import order_sweeps
from conformance.programs.rounds import round_sweeps
from conformance.programs.sizes import size_sweeps
from conformance.programs.windows import window_sweeps
from conformance.subject.subject import Claims


def sweeps_of(claims: Claims, material: Material) -> tuple[Sweep, ...]:
    """The sweeps for a subject that makes these claims."""
    return (
        *life_sweeps(claims, material),
        *size_sweeps(claims, material),
        *window_sweeps(claims, material),
        *constant_sweeps(claims, material),
        *covering_sweeps(claims, material),
        *round_sweeps(material),
        *cache_sweeps(claims, material),
        *order_sweeps(claims, material),
        *count_sweeps(claims, material),
        *age_sweeps(claims, material),
        *collision_sweeps(claims, material),
    )
