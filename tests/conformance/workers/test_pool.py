"""Work that is shared out to processes: what comes of it, and what is left of it."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from conformance.workers.pool import mapping

VARIABLES = ("TMPDIR", "TEMP", "TMP")


def process_and_file(name):
    descriptor, path = tempfile.mkstemp(name)
    os.close(descriptor)
    return name, os.getpid(), path


def die(name):
    if name == "second":
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def fail(name):
    raise ValueError(name)


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_results_come_in_order(jobs):
    names = [str(number) for number in range(7)]
    with mapping(jobs) as shared_out:
        assert [name for name, *_ in shared_out(process_and_file, names)] == names


def test_one_job_is_done_in_this_process_and_two_in_others():
    with mapping(1) as shared_out:
        assert {pid for _, pid, _ in shared_out(process_and_file, ["a", "b"])} == {os.getpid()}
    with mapping(2) as shared_out:
        pids = {pid for _, pid, _ in shared_out(process_and_file, ["a", "b"])}
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.parametrize("jobs", [1, 2])
def test_temporary_files_are_in_one_directory_that_is_gone_afterwards(jobs):
    before = tempfile.tempdir, [os.environ.get(name) for name in VARIABLES]
    with mapping(jobs) as shared_out:
        paths = [Path(path) for *_, path in shared_out(process_and_file, ["a", "b", "c"])]
        assert all(path.exists() for path in paths)
    assert len({path.parent for path in paths}) == 1
    assert not paths[0].parent.exists()
    assert (tempfile.tempdir, [os.environ.get(name) for name in VARIABLES]) == before


@pytest.mark.skipif(os.name != "posix", reason="processes are killed otherwise on Windows")
def test_an_end_of_a_process_at_its_work_is_told_with_what_it_was_at():
    with mapping(2) as shared_out, pytest.raises(ChildProcessError, match="at work on second ended by signal 9"):
        list(shared_out(die, ["first", "second", "third"]))


def test_an_error_in_the_work_of_this_process_is_raised():
    with mapping(1) as shared_out, pytest.raises(ValueError, match="first"):
        list(shared_out(fail, ["first"]))
