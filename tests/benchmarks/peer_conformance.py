"""This project's side of `peers`: the cores as store backends, below the kit at its default settings.

Run by `peers`, each time in a process of its own, which prints what is violated as JSON:
python -m tests.benchmarks.peer_conformance FAULT SEED
"""

import json
import sys
from typing import Any

from conformance import Subject, check
from spec_store import InvalidKeyError, Key, StoreBackend
from tests.benchmarks.peer_faults import CORES


class CoreBackend(StoreBackend):
    """A core as a backend of this project's interface, which adds nothing that could be wrong."""

    def __init__(self, fault: str, **options: Any) -> None:
        super().__init__(**options)
        self._fault = fault
        self._core = CORES[fault]()
        if not self._suppress_store_backend_id:
            _ = self.store_backend_id

    def _get(self, key: Key) -> Any:
        try:
            return self._core.get(key)
        except KeyError:
            raise InvalidKeyError(f"{key!r} is not stored") from None

    def _set(self, key: Key, value: Any, **kwargs: Any) -> None:
        self._core.set(key, value)

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> None:
        value = self._get(source_key)
        self._core.delete(source_key)
        self._core.set(dest_key, value)

    def _has_key(self, key: Key) -> bool:
        return self._core.exists(key)

    def list_keys(self, prefix: Key = ()) -> list[Key]:
        self._validate_key(prefix)
        return self._core.below(prefix)

    def remove_key(self, key: Key) -> bool:
        self._validate_key(key)
        stored = self._core.exists(key)
        self._core.delete(key)
        return stored


def subject_of(fault: str) -> Subject:
    """The backend over a core, as a subject."""
    return Subject(open=lambda place, **options: CoreBackend(fault, **options), name=fault)


def main() -> None:
    fault, seed = sys.argv[1:]
    report = check(subject_of(fault), seed=int(seed))
    violated = [one.requirement for one in report.results if one.verdict == "violated"]
    complaints = [one.id if one.level == "MUST" else f"{one.id} ({one.level.lower()})" for one in violated]
    # Nothing violated, and no pass either: what was undecided, say.
    unclear = "" if violated or report.verdict == "conformant" else f"{report.verdict} {report.invalid}"
    print(json.dumps({"stages": [{"complaints": complaints}], "error": unclear}))


if __name__ == "__main__":
    main()
