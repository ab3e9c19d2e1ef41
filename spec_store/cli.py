"""The shell's face: `spec-store copy SOURCE DEST`."""

import argparse
import importlib
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from spec_store.copying import Copied, copy

SQL = ("sqlite", "postgresql", "mysql", "mariadb")
REDIS = ("redis", "rediss", "unix")
OBJECTS = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "memory", "file", "https", "http")
NAMED = 10
"""How many keys are named that were left alone."""

ADDRESSES = """\
SOURCE and DEST are each one of
  DIRECTORY, DIRECTORY#.json          files, whose names end with .txt, or as said after the #; .json is what a Great
                                      Expectations project's FilesystemStoreBackend has
  sqlite:///FILE#NAME                 a database; the name of the store in it after the #
  postgresql+psycopg://...#NAME, mysql+pymysql://...#NAME, redis://...#NAME
  s3://BUCKET/PREFIX, gs://..., az://..., file:///DIRECTORY
                                      an object store; its credentials are taken from the environment
  MODULE:CALLABLE                     whatever backend the callable gives, a Great Expectations backend for one
"""


class AddressError(Exception):
    """An address that leads to no backend; the user is to mend it."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command, and exit: 0 when all is copied, 1 when something differs, 2 when the command is at fault."""
    parser = argparse.ArgumentParser(
        prog="spec-store", epilog=ADDRESSES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "copy",
        help="copy what one store holds into another",
        epilog=ADDRESSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("source", metavar="SOURCE")
    command.add_argument("dest", metavar="DEST")
    command.add_argument("--prefix", action="append", default=[], metavar="ELEMENT", help="only keys that start so")
    command.add_argument("--overwrite", action="store_true", help="replace values that differ in DEST")
    command.add_argument("--quiet", action="store_true", help="show no progress")
    given = parser.parse_args(arguments)
    sys.path.insert(0, "")
    try:
        sys.exit(_run(given))
    except AddressError as error:
        print(f"spec-store: {error}", file=sys.stderr)
        sys.exit(2)


def _run(given: argparse.Namespace) -> int:
    source = opened(given.source, writing=False)
    dest = opened(given.dest, writing=True)
    show = None if given.quiet or not sys.stderr.isatty() else _progress(time.monotonic())
    try:
        done = copy(source, dest, tuple(given.prefix), overwrite=given.overwrite, progress=show)
    except KeyboardInterrupt:
        print("\rspec-store: interrupted; run it again to go on", file=sys.stderr)
        return 130
    except Exception as error:
        notes = ", ".join(getattr(error, "__notes__", ()))
        print(f"\rspec-store: {type(error).__name__}: {error} ({notes})", file=sys.stderr)
        return 2
    print(done)
    _name(done)
    return 1 if done.differing else 0


def _name(done: Copied) -> None:
    for key in done.differing_keys[:NAMED]:
        print(f"left alone, for its value differs: {key!r}", file=sys.stderr)
    if done.differing > NAMED:
        print(f"and {done.differing - NAMED} more; --overwrite replaces them", file=sys.stderr)


def _progress(start: float) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if time.monotonic() - start > 1:
            print(f"\r{done} of {total} keys" if done < total else "\r\033[K", end="", file=sys.stderr, flush=True)

    return show


def opened(address: str, *, writing: bool) -> Any:
    """The backend that an address names; one that is only read gets no id.

    Raises:
        AddressError: there is none, and why.
    """
    try:
        return _opened(address, {} if writing else {"suppress_store_backend_id": True}, writing)
    except AddressError:
        raise
    except Exception as error:
        raise AddressError(f"{_shown(address)} does not open: {type(error).__name__}: {error}") from error


def _opened(address: str, options: dict[str, Any], writing: bool) -> Any:
    from spec_store import backends

    scheme = address.partition("://")[0].partition("+")[0] if "://" in address else ""
    url, _, name = address.partition("#")
    if scheme in SQL:
        return backends.SQLStoreBackend(url, name or "store", **options)
    if scheme in REDIS:
        return backends.RedisStoreBackend(url, name or "store", **options)
    if scheme in OBJECTS:
        return backends.ObjectStoreBackend(address, **options)
    if scheme:
        raise AddressError(f"no engine for {scheme}://; see spec-store copy --help")
    module, colon, attribute = address.partition(":")
    if colon and not Path(address).is_dir() and module.replace(".", "").isidentifier():
        return _called(module, attribute)
    directory, suffix = _suffixed(address)
    if not writing and not Path(directory).is_dir():
        raise AddressError(f"there is no directory {directory}")
    return backends.FilesystemStoreBackend(directory, suffix, **options)


def _suffixed(address: str) -> tuple[str, str]:
    """The directory that an address names, and the suffix of its files."""
    found = re.fullmatch(r"(.+)#(\.[a-z0-9]{1,20})", address)
    return (found[1], found[2]) if found and not Path(address).is_dir() else (address, ".txt")


def _called(module: str, attribute: str) -> Any:
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise AddressError(f"{module}:{attribute} cannot be imported: {error}") from error
    backend = found()
    lacking = [name for name in ("get", "set", "has_key", "list_keys") if not callable(getattr(backend, name, None))]
    if lacking:
        raise AddressError(f"{module}:{attribute} gives no store backend: it has no {', '.join(lacking)}")
    return backend


def _shown(address: str) -> str:
    from spec_store.backends._secret import SecretURL

    return str(SecretURL(address))
