"""Faults in the names of arguments, which are fixed: what is called by name does as what is called in order."""

from typing import Any

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore


def refuse(keywords: dict[str, Any], *names: str) -> None:
    """Raise TypeError where one of these is given by its name, as Python does of a name that a function has not."""
    for name in names:
        if name in keywords:
            raise TypeError(f"got an unexpected keyword argument {name!r}")


@plants("GET-1")
class GetsInOrderAlone(DictStore):
    """get does not know its argument as key."""

    def get(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key")
        return super().get(*arguments, **keywords)


@plants("SET-1")
class SetsInOrderAlone(DictStore):
    """set does not know its second argument as value."""

    def set(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "value")
        return super().set(*arguments, **keywords)


@plants("MOVE-1")
class MovesInOrderAlone(DictStore):
    """move does not know its arguments as source_key and dest_key."""

    def move(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "source_key", "dest_key")
        return super().move(*arguments, **keywords)


@plants("MOVE-1")
class MovesTheOtherWayByName(DictStore):
    """move takes source_key for dest_key where both are given by name."""

    def move(self, *arguments: Any, **keywords: Any) -> Any:
        if "source_key" in keywords and "dest_key" in keywords:
            keywords["source_key"], keywords["dest_key"] = keywords["dest_key"], keywords["source_key"]
        return super().move(*arguments, **keywords)


@plants("HAS-1")
class HasInOrderAlone(DictStore):
    """has_key does not know its argument as key."""

    def has_key(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key")
        return super().has_key(*arguments, **keywords)


@plants("LIST-2")
class ListsInOrderAlone(DictStore):
    """list_keys does not know its argument as prefix."""

    def list_keys(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "prefix")
        return super().list_keys(*arguments, **keywords)


@plants("LIST-2")
class IgnoresItsPrefixByName(DictStore):
    """list_keys lists everything where its prefix is given by name."""

    def list_keys(self, *arguments: Any, **keywords: Any) -> Any:
        return super().list_keys(*arguments)


@plants("REMOVE-1")
class RemovesInOrderAlone(DictStore):
    """remove_key does not know its argument as key."""

    def remove_key(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key")
        return super().remove_key(*arguments, **keywords)


@plants("URL-1")
class LinksInOrderAlone(DictStore):
    """get_url_for_key does not know its argument as key."""

    def get_url_for_key(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key")
        return super().get_url_for_key(*arguments, **keywords)


@plants("IGNORE-1")
class IgnoresInOrderAlone(DictStore):
    """is_ignored_key does not know its argument as key."""

    def is_ignored_key(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key")
        return super().is_ignored_key(*arguments, **keywords)


@plants("ADD-1")
class AddsInOrderAlone(DictStore):
    """add does not know its arguments as key and value."""

    def add(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key", "value")
        return super().add(*arguments, **keywords)


@plants("UPDATE-1")
class UpdatesInOrderAlone(DictStore):
    """update does not know its arguments as key and value."""

    def update(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key", "value")
        return super().update(*arguments, **keywords)


@plants("UPSERT-1")
class UpsertsInOrderAlone(DictStore):
    """add_or_update does not know its arguments as key and value."""

    def add_or_update(self, *arguments: Any, **keywords: Any) -> Any:
        refuse(keywords, "key", "value")
        return super().add_or_update(*arguments, **keywords)
