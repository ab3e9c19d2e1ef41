"""What pytest loads for every run once spec-store is installed: nothing but the seeds of the suites that ran.

It imports neither Hypothesis nor the kit, loads no Hypothesis profile, and needs no name of pytest's own: it loads in
every pytest, also in one that is too old for the kit.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: "pytest.Config") -> None:
    """Name the seed of each conformance suite that ran in this process."""
    suite = sys.modules.get("conformance.suite")
    if suite is None:
        return
    for name, seed in config.stash.get(suite.SEEDS, {}).items():
        terminalreporter.write_line(f"conformance: {name} ran with seed {seed}; again: --hypothesis-seed={seed}")
