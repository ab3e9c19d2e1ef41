"""Mutants of the reference that write wrongly: set, remove_key and move."""

from conformance.programs.keys import ID_KEY
from spec_store import InvalidKeyError, StoreBackendError
from spec_store.keys import starts_with
from tests.conformance.programs.kept import Kept, ReadsTheLast, breaks

# set and get


@breaks("set-get")
class GetTurnsRound(Kept):
    """get gives a text from its end to its beginning."""

    def get(self, key, **kwargs):
        value = super().get(key)
        return value if key == ID_KEY else value[::-1]


@breaks("set-set")
class SetKeepsTheFirst(Kept):
    """set of a key that this object has set before does nothing."""

    def set(self, key, value, **kwargs):
        if key not in self.changed:
            self.changed.add(key)
            super().set(key, value, **kwargs)

    def update(self, key, value, **kwargs):
        if not self.has_key(key):
            raise StoreBackendError(key)
        super().set(key, value, **kwargs)


@breaks("set-get", "set-set", "remove-set", "set-move", "remove-add", "set-update")
class SetKeepsTheOld(Kept):
    """set of a stored key does nothing."""

    def _set(self, key, value, **kwargs):
        self._values.setdefault(key, value)


@breaks("set-get", "set-set", "remove-set", "set-move", "remove-add", "set-update")
class SetAppends(Kept):
    """set adds to the value that is there."""

    def _set(self, key, value, **kwargs):
        self._values[key] = self._values.get(key, "") + value


@breaks("set-other", "set-commutes", "set-remove")
class SetLosesOthers(Kept):
    """set removes every other key, but the id's."""

    def _set(self, key, value, **kwargs):
        for other in self.list_keys():
            if other not in (key, ID_KEY):
                del self._values[other]
        super()._set(key, value)


@breaks("set-other", "set-commutes", "set-remove", "set-move", "move-commutes")
class SetLosesRelatives(Kept):
    """set takes a key for a directory, or a file, and removes what is in its way."""

    def _set(self, key, value, **kwargs):
        for other in self.list_keys():
            if other != key and (starts_with(key, other) or starts_with(other, key)):
                del self._values[other]
        super()._set(key, value)


@breaks(
    "set-get",
    "set-other",
    "set-commutes",
    "set-remove",
    "remove-set",
    "remove-commutes",
    "set-move",
    "move-self",
    "move-commutes",
    "remove-add",
    "set-add",
    "set-update",
)
class SetJoinsElements(Kept):
    """set stores under the text of the key, in which elements are joined."""

    def _set(self, key, value, **kwargs):
        super()._set(key if key == ID_KEY else ("".join(key),), value)


@breaks("set-other")
class SetCachesForAnyKey(ReadsTheLast):
    """set keeps its value in a cache that does not look at the key, and that other operations empty."""

    def set(self, key, value, **kwargs):
        super().set(key, value, **kwargs)
        self.remembered = value

    def read_again(self, key):
        return self.remembered


@breaks("set-commutes")
class SetTakesAwayWhatItMadeBelow(Kept):
    """set removes what this object has set below the key."""

    def set(self, key, value, **kwargs):
        for other in self.changed:
            if other != key and starts_with(other, key):
                self._values.pop(other, None)
        self.changed.add(key)
        super().set(key, value, **kwargs)


@breaks("write-extra")
class SetRefusesKeywords(Kept):
    """set, and what ends in it, takes no keyword arguments."""

    def _set(self, key, value, **kwargs):
        if kwargs:
            raise TypeError(kwargs)
        super()._set(key, value)


@breaks("write-extra")
class MoveMindsKeywords(Kept):
    """move with keyword arguments copies."""

    def _move(self, source_key, dest_key, **kwargs):
        value = self._get(source_key)
        super()._move(source_key, dest_key)
        if kwargs:
            self._values[source_key] = value


# remove_key


@breaks("set-remove")
class RemovesTheNewestAlone(Kept):
    """remove_key brings back what this object's last set has replaced."""

    def set(self, key, value, **kwargs):
        if key in self._values:
            self.remembered = (key, self._values[key])
        super().set(key, value, **kwargs)

    def remove_key(self, key):
        stored = super().remove_key(key)
        if self.remembered is not None and self.remembered[0] == key:
            self._values[key] = self.remembered[1]
        return stored


@breaks("remove-set")
class NeverSetsAgainWhatItRemoved(Kept):
    """set of a key that this object has removed does nothing."""

    def remove_key(self, key):
        self.removed.add(key)
        return super().remove_key(key)

    def set(self, key, value, **kwargs):
        if key not in self.removed:
            super().set(key, value, **kwargs)


@breaks("remove-get")
class MissesByKeyError(Kept):
    """get of a missing key raises KeyError."""

    def get(self, key, **kwargs):
        if key not in self._values and key != ID_KEY:
            raise KeyError(key)
        return super().get(key)


