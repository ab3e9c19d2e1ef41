"""Core: keys, and reading and writing the values under them."""

from spec_store.catalogue.vocabulary import Requirement

CORE_VALUES: tuple[Requirement, ...] = (
    Requirement(
        id="KEY-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "A key that is not a tuple makes get, set, move, has_key raise TypeError naming the backend's class and "
            "the type given; nothing changes."
        ),
        why=(
            'A string is a sequence too: a backend that takes "ab" for a key stores the value under ("a", "b"), and '
            "the caller learns of the slip only when the value cannot be found."
        ),
        example="""
            with raises(TypeError) as error:
                backend.set("ab", "1")
            assert type(backend).__name__ in str(error.value) and "str" in str(error.value)
        """,
    ),
    Requirement(
        id="KEY-2",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "A tuple with an element that is not a str makes get, set, move, has_key raise TypeError naming the "
            "backend's class and the type given; nothing changes."
        ),
        why=(
            'In a path or a column the element 1 becomes "1", and list_keys then gives a key that is not equal to '
            "the one that was set."
        ),
        example="""
            with raises(TypeError) as error:
                backend.set(("a", 1), "1")
            assert "int" in str(error.value)
            assert ("a", "1") not in backend.list_keys()
        """,
    ),
    Requirement(
        id="KEY-3",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="`()` passes key validation.",
        why=(
            "`()` is a tuple of strings like any other: a caller that builds keys of any length must not meet "
            "TypeError, which says that the argument is of the wrong type."
        ),
        example="""
            assert not backend.has_key(())
        """,
    ),
    Requirement(
        id="KEY-4",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text=(
            'Two different keys never share a value: not by joining elements (`("a","b")` / `("a/b",)`), case, '
            "Unicode normal form, `.`, `..`, empty elements, trailing dots, spaces or newlines, template ambiguity, "
            "or truncation of long names."
        ),
        why=(
            'Paths joined by "/", a file system that folds case, or a column that cuts long names make one key of '
            "two, and the value set second overwrites the first without a word."
        ),
        example="""
            backend.set(("a", "b"), "1")
            backend.set(("a/b",), "2")
            assert backend.get(("a", "b")) == "1"
            assert backend.get(("a/b",)) == "2"
        """,
    ),
    Requirement(
        id="KEY-5",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text=(
            "A key that the backend cannot store is refused by `set` with TypeError, ValueError, InvalidKeyError or "
            "StoreBackendError, and nothing changes; get and move of it raise the same error or InvalidKeyError, "
            "has_key the same error or False. Whatever `set` accepts, it stores under exactly that key."
        ),
        why=(
            "A backend that stores a key under some other name, or fails only when it is read, has lost the value "
            "while the caller believes it stored; a refusal by `set` can be handled."
        ),
        example=r"""
            key = ("no file system has a name with \0 in it",)
            try:
                backend.set(key, "1")
            except (TypeError, ValueError, InvalidKeyError, StoreBackendError):
                assert key not in backend.list_keys()
            else:
                assert backend.get(key) == "1"
        """,
    ),
    Requirement(
        id="KEY-6",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="A key and a longer key that starts with it live side by side, in any order of set, move and remove.",
        why=(
            'Where a key is a path, ("a",) is a file and ("a", "b") needs a directory of that name: the second set '
            "fails, or takes the first value away."
        ),
        example="""
            backend.set(("a",), "1")
            backend.set(("a", "b"), "2")
            backend.remove_key(("a",))
            assert backend.get(("a", "b")) == "2"
        """,
    ),
    Requirement(
        id="KEY-7",
        class_="core",
        level="SHOULD",
        origin="derived",
        since="1.0",
        text="list_keys and remove_key validate their argument as KEY-1 and KEY-2 do.",
        why=(
            'A listing that takes the string "ab" for a prefix finds nothing, which looks like an empty store and '
            "not like a mistake."
        ),
        example="""
            with raises(TypeError):
                backend.list_keys("ab")
            with raises(TypeError):
                backend.remove_key(("a", 1))
        """,
    ),
    Requirement(
        id="KEY-8",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="No key reaches storage outside the store.",
        why=(
            'Keys often come from users, and ("..", "secrets"), joined to a directory as it stands, reads and '
            "overwrites files of others."
        ),
        example="""
            outside = Path(place).parent / "outside"
            outside.write_text("of somebody else")
            with contextlib.suppress(TypeError, ValueError, InvalidKeyError, StoreBackendError):
                backend.set(("..", "outside"), "1")
            assert outside.read_text() == "of somebody else"
        """,
    ),
    Requirement(
        id="KEY-9",
        class_="core",
        level="SHOULD",
        origin="derived",
        since="1.1",
        text=(
            "Keys that are equal are one key, in every method: where `set` accepts a tuple of a subclass (a named "
            "tuple), or one with elements of a subclass of str (members of an enumeration), the value is stored under "
            "the plain key that it is equal to, whatever `str` and `format` make of its elements."
        ),
        why=(
            "A member of an enumeration of strings is equal to its value and told by its name: a backend that formats "
            "it into a path or a query stores the value where nobody who has the string finds it."
        ),
        example="""
            class Suite(str):
                def __str__(self):
                    return "Suite.ORDERS"


            backend.set((Suite("orders"),), "1")
            assert backend.get(("orders",)) == "1"
        """,
    ),
    Requirement(
        id="GET-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "get returns the value that the last set, or move, gave the key: equal and of the same type, to the "
            "last character (trailing newlines, CR LF, NUL, non-BMP, empty)."
        ),
        why=(
            "Files opened as text turn CR LF into LF, and databases cut at NUL or drop trailing spaces: what is "
            "read is then not what was checked or signed when it was written."
        ),
        example=r"""
            value = "one\r\ntwo\0 \U0001f40d\n"
            backend.set(("a",), value)
            assert backend.get(("a",)) == value
        """,
    ),
    Requirement(
        id="GET-2",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="get of a missing key raises InvalidKeyError, whatever else is stored.",
        why=(
            "A backend that gives None, or the value of a neighbour, for a missing key makes its caller take "
            "absence for a value; one exception for all backends is what generic code can catch."
        ),
        example="""
            backend.set(("a", "b"), "1")
            with raises(InvalidKeyError):
                backend.get(("a",))
        """,
    ),
    Requirement(
        id="GET-3",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text=(
            "Reading (get, has_key, list_keys, the id) changes nothing, but that the first read of the id may "
            "create it."
        ),
        why=(
            "A get that stores a default, or a has_key that creates the directory that it looks into, makes keys "
            "appear that nobody has set."
        ),
        example="""
            before = sorted(backend.list_keys())
            backend.has_key(("a",))
            with raises(InvalidKeyError):
                backend.get(("a",))
            assert sorted(backend.list_keys()) == before
        """,
    ),
    Requirement(
        id="SET-1",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="After set, the key has the value; an earlier value is gone.",
        why="A backend that appends, or keeps the first value, gives outdated results from the second run on.",
        example="""
            backend.set(("a",), "a long first value")
            backend.set(("a",), "2")
            assert backend.get(("a",)) == "2"
        """,
    ),
    Requirement(
        id="SET-2",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text="set changes no other key.",
        why=(
            "A store that rewrites one file for all keys, or shares a row between keys of one hash, can lose the "
            "neighbours of the key that is written."
        ),
        example="""
            backend.set(("a",), "1")
            backend.set(("b",), "2")
            assert backend.get(("a",)) == "1"
        """,
    ),
    Requirement(
        id="SET-3",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text="A ValueError inside `_set` reaches the caller as StoreBackendError, with its cause.",
        why=(
            "Callers catch StoreBackendError whichever engine is configured; a driver's bare ValueError gets past "
            "them, and without the cause nobody can tell what the driver objected to."
        ),
        example="""
            def refuse(key, value, **kwargs):
                raise ValueError("too long for the driver")


            backend._set = refuse
            with raises(StoreBackendError) as error:
                backend.set(("a",), "1")
            assert isinstance(error.value.__cause__, ValueError)
        """,
    ),
    Requirement(
        id="SET-4",
        class_="core",
        level="MUST",
        origin="derived",
        since="1.0",
        text=(
            "A value that the backend cannot store is refused (TypeError or StoreBackendError); the old value stays."
        ),
        why=(
            "A value that is turned into text by str(), or refused only after the old one is deleted, cannot be had "
            "back; a clean refusal leaves the caller with what there was."
        ),
        example="""
            backend.set(("a",), "1")
            with raises((TypeError, StoreBackendError)):
                backend.set(("a",), (letter for letter in "a generator"))
            assert backend.get(("a",)) == "1"
        """,
    ),
    Requirement(
        id="SET-5",
        class_="core",
        level="SHOULD",
        origin="derived",
        since="1.0",
        text="Changing a value object after set, or one that get returned, does not change the store.",
        why=(
            "A store that hands out its own list lets any reader change what all others read, without a set that "
            "could be checked, locked or written down."
        ),
        example="""
            value = ["1"]
            backend.set(("a",), value)
            value.append("2")
            backend.get(("a",)).append("3")
            assert backend.get(("a",)) == ["1"]
        """,
    ),
    Requirement(
        id="SET-6",
        class_="core",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "set and move (and add, update, add_or_update) take keyword arguments that they do not know, and behave "
            "as without them."
        ),
        why=(
            "A caller passes keywords that are meant for one backend, such as a content type, without knowing which "
            "one is configured; TypeError would tie it to that one."
        ),
        example="""
            backend.set(("a",), "1", content_type="text/html")
            assert backend.get(("a",)) == "1"
        """,
    ),
)
