"""Names that a file system or a program has taken already, and what is done so that a key may have them after all.

An escape that another key spells out is no escape: NUL that becomes NUL_ is in the place of the key NUL_.
"""

import os
import re

from conformance.programs.transformations.transformation import Transformation, of_texts

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", *(f"{one}{number}" for one in ("com", "lpt") for number in "0123456789")}
)
_SUPERSCRIPTS = str.maketrans("\u00b9\u00b2\u00b3", "123")


def is_device(text: str) -> bool:
    """Whether Windows takes a name for a device, whatever its case and its extension."""
    return text.partition(".")[0].rstrip(" ").lower() in _DEVICES


def short_name(text: str) -> str:
    """The name of 8 and 3 characters that an old file system gives a longer one."""
    stem, dot, extension = text.rpartition(".") if "." in text else (text, "", "")
    return text if len(stem) <= 8 and len(extension) <= 3 else f"{stem[:6]}~1{dot}{extension[:3]}"


NAMES: tuple[Transformation, ...] = (
    of_texts(
        "an underscore after a device", lambda text: f"{text}_" if is_device(text) else text, "NUL", "con", "COM1"
    ),
    of_texts(
        "an underscore before a device", lambda text: f"_{text}" if is_device(text) else text, "AUX", "prn", "lpt1"
    ),
    of_texts(
        "the extension of a device",
        lambda text: text.partition(".")[0] if is_device(text) else text,
        "nul.txt",
        "aux.json",
    ),
    of_texts("the case of a device", lambda text: text.lower() if is_device(text) else text, "NUL", "Con"),
    of_texts("the digits of a device", lambda text: text.translate(_SUPERSCRIPTS), "COM\u00b9", "lpt\u00b2"),
    of_texts("a percent sign before a device", lambda text: f"%{text}" if is_device(text) else text, "COM9", "con.a"),
    of_texts("an underscore for a dot in front", lambda text: re.sub(r"^\.", "_", text), ".a", ".b.c"),
    of_texts("the word for a dot in front", lambda text: re.sub(r"^\.", "dot_", text), ".d"),
    of_texts("an underscore for a hyphen in front", lambda text: re.sub("^-", "_", text), "-a", "-"),
    of_texts("an underscore before a digit", lambda text: re.sub(r"^(\d)", r"_\1", text), "1a", "2"),
    of_texts("the short name of a file", short_name, "LONGNAME1", "longname.json", settles=False),
    of_texts("the home directory", os.path.expanduser, "~", "~/a"),
    of_texts("names of what is empty", lambda text: {"": "_", ".": "%2E", "..": "%2E%2E"}.get(text, text), "", "."),
    of_texts("names of what is empty", lambda text: text or "-", ""),
    of_texts("names of what is empty", lambda text: text or "__empty__", ""),
    of_texts("names of what is empty", lambda text: text or "%", ""),
)
