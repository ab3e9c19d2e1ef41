"""`spec-store copy`: what is said, and the status, about a copy between two addresses."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NoReturn

import attrs

from spec_store.addresses import Address, AddressError, not_there, of_great_expectations, opened
from spec_store.copying import Compared, Copied, Progress, compare, copy
from spec_store.keys import Key
from spec_store.surroundings import Database, database, foreign_objects, left_out, unwritable


@attrs.frozen
class Copying:
    """One call of the command.

    Args:
        source, dest: where the stores are.
        say: prints a line for people; what is secret is taken out of it there.
        timeout: seconds for connecting and for an operation.
        prefix: what the keys start with.
        overwrite: whether to replace values that differ.
        dry_run: whether to write nothing, and tell what would be done.
        verify: whether to read everything again afterwards.
        quiet: whether to show no progress.
    """

    source: Address
    dest: Address
    say: Callable[[str], None]
    timeout: float
    prefix: Key = ()
    overwrite: bool = False
    dry_run: bool = False
    verify: bool = False
    quiet: bool = False

    def run(self) -> int:
        """Copy, and tell: 0 if all that the source has is, or would be, in the destination; else 1.

        Raises:
            AddressError: an address leads to no store.
            Exception: what the two backends raise.
        """
        if self.dest.kind == "gx":
            raise AddressError("DEST: gx: is only read; leave it out, and spec-store writes files of its own")
        source = self._open_source()
        dest = self._open_dest()
        well, found = self._would_copy(source, dest) if self.dry_run else self._copy(source, dest)
        return 0 if self._whole_source(source, found) and well else 1

    def _copy(self, source: Any, dest: Any) -> tuple[bool, bool]:
        """Copy: whether all has arrived, and whether there is anything at all."""
        done = copy(source, dest, self.prefix, overwrite=self.overwrite, progress=self._progress())
        print(done)
        self._name("left alone, for its value differs (--overwrite replaces it)", done.differing_keys)
        self._name_unreadable(done)
        well = done.complete
        if self.verify:
            seen = compare(source, dest, self.prefix, progress=self._progress())
            print(f"read again: {seen}")
            self._name("differs when read again", seen.differing_keys)
            self._name("missing in DEST when read again", seen.missing_keys)
            well = well and seen.complete
        found = done.copied + done.present + done.overwritten + done.differing + done.unreadable
        return well, found > 0

    def _would_copy(self, source: Any, dest: Any) -> tuple[bool, bool]:
        """Compare: whether all would arrive, and whether there is anything at all."""
        seen = compare(source, dest, self.prefix, progress=self._progress())
        replaced, kept = (seen.differing, 0) if self.overwrite else (0, seen.differing)
        print(
            f"nothing is written; a copy would be: {seen.missing} copied, {seen.equal} there already, {replaced} "
            f"overwritten, {kept} left alone because they differ, {seen.unreadable} unreadable"
        )
        fate = "would be overwritten" if self.overwrite else "would be left alone"
        self._name(f"{fate}, for its value differs", seen.differing_keys)
        self._name_unreadable(seen)
        found = seen.missing + seen.equal + seen.differing + seen.unreadable
        return not kept and not seen.unreadable, found > 0

    def _name(self, what: str, keys: Iterable[Key]) -> None:
        for key in keys:
            self.say(f"{what}: {key!r}")

    def _name_unreadable(self, done: Copied | Compared) -> None:
        for key, reason in zip(done.unreadable_keys, done.reasons, strict=True):
            self.say(f"listed by SOURCE, but cannot be read: {key!r}: {reason}")

    def _progress(self) -> Progress | None:
        """What shows how far it is, after a second, to somebody who looks."""
        start = time.monotonic()

        def show(done: int, total: int) -> None:
            if time.monotonic() - start > 1:
                text = f"\r{done} of {total} keys" if done < total else "\r\033[K"
                print(text, end="", file=sys.stderr, flush=True)

        return None if self.quiet or not sys.stderr.isatty() else show

    # The two stores

    def _open_source(self) -> Any:
        """The store that is read, which answers; it gets no id, no table, no file."""
        wrong = not_there(self.source) or of_great_expectations(self.source)
        if wrong:
            raise AddressError(f"SOURCE: {wrong}")
        seen = self._seen(self.source)
        if seen is not None and not seen.table:
            raise AddressError(f"SOURCE: there is no table {self.source.table}; another one is #NAME?table=TABLE")
        return self._answering(self.source, "SOURCE", read_only=True)

    def _open_dest(self) -> Any:
        """The store that is written, which answers; in a dry run it is only read, and nothing is made there."""
        missing = not_there(self.dest)
        if missing and (not missing.startswith("there is no") or self.dest.kind == "objects"):
            raise AddressError(f"DEST: {missing}")
        if of_great_expectations(self.dest):
            raise AddressError(
                f"DEST: {self.dest} has files that Great Expectations itself wrote; name another directory"
            )
        wrong = unwritable(self.dest) if missing else None
        if wrong:
            raise AddressError(f"DEST: {wrong}")
        if self.dry_run:
            seen = None if missing else self._seen(self.dest)
            if missing or (seen is not None and not seen.table):
                return _Nothing()
        return self._answering(self.dest, "DEST", read_only=self.dry_run)

    def _seen(self, address: Address) -> Database | None:
        """What is known of a database; None where there is none, or it refuses, which the engine then tells."""
        if address.kind != "sql":
            return None
        try:
            return database(address, self.timeout)
        except TimeoutError as error:
            raise AddressError(f"{address}: {error}") from None
        except Exception:
            return None

    def _answering(self, address: Address, side: str, *, read_only: bool) -> Any:
        try:
            backend = opened(address, self.timeout, read_only=read_only)
            backend.has_key(("spec-store",))
        except AddressError as error:
            raise AddressError(f"{side}: {error}") from None
        except Exception as error:
            error.add_note(f"while opening {side}, {address}")
            raise
        return backend

    # What was not found

    def _whole_source(self, source: Any, found: bool) -> bool:
        """Whether the keys are all that there is in the source; else it is told what else there is."""
        left = list(left_out(self.source, source)) if not self.prefix or not found else []
        for name in left:
            self.say(f"left out, for it is no file of this store: {name!r}")
        if left:
            self.say(f"SOURCE has files that are not this store's: {self.source.other_ways}")
            return False
        other = None if found else self._elsewhere()
        if other is not None:
            self.say(other)
            return False
        if not found:
            self.say(f"SOURCE has no keys that start with {self.prefix!r}" if self.prefix else "SOURCE has no keys")
        return True

    def _elsewhere(self) -> str | None:
        """What is there in place of the store's keys, as far as one can see."""
        with suppress(Exception):
            seen = self._seen(self.source)
            others = [name for name in seen.stores if name != self.source.name] if seen else []
            if others:
                named = ", ".join(map(repr, others))
                return f"SOURCE has nothing under the name {self.source.name!r}; its table has {named}"
            other = foreign_objects(self.source) if self.source.kind == "objects" and not self.prefix else None
            if other is not None:
                return f"SOURCE has objects, {other!r} for one, but none of a store that spec-store wrote"
        return None


class _Nothing:
    """A store that is not there yet."""

    def has_key(self, key: Key) -> bool:
        return False

    def get(self, key: Key) -> NoReturn:
        raise KeyError(key)
