"""URLs that have passwords in them, which nobody is to see by accident."""

import re

_PASSWORD = re.compile(r"^([\w+.-]+://[^:/@?#]*):.*@", re.DOTALL)
_QUERY = re.compile(r"\?.*", re.DOTALL)


class SecretURL(str):
    """A URL whose `repr` does not show the password in it; `str` of it, which opens a connection, does.

    `config` keeps such a one: it rebuilds the backend, and does not tell the password when it is printed or logged.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(self.shown)

    @property
    def shown(self) -> str:
        """The URL with `***` for the password and for the query, where passwords may be too."""
        return _QUERY.sub("?***", _PASSWORD.sub(r"\1:***@", str.__str__(self)))
