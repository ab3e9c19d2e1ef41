"""Where temporary files go."""

import pytest

from conformance.system import temporary
from conformance.system.temporary import CHOSEN_BY, flatten, temporary_parent


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


def test_what_lies_deep_is_brought_up_until_nothing_does(tmp_path):
    deepest = tmp_path
    for _ in range(120):
        deepest /= "d"
    deepest.mkdir(parents=True)
    (deepest / "file").touch()

    flatten(str(tmp_path), 20)

    found = list(tmp_path.rglob("*"))
    assert max(len(path.relative_to(tmp_path).parts) for path in found) <= 22
    assert sum(path.is_dir() for path in found) == 120
    assert [path.name for path in found if path.is_file()] == ["file"]


def test_a_link_is_not_followed_nor_moved(tmp_path):
    outside, place = tmp_path / "outside" / "a" / "b" / "c", tmp_path / "place"
    outside.mkdir(parents=True)
    place.mkdir()
    (place / "link").symlink_to(tmp_path / "outside")

    flatten(str(place), 1)

    assert outside.is_dir()
    assert (place / "link").is_symlink()
