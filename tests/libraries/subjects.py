"""The stores over libraries as subjects, with what each library's documentation promises.

`conformance run tests.libraries.subjects:lmdb` judges one; `tests/benchmarks/libraries.py` judges all.
"""

from collections.abc import Callable

from conformance import Claims, Subject, new_directory
from spec_store import StoreBackend
from tests.libraries import stores


def _subject(store: Callable[..., StoreBackend], claims: Claims) -> Subject:
    return Subject(open=store, place=new_directory, claims=claims)


# Of an LMDB environment, a RocksDB directory or a shelf, one process has one open. Of a RocksDB directory no other
# process has one either, nor should one of a shelf, which locks nothing.
lmdb = _subject(stores.LmdbStore, Claims(durable=True, threads=True, processes=True, crash_safe=True, openings=1))
rocksdict = _subject(stores.RocksdictStore, Claims(durable=True, crash_safe=True, openings=1, atomic_move=False))
shelve = _subject(stores.ShelveStore, Claims(durable=True, openings=1))
# "Thread-safe and process-safe", by its documentation; a move of the store is a transaction of its.
diskcache = _subject(stores.DiskcacheStore, Claims(durable=True, threads=True, processes=True, crash_safe=True))
# "Multithread access", by its documentation, of single calls: a move of the store is two.
sqlitedict = _subject(stores.SqlitedictStore, Claims(durable=True, threads=True, atomic_move=False))
zict = _subject(stores.ZictStore, Claims(durable=True, threads=True, atomic_move=False))
tinydb = _subject(stores.TinydbStore, Claims(durable=True))

EVERY = {
    "diskcache": diskcache,
    "lmdb": lmdb,
    "rocksdict": rocksdict,
    "shelve": shelve,
    "sqlitedict": sqlitedict,
    "tinydb": tinydb,
    "zict": zict,
}
"""Each by the name of its module."""
