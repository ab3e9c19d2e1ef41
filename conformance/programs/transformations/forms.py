"""One character written in several ways, and characters that nobody sees.

File systems and databases normalize: HFS+ to NFD, many libraries to NFC or, for identifiers, NFKC. What has no width,
or no meaning of its own, is dropped by whatever cleans text.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Literal

from conformance.programs.transformations.transformation import Transformation, of_texts, replacing, without

_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'}
_DASHES = {"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00ad": "-"}
_IGNORABLE = "\u200b\u200c\u200d\u2060\ufeff"
_DIRECTIONS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = frozenset({"Cf", "Cn"})
_ANGSTROM = "\u212b"


def _normalizing(form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> Callable[[str], str]:
    return partial(unicodedata.normalize, form)


def drop_categories(text: str, categories: frozenset[str]) -> str:
    """`text` without the characters of some categories."""
    return "".join(one for one in text if unicodedata.category(one) not in categories)


FORMS: tuple[Transformation, ...] = (
    of_texts("their normal form (NFC)", _normalizing("NFC"), "e\u0301", _ANGSTROM, "\u1100\u1161", "a\u0323\u0307"),
    of_texts("their normal form (NFD)", _normalizing("NFD"), "\u00e9", "\uac00", "\u1e69"),
    of_texts("their normal form (NFKC)", _normalizing("NFKC"), "\ufb01", "\u00b2", "\u2460", "\u2026", "\uff21"),
    of_texts("their normal form (NFKD)", _normalizing("NFKD"), "\u00bd", "\ufb03", "\u00b4"),
    of_texts("zero-width characters", without(_IGNORABLE), *(f"a{one}b" for one in _IGNORABLE)),
    of_texts("a byte order mark", lambda text: text.removeprefix("\ufeff"), "\ufeffa"),
    of_texts("soft hyphens", without("\u00ad"), "a\u00adb"),
    of_texts("variation selectors", lambda text: re.sub("[\ufe00-\ufe0f]", "", text), "\u2764\ufe0f", "a\ufe00"),
    of_texts("marks of direction", without(_DIRECTIONS), *(f"c{one}d" for one in _DIRECTIONS)),
    of_texts("characters of private use", lambda text: re.sub("[\ue000-\uf8ff]", "", text), "a\ue000", "\uf8ff"),
    of_texts("what no font shows", partial(drop_categories, categories=_UNSEEN), "a\U000e0061", "a\ufffe", "a\u0378"),
    of_texts("the shape of quotation marks", replacing(_QUOTES), *(f"{one}a" for one in _QUOTES)),
    of_texts("the length of dashes", replacing(_DASHES), *(f"a{one}b" for one in _DASHES)),
    of_texts(
        "characters outside the BMP", lambda text: re.sub("[^\0-\uffff]", "\ufffd", text), "\U0001f600", "\U00010000"
    ),
    of_texts("characters outside the BMP", lambda text: re.sub("[^\0-\uffff]", "", text), "a\U0001f601", "\U0010ffff"),
)
