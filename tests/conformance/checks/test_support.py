"""The helpers of the checks: warnings are seen whatever logging is set to, and what is patched is put back."""

import logging
import os
import warnings

import pytest

from conformance.checks.support import failing, kind, plain_keys, shown, warned
from conformance.probes.audit import audited, inside, may_be_inside
from spec_store import InMemoryStoreBackend, InvalidKeyError, StoreBackendError

logger = logging.getLogger("tests.conformance.checks")


def test_warnings_of_both_kinds_are_seen_even_where_logging_is_disabled():
    def warn():
        logger.error("one")
        logger.info("not this")
        warnings.warn("two", stacklevel=1)
        for of_code in (ResourceWarning, DeprecationWarning, PendingDeprecationWarning):
            warnings.warn("not about the id", of_code, stacklevel=1)
        return 3

    logging.disable(logging.CRITICAL)
    try:
        value, given = warned(warn)
        assert (value, [text for text, _ in given]) == (3, ["one", "two"])
        assert all(__file__ in place for _, place in given)
        assert not logger.isEnabledFor(logging.CRITICAL)
    finally:
        logging.disable(logging.NOTSET)


def test_methods_fail_only_during_the_call():
    backend = InMemoryStoreBackend()

    def write():
        try:
            backend.set(("a",), "1")
        except OSError as error:
            return error
        return None

    error = OSError("full")
    assert failing(backend, ["_set", "_no_such_method"], error, write) == (error, 1)
    assert failing(backend, ["_no_such_method"], error, write) == (None, 0)
    assert backend.get(("a",)) == "1"
    assert "_set" in vars(InMemoryStoreBackend)


def test_plain_keys_have_the_length_that_the_backend_takes():
    class TakesThree(InMemoryStoreBackend):
        def _set(self, key, value, **kwargs):
            if len(key) != 3 and key != self.STORE_BACKEND_ID_KEY:
                raise ValueError("three elements, please")
            super()._set(key, value)

    assert plain_keys(TakesThree, TakesThree()) == [("a", "a", "one"), ("a", "a", "two"), ("a", "a", "three")]


def test_exceptions_go_by_the_name_that_the_specification_has():
    class Own(StoreBackendError):
        pass

    assert [kind(error) for error in (Own(), InvalidKeyError(), OSError(), UnicodeError())] == [
        "StoreBackendError",
        "InvalidKeyError",
        "OSError",
        "ValueError",
    ]


def test_long_text_is_shortened():
    assert len(shown("x" * 1000)) < 300
    assert shown("x" * 300) == "x" * 300


def test_accesses_are_told_before_they_are_made(tmp_path):
    seen = []

    def work():
        (tmp_path / "a").write_text("1")
        (tmp_path / "a").read_text()
        (tmp_path / "a").rename(tmp_path / "b")
        list(tmp_path.iterdir())

    def watch(paths, writing):
        if any(inside(path, str(tmp_path)) for path in paths):
            seen.append((writing, [path.removeprefix(str(tmp_path)) for path in paths]))

    audited(watch, work)
    assert seen == [(True, ["/a"]), (False, ["/a"]), (True, ["/a", "/b"]), (False, [""])]
    (tmp_path / "c").touch()
    assert len(seen) == 4


@pytest.mark.skipif(not hasattr(os, "O_DIRECTORY"), reason="the system opens no directories")
def test_accesses_by_the_descriptor_of_a_directory_are_seen_where_they_are(tmp_path):
    seen: list[tuple[bool, list[str]]] = []

    def work():
        descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
        os.mkdir("a", dir_fd=descriptor)
        os.rename("a", "b", src_dir_fd=descriptor, dst_dir_fd=descriptor)
        os.symlink("anywhere", "c", dir_fd=descriptor)
        os.unlink("c", dir_fd=descriptor)
        os.rmdir("b", dir_fd=descriptor)
        os.scandir(descriptor).close()
        os.close(os.open("d", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor))
        os.close(descriptor)

    def watch(paths, writing):
        if any(may_be_inside(path, str(tmp_path)) for path in paths):
            seen.append((writing, [path.removeprefix(str(tmp_path)) for path in paths]))

    audited(watch, work)
    wanted = [(True, [name]) for name in ("/a", "/b", "d")]
    assert [one for one in seen if one in wanted] == [(True, ["/a"]), (True, ["/b"]), (True, ["d"])]
    for one in ((True, ["/a", "/b"]), (True, ["anywhere", "/c"]), (True, ["/c"]), (False, [""])):
        assert one in seen
    assert not may_be_inside("d", str(tmp_path))


def test_an_access_can_be_refused(tmp_path):
    def refuse(_paths, writing):
        if writing:
            raise OSError("refused")

    def work():
        try:
            (tmp_path / "a").write_text("1")
        except OSError as error:
            return str(error)
        return ""

    assert audited(refuse, work) == "refused"
    assert not (tmp_path / "a").exists()
