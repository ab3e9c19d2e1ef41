"""What the tests of rounds under load share."""

from conformance import Claims
from conformance.concurrent.histories.records import Record
from conformance.concurrent.load.rounds import Seen
from conformance.programs.outcomes import Raised, Returned

THREADS = Claims(durable=True, threads=True)
PROCESSES = Claims(durable=True, processes=True)
A, B = ("a",), ("b",)


def seen_by(*rows):
    """A history, of rows of a client, begin, end, an operation, and what it returned or raised."""
    return tuple(
        Seen(client, Record(begin, end, operation, result if isinstance(result, Raised) else Returned(result)))
        for client, begin, end, operation, result in rows
    )
