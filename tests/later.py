"""Great Expectations, imported when a test first needs it, and not when tests are collected.

It takes seconds to import, and a process that has it is of three times the size: each fork of it, and there are
thousands in the tests of crashes and races, takes more than twice as long. `tests/conftest.py` has the modules that
use it run last.
"""

import importlib
from typing import Any

import pytest


class Later:
    """A module that needs Great Expectations: without that, the test that asks for a name of it is skipped.

    Args:
        name: the module, which is imported when the first of its names is asked for.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name != "__all__":  # pytest looks at what a test module holds, for names of its own
            raise AttributeError(name)
        pytest.importorskip("great_expectations", reason="great-expectations is not installed")
        return getattr(importlib.import_module(self._name), name)
