"""The shell's face: `spec-store copy SOURCE DEST` and `spec-store doctor STORE`."""

import argparse
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from spec_store.addresses import ADDRESSES, Address, AddressError, parsed
from spec_store.advice import advice_on
from spec_store.backends._engine import TIMEOUT, checked_timeout
from spec_store.backends._secret import MASK, without_secrets
from spec_store.copy_command import Copying
from spec_store.copying import one_line
from spec_store.doctor import examined
from spec_store.doctor_command import as_json, as_text

COPY = """\
Copy every key and value of one store into another. SOURCE is only read, and DEST keeps what it has: a value that
differs there is left alone and named. A copy that was interrupted is run again, and goes on. The stores' ids are not
copied.
"""

COPY_MORE = """\
Status: 0, everything that SOURCE has is in DEST (with --dry-run: would be); 1, something is not, and is named: it
differs, or cannot be read, or is a file in SOURCE that is of no key; 2, the command is at fault, or a store failed.

For example, the suites of a Great Expectations project into PostgreSQL, looked at first, then done and verified:
  spec-store copy --dry-run gx:gx/expectations "postgresql+psycopg://gx@db/gx#suites" --dest-password-env PGPASSWORD
  spec-store copy --verify gx:gx/expectations "postgresql+psycopg://gx@db/gx#suites" --dest-password-env PGPASSWORD
"""

DOCTOR = """\
Look whether a store is well: connect, tell what it is, what one may do there and how long that takes, and what is
wrong. Rights are tried on a key of the command's own, which is removed again. Nothing else is changed, but that the
table is made where a database has none. With --read-only nothing is written at all.
"""

DOCTOR_MORE = """\
Status: 0, all is well; 1, something is wrong with the store, and is named; 2, the command is at fault.

For example:
  spec-store doctor stores/suites
  spec-store doctor "postgresql+psycopg://gx@db/gx#suites" --password-file /run/secrets/gx
"""

_PASSWORDS = re.compile(r"(://[^:@/\s]*):\S*@")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, and exit with its status."""
    given = _parser().parse_args(arguments)
    # What an engine has to say comes as an error, in a line of ours.
    logging.getLogger("spec_store").addHandler(logging.NullHandler())
    sys.path.insert(0, "")
    secrets: list[str] = []

    def say(line: str) -> None:
        print(without_secrets(line, *secrets), file=sys.stderr)

    try:
        sys.exit(given.run(given, secrets, say))
    except KeyboardInterrupt:
        fault = f"interrupted{'; run it again to go on' if given.run is _copy else ''}"
    except AddressError as error:
        fault = _advised(str(error))
    except Exception as error:
        notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
        fault = _advised(f"{one_line(error)}{notes}")
    say(f"spec-store: {fault}")
    sys.exit(2)


def _advised(fault: str) -> str:
    advice = advice_on(fault)
    return f"{fault} -- {advice}" if advice else fault


def _copy(given: argparse.Namespace, secrets: list[str], say: Callable[[str], None]) -> int:
    source = _address(given.source, (given.source_password_env, given.source_password_file), secrets)
    dest = _address(given.dest, (given.dest_password_env, given.dest_password_file), secrets)
    return Copying(
        source,
        dest,
        say,
        given.timeout,
        tuple(given.prefix),
        given.overwrite,
        given.dry_run,
        given.verify,
        given.quiet,
    ).run()


def _doctor(given: argparse.Namespace, secrets: list[str], _say: Callable[[str], None]) -> int:
    address = _address(given.store, (given.password_env, given.password_file), secrets)
    found = examined(address, given.timeout, read_only=given.read_only)
    print(as_json(found) if given.json else as_text(found))
    return 0 if found.well else 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """As the base does, without passwords of URLs that are where none is expected."""
        super().error(_PASSWORDS.sub(rf"\1:{MASK}@", message))


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="spec-store", epilog=f"spec-store COMMAND --help tells more.\n\n{ADDRESSES}", formatter_class=raw
    )
    parser.add_argument("--version", action="version", version=f"spec-store {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, words, description, more, add_arguments in (
        ("copy", "copy what one store holds into another", COPY, COPY_MORE, _copy_arguments),
        ("doctor", "look whether a store is well", DOCTOR, DOCTOR_MORE, _doctor_arguments),
    ):
        epilog = f"{more}\n{ADDRESSES}"
        command = commands.add_parser(name, help=words, description=description, epilog=epilog, formatter_class=raw)
        add_arguments(command)
        command.add_argument(
            "--timeout",
            type=_timeout,
            default=TIMEOUT,
            metavar="SECONDS",
            help=f"how long connecting, and one operation, may take; {TIMEOUT:g} by default",
        )
    return parser


def _version() -> str:
    try:
        return version("spec-store")
    except PackageNotFoundError:
        return "of a checkout that is not installed"


def _copy_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_copy)
    command.add_argument("source", metavar="SOURCE", help="the store that is read; how to write it is said below")
    command.add_argument("dest", metavar="DEST", help="the store that is written")
    command.add_argument(
        "--prefix",
        action="append",
        default=[],
        metavar="ELEMENT",
        help="only keys whose first element this is; given again, for the second one, and so on",
    )
    command.add_argument("--overwrite", action="store_true", help="replace values that differ in DEST")
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be done, and write nothing; a callable's backend may still make its id itself",
    )
    command.add_argument(
        "--verify",
        action="store_true",
        help="afterwards read everything back from both, compare, and name what differs",
    )
    command.add_argument("--quiet", action="store_true", help="show no progress")
    for side in ("source", "dest"):
        _password_arguments(command, f"--{side}-password", f"{side.upper()}'s")


def _doctor_arguments(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_doctor)
    command.add_argument("store", metavar="STORE", help="how to write it is said below")
    command.add_argument("--read-only", action="store_true", help="write nothing, and so do not try whether one may")
    command.add_argument("--json", action="store_true", help="print it as a JSON object")
    _password_arguments(command, "--password", "its")


def _password_arguments(command: argparse.ArgumentParser, option: str, whose: str) -> None:
    either = command.add_mutually_exclusive_group()
    either.add_argument(f"{option}-env", metavar="VARIABLE", help=f"take {whose} password from that variable")
    either.add_argument(f"{option}-file", metavar="FILE", help=f"take {whose} password from that file's first line")


def _timeout(text: str) -> float:
    try:
        return checked_timeout(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a number of seconds above 0, not {text!r}") from error


def _password(variable: str | None, file: str | None) -> str:
    """The password that an option leads to; "" where there is none.

    Raises:
        AddressError: there is nothing where it leads.
    """
    if variable is not None:
        found = os.environ.get(variable, "")
        where = f"the environment variable {variable}"
    elif file is not None:
        where = f"the file {file}"
        try:
            found = next(iter(Path(file).read_text("utf-8").splitlines()), "")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise AddressError(f"no password can be read from {where}: {reason}") from None
    else:
        return ""
    if not found:
        raise AddressError(f"there is no password in {where}: it is not set, or empty")
    return found


def _address(text: str, options: tuple[str | None, str | None], secrets: list[str]) -> Address:
    """An address, with the password that its two options lead to; what is secret in it is added to `secrets`."""
    password = _password(*options)
    secrets += [password] if password else []
    address = parsed(text, password)
    secrets += address.secrets
    return address
