"""A forked child: what it says, how it ended, and that nothing is left of it."""

import os
import select
import signal

import pytest

from conformance.system.children import MESSAGE_BYTES, born, killed_at, listen

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

SECONDS = 60.0
"""How long a child is waited for before a test fails."""


def wait(_acknowledge):
    while True:
        signal.pause()


def is_reaped(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def outcome_of(run):
    """How a child ends that ends by itself."""
    with born(run) as child:
        assert listen(child, SECONDS, child.ended)
        return child.outcome("died")


def test_what_a_child_acknowledges_is_heard_in_order():
    def run(acknowledge):
        for number in range(1000):
            acknowledge(b"%d" % number)

    outcome = outcome_of(run)
    assert outcome.acknowledged == tuple(b"%d" % number for number in range(1000))
    assert (outcome.ended, outcome.status, outcome.error) == ("returned", 0, "")


def test_an_exception_in_a_child_is_told_with_its_traceback():
    def run(acknowledge):
        acknowledge(b"first")
        raise LookupError("not there")

    outcome = outcome_of(run)
    assert (outcome.ended, outcome.status, outcome.acknowledged) == ("raised", 1, (b"first",))
    assert outcome.error.rstrip().endswith("LookupError: not there")


@pytest.mark.parametrize(
    ("end", "status"), [(lambda: os._exit(3), 3), (lambda: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL)]
)
def test_what_a_child_said_before_it_died_is_heard(end, status):
    def run(acknowledge):
        acknowledge(b"last words")
        end()

    outcome = outcome_of(run)
    assert (outcome.ended, outcome.status, outcome.acknowledged) == ("died", status, (b"last words",))


def test_a_message_of_the_greatest_size_is_heard_whole_and_a_greater_one_is_an_error():
    whole = bytes(range(256)) * (MESSAGE_BYTES // 256)
    assert outcome_of(lambda acknowledge: acknowledge(whole)).acknowledged == (whole,)
    outcome = outcome_of(lambda acknowledge: acknowledge(whole + b"."))
    assert (outcome.ended, outcome.acknowledged) == ("raised", ())


def test_a_child_is_killed_and_reaped_at_the_end_of_the_block():
    with born(wait) as child:
        assert listen(child, SECONDS, child.started)
        assert not child.ended()
    assert child.outcome("killed").status == -signal.SIGKILL
    assert is_reaped(child.pid)


def test_a_child_is_killed_and_reaped_when_the_block_is_left_by_an_interrupt():
    with pytest.raises(KeyboardInterrupt), born(wait) as child:
        raise KeyboardInterrupt
    assert is_reaped(child.pid)


def test_what_a_child_has_forked_is_killed_with_it():
    reader, writer = os.pipe()

    def run(acknowledge):
        os.close(reader)
        if os.fork():
            acknowledge(b"forked")
        wait(acknowledge)

    with born(run) as child:
        os.close(writer)
        assert listen(child, SECONDS, lambda: child.acknowledged == (b"forked",))
    with os.fdopen(reader, "rb") as pipe:  # the two of them hold the other end
        assert select.select([pipe], [], [], SECONDS)[0]
        assert pipe.read() == b""


def test_a_child_is_prepared_before_its_function_starts():
    def prepare(channel):
        assert channel.fileno() >= 0
        os.environ["PREPARED"] = "yes"

    with born(lambda acknowledge: acknowledge(os.environ["PREPARED"].encode()), prepare) as child:
        assert listen(child, SECONDS, child.ended)
        assert child.outcome("died").acknowledged == (b"yes",)
    assert "PREPARED" not in os.environ


def test_listening_ends_with_the_child_though_what_was_waited_for_never_came():
    with born(lambda acknowledge: acknowledge(b"all")) as child:
        assert not listen(child, float(10**6), lambda: len(child.acknowledged) > 1)
        assert child.acknowledged == (b"all",)


def test_listening_ends_when_the_time_is_over():
    with born(wait) as child:
        assert not listen(child, 0.01, lambda: bool(child.acknowledged))


def test_a_child_that_is_killed_at_a_moment_has_done_nothing_after_it():
    outcome = killed_at(wait, 0.0)
    assert (outcome.ended, outcome.status) == ("killed", -signal.SIGKILL)
    assert is_reaped(outcome.pid)
