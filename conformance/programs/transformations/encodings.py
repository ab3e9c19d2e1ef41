"""Text that goes through bytes and does not come back: what an encoding lacks, and what is read by another one.

There are no lone surrogates here: a store may write its names as JSON, which takes a pair of them for one character.
"""

import re
from functools import partial

from conformance.programs.transformations.transformation import Transformation, of_texts


def through(text: str, encoding: str, errors: str) -> str:
    """`text` in an encoding and back."""
    return text.encode(encoding, errors).decode(encoding)


def misread(text: str, written: str, read: str) -> str:
    """`text` as it is read by somebody who takes it for another encoding; unchanged where it cannot be that."""
    try:
        return text.encode(written).decode(read)
    except UnicodeError:
        return text


def _masked(text: str, mask: int) -> str:
    return "".join(chr(ord(one) & mask) for one in text)


def from_punycode(text: str) -> str:
    """`text` with what looks like an international name decoded."""
    if re.fullmatch("xn--[a-z0-9-]+", text):
        return misread(text.removeprefix("xn--"), "ascii", "punycode")
    return text


ENCODINGS: tuple[Transformation, ...] = (
    of_texts("characters beyond ASCII", partial(through, encoding="ascii", errors="ignore"), "a\u00e9", "a\u4e2d"),
    of_texts("characters beyond ASCII", partial(through, encoding="ascii", errors="replace"), "b\u00e9", "b\u00fc"),
    of_texts("characters beyond Latin-1", partial(through, encoding="latin-1", errors="replace"), "c\u0142", "c\u4e2d"),
    of_texts("characters beyond Latin-1", partial(through, encoding="latin-1", errors="ignore"), "d\u0142", "d\u20ac"),
    of_texts(
        "characters beyond Windows-1252", partial(through, encoding="cp1252", errors="replace"), "e\u0101", "e\u0416"
    ),
    of_texts(
        "UTF-8 taken for Latin-1",
        partial(misread, written="utf-8", read="latin-1"),
        *("\u00e9", "\u00fc", "\u20ac"),
        settles=False,
    ),
    of_texts(
        "UTF-8 taken for Latin-1", partial(misread, written="latin-1", read="utf-8"), "\u00c3\u00a9", "\u00c2\u00a3"
    ),
    of_texts(
        "UTF-8 taken for Windows-1252",
        partial(misread, written="utf-8", read="cp1252"),
        *("\u2019", "\u00f6"),
        settles=False,
    ),
    of_texts(
        "UTF-8 taken for Windows-1252",
        partial(misread, written="cp1252", read="utf-8"),
        "\u00e2\u20ac\u2122",
        "\u00c3\u00b6",
    ),
    of_texts("Latin-1 taken for Windows-1251", partial(misread, written="latin-1", read="cp1251"), "\u00e0", "\u00ff"),
    of_texts("all but the last 7 bits", partial(_masked, mask=0x7F), "\u00e1", "f\u00e2"),
    of_texts("all but the last 8 bits", partial(_masked, mask=0xFF), "\u0141", "g\u0142"),
    of_texts("all but the last 16 bits", partial(_masked, mask=0xFFFF), "\U00010041", "h\U0001f600"),
    of_texts(
        "numbers of characters", partial(through, encoding="ascii", errors="xmlcharrefreplace"), "i\u00e9", "i\u4e2d"
    ),
    of_texts(
        "names of characters", partial(through, encoding="ascii", errors="backslashreplace"), "j\u00e9", "j\u4e2d"
    ),
    of_texts("international names", from_punycode, "xn--tda", "xn--mnchen-3ya"),
)
