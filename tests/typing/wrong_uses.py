# pyright: standard
"""What a user might write wrongly; a line ends with what mypy, and after a slash pyright, calls it."""

from typing import Any, Literal

from conformance import Claims, Report, StoreBackendSuite, StoreMachine, Subject, check, new_directory
from conformance import chekc  # E: attr-defined / reportAttributeAccessIssue
from conformance.subject import no_such_name  # E: attr-defined / reportAttributeAccessIssue
from spec_store import InMemoryStoreBackend, InvalidKeyError, Key, Requirement, StoreBackend, requirement
from spec_store import no_such_key  # E: attr-defined / reportAttributeAccessIssue
from spec_store.backends import FilesystemStoreBackend, SQLStoreBackend
from spec_store.backends import SqlStoreBackend  # E: attr-defined / reportAttributeAccessIssue

# Keys are tuples of str

store = InMemoryStoreBackend()
store.set("a", "1")  # E: arg-type / reportArgumentType
store.get(["a", "b"])  # E: arg-type / reportArgumentType
store.has_key(("a", 1))  # E: arg-type / reportArgumentType
store.move(("a",))  # E: call-arg / reportCallIssue
store.list_keys("a")  # E: arg-type / reportArgumentType
count: int = store.list_keys()  # E: assignment / reportAssignmentType
key: Key = [("a",)]  # E: assignment / reportAssignmentType
print(store.store_backend_id.hex)  # E: union-attr / reportOptionalMemberAccess
store.rename(("a",), ("b",))  # E: attr-defined / reportAttributeAccessIssue
store.store_name = "other"  # E: misc / reportAttributeAccessIssue
InMemoryStoreBackend(supress_store_backend_id=True)  # E: call-arg / reportCallIssue

# Requirements are values

requirement(3)  # E: arg-type / reportArgumentType
level: Literal["MUST"] = requirement("MOVE-3").level  # E: assignment / reportAssignmentType
requirement("MOVE-3").text = ""  # E: misc / reportAttributeAccessIssue
Requirement("MOVE-99", "core", "MUST", "1.x", "1.0", "", "", "")  # E: arg-type / reportArgumentType

# A backend fills in what is abstract, as it is declared


class Unfinished(StoreBackend):
    def _get(self, key: Key) -> Any:
        raise InvalidKeyError


class Different(InMemoryStoreBackend):
    def _has_key(self, key: Key) -> str:  # E: override / reportIncompatibleMethodOverride
        return "yes"

    def list_keys(self) -> list[Key]:  # E: override / reportIncompatibleMethodOverride
        return []

    def _get(self, key: str) -> Any:  # E: override / reportIncompatibleMethodOverride
        return None


Unfinished()  # E: abstract / reportAbstractUsage

# Engines

FilesystemStoreBackend(b"directory")  # E: arg-type / reportArgumentType
FilesystemStoreBackend("directory", durable=True)  # E: call-arg / reportCallIssue
SQLStoreBackend(b"sqlite://")  # E: arg-type / reportArgumentType

# The kit

subject = Subject(open=InMemoryStoreBackend, place=new_directory)
Subject()  # E: call-arg / reportCallIssue
Subject(open=store)  # E: arg-type / reportArgumentType
Subject(open=InMemoryStoreBackend, place="directory")  # E: arg-type / reportArgumentType
Subject(open=InMemoryStoreBackend, claims={"durable": True})  # E: arg-type / reportArgumentType
Claims(durabel=True)  # E: call-arg / reportCallIssue
Claims(threads="yes")  # E: arg-type / reportArgumentType
Claims(key_length="2")  # E: arg-type / reportArgumentType
Claims().durable = True  # E: misc / reportAttributeAccessIssue
check(store)  # E: arg-type / reportArgumentType
check(subject, 20)  # E: call-arg / reportCallIssue
check(subject, seed="1")  # E: arg-type / reportArgumentType
print(check(subject).violations)  # E: attr-defined / reportAttributeAccessIssue
report: Report = check(subject).verdict  # E: assignment / reportAssignmentType


class TestShelf(StoreBackendSuite):
    deviations = ["SET-5"]  # E: assignment / reportAssignmentType
    examples = "many"  # E: assignment / reportAssignmentType


class ShelfMachine(StoreMachine):
    subject = store  # E: assignment / reportAssignmentType
