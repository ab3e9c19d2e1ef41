"""Campaigns of a second, for tests of what plain programs and directed checks show."""

import importlib
from collections.abc import Callable

LIMITS: dict[str, dict[str, float]] = {
    "conformance.one_by_one": {"WORLD_SECONDS": 0.0, "BATCH_SECONDS": 0.0},
    "conformance.sequential.sweeping": {"ALL_THERE_IS": 1000, "NEXT": 300},
}
"""Small worlds and batches have no time, as with a store that blocks for long; what is swept is swept as far as with
one that takes much of the processor."""


def shorten_programs(put: Callable[[object, str, float], None] = setattr) -> None:
    """Have campaigns run hardly any sweep, and no small world and no batch: they take a quarter of the time then.

    Args:
        put: gives a module's constant a value, and may see to it that it gets its own back.
    """
    for module, limits in LIMITS.items():
        for name, value in limits.items():
            put(importlib.import_module(module), name, value)
