"""Faults in the store's id: ID-1 to ID-8, ID-10."""

import contextlib
import uuid
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.file_store import FileStore
from conformance.faults.stores.plain import ID_KEY, ID_PREFIX, INVALID_ID, below
from spec_store import Key

ONE = uuid.UUID("7d1f6a52-2c83-4f0e-9b46-c5a1e0d2f3b7")


@plants("ID-1")
class HasAnIdOfVersion1(DictStore):
    """The id tells the time and the machine: it is of version 1."""

    def _first_id(self) -> uuid.UUID:
        return uuid.UUID(self._manual_id) if self._manual_id else uuid.uuid1()


@plants("ID-1")
class HasTheSameId(DictStore):
    """Every store has the same id."""

    def _first_id(self) -> uuid.UUID:
        return uuid.UUID(self._manual_id) if self._manual_id else ONE


@plants("ID-1")
class TellsItsIdAsText(DictStore):
    """A generated id is a str."""

    def _parsed_id(self, text: str) -> Any:
        found = super()._parsed_id(text)
        return str(found) if self.shelf.marks.get("generated") == text else found

    def _id_text(self, first: uuid.UUID) -> str:
        text = super()._id_text(first)
        if not self._manual_id:
            self.shelf.marks["generated"] = text
        return text


@plants("ID-1")
class MistakesItsFirstId(DictStore):
    """The first read of a generated id gives another one than all that follow."""

    def _opened(self) -> None:
        pass

    def _stored_id(self) -> Any:
        new = not self._has_key(ID_KEY) and not self._manual_id
        found = super()._stored_id()
        return uuid.uuid4() if new else found


@plants("ID-2")
class StoresItsIdOtherwise(DictStore):
    """The id is stored after a prefix of its own."""

    def _id_text(self, first: uuid.UUID) -> str:
        return f"id: {first}"

    def _parsed_id(self, text: str) -> Any:
        return uuid.UUID(text[4:]) if text.startswith("id: ") else super()._parsed_id(text)


@plants("ID-2")
class StoresItsIdWithABlankLine(DictStore):
    """The id is stored with two newlines after it."""

    def _id_text(self, first: uuid.UUID) -> str:
        return f"{super()._id_text(first)}\n\n"

    def _parsed_id(self, text: str) -> Any:
        return super()._parsed_id(text.replace("\n\n", "\n"))


@plants("ID-2")
class WantsNoNewline(DictStore):
    """An id with a newline after it, which others may write, is not read."""

    def _parsed_id(self, text: str) -> Any:
        if text.endswith("\n") and ID_PREFIX in text and len(text) == len(ID_PREFIX) + 37 and not self._manual_id:
            raise ValueError(f"no id: {text!r}")
        return super()._parsed_id(text)


@plants("ID-3")
class IgnoresItsManualId(DictStore):
    """A manual id is checked, but the store gets a random one."""

    def _first_id(self) -> uuid.UUID:
        super()._first_id()
        return uuid.uuid4()


@plants("ID-3")
class TakesOneSpelling(DictStore):
    """Only a manual id in lower case with hyphens is valid."""

    def _first_id(self) -> uuid.UUID:
        if self._manual_id and str(uuid.UUID(self._manual_id)) != self._manual_id:
            raise ValueError(f"no id: {self._manual_id!r}")
        return super()._first_id()


@plants("ID-4")
class PrefersItsManualId(DictStore):
    """A valid manual id is told in place of the one that is stored."""

    def _parsed_id(self, text: str) -> Any:
        found = super()._parsed_id(text)
        return uuid.UUID(self._manual_id) if self._manual_id else found


@plants("ID-4")
class StoresItsManualIdAgain(DictStore):
    """A valid manual id is stored in place of the one that is there."""

    def _stored_id(self) -> Any:
        found = super()._stored_id()
        if not self._manual_id or found == uuid.UUID(self._manual_id):
            return found
        self._set(ID_KEY, self._id_text(uuid.UUID(self._manual_id)))
        return super()._stored_id()


@plants("ID-5")
class RaisesForItsManualId(DictStore):
    """An invalid manual id makes the constructor raise ValueError."""

    def _opened(self) -> None:
        if self._manual_id and not self._suppressed and not self._has_key(ID_KEY):
            uuid.UUID(self._manual_id)
        super()._opened()


@plants("ID-5")
class ReplacesItsManualId(DictStore):
    """An invalid manual id is replaced by a random one."""

    def _first_id(self) -> uuid.UUID:
        with contextlib.suppress(ValueError):
            return super()._first_id()
        return uuid.uuid4()


@plants("ID-5")
class StoresTheInvalidId(DictStore):
    """An invalid manual id makes the id that stands for an invalid one be stored."""

    def _stored_id(self) -> Any:
        try:
            return super()._stored_id()
        except ValueError:
            if not self._has_key(ID_KEY):
                self._set(ID_KEY, self._id_text(uuid.UUID(INVALID_ID)))
            raise


