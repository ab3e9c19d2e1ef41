"""Campaigns of a second, for tests of what plain programs and directed checks show."""

import importlib
from collections.abc import Callable

from conformance.one_by_one import TIMES_A_SWEEP
from conformance.sequential.sweeping import ALL_THERE_IS, NEXT

LIMITS: dict[str, dict[str, float]] = {
    "conformance.one_by_one": {"WORLD_SECONDS": 0.0, "BATCH_SECONDS": 0.0, "TIMES_A_SWEEP": 110 * TIMES_A_SWEEP},
    "conformance.sequential.sweeping": {"ALL_THERE_IS": ALL_THERE_IS / 110, "NEXT": NEXT / 110},
}
"""Small worlds and batches have no time, as with a store that blocks for long. Sweeps have so many times less, and
directed programs, which may have so many times as many operations as sweeps, are as many as ever."""


def shorten_programs(put: Callable[[object, str, float], None] = setattr) -> None:
    """Have campaigns run hardly any sweep, and no small world and no batch: they take a quarter of the time then.

    Args:
        put: gives a module's constant a value, and may see to it that it gets its own back.
    """
    for module, limits in LIMITS.items():
        for name, value in limits.items():
            put(importlib.import_module(module), name, value)
