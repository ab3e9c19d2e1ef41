"""Tests of many alike: each run has a sample of them, and the rest are for a run with `-m exhaustive`."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(values: Iterable[Any], every: int) -> list[Any]:
    """Arguments for `pytest.mark.parametrize`, of which all but each so many-th are marked as exhaustive.

    Args:
        values: one argument, or a tuple of several, for each test.
        every: the first is in each run, and then each of this number.
    """
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)),
            marks=[pytest.mark.exhaustive] if number % every else [],
        )
        for number, value in enumerate(values)
    ]
