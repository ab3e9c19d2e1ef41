"""Where a store is, as one writes it in the shell, and the backend that an address leads to."""

import importlib
import inspect
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, quote, unquote

import attrs

from spec_store.backends._secret import MASK, SecretURL, checked_url, revealed
from spec_store.gx_directory import ID_FILE, GXDirectory

Kind: TypeAlias = Literal["files", "gx", "sql", "redis", "objects", "callable"]

SQL = ("sqlite", "postgresql", "mysql", "mariadb")
REDIS = ("redis", "rediss", "unix")
OBJECTS = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "memory", "file", "https", "http")
OTHER_NAMES = {"postgres": "postgresql+psycopg", "psql": "postgresql+psycopg", "sqlite3": "sqlite", "gcs": "gs"}
"""Schemes that people write, and what they are called here."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CALLABLE = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)")
_SUFFIXED = re.compile(r"(.+)#(\.[a-z0-9]{1,20})")
_OPTIONS = re.compile(r"(.*?)\?(\w+=.*)", re.DOTALL)
_USER = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:(?P<user>[^:/@?#]*)(?P<password>:[^@]*)?@)?(?P<rest>.*)")

ADDRESSES = """\
How a store is written:
  DIRECTORY                         files that spec-store's FilesystemStoreBackend wrote, whose names end with .txt
  DIRECTORY#.json                   the same, whose names end with .json, as in a Great Expectations project that has
                                    spec_store.great_expectations in its YAML
  gx:DIRECTORY                      files that Great Expectations' own TupleFilesystemStoreBackend wrote, which end
                                    with .json (gx:DIRECTORY#.yml: with .yml); they are only read, and Great
                                    Expectations need not be installed
  sqlite:///FILE#NAME               the store NAME ("store" if left out) in a database file
  postgresql+psycopg://USER@HOST/DATABASE#NAME
  mysql+pymysql://USER@HOST/DATABASE#NAME
                                    ... on a server; the table is spec_store, or ...#NAME?table=TABLE, in PostgreSQL
                                    with &schema=SCHEMA
  redis://HOST:6379/0#NAME          the store NAME on a Redis server; rediss:// with TLS, unix:///SOCKET
  s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, file:///DIRECTORY
                                    an object store; its credentials and endpoint are taken from the environment
                                    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT, AZURE_...)
  MODULE:CALLABLE                   whatever backend the callable gives, of any framework: stores:old calls old() of
                                    stores.py in this directory
Quote an address that has # ? or & in it. A password may be in the URL (USER:PASSWORD@HOST, "%40" for "@" and so on),
but other users of the machine see that; better leave it to the options that name a variable or a file.
"""


class AddressError(Exception):
    """An address that leads to no backend; whoever wrote it is to mend it. The message shows no password."""


@attrs.frozen
class Address:
    """Where a store is.

    Args:
        kind: which engine it is of.
        where: the URL, the directory, or MODULE:CALLABLE; it may be printed.
        name: of the store, in a database and in Redis.
        options: what else the engine's constructor is given: a suffix, a table.
    """

    kind: Kind
    where: str
    name: str = "store"
    options: Mapping[str, str] = attrs.field(factory=dict)

    def __str__(self) -> str:
        named = f", store {self.name!r}" if self.kind in ("sql", "redis") else ""
        return f"{self.where}{named}"

    @property
    def table(self) -> str:
        """The table, in a database."""
        return self.options.get("table", "spec_store")

    @property
    def other_ways(self) -> str:
        """How else the files of a directory may be read."""
        if self.kind == "gx":
            return f"gx:{self.where}#.yml would read those that end with .yml"
        return (
            f"{self.where}#.json would read those that end with .json; gx:{self.where} those that Great Expectations "
            "itself wrote; for others there is MODULE:CALLABLE"
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may be printed nowhere: the password in the URL, as it is written there and as it is."""
        found = _USER.match(revealed(self.where))
        written = (found["password"] or "")[1:] if found else ""
        return tuple({written, unquote(written)} - {""})


def parsed(text: str, password: str = "") -> Address:
    """An address, as it is written.

    Args:
        text: as `ADDRESSES` says.
        password: for the URL, which has none then.

    Raises:
        AddressError: it is none; the message shows no password.
    """
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _url(text, scheme[1].lower(), password)
    if password:
        raise AddressError(f"a password is for a URL with a host, and {_shown(text)} is none")
    return _local(text)


def _url(text: str, scheme: str, password: str) -> Address:
    engine = scheme.partition("+")[0]
    if engine in OTHER_NAMES:
        raise AddressError(f"no engine for {scheme}://; write {OTHER_NAMES[engine]}:// for it")
    if engine not in (*SQL, *REDIS, *OBJECTS):
        raise AddressError(f"no engine for {scheme}://; spec-store copy --help lists what there is")
    try:
        checked_url(text)
    except ValueError as error:
        raise AddressError(str(error)) from None
    if password and engine in (*OBJECTS, "sqlite"):
        raise AddressError(f"{scheme}:// takes no password; an object store's credentials are in the environment")
    if engine in OBJECTS:
        return Address("objects", SecretURL(text))
    url, _, fragment = text.partition("#")
    name, options = _fragment(fragment, ("table", "schema") if engine in SQL else ())
    where = SecretURL(_with_password(url, password) if password else url)
    return Address("sql" if engine in SQL else "redis", where, name or "store", options)


