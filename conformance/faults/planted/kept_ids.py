"""Faults in an id that is there already, or that storage does not give: ID-4, ID-7, ID-8."""

import contextlib
import errno
import uuid
from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from conformance.faults.stores.plain import ID_KEY, ID_PREFIX, INVALID_ID


class _KnowsItsTexts(DictStore):
    """Remembers the id texts that it made itself, with the manual id that they were made from."""

    def _id_text(self, first: uuid.UUID) -> str:
        text = super()._id_text(first)
        self.shelf.marks[text] = self._manual_id
        return text


@plants("ID-4")
class PrefersItsManualIdToItsOwn(_KnowsItsTexts):
    """A valid manual id is told in place of one that the store made itself, not of one that others wrote."""

    def _parsed_id(self, text: str) -> Any:
        found = super()._parsed_id(text)
        return uuid.UUID(self._manual_id) if self._manual_id and text in self.shelf.marks else found


@plants("ID-4")
class PrefersItsManualIdToOthers(_KnowsItsTexts):
    """A valid manual id is told in place of one that others wrote, not of one that the store made itself."""

    def _parsed_id(self, text: str) -> Any:
        found = super()._parsed_id(text)
        return uuid.UUID(self._manual_id) if self._manual_id and text not in self.shelf.marks else found


@plants("ID-7")
class TakesAnyUuid(DictStore):
    """A UUID without the prefix under the id's key is read as an id."""

    def _parsed_id(self, text: str) -> Any:
        with contextlib.suppress(ValueError):
            return uuid.UUID(text)
        return super()._parsed_id(text)


@plants("ID-7")
class TidiesItsIdText(DictStore):
    """An id text with white space around it is read, and replaced by one without."""

    def _parsed_id(self, text: str) -> Any:
        if text.startswith(ID_PREFIX) and text.endswith("\r\n"):
            text = f"{text.strip()}\n"
            self._set(ID_KEY, text)
        return super()._parsed_id(text)


@plants("ID-7")
class RaisesWhereStorageDoesNotRead(DictStore):
    """Where the id cannot be read for EIO, reading it raises."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        if isinstance(error, OSError) and error.errno == errno.EIO:
            raise error
        return super()._invalid_id(error, suppress_warning)


@plants("ID-7")
class HasAnIdWhereStorageIsFull(DictStore):
    """Where the first id cannot be stored for ENOSPC, it is told all the same."""

    def _invalid_id(self, error: Exception, suppress_warning: bool) -> Any:
        super()._invalid_id(error, suppress_warning)
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        return self._first_id() if full else uuid.UUID(INVALID_ID)


@plants("ID-8")
class ForgetsItsManualId(_KnowsItsTexts):
    """Reopened without it, a store with a manual id gets a random one."""

    def _opened(self) -> None:
        text = self._get(ID_KEY) if self._has_key(ID_KEY) else ""
        if self.shelf.marks.get(text) and not self._manual_id and not self._suppressed:
            self._drop(ID_KEY)
        super()._opened()


@plants("ID-8")
class DecidesItsIdOnOpening(DictStore):
    """Two backends opened before the id was read create it both, the second in place of the first."""

    def _opened(self) -> None:
        self.creates = not self._has_key(ID_KEY)

    def _stored_id(self) -> Any:
        if self.creates:
            self.creates = False
            self._set(ID_KEY, self._id_text(self._first_id()))
        return super()._stored_id()
