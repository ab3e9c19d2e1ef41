"""The correct stores that faults are planted in, by themselves."""

import os
import pathlib
import threading

import pytest

from conformance.faults.planted.served import new_server
from conformance.faults.stores.dict_store import DictStore, Shelf
from conformance.faults.stores.file_store import LONGEST, SUFFIX, FileStore, decoded, encoded
from conformance.faults.stores.plain import ID_KEY
from conformance.programs.families import ODD_FAMILIES
from spec_store import InvalidKeyError, StoreBackendError

KEYS = tuple(dict.fromkeys(key for family in ODD_FAMILIES for key in family))
ELEMENTS = tuple(dict.fromkeys(element for key in KEYS for element in key))


@pytest.fixture(params=["dict", "files"])
def reopen(request, tmp_path):
    shelf = Shelf()
    return lambda **options: DictStore(shelf, **options) if request.param == "dict" else FileStore(tmp_path, **options)


def test_all_odd_keys_live_side_by_side(reopen):
    backend = reopen()
    for number, key in enumerate(KEYS):
        backend.set(key, str(number))

    again = reopen()

    assert [again.get(key) for key in KEYS] == [str(number) for number in range(len(KEYS))]
    assert sorted(again.list_keys()) == sorted([*KEYS, ID_KEY])


def test_moving_and_removing_leave_the_rest(reopen):
    backend = reopen()
    for number, key in enumerate(KEYS):
        backend.set(key, str(number))

    backend.move(KEYS[0], KEYS[1])
    removed = backend.remove_key(KEYS[2]), backend.remove_key(KEYS[2])

    assert removed == (True, False)
    assert backend.get(KEYS[1]) == "0"
    assert sorted(reopen().list_keys()) == sorted([ID_KEY, KEYS[1], *KEYS[3:]])


def test_names_can_be_read_back():
    assert [decoded(encoded(element)) for element in ELEMENTS] == list(ELEMENTS)


def test_names_differ_without_regard_to_case():
    names = [encoded(element).lower() for element in ELEMENTS]

    assert len(set(names)) == len(ELEMENTS)


def test_names_are_short_enough_for_a_file_system(tmp_path):
    backend = FileStore(tmp_path)
    backend.set(("\U0001f600" * 200, "a" * 1000), "x")

    names = [name for _, directories, files in os.walk(tmp_path) for name in (*directories, *files)]

    assert max(map(len, names)) <= LONGEST + len(SUFFIX)
    assert backend.get(("\U0001f600" * 200, "a" * 1000)) == "x"


def test_a_path_too_long_for_a_file_system_is_refused(tmp_path):
    backend, key = FileStore(tmp_path), ("a" * 5000,)

    with pytest.raises(StoreBackendError):
        backend.set(key, "x")
    with pytest.raises(InvalidKeyError):
        backend.get(key)
    assert backend.has_key(key) is False
    assert backend.list_keys() == [ID_KEY]


@pytest.mark.parametrize(("value", "error"), [(b"x", TypeError), (1, TypeError), ("\ud800", StoreBackendError)])
def test_what_is_no_text_is_refused_and_the_old_value_stays(tmp_path, value, error):
    backend = FileStore(tmp_path)
    backend.set(("a",), "1")

    with pytest.raises(error):
        backend.set(("a",), value)

    assert backend.get(("a",)) == "1"


def test_nothing_but_values_is_left_in_the_directory(tmp_path):
    backend = FileStore(tmp_path, suppress_store_backend_id=True)
    backend.set(("a", "b", "c"), "1")
    backend.move(("a", "b", "c"), ("d",))
    backend.remove_key(("d",))

    assert list(pathlib.Path(tmp_path).iterdir()) == []


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_an_interrupt_closed_before_it_served_ends_quietly(monkeypatch):
    threads = []

    def interrupted(thread: threading.Thread) -> None:
        threads.append(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        new_server().__enter__()
    monkeypatch.undo()
    threads[0].start()
    threads[0].join(60)

    assert not threads[0].is_alive()
