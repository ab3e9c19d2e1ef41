"""What holds for every test."""

import signal

import pytest

from tests.later import Later

collect_ignore = ["user_project"]  # a project of its own, run by test_user_project.py

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; tests interrupt what they start
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """What makes the process large comes last, for each fork of it takes longer then."""
    items.sort(key=lambda item: any(isinstance(one, Later) for one in vars(item.module).values()))


@pytest.fixture
def short_load(monkeypatch):
    """Of rounds under load as many as ever are run at least, but not for seconds more: for what is not about load."""
    monkeypatch.setattr("conformance.concurrent.load.search.SEARCH_SECONDS", 1.0)
