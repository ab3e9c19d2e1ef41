import ctypes
import os
import sqlite3
from pathlib import Path

import pytest

from conformance.probes.syscalls import Continue, Power, Refuse, available, supervised

pytestmark = pytest.mark.skipif(bool(available()), reason=available() or "it is available")


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "place"
    path.mkdir()
    (path / "a").write_text("old")
    return path


def contents(directory):
    return {str(one.relative_to(directory)): one.read_text() if one.is_file() else None for one in directory.rglob("*")}


def images(run, place, decide=lambda _stop: Continue(), names_kept=False):
    """What would be left at each stop, and at the end."""
    found: list[dict[str, str | None]] = []
    directory = place.parent / "images"
    directory.mkdir()

    def taken():
        power.image(directory / str(len(found)), names_kept=names_kept)
        found.append(contents(directory / str(len(found))))

    def on_stop(stop):
        taken()
        return decide(stop)

    before = len(list(Path("/proc/self/fd").iterdir()))
    with Power(place) as power:
        outcome = supervised(run, place, power.watching(on_stop))
        taken()
    assert outcome.ended == "returned", outcome
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # what earlier tests left may be collected meanwhile
    return found


def written(path, text, sync=True, flags=0):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | flags)
    os.write(descriptor, text.encode())
    if sync:
        os.fsync(descriptor)
    os.close(descriptor)


def synced(directory):
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def replacing(place, sync_file=True, sync_directory=True):
    def run(_acknowledge):
        written(place / "new", "new", sync_file)
        (place / "new").replace(place / "a")
        if sync_directory:
            synced(place)

    return run


def test_a_writer_that_syncs_file_and_directory_loses_nothing(place):
    found = images(replacing(place), place)
    assert found[:-1] == [{"a": "old"}] * (len(found) - 1)
    assert found[-1] == {"a": "new"}


def test_a_missing_sync_of_the_file_is_seen(place):
    assert images(replacing(place, sync_file=False), place)[-1] == {"a": ""}


def test_a_missing_sync_of_the_directory_is_seen(place):
    assert images(replacing(place, sync_directory=False), place)[-1] == {"a": "old"}


def test_names_may_be_kept_and_unsynced_data_alone_be_lost(place):
    found = images(replacing(place, sync_file=False, sync_directory=False), place, names_kept=True)
    assert found == [{"a": "old"}, {"a": "old", "new": ""}, {"a": "old", "new": ""}, {"a": ""}]


def test_a_refused_sync_makes_nothing_durable(place):
    def run(acknowledge):
        with pytest.raises(OSError):
            replacing(place)(acknowledge)

    def decide(stop):
        return Refuse(5) if stop.name == "fsync" and stop.paths == (str(place),) else Continue()

    assert images(run, place, decide)[-1] == {"a": "old"}


def test_a_file_written_in_place_has_what_was_last_synced(place):
    def run(_acknowledge):
        written(place / "a", "first")
        written(place / "a", "second", sync=False)

    assert images(run, place)[-1] == {"a": "first"}


def test_a_file_opened_for_synchronous_writing_is_synced(place):
    assert images(lambda _: written(place / "a", "new", sync=False, flags=os.O_DSYNC), place)[-1] == {"a": "new"}


def test_a_new_directory_is_absent_until_its_parent_is_synced(place):
    def run(_acknowledge):
        (place / "directory").mkdir()
        written(place / "directory" / "b", "new")
        synced(place / "directory")
        synced(place)

    found = images(run, place)
    assert found[-2:] == [{"a": "old"}, {"a": "old", "directory": None, "directory/b": "new"}]


def test_a_removed_file_is_back_until_its_directory_is_synced(place):
    def run(_acknowledge):
        (place / "a").unlink()
        synced(place)

    assert images(run, place) == [{"a": "old"}, {"a": "old"}, {}]


@pytest.mark.parametrize("last", ["here", "there"])
def test_a_move_between_directories_is_one_step(place, last):
    (place / "there").mkdir()
    directories = [place, place / "there"]

    def run(_acknowledge):
        (place / "a").rename(place / "there" / "a")
        synced(directories[last == "here"])
        synced(directories[last != "here"])

    before, after = {"a": "old", "there": None}, {"there": None, "there/a": "old"}
    assert images(run, place) == [before, before, after, after]


