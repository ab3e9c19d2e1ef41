"""What holds for every test."""

import signal

from tests.later import Later

collect_ignore = ["user_project"]  # a project of its own, run by test_user_project.py

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; tests interrupt what they start
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """What makes the process large comes last, for each fork of it takes longer then."""
    items.sort(key=lambda item: any(isinstance(one, Later) for one in vars(item.module).values()))
