"""Mutants of the reference that list, read, add or identify wrongly, or that forget."""

import uuid

from conformance.programs.keys import ID_KEY
from spec_store import InvalidKeyError, StoreBackendError
from spec_store.keys import starts_with
from tests.conformance.programs.kept import Kept, ReadsTheLast, breaks

# has_key and list_keys


@breaks("has-get")
class HasMissesWhatIsEmpty(Kept):
    """has_key of a key with an empty text is False."""

    def has_key(self, key):
        return super().has_key(key) and self._values[key] != ""

    def update(self, key, value, **kwargs):
        if key not in self._values:
            raise StoreBackendError(key)
        self.set(key, value, **kwargs)


@breaks("has-get", "remove-update")
class HasDirectories(Kept):
    """has_key is True where a longer key is stored."""

    def has_key(self, key):
        return bool(super().list_keys(key))


@breaks("has-get")
class HasGivesANumber(Kept):
    """has_key is 1 or 0."""

    def has_key(self, key):
        return int(super().has_key(key))


@breaks("has-get")
class HasKnowsWhatItFound(Kept):
    """has_key is True of what was stored when this object was opened."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.found = frozenset(place)

    def has_key(self, key):
        return key in self.found

    def update(self, key, value, **kwargs):
        if key not in self._values:
            raise StoreBackendError(key)
        self.set(key, value, **kwargs)


@breaks("list-get", "get-all", "write-reopen")
class ListKnowsWhatItFound(Kept):
    """list_keys, with a prefix or without, lists what was stored when this object was opened."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.found = [*place]

    def list_keys(self, prefix=()):
        return [key for key in self.found if starts_with(key, prefix)]

    def get_all(self):
        return [self.get(key) for key in self.found if key != ID_KEY and key in self._values]


@breaks("list-prefix")
class ListWithPrefixKnowsWhatItFound(Kept):
    """list_keys with a prefix lists what was stored when this object was opened."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.found = [*place]

    def list_keys(self, prefix=()):
        return [key for key in self.found if starts_with(key, prefix)] if prefix else super().list_keys()


@breaks("get-all")
class AllKnowsWhatItFound(Kept):
    """get_all gives what was stored when this object was opened."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.found = [value for key, value in place.items() if key != ID_KEY]

    def get_all(self):
        return [*self.found]


@breaks("list-get")
class ListHidesTheId(Kept):
    """list_keys does not list the key of the id."""

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if key != ID_KEY]


@breaks("list-get")
class ListHidesLongKeys(Kept):
    """list_keys lists keys of one element alone."""

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if len(key) == 1]


@breaks("list-get")
class ListsTwice(Kept):
    """list_keys lists a key twice that has another below it."""

    def list_keys(self, prefix=()):
        listing = super().list_keys(prefix)
        return [
            *listing,
            *(key for key in listing if any(starts_with(other, key) and other != key for other in listing)),
        ]


@breaks("list-prefix")
class ListComparesText(Kept):
    """list_keys compares keys with the prefix as text."""

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys() if "/".join(key).startswith("/".join(prefix))]


@breaks("list-prefix")
class ListLeavesOutThePrefix(Kept):
    """list_keys does not list the prefix itself."""

    def list_keys(self, prefix=()):
        return [key for key in super().list_keys(prefix) if key != prefix]


@breaks("list-prefix")
class ListRaisesForNothing(Kept):
    """list_keys of a prefix that nothing starts with raises."""

    def list_keys(self, prefix=()):
        listing = super().list_keys(prefix)
        if prefix and not listing:
            raise InvalidKeyError(prefix)
        return listing


# reads


@breaks("set-get", "has-get", "list-get", "read-nothing")
class GetTakesAway(Kept):
    """get removes what it gives."""

    def get(self, key, **kwargs):
        value = super().get(key)
        if key != ID_KEY:
            del self._values[key]
        return value


