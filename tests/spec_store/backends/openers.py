"""Another process that opens stores, at the same moments as this one (ID-9)."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.spec_store.backends import subjects

SECONDS = 60.0


def ids(subject: Any, places: list[Any], barrier: Barrier) -> list[str]:
    """The ids that backends on these places read, each opened when everybody is at the barrier."""
    found = []
    for place in places:
        barrier.wait(SECONDS)
        backend = subject.open(place)
        found.append(str(backend.store_backend_id))
        if hasattr(backend, "close"):
            backend.close()
    return found


def _elsewhere(name: str, places: list[Any], barrier: Barrier, connection: Any) -> None:
    connection.send(ids(getattr(subjects, name), places, barrier))


def ids_of_two_processes(name: str, places: list[Any]) -> tuple[list[str], list[str]]:
    """What this process and another one read as ids of stores that they open at the same moments."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    receiver, sender = context.Pipe(duplex=False)
    other = context.Process(target=_elsewhere, args=(name, places, barrier, sender), daemon=True)
    other.start()
    try:
        here = ids(getattr(subjects, name), places, barrier)
        assert receiver.poll(SECONDS)
        return here, receiver.recv()
    finally:
        other.join(SECONDS)
        other.kill()
        other.join()
