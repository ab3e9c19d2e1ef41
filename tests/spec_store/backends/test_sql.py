"""What SQLAlchemy leaves to its users: that threads do not connect and compile for the first time at once."""

import threading

import attrs
import pytest
import sqlalchemy as sa

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import SQLStoreBackend


def test_of_threads_that_come_first_at_once_one_connects_and_the_others_wait(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'store.sqlite'}", suppress_store_backend_id=True)
    inside: list[int] = []
    together: list[int] = []
    lost: list[str] = []
    start, second = threading.Barrier(3), threading.Event()

    @sa.event.listens_for(backend._engine, "do_connect")
    def _connecting(*_arguments):
        if not backend._prepared:
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


def test_it_compiles_all_its_statements_before_the_first_of_them_runs(tmp_path):
    backend = SQLStoreBackend(f"sqlite:///{tmp_path / 'store.sqlite'}", suppress_store_backend_id=True)
    dialect, compiled, before = backend._engine.dialect, [], []

    class Compiler(dialect.statement_compiler):  # type: ignore[name-defined, misc]
        def __init__(self, compiling, statement, *arguments, **options):
            compiled.append(statement)
            super().__init__(compiling, statement, *arguments, **options)

    dialect.statement_compiler = Compiler
    sa.event.listen(backend._engine, "before_cursor_execute", lambda *_: before.append(len(compiled)))

    with pytest.raises(InvalidKeyError):
        backend.get(("a",))

    every = attrs.asdict(backend._statements, recurse=False)
    del every["create"]  # compiled by a compiler of its own
    assert [name for name, one in every.items() if not any(one is other for other in compiled[: before[0]])] == []


def test_a_database_that_cannot_be_reached_at_first_is_prepared_later(tmp_path):
    place = tmp_path / "later"
    backend = SQLStoreBackend(f"sqlite:///{place / 'store.sqlite'}", suppress_store_backend_id=True)
    with pytest.raises(StoreBackendError, match="unable to open"):
        backend.set(("a",), "1")

    place.mkdir()
    backend.set(("a",), "1")

    assert backend.get(("a",)) == "1"
