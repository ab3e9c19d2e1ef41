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


@pytest.fixture
def short_programs(monkeypatch):
    """A campaign of a second for what plain programs and directed checks show: for what is not about the others.

    Small worlds and batches have no time, as with a store that blocks for long, and what is swept is swept as far as
    with one that takes much of the processor.
    """
    shorten_programs(monkeypatch)


@pytest.fixture(scope="module")
def short_programs_of_module():
    """The same for all of a module: for campaigns that several tests share."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        shorten_programs(monkeypatch)
        yield


def shorten_programs(monkeypatch):
    monkeypatch.setattr("conformance.one_by_one.WORLD_SECONDS", 0.0)
    monkeypatch.setattr("conformance.one_by_one.BATCH_SECONDS", 0.0)
    monkeypatch.setattr("conformance.sequential.sweeping.ALL_THERE_IS", 1000)
    monkeypatch.setattr("conformance.sequential.sweeping.NEXT", 300)
