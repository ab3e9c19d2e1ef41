"""Identity: the id by which a store is recognised."""

from spec_store.catalogue.vocabulary import Requirement

IDENTITY: tuple[Requirement, ...] = (
    Requirement(
        id="ID-1",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "store_backend_id is a UUID, the same at every read. A generated one is of version 4, and two stores' "
            "differ."
        ),
        why=(
            "The id is what a store is recognised by: one that is made anew at each read, or is the same for all "
            "stores, identifies nothing."
        ),
        example="""
            assert isinstance(backend.store_backend_id, uuid.UUID)
            assert backend.store_backend_id == backend.store_backend_id
            assert backend.store_backend_id != open_backend(new_place()).store_backend_id
        """,
    ),
    Requirement(
        id="ID-2",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text="store_backend_id is stored under the id key as PREFIX + UUID; a trailing newline is allowed.",
        why=(
            "A store outlives the program that made it: one whose id is written in a form of its own has no id for "
            "the next program, which gives it another."
        ),
        example=r"""
            id = backend.store_backend_id
            text = backend.get(backend.STORE_BACKEND_ID_KEY)
            assert text.rstrip("\n") == f"{backend.STORE_BACKEND_ID_PREFIX}{id}"
        """,
    ),
    Requirement(
        id="ID-3",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "A valid manually_initialize_store_backend_id becomes the id of a store that has none, in any spelling "
            "that `uuid.UUID` reads."
        ),
        why=(
            "A store that is set up anew, or moved to another engine, has to keep its id, and people write a UUID "
            "in capitals, in braces or without hyphens."
        ),
        example="""
            spelling = "{6F1B4A52-9D3E-4C0B-8A7F-2E5D1C3B4A69}"
            given = open_backend(new_place(), manually_initialize_store_backend_id=spelling)
            assert given.store_backend_id == uuid.UUID(spelling)
        """,
    ),
    Requirement(
        id="ID-4",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text="A store that has an id ignores manually_initialize_store_backend_id.",
        why=(
            "Configurations are copied from project to project: if one could replace the id of a store that has its "
            "own, two stores would share an id and the first one's would be lost."
        ),
        example="""
            id = backend.store_backend_id
            other = "6f1b4a52-9d3e-4c0b-8a7f-2e5d1c3b4a69"
            again = open_backend(place, manually_initialize_store_backend_id=other)
            assert again.store_backend_id == id
        """,
    ),
    Requirement(
        id="ID-5",
        class_="identity",
        level="MUST",
        origin="derived",
        since="1.0",
        text=(
            "An invalid manually_initialize_store_backend_id gives a store without an id the "
            "INVALID_CONFIGURATION_ID, with a warning, and nothing is stored."
        ),
        why=(
            "A typing error in a configuration must not be stored as the id for good, nor end a program that never "
            "asks for the id."
        ),
        example="""
            wrong = open_backend(new_place(), manually_initialize_store_backend_id="no uuid")
            invalid = wrong.STORE_BACKEND_INVALID_CONFIGURATION_ID
            assert wrong.store_backend_id == uuid.UUID(invalid)
            assert not wrong.has_key(wrong.STORE_BACKEND_ID_KEY)
        """,
    ),
    Requirement(
        id="ID-6",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "With suppress_store_backend_id the id is None, the id key is never written, and each read warns, "
            "unless through store_backend_id_warnings_suppressed."
        ),
        why=(
            "Some stores live where one more object must not appear, such as a published web site; the warning "
            "tells whoever relies on an id why there is none."
        ),
        example="""
            without = open_backend(new_place(), suppress_store_backend_id=True)
            assert without.store_backend_id is None
            assert not without.has_key(without.STORE_BACKEND_ID_KEY)
        """,
    ),
    Requirement(
        id="ID-7",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        text=(
            "Where storage fails, or holds something else under the id key, the id is INVALID_CONFIGURATION_ID, "
            "with a warning unless suppressed; what is stored is left as it was."
        ),
        why=(
            "The id is bookkeeping: if a lost connection raised there, the work would stop for it, and if a new id "
            "replaced what could not be read, the store would no longer be itself."
        ),
        example="""
            backend.set(backend.STORE_BACKEND_ID_KEY, "no id")
            invalid = backend.STORE_BACKEND_INVALID_CONFIGURATION_ID
            assert backend.store_backend_id == uuid.UUID(invalid)
            assert backend.get(backend.STORE_BACKEND_ID_KEY) == "no id"
        """,
    ),
    Requirement(
        id="ID-8",
        class_="identity",
        level="MUST",
        origin="interface",
        since="1.0",
        claim="durable",
        text="Reopening the same storage gives the same id (class durable).",
        why=(
            "An id that is made anew whenever a program starts makes one store look like as many stores as there "
            "were runs."
        ),
        example="""
            id = backend.store_backend_id
            assert open_backend(place).store_backend_id == id
        """,
    ),
    Requirement(
        id="ID-9",
        class_="identity",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="threads or processes",
        text="However many threads or processes open empty storage at once, all read one id (class concurrent).",
        why=(
            "Where each of two that find no id stores its own, the second overwrites the first, whose opener goes "
            "on with an id that the store does not have."
        ),
        example="""
            place = new_place()
            with ThreadPoolExecutor() as threads:
                openings = [threads.submit(open_backend, place) for _ in range(4)]
            assert len({opening.result().store_backend_id for opening in openings}) == 1
        """,
    ),
    Requirement(
        id="ID-10",
        class_="identity",
        level="MUST",
        origin="derived",
        since="1.0",
        text="Operations on other keys never change the id.",
        why=(
            "A clean-up of all keys that start with a dot, or a set that rewrites a whole file, takes the id away, "
            "and afterwards the store counts as another one."
        ),
        example="""
            id = backend.store_backend_id
            backend.set(("a",), "1")
            backend.move(("a",), ("b",))
            backend.remove_key(("b",))
            assert backend.store_backend_id == id
        """,
    ),
)