def _fragment(text: str, known: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The name of a store and its options: `NAME?table=T`."""
    found = _OPTIONS.fullmatch(text)
    if found is None:
        return text, {}
    options = dict(parse_qsl(found[2], keep_blank_values=True))
    for name, value in options.items():
        if name not in known or not value:
            takes = f"takes {' and '.join(f'{one}=...' for one in known)}" if known else "takes no options"
            raise AddressError(f"after #{found[1]}? the address {takes}, not {name}={value}")
    return found[1], options


def _with_password(url: str, password: str) -> str:
    found = _USER.fullmatch(url)
    if found is None or (found["password"] or ":") != ":":
        raise AddressError(f"{SecretURL(url)} has a password already; leave that out, or the option")
    return f"{found['scheme']}{found['user'] or ''}:{quote(password, safe='')}@{found['rest']}"


def _local(text: str) -> Address:
    if not text:
        raise AddressError("an address is empty")
    directory, suffix = _suffixed(text)
    if not Path(text).is_dir():
        if text.startswith("gx:"):
            directory, suffix = _suffixed(text.removeprefix("gx:"), ".json")
            return Address("gx", directory, options={"suffix": suffix})
        if _CALLABLE.fullmatch(text):
            return Address("callable", text)
        known = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
        if known and (known[1].partition("+")[0] in (*SQL, *REDIS, *OBJECTS, *OTHER_NAMES) or "@" in text):
            raise AddressError(f"{_shown(text)} is no URL: after {known[1]} comes ://")
        if "#" in directory or (directory == text and "#" in text):
            raise AddressError(
                f"after the # of a directory comes the suffix of its files, such as #.json (a dot, small letters and "
                f"digits), and {text!r} has something else there"
            )
    return Address("files", directory, options={"suffix": suffix})


def _suffixed(text: str, default: str = ".txt") -> tuple[str, str]:
    """The directory that an address names, and the suffix of its files."""
    found = _SUFFIXED.fullmatch(text)
    return (found[1], found[2]) if found and not Path(text).is_dir() else (text, default)


def _shown(text: str) -> str:
    """A text that may be meant for a URL, as it may be printed."""
    return re.sub(r":.*@", f":{MASK}@", str(SecretURL(text)), flags=re.DOTALL)


# Backends


def opened(address: Address, timeout: float, **options: Any) -> Any:
    """The backend that an address leads to.

    Args:
        address: as `parsed` gives it.
        timeout: seconds for connecting and for an operation.
        options: of the engine, such as `read_only`; the callable of `MODULE:CALLABLE` is given none.

    Raises:
        AddressError: the address leads to none.
        Exception: what the engine raises: it is not installed, or it cannot open.
    """
    if address.kind == "callable":
        return _called(address.where)
    if address.kind == "gx":
        return GXDirectory(address.where, address.options["suffix"])
    from spec_store import backends

    given = {**address.options, "timeout": timeout, **options}
    if address.kind == "files":
        return backends.FilesystemStoreBackend(address.where, **given)
    if address.kind == "objects":
        return backends.ObjectStoreBackend(address.where, **given)
    if address.kind == "redis":
        return backends.RedisStoreBackend(address.where, address.name, **given)
    unknown = set(address.options) - set(inspect.signature(backends.SQLStoreBackend).parameters)
    if unknown:
        raise AddressError(f"this version's SQLStoreBackend takes no {', '.join(unknown)}")
    return backends.SQLStoreBackend(address.where, address.name, **given)


def _called(where: str) -> Any:
    module, _, attribute = where.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise AddressError(f"{where} cannot be imported: {error}") from error
    backend = found()
    lacking = [name for name in ("get", "set", "has_key", "list_keys") if not callable(getattr(backend, name, None))]
    if lacking:
        raise AddressError(f"{where} gives no store backend: it has no {', '.join(lacking)}")
    return backend


def file_of(address: Address) -> Path | None:
    """The file or directory that has the store; None where that is not on this machine's file system."""
    if address.kind in ("files", "gx"):
        return Path(address.where)
    url = revealed(address.where).partition("?")[0]
    if address.kind == "sql" and url.startswith("sqlite"):
        name = url.partition("://")[2].removeprefix("/")
        return None if name in ("", ":memory:") or name.startswith("file:") else Path(name)
    if address.kind == "objects" and url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return None


def not_there(address: Address) -> str | None:
    """In words, that a directory or a database file is not there, or is something else; None if all is well."""
    path = file_of(address)
    if path is None:
        return None
    what = "database file" if address.kind == "sql" else "directory"
    if not os.path.lexists(path):
        return f"there is no {what} {path}{': make it first' if address.kind == 'objects' else ''}"
    wrong = path.is_dir() if address.kind == "sql" else not path.is_dir()
    return f"{path} is no {what}" if wrong else None


def of_great_expectations(address: Address) -> str | None:
    """In words, that a directory is one of Great Expectations' own, which is not this store's layout."""
    root = Path(address.where)
    if address.kind != "files" or not (root / ID_FILE).is_file():
        return None
    if any(root.glob("%2Ege_store_backend_id.*")):
        return None
    suffix = address.options["suffix"] if address.options["suffix"] != ".txt" else ".json"
    return (
        f"{root} is a directory of Great Expectations' own files (it has {ID_FILE}), whose names are others than "
        f"spec-store's: write gx:{root}#{suffix}"
    )
