"""Where temporary files go."""

import pytest

from conformance.system import temporary
from conformance.system.temporary import CHOSEN_BY, temporary_parent


@pytest.fixture
def in_memory(tmp_path, monkeypatch):
    """A directory that stands for the one in memory."""
    monkeypatch.setattr(temporary, "IN_MEMORY", str(tmp_path))
    return str(tmp_path)


def test_they_go_into_memory_where_the_environment_names_no_place(in_memory):
    assert temporary_parent({"HOME": "/root"}) == in_memory
    assert temporary_parent(dict.fromkeys(CHOSEN_BY, "")) == in_memory


@pytest.mark.parametrize("variable", CHOSEN_BY)
def test_they_go_where_the_environment_says(in_memory, variable):
    assert temporary_parent({variable: "/var/tmp"}) is None


def test_they_go_where_the_system_puts_them_if_there_is_no_such_place_in_memory(in_memory, monkeypatch):
    monkeypatch.setattr(temporary, "IN_MEMORY", f"{in_memory}/none")
    assert temporary_parent({}) is None
