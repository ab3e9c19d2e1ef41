"""Threads that do the same at once, and what any of them raised."""

import threading
from collections.abc import Callable


def failures(number: int, use: Callable[[int], object]) -> list[BaseException]:
    """What was raised by so many threads, each of which calls `use` with its number from 0 on; they have ended."""
    raised: list[BaseException] = []

    def run(own: int) -> None:
        try:
            use(own)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(own,)) for own in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
