"""A small project of a user's, under the pytest that is installed; CI runs it under the oldest supported ones too."""

import pytest

from tests.user_project.check import check

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]  # CI has a job for it, and `.ci/lowest` runs it


def test_a_users_project_runs_as_it_should(tmp_path):
    assert check(tmp_path) == []
