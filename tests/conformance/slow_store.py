"""A store that takes its time where a kill does harm, so that one at a random moment is sure to come upon it."""

import pathlib
import time

from conformance.faults.planted.crashing_stores import SweptStore


class RemovesAndRests(SweptStore):
    """set removes the old file, does nothing for some time, and then renames the new one into place."""

    def _write(self, path: str, value: str) -> None:
        self._bytes(value)
        there = pathlib.Path(path).exists()
        pathlib.Path(path).unlink(missing_ok=True)
        time.sleep(0.05 * there)
        super()._write(path, value)
