"""Backends with one fault each in how they come by their id."""

import uuid

from tests.conformance.checks.entering import violates
from tests.conformance.checks.stores import DictBackend

ONE_ID = "5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b60"

# Identity


@violates("ID-1", "ID-3", "ID-5")
class HasOneIdForAll(DictBackend):
    def _create_id(self):
        self.set(self.STORE_BACKEND_ID_KEY, f"{self.STORE_BACKEND_ID_PREFIX}{ONE_ID}\n")


@violates("ID-1", "ID-3", "ID-4")
class ChangesItsId(DictBackend):
    def _read_id(self):
        super()._read_id()
        return uuid.uuid4()


@violates("ID-1")
class MakesIdsOfVersion1(DictBackend):
    def _create_id(self):
        given = self._manually_initialize_store_backend_id
        self.set(
            self.STORE_BACKEND_ID_KEY, f"{self.STORE_BACKEND_ID_PREFIX}{uuid.UUID(given) if given else uuid.uuid1()}"
        )


@violates("ID-2", "ID-4", "ID-7")
class StoresTheBareId(DictBackend):
    def _create_id(self):
        given = self._manually_initialize_store_backend_id
        self.set(self.STORE_BACKEND_ID_KEY, str(uuid.UUID(given) if given else uuid.uuid4()))

    def _read_id(self):
        return uuid.UUID(self.get(self.STORE_BACKEND_ID_KEY))


@violates("ID-2", "ID-4", "ID-8")
class ReadsOnlyWhatItWrote(DictBackend):
    def _read_id(self):
        if self.get(self.STORE_BACKEND_ID_KEY) != getattr(self, "_made", None):
            raise ValueError("not mine")
        return super()._read_id()

    def _create_id(self):
        super()._create_id()
        self._made = self.get(self.STORE_BACKEND_ID_KEY)


@violates("ID-3")
class IgnoresAManualId(DictBackend):
    def _create_id(self):
        uuid.UUID(self._manually_initialize_store_backend_id or ONE_ID)
        self.set(self.STORE_BACKEND_ID_KEY, f"{self.STORE_BACKEND_ID_PREFIX}{uuid.uuid4()}\n")


@violates("ID-4")
class PrefersTheManualId(DictBackend):
    def _read_id(self):
        found = super()._read_id()
        given = self._manually_initialize_store_backend_id
        return uuid.UUID(given) if given else found


@violates("ID-5")
class StoresAnyManualId(DictBackend):
    def _create_id(self):
        given = self._manually_initialize_store_backend_id or str(uuid.uuid4())
        self.set(self.STORE_BACKEND_ID_KEY, f"{self.STORE_BACKEND_ID_PREFIX}{given}\n")


@violates("ID-5", "ID-6", "ID-7")
class NeverWarns(DictBackend):
    def _construct_store_backend_id(self, suppress_warning=False):
        return super()._construct_store_backend_id(suppress_warning=True)


@violates("ID-6", "ID-7")
class AlwaysWarns(DictBackend):
    def _construct_store_backend_id(self, suppress_warning=False):
        return super()._construct_store_backend_id(suppress_warning=False)


@violates("ID-6", "LIST-4")
class StoresASuppressedId(DictBackend):
    def _construct_store_backend_id(self, suppress_warning=False):
        if self._suppress_store_backend_id:
            self._values.setdefault(self.STORE_BACKEND_ID_KEY, "")
        return super()._construct_store_backend_id(suppress_warning)


@violates("ID-7")
class RepairsItsId(DictBackend):
    def _read_or_create_id(self):
        try:
            found = super()._read_or_create_id()
        except ValueError:
            if self._manually_initialize_store_backend_id != "" and not self.has_key(self.STORE_BACKEND_ID_KEY):
                raise
            found = uuid.uuid4()
        text = self._values.get(self.STORE_BACKEND_ID_KEY, "")
        if str(found) not in text.lower() or text.strip(" \n") != text.strip("\n") or "\r" in text or "\n\n" in text:
            self._values[self.STORE_BACKEND_ID_KEY] = f"{self.STORE_BACKEND_ID_PREFIX}{found}\n"
        return found


@violates("ID-5", "ID-7")
class RaisesForItsId(DictBackend):
    def _construct_store_backend_id(self, suppress_warning=False):
        if self._suppress_store_backend_id:
            return super()._construct_store_backend_id(suppress_warning)
        return self._read_or_create_id()


@violates("ID-10")
class LosesItsIdByWriting(DictBackend):
    def move(self, source_key, dest_key, **kwargs):
        super().move(source_key, dest_key, **kwargs)
        if dest_key[-1:] == ("two",) and not self.has_key(("a",)):
            self._values.pop(self.STORE_BACKEND_ID_KEY, None)