@pytest.mark.parametrize("last", ["place", "there", "elsewhere"])
def test_a_move_to_a_new_directory_is_as_durable_as_that_directory(place, last):
    (place / "elsewhere").mkdir()
    written(place / "elsewhere" / "b", "old")
    directories = {name: place / name for name in ("there", "elsewhere")} | {"place": place}
    directories[last] = directories.pop(last)

    def run(_acknowledge):
        (place / "there").mkdir()
        (place / "elsewhere" / "b").rename(place / "there" / "b")
        for directory in directories.values():
            synced(directory)

    before = {"a": "old", "elsewhere": None, "elsewhere/b": "old"}
    after = {"a": "old", "elsewhere": None, "there": None, "there/b": "old"}
    when = {"place": [before, before, after], "there": [before, after, after], "elsewhere": [before, after, after]}
    assert images(run, place)[-3:] == when[last]


def test_a_move_out_of_the_place_s_own_directory_loses_nothing_before_the_new_directory_is_durable(place):
    def run(_acknowledge):
        (place / "there").mkdir()
        (place / "a").rename(place / "there" / "a")
        synced(place / "there")
        synced(place)

    after = {"there": None, "there/a": "old"}
    assert images(run, place) == [{"a": "old"}] * 4 + [after]


def test_a_new_directory_that_is_never_synced_does_not_keep_what_was_moved_to_it(place):
    (place / "elsewhere").mkdir()

    def run(_acknowledge):
        (place / "elsewhere" / "there").mkdir()
        written(place / "new", "new")
        (place / "new").rename(place / "elsewhere" / "there" / "b")
        synced(place / "elsewhere" / "there")
        synced(place)

    assert "elsewhere/there/b" not in images(run, place)[-1]


def test_what_was_moved_to_a_new_directory_and_removed_with_it_is_gone(place):
    def run(_acknowledge):
        (place / "there").mkdir()
        (place / "a").rename(place / "there" / "a")
        synced(place / "there")
        (place / "there" / "a").unlink()
        (place / "there").rmdir()
        synced(place)

    assert images(run, place)[-1] == {}


def test_a_number_that_is_used_again_is_no_mistake(place):
    def run(_acknowledge):
        for number in range(20):
            replacing(place)(None)
            (place / f"unsynced{number}").touch()
            (place / f"unsynced{number}").unlink()
        written(place / "new", "never synced", sync=False)
        (place / "new").replace(place / "b")
        synced(place)

    assert images(run, place)[-1] == {"a": "new", "b": ""}


def test_a_file_that_is_synced_before_it_has_a_name_keeps_its_data(place):
    def run(acknowledge):
        try:
            descriptor = os.open(place, os.O_WRONLY | getattr(os, "O_TMPFILE", 0))
        except OSError:
            acknowledge(b"no such files here")
            descriptor = os.open(place / "b", os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, b"new")
        os.fsync(descriptor)
        if not (place / "b").exists():
            # Python follows links only where it is given a directory.
            os.link(f"/proc/self/fd/{descriptor}", place / "b", src_dir_fd=descriptor, follow_symlinks=True)
        synced(place)

    assert images(run, place)[-1] == {"a": "old", "b": "new"}


def test_a_database_that_syncs_keeps_what_was_committed(place):
    def run(_acknowledge):
        connection = sqlite3.connect(place / "db", isolation_level=None)
        connection.execute("pragma synchronous = extra")
        connection.execute("create table t (a)")
        connection.execute("insert into t values (1)")
        connection.close()

    with Power(place) as power:
        supervised(run, place, power.watching(lambda _stop: Continue()))
        power.image(place.parent / "image")
    connection = sqlite3.connect(place.parent / "image" / "db")
    rows = connection.execute("select a from t").fetchall()
    connection.close()
    assert rows == [(1,)]


def test_a_sync_of_the_file_system_makes_everything_durable(place):
    def run(_acknowledge):
        (place / "sub").mkdir()
        written(place / "sub" / "b", "deep", sync=False)
        written(place / "a", "new", sync=False)
        descriptor = os.open(place, os.O_RDONLY)
        ctypes.CDLL(None, use_errno=True).syncfs(descriptor)
        os.close(descriptor)

    assert images(run, place)[-1] == {"a": "new", "sub": None, str(Path("sub", "b")): "deep"}


def test_a_symbolic_link_keeps_its_target(place):
    def run(_acknowledge):
        (place / "link").symlink_to("a")
        synced(place)

    with Power(place) as power:
        assert supervised(run, place, power.watching(lambda _stop: Continue())).ended == "returned"
        power.image(place.parent / "image")
    assert (place.parent / "image" / "link").readlink() == Path("a")


def test_names_are_not_kept_unless_that_is_asked_for(place):
    with Power(place) as power:
        (place / "b").write_text("unsynced")
        power.image(place.parent / "image")
    assert contents(place.parent / "image") == {"a": "old"}
