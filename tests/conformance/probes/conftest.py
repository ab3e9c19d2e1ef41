from pathlib import Path

import pytest


def descriptors():
    """The open files of this process, less the one by which they are listed."""
    return sorted(one.name for one in Path("/proc/self/fd").iterdir() if one.is_symlink())


@pytest.fixture
def nothing_is_left_open():
    before = descriptors()
    yield
    assert descriptors() == before
