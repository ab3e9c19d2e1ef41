"""Extended: the methods that Great Expectations 1.x adds."""

from spec_store.catalogue.vocabulary import Requirement

EXTENDED: tuple[Requirement, ...] = (
    Requirement(
        id="ADD-1",
        class_="extended",
        level="MUST",
        origin="1.x",
        since="1.0",
        method="add",
        text="add stores a missing key; of a stored key it raises StoreBackendError and nothing changes.",
        why=(
            "add is for a caller that must not overwrite; one that replaces the value, as set does, loses what "
            "somebody else stored."
        ),
        example="""
            backend.add(("a",), "1")
            with raises(StoreBackendError):
                backend.add(("a",), "2")
            assert backend.get(("a",)) == "1"
        """,
    ),
    Requirement(
        id="ADD-2",
        class_="extended",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="threads or processes",
        method="add",
        text="Of any number of concurrent adds of one key, exactly one succeeds (class concurrent).",
        why=(
            "A backend that looks first and stores then lets two callers both find the key free: both are told that "
            "they succeeded, and one value is gone."
        ),
        example="""
            def added(value):
                try:
                    backend.add(("a",), value)
                except StoreBackendError:
                    return False
                return True


            with ThreadPoolExecutor() as threads:
                assert sum(threads.map(added, "1234")) == 1
        """,
    ),
    Requirement(
        id="UPDATE-1",
        class_="extended",
        level="MUST",
        origin="1.x",
        since="1.0",
        method="update",
        text=(
            "update replaces a stored key's value; of a missing key it raises StoreBackendError and nothing changes."
        ),
        why=(
            "An update that creates a key that was misspelt leaves the value under the right one as it was, and the "
            "caller believes it changed."
        ),
        example="""
            with raises(StoreBackendError):
                backend.update(("a",), "1")
            assert not backend.has_key(("a",))
            backend.set(("a",), "1")
            backend.update(("a",), "2")
            assert backend.get(("a",)) == "2"
        """,
    ),
    Requirement(
        id="UPSERT-1",
        class_="extended",
        level="MUST",
        origin="1.x",
        since="1.0",
        method="add_or_update",
        text="add_or_update ends as set does.",
        why=(
            "Stores save by it, whether an object is new or not: if it refused a stored key, or a missing one, half "
            "of all saves would fail."
        ),
        example="""
            backend.add_or_update(("a",), "1")
            backend.add_or_update(("a",), "2")
            assert backend.get(("a",)) == "2"
        """,
    ),
    Requirement(
        id="ALL-1",
        class_="extended",
        level="MUST",
        origin="1.x",
        since="1.0",
        method="get_all",
        text="get_all gives every value but the id's, once each.",
        why=(
            "A store reads all its objects by it: the text of the id among them cannot be parsed as one, and a "
            "value given twice shows up twice."
        ),
        example="""
            backend.store_backend_id
            backend.set(("a",), "1")
            backend.set(("b",), "1")
            assert sorted(backend.get_all()) == ["1", "1"]
        """,
    ),
)
