"""What each engine claims, which is what the conformance kit has judged it by."""

import attrs

from spec_store.addresses import Address
from spec_store.backends._secret import revealed


@attrs.frozen
class EngineClaims:
    """Claims of one engine; each is a class of requirements of the specification.

    Args:
        durable: what is stored outlasts the backend that stored it.
        threads: one backend may be used by several threads at once.
        processes: several processes may use the store at once.
        crash_safe: a process that dies leaves every operation done or not done.
        atomic_move: nobody sees a value at both keys, or at neither, while it is moved.
    """

    durable: bool = False
    threads: bool = False
    processes: bool = False
    crash_safe: bool = False
    atomic_move: bool = True


_ALL = EngineClaims(durable=True, threads=True, processes=True, crash_safe=True)
_NONE = EngineClaims()
_OBJECTS = EngineClaims(durable=True, threads=True, processes=True, atomic_move=False)

CLAIMS = {
    "files": _ALL,
    "sqlite": _ALL,
    "sqlite in memory": _NONE,
    "postgresql": _ALL,
    "mariadb": _ALL,
    "redis": _ALL,
    "objects": _OBJECTS,
    "objects in memory": EngineClaims(threads=True, atomic_move=False),
}
"""The claims of what an address may lead to."""

NAMES = {
    "files": "files",
    "sqlite": "SQLite",
    "sqlite in memory": "SQLite in memory",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB or MySQL",
    "redis": "Redis",
    "objects": "object store",
    "objects in memory": "objects in memory",
}
"""What those are called."""


def engine_of(address: Address) -> str | None:
    """Which of `CLAIMS` an address leads to; None for a backend of somebody else's."""
    url = revealed(address.where)
    if address.kind == "sql":
        name = url.partition("://")[0].partition("+")[0]
        if name == "sqlite":
            return "sqlite in memory" if url.partition("://")[2].strip("/") in ("", ":memory:") else "sqlite"
        return "mariadb" if name == "mysql" else name
    if address.kind == "objects":
        return "objects in memory" if url.startswith("memory:") else "objects"
    return address.kind if address.kind in ("files", "redis") else None