@breaks("set-get", "has-get", "list-get", "read-nothing")
class GetForgetsTheOneBefore(Kept):
    """get removes what the get before has given, of another key."""

    def get(self, key, **kwargs):
        value = super().get(key)
        if key != ID_KEY:
            if self.remembered not in (None, key):
                self._values.pop(self.remembered, None)
            self.remembered = key
        return value


@breaks("read-nothing")
class GetTakesAwayAfterAMiss(Kept):
    """get that follows at once on a has_key that was False removes what it gives."""

    def has_key(self, key):
        has = super().has_key(key)
        self.remembered = None if has else key
        return has

    def list_keys(self, prefix=()):
        self.remembered = None
        return super().list_keys(prefix)

    def get(self, key, **kwargs):
        value = super().get(key)
        if self.remembered is not None and key != ID_KEY:
            del self._values[key]
        return value


@breaks("read-nothing")
class ReadsNothingAfterAMiss(ReadsTheLast):
    """After a has_key that is False, get raises until something else is done."""

    def has_key(self, key):
        has = super().has_key(key)
        self.remembered = None if has else key
        return has


# The methods of 1.x


@breaks("remove-add")
class AddDoubles(Kept):
    """add of a missing key stores the value twice over."""

    def add(self, key, value, **kwargs):
        super().add(key, value if key == ID_KEY else value * 2, **kwargs)


@breaks("set-add")
class AddReplaces(Kept):
    """add of a stored key replaces its value."""

    def _add(self, key, value, **kwargs):
        self._set(key, value, **kwargs)


@breaks("set-add")
class AddRefusesSilently(Kept):
    """add of a stored key does nothing."""

    def _add(self, key, value, **kwargs):
        if not self._has_key(key):
            self._set(key, value, **kwargs)


@breaks("set-update")
class UpdateKeepsTheOld(Kept):
    """update of a stored key does nothing."""

    def update(self, key, value, **kwargs):
        if not self.has_key(key):
            raise StoreBackendError(key)


@breaks("remove-update")
class UpdateCreates(Kept):
    """update of a missing key stores the value."""

    def update(self, key, value, **kwargs):
        self.set(key, value, **kwargs)


@breaks("upsert-set")
class UpsertRefusesMissing(Kept):
    """add_or_update of a missing key raises."""

    def add_or_update(self, key, value, **kwargs):
        self.update(key, value, **kwargs)


@breaks("get-all")
class AllOnlyOnce(Kept):
    """get_all gives a value once that two keys have."""

    def get_all(self):
        return list(set(super().get_all()))


@breaks("get-all")
class AllWithTheId(Kept):
    """get_all gives the text of the id too."""

    def get_all(self):
        return [self.get(key) for key in self.list_keys()]


# The id, and opening again


class _OtherId(Kept):
    """An id that is another than the one in storage, where `is_wrong` says so."""

    def is_wrong(self) -> bool:
        """Whether the id is wrong now."""
        return True

    @property
    def store_backend_id(self):
        found = super().store_backend_id
        return uuid.uuid5(uuid.NAMESPACE_OID, str(found)) if self.is_wrong() else found


@breaks("id-id")
class IdOfTheNextRead(_OtherId):
    """The id is another from its second read on."""

    def is_wrong(self):
        wrong = self.remembered is not None
        self.remembered = "read"
        return wrong


@breaks("id-get")
class IdIsNotTheStored(_OtherId):
    """The id is another than the one that is stored."""


@breaks("write-id")
class IdChangesByWriting(_OtherId):
    """The id is another once this object has written."""

    def is_wrong(self):
        return bool(self.changed)

    def _set(self, key, value, **kwargs):
        if key != ID_KEY:
            self.changed.add(key)
        super()._set(key, value)


@breaks("reopen-id")
class IdOfEachOpening(_OtherId):
    """The id is another for whoever opens the store again."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self.opening = place.openings

    def is_wrong(self):
        return self.opening > 1


@breaks("write-reopen")
class WritesToMemoryAlone(Kept):
    """What is written is gone when the store is opened again."""

    def __init__(self, place, **options):
        super().__init__(place, **options)
        self._values = dict(place)
