"""Letters that are taken for one another: case, in all its special cases, accents, alphabets that look alike.

Case is several functions: `lower` and `casefold` differ at sharp s and final sigma, a database folds ASCII alone or by
its collation, and in Turkish the capital of i has a dot.
"""

import re
import string
import unicodedata

from conformance.programs.transformations.transformation import Transformation, of_texts, replacing

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_CYRILLIC = str.maketrans("\u0430\u0435\u043e\u0440\u0441\u0445\u0410\u0415", "aeopcxAE")
_LATIN = {"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00df": "ss", "\u00f8": "o", "\u0142": "l", "\u00e6": "ae"}
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def fold_ascii(text: str) -> str:
    """`text` with its ASCII letters in lower case."""
    return text.translate(_ASCII_LOWER)


def lower_turkish(text: str) -> str:
    """`text` in lower case as it is in Turkish."""
    return text.replace("\u0130", "i").replace("I", "\u0131").lower()


def without_accents(text: str) -> str:
    """`text` without the marks that are written above or below letters."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", bare)


def to_snake_case(text: str) -> str:
    """`text` with an underscore and a small letter for each capital amid a word."""
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0].lower()}", text)


FOLDING: tuple[Transformation, ...] = (
    of_texts("case", fold_ascii, "A", "aB"),
    of_texts("case (Turkish i)", lower_turkish, "I", "\u0130x"),
    of_texts("case (Turkish i)", lambda text: text.replace("\u0131", "i"), "\u0131"),
    of_texts("a final sigma", lambda text: text.replace("\u03c2", "\u03c3"), "\u03b1\u03c2", "\u03c2"),
    of_texts("case", str.lower, "\u00c9", "\u0416", "K\u212a"),
    of_texts("case (upper)", str.upper, "\u00df", "\ufb01", "\u00b5"),
    of_texts("case (full folding)", str.casefold, "\u00df", "\u1e9e", "\u0149", "\u017f"),
    of_texts("the case of their first letter", lambda text: text[:1].upper() + text[1:], "bc", "\u00e9a"),
    of_texts("the case of words (title)", str.title, "de fg", "d1e"),
    of_texts("capitals written with underscores", to_snake_case, "aBc", "a1B"),
    of_texts("accents", without_accents, "\u00e9", "\u00c5", "o\u0308", "\u1ec7"),
    of_texts("how letters are spelled in ASCII", replacing(_LATIN), *_LATIN),
    of_texts("letters that look alike", lambda text: text.translate(_CYRILLIC), "\u0430", "\u0441\u0435"),
    of_texts("hiragana and katakana", lambda text: text.translate(_KATAKANA), "\u3042", "\u306f\u3072"),
    of_texts("the width of letters", lambda text: text.translate(_WIDE), "\uff41", "\uff0f", "\uff11"),
)
"""The plainest first."""
