"""Where a database is: by a URL or by credentials, and what of it may be shown."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

from spec_store.backends._secret import SECRET, SecretURL, checked_url, revealed, with_real

PARTS = ("drivername", "host", "port", "username", "user", "password", "database", "query")
"""What credentials may name."""

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB/MySQL", "mariadb": "MariaDB"}
"""What a kind of database is called in errors."""

PLACES = ("host", "hostaddr", "unix_socket", "service")
"""Options in the query of a URL that say where a server is."""

_AUTHORITY = re.compile(r"^[^@/?#]*@?")


@attrs.frozen
class Address:
    """Where a database is.

    Args:
        url: for SQLAlchemy, with the password; the path of a SQLite database is absolute.
        shown: the same for errors and `repr`.
        secrets: what must not be shown, whatever text it turns up in.
    """

    url: sa.URL = attrs.field(repr=False)
    shown: SecretURL
    secrets: tuple[str, ...] = attrs.field(repr=False)

    @property
    def kind(self) -> str:
        """What SQLAlchemy calls this kind of database."""
        return self.url.get_backend_name()

    @property
    def is_on_server(self) -> bool:
        """Whether it is one of a server."""
        return self.kind != "sqlite"

    @property
    def is_in_memory(self) -> bool:
        """Whether it lasts as long as a connection to it."""
        name = self.url.database or ""
        return not self.is_on_server and (not name or ":memory:" in name or self.url.query.get("mode") == "memory")

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database, where its name says that without a doubt."""
        name = self.url.database or ""
        return None if self.is_on_server or self.is_in_memory or name.startswith("file:") else Path(name)

    @property
    def text(self) -> str:
        """The whole URL, with the password."""
        return self.url.render_as_string(hide_password=False)

    def __str__(self) -> str:
        """The engine and the place, for errors."""
        engine = ENGINES.get(self.kind, self.kind)
        if not self.is_on_server:
            return f"{engine} in memory" if self.is_in_memory else f"{engine} in {self.url.database}"
        named = [str(self.url.query[name]) for name in PLACES if name in self.url.query]
        host = self.url.host or ", ".join(named) or "localhost"
        return f"{engine} on {host}" + (f":{self.url.port}" if self.url.port else "")


def address_of(url: str, credentials: Mapping[str, Any] | None) -> Address:
    """The address that a URL or credentials name: one of the two is given.

    Raises:
        TypeError: one of them is of a wrong type.
        ValueError: both are given, or none, or it cannot be read; the message shows no secret.
    """
    if bool(url) == bool(credentials):
        raise ValueError("a database is given by its url or by its credentials, one of the two")
    found = _by_credentials(credentials) if credentials else _by_url(url)
    found = _absolute(found)
    secrets = [str(found.password or ""), *(str(text) for name, text in found.query.items() if SECRET.search(name))]
    shown = SecretURL(url or found.render_as_string(hide_password=False))
    return Address(found, shown, tuple(filter(None, secrets)))


def _by_url(url: str) -> sa.URL:
    if not isinstance(url, str):
        raise TypeError(f"the URL of a database is a str, not {type(url)}")
    text = revealed(checked_url(url))
    scheme, _, rest = text.partition("://")
    if not scheme.startswith("sqlite") and "@" in _AUTHORITY.sub("", rest, count=1):
        # SQLAlchemy would take for the host what comes after it, and show that.
        raise ValueError("the URL of the database has an '@' more than the one before the host: write it '%40'")
    try:
        return sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):  # the text of either may have the password in it
        pass
    raise ValueError("the URL of the database is none that SQLAlchemy can read")


def texts_of(credentials: Mapping[str, Any] | None) -> dict[str, Any]:
    """Credentials as they are kept: a password that a file has as a number is a text."""
    if not isinstance(credentials, Mapping | None):
        raise TypeError(f"credentials are a mapping, not {type(credentials)}")
    kept = dict(credentials or {})
    if isinstance(kept.get("password"), int):
        kept["password"] = str(kept["password"])
    return kept


def _by_credentials(credentials: Mapping[str, Any]) -> sa.URL:
    given = {name: value for name, value in with_real(credentials).items() if value not in (None, "")}
    if unknown := sorted(set(map(str, given)) - set(PARTS)):
        raise ValueError(f"credentials have no {', '.join(unknown)}; they may have {', '.join(PARTS)}")
    if "user" in given and "username" in given:
        raise ValueError("credentials have user or username, not both")
    if "drivername" not in given:
        raise ValueError("credentials need a drivername, such as postgresql+psycopg")
    user, query = given.pop("user", given.pop("username", None)), given.pop("query", {})
    wrong = [name for name, value in {**given, "username": user or ""}.items() if not isinstance(value, str | int)]
    if wrong or not isinstance(query, Mapping):
        raise TypeError(f"credentials are texts, and query is a mapping of texts; see {', '.join(wrong) or 'query'}")
    if not str(given.get("port", 0)).isdecimal():
        raise ValueError("the port in the credentials is no number")
    port = int(given.pop("port", 0)) or None
    parts = {name: str(value) for name, value in given.items()}
    texts = {str(name): str(text) for name, text in query.items()}
    try:
        return sa.URL.create(username=None if user is None else str(user), port=port, query=texts, **parts)
    except (sa.exc.ArgumentError, TypeError, ValueError):
        pass
    raise ValueError("the credentials are none that SQLAlchemy can read")


def _absolute(url: sa.URL) -> sa.URL:
    """The URL of the same database wherever the process may go."""
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name.startswith("file:") or ":memory:" in name:
        return url
    return url.set(database=str(Path(name).absolute()))
