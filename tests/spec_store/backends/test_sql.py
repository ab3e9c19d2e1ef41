"""What SQLAlchemy leaves to its users: that threads do not connect and compile for the first time at once."""

import contextlib
import os
import signal
import threading
import uuid

import pytest
import sqlalchemy as sa

from spec_store import StoreBackendError
from spec_store.backends import SQLStoreBackend
from spec_store.backends import _database as database
from tests.servers import MARIADB, POSTGRESQL, require


def test_of_threads_that_come_first_at_once_one_connects_and_the_others_wait(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'store.sqlite'}", suppress_store_backend_id=True)
    inside: list[int] = []
    together: list[int] = []
    lost: list[str] = []
    start, second = threading.Barrier(3), threading.Event()

    @sa.event.listens_for(backend._engine, "do_connect")
    def _connecting(*_arguments):
        if not backend._database.is_known:
            inside.append(threading.get_ident())
            if len(inside) > 1:
                second.set()
            elif second.wait(0.2):  # as long as a thread that does not wait would need to come here, and longer
                together.extend(inside)

    def add(value):
        start.wait()
        try:
            backend.add(("a",), value)
        except StoreBackendError:
            lost.append(value)

    threads = [threading.Thread(target=add, args=(str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == []
    assert len(inside) == 1
    assert len(lost) == 2
    assert backend.get(("a",)) not in lost


def test_statements_are_compiled_for_the_first_store_of_a_process_alone(tmp_path):
    table = f"table_{uuid.uuid4().hex}"
    first, second = (SQLStoreBackend(f"sqlite:///{tmp_path / name}", table=table) for name in ("one", "two"))

    of_first, of_second = (one._database.statements(one._engine, table) for one in (first, second))

    assert of_first is of_second
    assert first.store_backend_id != second.store_backend_id


def test_a_table_whose_name_has_percent_signs_is_one_like_others(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'store.sqlite'}", table="100%s of (them)")
    backend.set(("a",), "1")
    backend.move(("a",), ("b",))

    assert backend.get(("b",)) == "1"
    assert backend.remove_key(("b",))
    assert [key for key in backend.list_keys() if key != backend.STORE_BACKEND_ID_KEY] == []


@pytest.fixture(params=["PostgreSQL", "MariaDB"])
def server(request):
    require(request.param)
    return {"PostgreSQL": POSTGRESQL, "MariaDB": MARIADB}[request.param]


def test_what_one_store_has_found_out_of_a_server_no_other_asks_again(server):
    with contextlib.closing(SQLStoreBackend(server, "first")) as first:
        first.has_key(("a",))
    asked: list[str] = []
    with contextlib.closing(SQLStoreBackend(server, "second", suppress_store_backend_id=True)) as second:
        sa.event.listen(second._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

        second.has_key(("a",))

        assert len(asked) == 1
        assert second._engine.pool is not first._engine.pool


def test_what_another_thread_finds_out_while_a_process_forks_the_child_finds_out_anew(server):
    fresh = server.replace("/test", "/test?connect_timeout=7" if "?" not in server else "/test")
    fresh = fresh.replace("?ssl_disabled=true", "?ssl_disabled=true&connect_timeout=7")
    known = database.database_of(fresh)
    known._knowing.acquire()  # as a thread that is amid it

    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            signal.alarm(20)
            backend = SQLStoreBackend(fresh, "forked", suppress_store_backend_id=True)
            status = 0 if not backend.has_key(("a",)) else 1
        os._exit(status)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    known._knowing.release()


def test_a_database_that_cannot_be_reached_at_first_is_prepared_later(tmp_path):
    place = tmp_path / "later"
    backend = SQLStoreBackend(f"sqlite:///{place / 'store.sqlite'}", suppress_store_backend_id=True)
    with pytest.raises(StoreBackendError, match="unable to open"):
        backend.set(("a",), "1")

    place.mkdir()
    backend.set(("a",), "1")

    assert backend.get(("a",)) == "1"
