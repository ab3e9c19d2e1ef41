"""Passwords, which nobody is to see by accident: not in `repr`, `str`, `config`, JSON, logs or errors.

What holds one is a `str` whose text is that which may be shown; the real one is kept beside it, where only `revealed`
gets it. So whatever prints, formats, encodes or pickles such a string has nothing but the text.

| what           | its text                     | `revealed` gives             |
|----------------|------------------------------|------------------------------|
| `Secret`       | `***`                        | the password                 |
| `SecretURL`    | `redis://user:***@host/0`    | the URL with its password    |

Equality and hash are those of the real one: a `config` equals another that holds the same password (CONFIG-2).
"""

import re
from collections.abc import Mapping
from typing import Any, Self

MASK = "***"

_USER_AND_PASSWORD = re.compile(r"^(?P<user>[\w+.-]+://[^:/@?#]*):(?P<password>.*)@", re.DOTALL)
_QUERY = re.compile(r"\?.*", re.DOTALL)
_RESERVED = re.compile(r"[/?#@]")

SECRET = re.compile(
    r"password|passwd|secret|token|key(?!_?id)|credential|sas|connection_string|signature|authorization|cookie",
    re.IGNORECASE,
)
"""Names of options whose values are secret."""


class Secret(str):
    """A text that is not shown: `***` stands for it, wherever it is printed."""

    __slots__ = ("_real",)
    _real: str

    def __new__(cls, real: str) -> Self:
        own = super().__new__(cls, cls._shown(revealed(real)))
        own._real = revealed(real)
        return own

    @staticmethod
    def _shown(real: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and revealed(other) == self._real

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._real)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[type[str], tuple[str]]:
        # What is pickled, or dumped by a library that asks the same, is the text.
        return str, (str.__str__(self),)


class SecretURL(Secret):
    """A URL with `***` for its password, and for its query, where passwords may be too."""

    __slots__ = ()

    @staticmethod
    def _shown(real: str) -> str:
        return _QUERY.sub(f"?{MASK}", _USER_AND_PASSWORD.sub(rf"\g<user>:{MASK}@", real))


def revealed(text: str) -> str:
    """The real text of one that is secret; of any other, the same."""
    return text._real if isinstance(text, Secret) else str.__str__(text)


def checked_url(url: str) -> SecretURL:
    """A URL that says where its password ends.

    Raises:
        ValueError: it does not, or has `***` in place of one; the message shows nothing of it.
    """
    found = _USER_AND_PASSWORD.match(revealed(url))
    if found and _RESERVED.search(found["password"]):
        raise ValueError(
            "the password in the URL has a character that ends it there ('@', '/', '?' or '#'): write it by its number "
            "('%40', '%2F', '%3F', '%23'; urllib.parse.quote(password, '') does that), or give the credentials apart; "
            "an '@' after the host is written '%40' as well"
        )
    if found and found["password"] == MASK:
        raise ValueError("the password in the URL is '***', which stands in a config for the real one: give that")
    return SecretURL(url)


def with_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options, those that are secret as `Secret`; mappings in them the same way."""
    return {name: _kept(name, value) for name, value in options.items()}


def _kept(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return with_secrets(value)
    if not isinstance(value, str) or not value:
        return value
    if SECRET.search(name):
        return Secret(value)
    return SecretURL(value) if _USER_AND_PASSWORD.match(revealed(value)) else value  # of a proxy, for one


def with_real(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the real texts, for whoever opens a connection by them.

    Raises:
        ValueError: one of them is `***`.
    """
    return {name: _real(name, value) for name, value in options.items()}


def _real(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return with_real(value)
    if not isinstance(value, str):
        return value
    if SECRET.search(name) and revealed(value) == MASK:
        raise ValueError(f"{name} is '***', which stands in a config for the real one: give that")
    return revealed(value)


def without_secrets(text: str, *secrets: str) -> str:
    """A text, an error's for one, in which `***` stands for each secret that is in it."""
    for secret in sorted(map(revealed, secrets), key=len, reverse=True):
        if secret:
            text = text.replace(secret, MASK)
    return text
