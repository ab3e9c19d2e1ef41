"""Core: moving, removing and listing keys, and stores beside one another."""

from spec_store.catalogue.vocabulary import Requirement

CORE_KEYS: tuple[Requirement, ...] = (
    Requirement(
        id="MOVE-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="After move, dest has source's value and source is missing.",
        why=(
            "A move that only copies leaves the value at both keys, and whoever works through a queue of keys "
            "handles it twice."
        ),
        example="""
            backend.set(("a",), "1")
            backend.move(("a",), ("b",))
            assert backend.get(("b",)) == "1"
            assert not backend.has_key(("a",))
        """,
    ),
    Requirement(
        id="MOVE-2",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="A value already at dest is replaced.",
        why=(
            "os.rename replaces a file on Linux and raises FileExistsError on Windows, and an SQL UPDATE breaks a "
            "unique index: the same program would work on one engine and fail on the next."
        ),
        example="""
            backend.set(("a",), "1")
            backend.set(("b",), "2")
            backend.move(("a",), ("b",))
            assert backend.get(("b",)) == "1"
        """,
    ),
    Requirement(
        id="MOVE-3",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Moving a key onto itself changes nothing.",
        why=(
            "Copy and then delete, the usual move of an engine that has no rename, deletes the only copy where both "
            "keys are the same."
        ),
        example="""
            backend.set(("a",), "1")
            backend.move(("a",), ("a",))
            assert backend.get(("a",)) == "1"
        """,
    ),
    Requirement(
        id="MOVE-4",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Moving a missing key raises InvalidKeyError, and nothing changes.",
        why=(
            "An SQL UPDATE of no row says nothing, and the caller believes that dest has the value; one that "
            "empties dest first has lost what was there."
        ),
        example="""
            backend.set(("b",), "2")
            with raises(InvalidKeyError):
                backend.move(("a",), ("b",))
            assert backend.get(("b",)) == "2"
        """,
    ),
    Requirement(
        id="MOVE-5",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="move changes no other key, a key that starts with source included.",
        why="A rename of the directory that stands for source takes all the keys below it along.",
        example="""
            backend.set(("a",), "1")
            backend.set(("a", "b"), "2")
            backend.move(("a",), ("c",))
            assert backend.get(("a", "b")) == "2"
        """,
    ),
    Requirement(
        id="REMOVE-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="After remove_key the key is missing, and can be set again.",
        why=(
            "A store that only marks a key as removed, and does not take the mark away again, has lost that name "
            "for good."
        ),
        example="""
            backend.set(("a",), "1")
            backend.remove_key(("a",))
            assert not backend.has_key(("a",))
            backend.set(("a",), "2")
            assert backend.get(("a",)) == "2"
        """,
    ),
    Requirement(
        id="REMOVE-2",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="remove_key changes no other key.",
        why="shutil.rmtree of the key's path, or DELETE with LIKE 'a%', removes every key that starts alike.",
        example="""
            backend.set(("a",), "1")
            backend.set(("a", "b"), "2")
            backend.set(("ab",), "3")
            backend.remove_key(("a",))
            assert backend.get(("a", "b")) == "2"
            assert backend.get(("ab",)) == "3"
        """,
    ),
    Requirement(
        id="REMOVE-3",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Removing a missing key raises nothing and changes nothing.",
        why=(
            "Clean-up runs after failures, and often twice; an exception for what is gone already hides the failure "
            "that it cleans up after."
        ),
        example="""
            backend.remove_key(("a",))
            backend.remove_key(("a",))
        """,
    ),
    Requirement(
        id="REMOVE-4",
        class_="core",
        level="SHOULD",
        origin="derived",
        since="1.0",
        text="remove_key returns True if it removed the key, False if the key was missing.",
        why=(
            "A caller that wants to know whether it was the one that removed a key cannot ask has_key first: "
            "another may remove it between the two calls."
        ),
        example="""
            backend.set(("a",), "1")
            assert backend.remove_key(("a",)) is True
            assert backend.remove_key(("a",)) is False
        """,
    ),
    Requirement(
        id="HAS-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="has_key is True for a stored key and False for a missing one, as a bool.",
        why=(
            'A backend that looks for a path finds the directory of ("a", "b") and says that ("a",) is stored, and '
            "the get that relies on it raises."
        ),
        example="""
            backend.set(("a", "b"), "1")
            assert backend.has_key(("a", "b")) is True
            assert backend.has_key(("a",)) is False
        """,
    ),
    Requirement(
        id="LIST-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "list_keys() lists every stored key, once, as the tuple it was set with, in a list, in any order; past "
            "any page size (thousands of keys) too."
        ),
        why=(
            "Object stores answer in pages: a listing that reads only the first one looks complete until a store "
            "has more than a thousand keys, and a copy that goes by it loses the rest."
        ),
        example="""
            keys = {("many", str(number)) for number in range(1_100)}
            for key in keys:
                backend.set(key, "1")
            listing = backend.list_keys()
            assert keys <= set(listing)
            assert len(listing) == len(set(listing))
        """,
    ),
    Requirement(
        id="LIST-2",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "list_keys(prefix) lists just the stored keys that start with prefix, by whole elements, the key equal "
            "to prefix included."
        ),
        why=(
            'A prefix compared as text, as by LIKE in SQL, finds ("ab",) under ("a",), and a caller that removes '
            "all that belongs to one suite removes results of another."
        ),
        example="""
            for key in [("a",), ("a", "b"), ("ab",)]:
                backend.set(key, "1")
            assert sorted(backend.list_keys(("a",))) == [("a",), ("a", "b")]
        """,
    ),
    Requirement(
        id="LIST-3",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="A prefix that nothing starts with gives `[]`.",
        why=(
            "os.listdir of a directory that was never made raises; to somebody who asks what there is, that nothing "
            "has been stored yet is an answer and no error; only a prefix that `set` would refuse as a key may be "
            "refused here by the same error (KEY-5), as nothing can start with what cannot be represented."
        ),
        example="""
            assert backend.list_keys(("nothing", "here")) == []
        """,
    ),
    Requirement(
        id="LIST-4",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="The id key is listed like any other once the id exists, and not while it is suppressed.",
        why=(
            "Were the id key hidden by some backends and not by others, two stores with the same content would "
            "compare as different, and a copy might lose the id."
        ),
        example="""
            backend.store_backend_id
            assert backend.STORE_BACKEND_ID_KEY in backend.list_keys()
            without = open_backend(new_place(), suppress_store_backend_id=True)
            assert without.list_keys() == []
        """,
    ),
    Requirement(
        id="ISO-1",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Two stores opened in two places, at the same time, never see or change one another's keys or id.",
        why=(
            "State kept on the class, in a default argument, or in a table that has no column for the store makes "
            "one store of two, and each overwrites the other."
        ),
        example="""
            other = open_backend(new_place())
            backend.set(("a",), "1")
            assert not other.has_key(("a",))
        """,
    ),
)
