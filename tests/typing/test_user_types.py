"""A user's code under mypy and pyright: what is right passes, and each wrong use is refused, line by line."""

import importlib.util
import os

import pytest

from tests.typing.check import TOOLS, differences, reason_against

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("tool", TOOLS)
def test_a_type_checker_passes_what_is_right_and_refuses_what_is_wrong(tool, tmp_path):
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed: it comes with the extra dev")
    reason = reason_against(tool)
    if reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} cannot run here: {reason}")
    assert differences(tool, tmp_path) == []
