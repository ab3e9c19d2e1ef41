"""Faults in URLs that are told apart as text, and not where they lead; and in what is forgotten once it is in use."""

from typing import Any
from urllib.parse import quote

from conformance.faults.planting import plants
from conformance.faults.stores.dict_store import DictStore
from spec_store import Key


class _OnTheWeb(DictStore):
    """A store whose values can be looked at with a browser."""

    UNQUOTED = ""

    def _quoted(self, element: str) -> str:
        return quote(element, safe=self.UNQUOTED, errors="surrogatepass")

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return "https://store.example" + "".join(f"/{self._quoted(element)}" for element in key)


@plants("URL-2")
class LeavesHashesInUrls(_OnTheWeb):
    """A # of an element stands in a URL as it is, which ends there for a browser."""

    UNQUOTED = "#"


@plants("URL-2")
class LeavesQuestionMarksInUrls(_OnTheWeb):
    """A ? of an element stands in a URL as it is, and begins the query."""

    UNQUOTED = "?"


@plants("URL-2")
class LeavesSpacesInUrls(_OnTheWeb):
    """Spaces and percent signs stand in a URL as they are, and a browser escapes the spaces."""

    def _quoted(self, element: str) -> str:
        return quote(element, safe=" %", errors="surrogatepass")


@plants("URL-2")
class EscapesSlashesAlone(DictStore):
    """Of an element, slashes alone are escaped in a URL, and not what escapes them."""

    def get_url_for_key(self, key: Key, protocol: str | None = None) -> Any:
        return "dict://shelf" + "".join(f"/{element.replace('/', '%2F')}" for element in key)


@plants("PROP-1")
class IsRenamedInUse(DictStore):
    """store_name is another one once a key was moved."""

    moved = False

    def _move(self, source_key: Key, dest_key: Key, **kwargs: Any) -> Any:
        super()._move(source_key, dest_key)
        self.moved = True

    @property
    def store_name(self) -> Any:
        return "moved" if self.moved else super().store_name

    @property
    def config(self) -> Any:
        return {**super().config, **({"store_name": name} if (name := super().store_name) else {})}


@plants("PROP-1")
class ForgetsItsLengthInUse(DictStore):
    """fixed_length_key is False once keys were listed."""

    listed = False

    def list_keys(self, prefix: Key = ()) -> Any:
        self.listed = True
        return super().list_keys(prefix)

    @property
    def fixed_length_key(self) -> Any:
        return super().fixed_length_key and not self.listed
