"""What holds for every test."""

import signal

import pytest

from tests.later import Later
from tests.short_campaigns import shorten_programs

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


@pytest.fixture
def short_programs(monkeypatch):
    """A campaign has plain programs and directed checks, and hardly more: for what is not about the rest."""
    shorten_programs(monkeypatch.setattr)


@pytest.fixture(scope="module")
def short_programs_of_module():
    """The same for all of a module, whose tests may share what a campaign has found."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shorten_programs(monkeypatch.setattr)
        yield
