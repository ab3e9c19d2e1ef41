"""The names that engines give keys: reversible, in ASCII, and different for different keys (KEY-4).

A name has letters, digits, "_" and "-", and "%XX" for each byte of anything else; so "/", "." and whatever a caller of
these functions puts round a name are never part of one.
"""

import functools
import re
from collections.abc import Sequence
from urllib.parse import unquote

from spec_store.keys import Key

EMPTY_NAME = "%"
"""The name of an empty element; other names have two hexadecimal digits after each "%"."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+")
_PLAIN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/"

RESERVED = r"(?:con|prn|aux|nul|com\d|lpt\d)"
"""Names that Windows reserves, whatever follows after a dot."""

LETTERS = "[a-z0-9_-]"
"""What the names of files may have in them on any system."""

PORTABLE = re.compile(rf"(?!{RESERVED}\Z){LETTERS}+")
"""Elements that are their own names in the files of any system."""

_PORTABLE_PATH = re.compile(rf"(?:(?!{RESERVED}(?:/|\Z)){LETTERS}+/)*(?!{RESERVED}\Z){LETTERS}+")


@functools.lru_cache(maxsize=4096)
def name_of(element: str, portable: bool = False) -> str:
    """The name that stands for an element of a key, and for no other (KEY-4).

    Args:
        element: any str, lone surrogates included.
        portable: whether to make a name for the files of any system: without capital letters, which may not differ
            from small ones there, but for those after a "%", and none of the names that Windows reserves.
    """
    plain = PORTABLE if portable else _PLAIN
    if not element:
        return EMPTY_NAME
    if plain.fullmatch(element):
        return element
    reserved = portable and _PLAIN.fullmatch(element) and element.islower()
    letters = [chr(byte) for byte in element.encode("utf-8", "surrogatepass")]
    return "".join(
        letter if plain.fullmatch(letter) and not (reserved and number == 0) else f"%{ord(letter):02X}"
        for number, letter in enumerate(letters)
    )


@functools.lru_cache(maxsize=4096)
def element_of(name: str, portable: bool = False) -> str:
    """The element that a name stands for.

    Raises:
        ValueError: no element has that name.
    """
    try:
        element = "" if name == EMPTY_NAME else unquote(name, errors="surrogatepass")
    except UnicodeDecodeError:
        element = "?"  # which has a name of its own
    if name_of(element, portable) != name:
        raise ValueError(f"not the name of a key's element: {name!r}")
    return element


@functools.lru_cache(maxsize=4096)
def path_of(key: Key, portable: bool = False) -> str:
    """The names of a key's elements, "/" between them: in ASCII, "" for `()`, and different for different keys.

    The paths of the keys that start with a key are its own and those that begin with its own and "/" (LIST-2); with
    `()`, all.
    """
    return "/".join([name_of(element, portable) for element in key])


def key_of(path: str, portable: bool = False) -> Key:
    """The key that has a path.

    Raises:
        ValueError: no key has that path.
    """
    if (_PORTABLE_PATH if portable else _PLAIN_PATH).fullmatch(path):  # as most have: every element is its own name
        return tuple(path.split("/"))
    return tuple([element_of(name, portable) for name in path.split("/")]) if path else ()


def keys_of(paths: Sequence[bytes]) -> list[Key]:
    """The keys that have these paths, in their order; where all are plain, as quickly as they are split.

    Raises:
        ValueError: no key has one of them.
    """
    lines = b"\n".join(paths)
    others = lines.translate(None, _PLAIN_BYTES)
    # Every element is its own name: none has other characters, none is empty.
    if len(others) == len(paths) - 1 == others.count(b"\n") and b"//" not in b"/%b/" % lines.replace(b"\n", b"/"):
        return [tuple(path.split("/")) for path in lines.decode("ascii").split("\n")]
    return [key_of(str(path, "ascii")) for path in paths]
