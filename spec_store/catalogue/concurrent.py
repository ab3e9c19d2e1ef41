"""Concurrent: several threads or processes at once."""

from spec_store.catalogue.vocabulary import Requirement

CONCURRENT: tuple[Requirement, ...] = (
    Requirement(
        id="LIN-1",
        class_="concurrent",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="threads",
        text="Concurrent get, set, move, has_key, remove_key, add from threads on one backend are linearizable.",
        why=(
            "A set that truncates a file and then fills it lets another thread read half of a value, or an empty "
            "one, that nobody ever set."
        ),
        example="""
            backend.set(("a",), "0" * 1000)


            def write():
                for digit in "123456789":
                    backend.set(("a",), digit * 1000)


            with ThreadPoolExecutor() as threads:
                writing = threads.submit(write)
                while not writing.done():
                    assert len(set(backend.get(("a",)))) == 1  # all of one value
        """,
    ),
    Requirement(
        id="LIN-2",
        class_="concurrent",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="processes",
        text=(
            "Concurrent get, set, move, has_key, remove_key, add from several processes, each with its own backend "
            "on the same storage, are linearizable."
        ),
        why=(
            "A lock that lives in one process does not stop another: web workers and scheduled jobs that use one "
            "store at once then overwrite or miss each other's values."
        ),
        example="""
            process 1: backend.move(("a",), ("b",))    halted inside
            process 2: backend.set(("a",), "2")        returns
            process 1:                                 goes on, and returns
            either:    ("a",) is missing and ("b",) has "2": set, then move
            or:        ("a",) has "2" and ("b",) the old value: move, then set
        """,
        staging=(
            "two processes, one halted before each of its system calls or messages in turn; many processes at random"
        ),
    ),
    Requirement(
        id="LIN-3",
        class_="concurrent",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="threads or processes",
        text=(
            "list_keys, concurrent with writes, lists every key stored throughout the call, none missing "
            "throughout, and raises nothing. (A backend may claim more: `snapshot_list`, and then list_keys is "
            "linearizable too.)"
        ),
        why=(
            "A listing read in pages while keys come and go can skip one that was there all the time, and a copy or "
            "a clean-up that goes by it leaves that one out."
        ),
        example="""
            backend.set(("stays",), "1")


            def write():
                for number in range(50):
                    backend.set(("comes", str(number)), "1")
                    backend.remove_key(("comes", str(number)))


            with ThreadPoolExecutor() as threads:
                writing = threads.submit(write)
                while not writing.done():
                    assert ("stays",) in backend.list_keys()
        """,
    ),
    Requirement(
        id="LIN-4",
        class_="concurrent",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="threads or processes",
        text="No operation that a caller saw succeed is lost to a concurrent one on another key.",
        why=(
            "A store that reads one file, changes it and writes it back undoes what another one wrote in between, "
            "though that was to another key and had succeeded."
        ),
        example="""
            keys = [("a", str(number)) for number in range(20)]
            with ThreadPoolExecutor() as threads:
                list(threads.map(lambda key: backend.set(key, "1"), keys))
            assert all(backend.has_key(key) for key in keys)
        """,
    ),
)
