"""Texts of one hash: whoever finds a key, or tells two values apart, by a hash alone takes these for one.

Any 4,096 keys make it likely that two share a hash of up to 24 bits (`counts`), none that two share one of 32. So for
each hash that code has at hand there are two texts that share it, made for that:

    a hash that is                        its two texts share it
    ------------------------------------  ------------------------------------------------------------------------
    linear (a CRC, a sum, a polynomial)   wherever they stand: a joined name or a record has the same hash too,
                                          for they are of one length
    not linear (FNV, Murmur, a digest)    where nothing precedes them, whatever follows; two further texts share it
                                          where an element "a" and a slash do

The texts were looked for once; that they share their hash is what is computed here, when it is asked.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import xor
from typing import TypeAlias

from conformance.programs.transformations.transformation import Match, match
from spec_store import Key

Hash: TypeAlias = Callable[[bytes], int]

BITS = 0xFFFFFFFF
PRECEDED = "a/"
"""What precedes a text where it is the second element, joined to the first."""

CASTAGNOLI, ARC, CCITT = 0x82F63B78, 0xA001, 0x1021
"""The polynomials of CRC-32C, and of two of 16 bits, of which the first two are reflected."""


def polynomial(factor: int, begin: int = 0) -> Hash:
    """The hash that takes each byte for a digit of a number with base `factor`, to 32 bits."""
    return lambda raw: reduce(lambda number, byte: (number * factor + byte) & BITS, raw, begin)


def reflected(divisor: int, begin: int) -> Hash:
    """A CRC that begins with the lowest bit."""

    def shifted(number: int) -> int:
        return (number >> 1) ^ (divisor if number & 1 else 0)

    def hashed(raw: bytes) -> int:
        return reduce(lambda number, byte: reduce(lambda one, _: shifted(one), range(8), number ^ byte), raw, begin)

    return hashed


def ccitt(raw: bytes) -> int:
    """The CRC of 16 bits that begins with the highest."""

    def shifted(number: int) -> int:
        return ((number << 1) ^ (CCITT if number & 0x8000 else 0)) & 0xFFFF

    return reduce(lambda number, byte: reduce(lambda one, _: shifted(one), range(8), number ^ byte << 8), raw, 0xFFFF)


def fnv1(raw: bytes) -> int:
    """FNV-1, of 32 bits."""
    return reduce(lambda number, byte: (number * 0x01000193 & BITS) ^ byte, raw, 0x811C9DC5)


def fnv1a(raw: bytes) -> int:
    """FNV-1a, of 32 bits."""
    return reduce(lambda number, byte: (number ^ byte) * 0x01000193 & BITS, raw, 0x811C9DC5)


def bernstein_xor(raw: bytes) -> int:
    """The second hash of Bernstein."""
    return reduce(lambda number, byte: (number * 33 & BITS) ^ byte, raw, 5381)


def jenkins(raw: bytes) -> int:
    """The hash of Jenkins that takes one byte at a time."""
    number = 0
    for byte in raw:
        number = (number + byte) * 1025 & BITS
        number ^= number >> 6
    number = number * 9 & BITS
    number ^= number >> 11
    return number * 32769 & BITS


def elf(raw: bytes) -> int:
    """The hash of object files."""
    number = 0
    for byte in raw:
        number = (number << 4) + byte
        high = number & 0xF0000000
        number = (number ^ high >> 24) & ~high & BITS
    return number


def murmur3(raw: bytes) -> int:
    """MurmurHash3, of 32 bits, that begins with 0."""
    number, whole = 0, len(raw) // 4 * 4
    for at in range(0, whole, 4):
        number ^= _scrambled(int.from_bytes(raw[at : at + 4], "little"))
        number = (_rotated(number, 13) * 5 + 0xE6546B64) & BITS
    number ^= _scrambled(int.from_bytes(raw[whole:], "little")) ^ len(raw)
    number = (number ^ number >> 16) * 0x85EBCA6B & BITS
    number = (number ^ number >> 13) * 0xC2B2AE35 & BITS
    return number ^ number >> 16


def _scrambled(number: int) -> int:
    return _rotated(number * 0xCC9E2D51 & BITS, 15) * 0x1B873593 & BITS


def _rotated(number: int, by: int) -> int:
    return (number << by | number >> 32 - by) & BITS


def digest(name: str) -> Hash:
    """The first 32 bits of a digest."""
    return lambda raw: int.from_bytes(hashlib.new(name, raw, usedforsecurity=False).digest()[:4], "big")


def _of_one(name: str, hashed: Hash, *pairs: tuple[str, str]) -> Iterator[Match]:
    """Texts of one hash, alone; and after what precedes the second of two elements, if there are others for that."""
    for preceding, pair in zip(("", PRECEDED), pairs, strict=False):
        yield match(f"what their {name} does not show", _sharing(hashed, preceding), pair)


def _sharing(hashed: Hash, preceding: str) -> Callable[[str, str], bool]:
    def of(text: str) -> int:
        return hashed(f"{preceding}{text}".encode("utf-8", "surrogatepass"))

    def shares(text: str, other: str) -> bool:
        return len(text) == len(other) and text != other and of(text) == of(other)

    return shares


LINEAR: tuple[Match, ...] = (
    *_of_one("CRC-32", zlib.crc32, ("plumless", "buckeroo")),
    *_of_one("CRC-16", reflected(ARC, 0), ("babigo", "bafadi")),
    *_of_one("CRC of 16 bits", ccitt, ("bakugi", "bibefa")),
    *_of_one("CRC-32C", reflected(CASTAGNOLI, BITS), ("fapipuhaci", "pesejucija")),
    *_of_one("Adler-32", zlib.adler32, ("xbabx", "xacax")),
    *_of_one("String.hashCode", polynomial(31), ("Aa", "BB")),
    *_of_one("hash of Bernstein", polynomial(33, 5381), ("cA", "bb")),
    *_of_one("sdbm hash", polynomial(65599), ("pibasenico", "pacajegoji")),
    *_of_one("hash of object files", elf, ("aq", "ba")),
    *_of_one("sum of characters", sum, ("ad", "bc")),
    *_of_one("exclusive or of characters", lambda raw: reduce(xor, raw, 0), ("ad", "bg")),
)
"""Hashes whose texts share them anywhere."""

NOT_LINEAR: tuple[Match, ...] = (
    *_of_one("FNV-1 hash", fnv1, ("gopuku", "habejo"), ("cumahu", "domeko")),
    *_of_one("FNV-1a hash", fnv1a, ("fibecu", "rerasi"), ("cucotu", "jenafi")),
    *_of_one("second hash of Bernstein", bernstein_xor, ("tetimimila", "lebojocesu"), ("pininihodo", "tamupugari")),
    *_of_one("hash of Jenkins", jenkins, ("dotojo", "fahebi"), ("jekadi", "jesopa")),
    *_of_one("MurmurHash3", murmur3, ("cicame", "didako"), ("hejaki", "hicuji")),
    *_of_one("first 32 bits of MD5", digest("md5"), ("banebe", "bisasi"), ("begoga", "dopeje")),
    *_of_one("first 32 bits of SHA-1", digest("sha1"), ("dasibe", "dijoka"), ("bebede", "decaha")),
    *_of_one("first 32 bits of SHA-256", digest("sha256"), ("bijeri", "gafiko"), ("dijiga", "fametu")),
)
"""Hashes whose texts share them where nothing, or one certain thing, precedes them."""

HASHING: tuple[Match, ...] = (*LINEAR, *NOT_LINEAR)

_PAIRS = frozenset(frozenset(example) for one in HASHING for example in one.examples)


def share_a_hash(keys: Sequence[Key]) -> bool:
    """Whether two keys have, at one place, two texts that were made to share a hash: no plain text does instead."""
    pairs = (pair for left, right in combinations(keys, 2) for pair in zip(left, right, strict=False))
    return any(frozenset(pair) in _PAIRS for pair in pairs)
