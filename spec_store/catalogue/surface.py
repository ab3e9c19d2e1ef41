"""Surface: what the store above reads of a backend besides values."""

from spec_store.catalogue.vocabulary import Requirement

SURFACE: tuple[Requirement, ...] = (
    Requirement(
        id="PROP-1",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text="fixed_length_key and store_name are what the constructor was given.",
        why=(
            "The store above reads them to build keys and messages; a backend that drops them makes it take its "
            "keys for keys of any length."
        ),
        example="""
            given = open_backend(new_place(), fixed_length_key=True, store_name="results")
            assert given.fixed_length_key is True
            assert given.store_name == "results"
        """,
    ),
    Requirement(
        id="PROP-2",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "The constructor takes suppress_store_backend_id, manually_initialize_store_backend_id and store_name "
            "by keyword."
        ),
        why=(
            "A configuration becomes keyword arguments of whichever class it names: a constructor that lacks one of "
            "them cannot be configured."
        ),
        example="""
            open_backend(
                new_place(),
                suppress_store_backend_id=False,
                manually_initialize_store_backend_id="",
                store_name="results",
            )
        """,
    ),
    Requirement(
        id="CONFIG-1",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text="config is a dict with class_name, module_name and the constructor's arguments, falsy ones left out.",
        why=(
            "The config is what is written to a project's file so that the store can be built again: an argument "
            "left out of it silently becomes its default."
        ),
        example="""
            config = open_backend(new_place(), store_name="results").config
            assert config["class_name"] == type(backend).__name__
            assert config["store_name"] == "results"
            assert "fixed_length_key" not in config
        """,
    ),
    Requirement(
        id="CONFIG-2",
        class_="surface",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Building the class from its config's arguments gives a backend with an equal config.",
        why=(
            "A config that leaves out the bucket, or names a directory relative to wherever it was read, opens "
            "another store when the project is next loaded."
        ),
        example="""
            config = backend.config
            arguments = {name: config[name] for name in config.keys() - {"class_name", "module_name"}}
            assert type(backend)(**arguments).config == config
        """,
    ),
    Requirement(
        id="CONFIG-3",
        class_="surface",
        level="SHOULD",
        origin="derived",
        since="1.0",
        text="Changing the returned dict does not change the backend.",
        why=(
            "Code that removes a password from the dict before showing it would take it away from the backend in use."
        ),
        example="""
            backend.config["store_name"] = "changed"
            assert backend.config.get("store_name") != "changed"
        """,
    ),
    Requirement(
        id="IGNORE-1",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text="is_ignored_key is True when an entry of IGNORED_FILES is an element of the key.",
        why=(
            "Tools leave directories such as .ipynb_checkpoints beside the values; a store that does not skip them "
            "offers them as suites and results."
        ),
        example="""
            assert backend.is_ignored_key((".ipynb_checkpoints", "a"))
            assert not backend.is_ignored_key(("a",))
        """,
    ),
    Requirement(
        id="URL-1",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text="get_url_for_key returns a str, or raises StoreError where the backend has no URLs.",
        why=(
            "Pages link to values by it: where a backend has no web address, StoreError can be handled, whereas "
            "None or AttributeError breaks the page."
        ),
        example="""
            try:
                assert isinstance(backend.get_url_for_key(("a",)), str)
            except StoreError:
                pass
        """,
    ),
    Requirement(
        id="URL-2",
        class_="surface",
        level="SHOULD",
        origin="derived",
        since="1.0",
        text="Different keys have different URLs.",
        why="Of two results behind one link a reader opens the wrong one, and nothing shows it.",
        example="""
            with contextlib.suppress(StoreError):
                assert backend.get_url_for_key(("a",)) != backend.get_url_for_key(("b",))
        """,
    ),
    Requirement(
        id="CONST-1",
        class_="surface",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "IGNORED_FILES, STORE_BACKEND_ID_KEY, STORE_BACKEND_ID_PREFIX and "
            "STORE_BACKEND_INVALID_CONFIGURATION_ID have the values that the interface gives them (as sequences: a "
            "list where a tuple stands there is equal)."
        ),
        why=(
            "One program writes the id by these constants and another reads it by them: a backend with values of "
            "its own has an id that nobody else finds."
        ),
        example="""
            assert backend.STORE_BACKEND_ID_KEY == (".ge_store_backend_id",)
            assert backend.STORE_BACKEND_ID_PREFIX == "store_backend_id = "
        """,
    ),
    Requirement(
        id="RES-1",
        class_="surface",
        level="SHOULD",
        origin="derived",
        since="1.1",
        text=(
            "Open file descriptors, threads, child processes, temporary files and, where the same keys are written "
            "again, files of the store do not grow with the number of operations, nor are they left in such number "
            "when the backend is closed. (A pool or cache that fills once does not, nor does a log in one file.)"
        ),
        why=(
            "A get that leaves its file open works in every test, and stops the service that uses it after a "
            "thousand reads, with an error that names whatever was opened next."
        ),
        example="""
            def descriptors():
                return len(list(Path("/dev/fd").iterdir()))


            backend.set(("a",), "1")
            backend.get(("a",))
            before = descriptors()
            for _ in range(100):
                backend.get(("a",))
            assert descriptors() < before + 100
        """,
    ),
)