@plants("ID-5")
class AcceptsItsManualIdSilently(DictStore):
    """An invalid manual id makes the id invalid without a warning."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        silent = isinstance(error, ValueError) and not self._has_key(ID_KEY)
        return super()._invalid_id(error, suppress_warning or silent)


@plants("ID-6")
class WarnsTooMuch(DictStore):
    """A suppressed id warns of itself where warnings are suppressed, too."""

    def _suppressed_id(self, suppress_warning: bool) -> Any:
        return super()._suppressed_id(False)


@plants("ID-6")
class WarnsOnce(DictStore):
    """A suppressed id warns of itself at its first read only."""

    warned = False

    def _suppressed_id(self, suppress_warning: bool) -> Any:
        self.warned, warned = True, self.warned
        return super()._suppressed_id(suppress_warning or warned)


@plants("ID-6")
class HasASuppressedId(DictStore):
    """A suppressed id is not stored, but random."""

    def _suppressed_id(self, suppress_warning: bool) -> Any:
        super()._suppressed_id(suppress_warning)
        return uuid.uuid4()


@plants("ID-6", "LIST-4")
class StoresASuppressedId(DictStore):
    """A suppressed id is stored all the same."""

    def _suppressed_id(self, suppress_warning: bool) -> Any:
        if not self._has_key(ID_KEY):
            self._set(ID_KEY, self._id_text(uuid.uuid4()))
        return super()._suppressed_id(suppress_warning)


@plants("ID-7")
class RepairsItsId(DictStore):
    """Where storage holds something else under the id's key, a new id replaces it."""

    def _parsed_id(self, text: str) -> Any:
        try:
            return super()._parsed_id(text)
        except ValueError:
            self._set(ID_KEY, self._id_text(uuid.uuid4()))
            return super()._parsed_id(self._get(ID_KEY))


@plants("ID-7")
class RaisesForItsStoredId(DictStore):
    """Where storage holds something else under the id's key, reading the id raises ValueError."""

    def _opened(self) -> None:
        with contextlib.suppress(ValueError):
            super()._opened()

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        if isinstance(error, ValueError) and self._has_key(ID_KEY):
            raise error
        return super()._invalid_id(error, suppress_warning)


@plants("ID-7")
class HasAnIdWhereStorageFails(DictStore):
    """Where storage cannot be read, the id is a random one."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        super()._invalid_id(error, suppress_warning)
        return uuid.uuid4() if isinstance(error, OSError) else uuid.UUID(INVALID_ID)


@plants("ID-7")
class RaisesWhereStorageFails(DictStore):
    """Where storage cannot be read, reading the id raises."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        if isinstance(error, OSError):
            raise error
        return super()._invalid_id(error, suppress_warning)


@plants("ID-7")
class WarnsOfItsStoredIdTooMuch(DictStore):
    """Where storage holds something else under the id's key, a read without warnings warns."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        return super()._invalid_id(error, suppress_warning and not self._has_key(ID_KEY))


@plants("ID-8")
class TakesAnEmptyStoreForNew(DictStore):
    """Reopened, a store that has nothing but its id gets a new one."""

    def _opened(self) -> None:
        if list(self._kept) == [ID_KEY] and not self._suppressed and not self._manual_id:
            self._set(ID_KEY, self._id_text(uuid.uuid4()))
        super()._opened()


@plants("ID-8")
class FilesTakeAnEmptyStoreForNew(FileStore):
    """Reopened, a directory that has nothing in it but the id gets a new one."""

    def _opened(self) -> None:
        if self._every_key() == [ID_KEY] and not self._suppressed and not self._manual_id:
            self._set(ID_KEY, self._id_text(uuid.uuid4()))
        super()._opened()


@plants("ID-10")
class GetsANewIdByMoving(DictStore):
    """A move gives the store another id."""

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        if self._has_key(ID_KEY) and ID_KEY not in (source_key, dest_key):
            self._set(ID_KEY, self._id_text(uuid.uuid4()))


@plants("ID-10")
class LosesItsIdByRemoving(DictStore):
    """Removing the last other key removes the id, too."""

    def remove_key(self, key: Key) -> Any:
        removed = super().remove_key(key)
        if removed and list(self._kept) == [ID_KEY]:
            self._drop(ID_KEY)
        return removed


@plants("ID-10")
class LosesItsIdToAKeyBelow(DictStore):
    """Setting a key that starts with the id's key gives the store another id."""

    def _set(self, key: Key, value: Any, **kwargs: Any) -> Any:
        super()._set(key, value)
        if below(key, ID_KEY):
            super()._set(ID_KEY, self._id_text(uuid.uuid4()))
