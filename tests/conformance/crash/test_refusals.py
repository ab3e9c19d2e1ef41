"""What a call is refused with."""

import errno

import pytest

from conformance.crash.refusals import ERRORS, actions_at, errors_of
from conformance.probes.syscalls import Cut, Refuse, Stop
from conformance.probes.syscalls.tables import CALLS


def at(name, path):
    return Stop(1, name, (path,), 1, (), (), f"{name}()")


@pytest.mark.parametrize(
    ("call", "errors"),
    [
        ("fsync", (errno.EIO,)),
        ("rename", (errno.EIO, errno.EACCES)),
        ("unlink", (errno.EIO, errno.EACCES)),
        ("write", (errno.ENOSPC, errno.EIO)),
        ("ftruncate", (errno.ENOSPC, errno.EIO)),
        ("openat", (errno.ENOSPC, errno.EACCES)),
        ("mkdir", (errno.ENOSPC, errno.EACCES)),
    ],
)
def test_a_call_is_refused_with_what_the_system_refuses_it_with(call, errors):
    assert errors_of(call) == errors
    assert actions_at(at(call, "/place/a")) == tuple(map(Refuse, errors))


def test_a_message_to_a_server_is_not_refused_but_its_connection_cut():
    assert actions_at(at("sendto", "socket:[7]")) == (Cut(),)
    assert actions_at(at("write", "socket:[7]")) == (Cut(),)


def test_every_call_of_the_table_is_one_that_a_process_is_halted_at_and_is_there_once():
    calls = [call for calls, _ in ERRORS for call in calls]
    assert set(calls) <= set(CALLS)
    assert len(set(calls)) == len(calls)


def test_what_is_written_to_an_open_file_needs_no_permission_any_more():
    refused = {name for name, call in CALLS.items() if call.descriptor is not None and errno.EACCES in errors_of(name)}
    assert refused == {"fchmod"}  # whose permission is asked at each call
