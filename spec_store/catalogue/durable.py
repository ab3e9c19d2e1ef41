"""Durable: storage that outlives the backend's object."""

from spec_store.catalogue.vocabulary import Requirement

DURABLE: tuple[Requirement, ...] = (
    Requirement(
        id="REOPEN-1",
        class_="durable",
        level="MUST",
        origin="interface",
        since="1.0",
        claim="durable",
        text=(
            "A backend opened again on the same storage, in this or another process, whatever its locale, answers "
            "every observation as the one before."
        ),
        why=(
            "A value written in the encoding of a locale, or found by a hash that Python salts anew in each "
            "process, is there for the process that wrote it and for no other."
        ),
        example=r"""
            backend.set(("\u00e4",), "\u00f6\r\n")
            again = open_backend(place)
            assert again.get(("\u00e4",)) == "\u00f6\r\n"
            assert sorted(again.list_keys()) == sorted(backend.list_keys())
        """,
    ),
    Requirement(
        id="REOPEN-2",
        class_="durable",
        level="MUST",
        origin="derived",
        since="1.0",
        claim="durable",
        text="Two backends open on the same storage see each other's completed writes.",
        why=(
            "A backend that keeps values in memory goes on answering from there, and what it writes back replaces "
            "what another one has stored since."
        ),
        example="""
            backend.set(("a",), "1")
            other = open_backend(place)
            other.set(("a",), "2")
            assert backend.get(("a",)) == "2"
        """,
    ),
    Requirement(
        id="REOPEN-3",
        class_="durable",
        level="SHOULD",
        origin="derived",
        since="1.0",
        claim="durable",
        text="A store that exists opens and answers reads where its storage refuses writes.",
        why=(
            "Old results are read from backups, mounted snapshots and with accounts that may only read: a "
            "constructor that makes its table or its directory first cannot open them."
        ),
        example="""
            backend.set(("a",), "1")
            the storage is made to refuse writes
            open_backend(place).get(("a",))         gives "1"
        """,
        staging="writing methods that raise, files that cannot be written, a read-only directory",
    ),
)
