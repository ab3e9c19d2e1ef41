"""What the objects of a store contain: a value, or for a while one of three marks (`_object_writes` says what for).

| content                                      | read as                                                        |
|----------------------------------------------|----------------------------------------------------------------|
| text in UTF-8                                | that value                                                     |
| `FF -`, 32 digits                            | no value: the key is missing                                   |
| `FF +`, 32 digits, text                      | that value                                                     |
| `FF >`, 32 digits, a line of JSON, text      | that value, which is being moved to the object that JSON names |

No text has a byte `FF` in UTF-8, so none is taken for a mark. The digits are random: no two marks are equal, nor are
their ETags, but for `GONE`, whose digits are all 0.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Self

import attrs

from spec_store.errors import StoreBackendError

MARK = b"\xff"
DIGITS = 32
GONE = MARK + b"-" + b"0" * DIGITS
"""What a removed key's object contains, until it is deleted."""

Version = Mapping[str, str]
"""Which content of an object is meant, by its ETag and, where the store has them, its version; empty for no object."""


@attrs.frozen
class Claim:
    """What a move has written over its source: the value, and where it goes.

    Args:
        target: the name of the object that the value is written to.
        stamp: the version of that object that it may replace.
    """

    target: str
    stamp: Version
    id: str = attrs.field(factory=lambda: uuid.uuid4().hex)


@attrs.frozen
class Seen:
    """What an object contained.

    Args:
        raw: all of it.
        version: which content that is.
        text: the value, in UTF-8; None where the key is missing.
        claim: the move that is under way, or None.
    """

    raw: bytes
    version: Version
    text: bytes | None
    claim: Claim | None = None

    @classmethod
    def of(cls, raw: bytes, version: Version) -> Self:
        """Read a content.

        Raises:
            StoreBackendError: it has a mark that this release does not know.
        """
        if not raw.startswith(MARK):
            return cls(raw, version, raw)
        kind, digits, rest = raw[1:2], raw[2 : 2 + DIGITS].decode("ascii", "replace"), raw[2 + DIGITS :]
        if kind == b"-":
            return cls(raw, version, None)
        if kind == b"+":
            return cls(raw, version, rest)
        if kind == b">":
            line, _, text = rest.partition(b"\n")
            target, stamp = json.loads(line)
            return cls(raw, version, text, Claim(target, stamp, digits))
        raise StoreBackendError("an object has a mark of a later version of spec-store: upgrade")


def text_of(raw: bytes) -> bytes | None:
    """The value that a content stands for, in UTF-8; None where the key is missing."""
    return Seen.of(raw, {}).text if raw.startswith(MARK) else raw


def stamped(text: bytes | None) -> bytes:
    """A content that is read as `text` is, and is equal to no other."""
    digits = uuid.uuid4().hex.encode()
    return MARK + b"-" + digits if text is None else MARK + b"+" + digits + text


def claimed(text: bytes, claim: Claim) -> bytes:
    """The content of a source whose value is being moved."""
    line = json.dumps([claim.target, dict(claim.stamp)]).encode()
    return MARK + b">" + claim.id.encode() + line + b"\n" + text