@breaks("remove-get", "remove-returns", "has-get", "list-get")
class GetGivesNone(Kept):
    """get of a missing key gives None."""

    def get(self, key, **kwargs):
        return super().get(key) if key in self._values or key == ID_KEY else None


@breaks("has-get")
class HasWhatItRemoved(Kept):
    """has_key of a key that this object has removed is True."""

    def remove_key(self, key):
        self.removed.add(key)
        return super().remove_key(key)

    def has_key(self, key):
        return key in self.removed or super().has_key(key)

    def update(self, key, value, **kwargs):
        if key not in self._values:
            raise StoreBackendError(key)
        self.set(key, value, **kwargs)


@breaks("remove-remove")
class RemovesOnce(Kept):
    """remove_key of a key that this object has removed raises."""

    def remove_key(self, key):
        if key in self.removed:
            raise InvalidKeyError(key)
        self.removed.add(key)
        return super().remove_key(key)


@breaks("set-remove", "remove-get", "set-move", "move-move", "move-missing", "remove-add", "remove-update")
class RemovesNothing(Kept):
    """remove_key tells of a removal, and does nothing."""

    def remove_key(self, key):
        return key in self._values


@breaks("set-remove", "remove-remove", "remove-returns", "remove-commutes")
class RemoveRaisesForMissing(Kept):
    """remove_key of a missing key raises."""

    def remove_key(self, key):
        self._get(key)
        return super().remove_key(key)


@breaks("remove-returns")
class RemoveReturnsNone(Kept):
    """remove_key returns nothing."""

    def remove_key(self, key):
        super().remove_key(key)


@breaks("remove-set", "remove-other", "remove-commutes", "set-move", "remove-add")
class RemoveTakesChildren(Kept):
    """remove_key removes every key that starts with the key."""

    def remove_key(self, key):
        for other in self.list_keys(key):
            if other != key:
                del self._values[other]
        return super().remove_key(key)


@breaks("remove-commutes")
class RemoveTakesWhatItMadeBelow(Kept):
    """remove_key removes what this object has set below the key."""

    def set(self, key, value, **kwargs):
        self.changed.add(key)
        super().set(key, value, **kwargs)

    def remove_key(self, key):
        for other in self.changed:
            if other != key and starts_with(other, key):
                self._values.pop(other, None)
        return super().remove_key(key)


@breaks("remove-other")
class RemoveCachesTheMiss(ReadsTheLast):
    """remove_key keeps in a cache that its key is missing, and the cache does not look at the key."""

    def remove_key(self, key):
        stored = super().remove_key(key)
        self.remembered = key
        return stored


# move


@breaks("set-move")
class MoveDoesNotReplace(Kept):
    """move leaves what is stored at dest."""

    def _move(self, source_key, dest_key, **kwargs):
        value = self._get(source_key)
        if source_key != dest_key:
            del self._values[source_key]
        self._values.setdefault(dest_key, value)


@breaks("set-move", "move-move")
class MoveCopies(Kept):
    """move leaves the value at source too."""

    def _move(self, source_key, dest_key, **kwargs):
        self._set(dest_key, self._get(source_key))


@breaks("move-move")
class MovesOnce(Kept):
    """move of what this object has moved before loses it."""

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if source_key in self.changed:
            del self._values[dest_key]
        self.changed.add(dest_key)


@breaks("move-self")
class MoveToItselfLoses(Kept):
    """move of a key onto itself removes it."""

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if source_key == dest_key:
            del self._values[dest_key]


@breaks("move-missing")
class MoveOfMissingIsSilent(Kept):
    """move of a missing key does nothing."""

    def _move(self, source_key, dest_key, **kwargs):
        if source_key in self._values:
            super()._move(source_key, dest_key)


@breaks("move-missing")
class MoveOfMissingClearsDest(Kept):
    """move of a missing key removes what is at dest, and raises."""

    def _move(self, source_key, dest_key, **kwargs):
        if source_key not in self._values:
            self._values.pop(dest_key, None)
        super()._move(source_key, dest_key)


@breaks("set-move", "move-move", "move-other", "move-commutes", "list-get")
class MoveTakesChildren(Kept):
    """move moves every key that starts with source."""

    def _move(self, source_key, dest_key, **kwargs):
        below = [key for key in self.list_keys(source_key) if key != source_key]
        super()._move(source_key, dest_key)
        for key in below:
            super()._move(key, (*dest_key, *key[len(source_key) :]))


@breaks("move-commutes")
class MoveTakesWhatItMadeBelow(Kept):
    """move removes what this object has set below source."""

    def set(self, key, value, **kwargs):
        self.changed.add(key)
        super().set(key, value, **kwargs)

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        for other in self.changed:
            if other not in (source_key, dest_key) and starts_with(other, source_key):
                self._values.pop(other, None)


@breaks("move-other")
class MoveCachesTheMiss(ReadsTheLast):
    """move keeps in a cache that source is missing, and the cache does not look at the key."""

    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        self.remembered = source_key
