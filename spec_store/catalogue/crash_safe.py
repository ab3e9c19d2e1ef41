"""Crash-safe: processes killed, system calls refused, power lost."""

from spec_store.catalogue.vocabulary import Requirement

CRASH_SAFE: tuple[Requirement, ...] = (
    Requirement(
        id="CRASH-1",
        class_="crash-safe",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="crash_safe",
        text=(
            "Killed at any point inside an operation, the store reopens, and its state is the one before that "
            "operation or the one after it: no torn value, nothing acknowledged lost, no stray key, the id "
            "unchanged."
        ),
        why=(
            "Writing in place truncates first: killed there, the store has lost the old value without having the "
            "new one, and gives an empty text as if it had been set."
        ),
        example="""
            process 1: backend.set(("a",), "new")      killed inside
            process 2: open_backend(place).get(("a",))
            either:    gives "old"
            or:        gives "new"
        """,
        staging="a process killed before each of its system calls or messages in turn",
    ),
    Requirement(
        id="CRASH-2",
        class_="crash-safe",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="crash_safe",
        text=(
            "A move that is killed at any point has happened or has not: the value is never at both keys, never at "
            "neither."
        ),
        why=(
            "A move made of a copy and a deletion, killed between the two, leaves the value at both keys, and made "
            "the other way round at neither."
        ),
        example="""
            process 1: backend.move(("a",), ("b",))    killed inside
            process 2: open_backend(place).list_keys()
            either:    gives [("a",)]
            or:        gives [("b",)]
        """,
        staging="a process killed before each of its system calls or messages in turn",
    ),
    Requirement(
        id="CRASH-3",
        class_="crash-safe",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="crash_safe",
        text=(
            "After a crash the store takes every operation as if nothing had happened; leftovers do not grow "
            "without bound."
        ),
        why=(
            "A lock that the dead process held makes every later operation wait or fail, and the temporary file "
            "that each crash leaves fills the disk in the end."
        ),
        example="""
            process 1: backend.set(("a",), "1")        killed inside
            process 2: open_backend(place).set(("a",), "2")
                       returns, and get gives "2"
        """,
        staging="every operation performed after each kill, and the files counted after many",
    ),
    Requirement(
        id="FAULT-1",
        class_="crash-safe",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="crash_safe",
        text=(
            "When the system refuses a call (ENOSPC, EIO, EACCES, a dropped connection), the operation raises, or "
            "succeeds; the state is the one before or the one after; later operations work."
        ),
        why=(
            "A full disk shows when a file is written or only when it is closed: a backend that ignores that, or "
            "removed the old value before, has neither value and reports success."
        ),
        example="""
            backend.set(("a",), "new")                 write is refused: ENOSPC
            either:    raises, and get gives "old"
            or:        returns, and get gives "new"
        """,
        staging="each system call of an operation refused in turn, or its connection cut",
    ),
    Requirement(
        id="POWER-1",
        class_="crash-safe",
        level="SHOULD",
        origin="derived",
        since="1.0",
        claim='durability="power"',
        text=(
            'Claimed by `durability="power"`: an acknowledged operation survives the loss of everything not yet synced.'
        ),
        why=(
            "What write has accepted is in memory only: without fsync of the file, and of its directory after a "
            "rename, a value that was acknowledged is gone when the machine stops."
        ),
        example="""
            process:   backend.set(("a",), "new")      returns
            machine:   loses power; what was not synced is gone
            later:     open_backend(place).get(("a",)) gives "new"
        """,
        staging="the files as they would be if only what was synced had been kept",
    ),
)
