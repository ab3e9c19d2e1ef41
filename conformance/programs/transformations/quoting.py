"""Characters that stand for others: percent signs, entities, backslashes, doubled quotes, and names that are cleaned.

What is quoted once too often, or not at all, makes one key of two: of what holds the character, and of what spells it.
"""

import html
import json
import re
import string
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from conformance.programs.transformations.transformation import Transformation, of_texts, replacing, without

_BACKSLASHED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\"}
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def unescape(text: str) -> str:
    """`text` with the usual backslash sequences resolved."""
    return re.sub(r"\\([ntr0\\])", lambda found: _BACKSLASHED[found[1]], text)


def _from_code(text: str, pattern: str) -> str:
    return re.sub(pattern, lambda found: chr(int(found[1], 16)), text)


def _as_json(text: str) -> str:
    return json.dumps(text)[1:-1]


QUOTING: tuple[Transformation, ...] = (
    of_texts("percent escapes", unquote, "%41", "a%2Fb", "%20a", "%c3%a9", "%25", settles=False),
    of_texts("percent escapes", quote, "b c", "\u00e9", "b%c", "b&c", settles=False),
    of_texts("plus signs for spaces", unquote_plus, "d+e", "%2B", settles=False),
    of_texts("plus signs for spaces", quote_plus, "d e", "d:e", settles=False),
    of_texts(
        "the case of percent escapes", lambda text: re.sub("%..", lambda one: one[0].upper(), text), "f%2f", "%c3%a9"
    ),
    of_texts("entities of HTML", html.unescape, "a&amp;b", "&lt;", "&#65;", "&eacute;", settles=False),
    of_texts("entities of HTML", html.escape, "g&h", "<g>", '"g"', settles=False),
    of_texts("backslash escapes", unescape, "a\\nb", "a\\\\b", "a\\tb", settles=False),
    of_texts("backslash escapes", _as_json, "a\nb", 'a"b', "c\\d", "\u00fc", settles=False),
    of_texts("backslashes", without("\\"), "i\\j", "\\k"),
    of_texts("backslashes for slashes", replacing({"\\": "/"}), "l\\m"),
    of_texts("slashes for colons", replacing({"/": ":"}), "l/m", "l/n/o"),
    of_texts("escapes \\u", lambda text: _from_code(text, r"\\u([0-9a-fA-F]{4})"), "\\u0041", "a\\u00e9"),
    of_texts("escapes \\x", lambda text: _from_code(text, r"\\x([0-9a-fA-F]{2})"), "\\x41", "a\\xe9"),
    of_texts("escapes =", lambda text: _from_code(text, "=([0-9A-F]{2})"), "=41", "a=2Fb", settles=False),
    of_texts("escapes _x", lambda text: _from_code(text, "_x([0-9A-F]{4})_"), "_x0041_", "a_x002F_b", settles=False),
    of_texts("doubled quotes", replacing({"''": "'", '""': '"'}), "p''q", 'p""q', settles=False),
    of_texts("quotes around them", lambda text: text.strip("\"'"), "'r'", '"r"'),
    of_texts("quotes", without("\"'`"), "s't", 's"u', "s`v"),
    of_texts("doubled braces", replacing({"{{": "{", "}}": "}"}), "{{w}}", "{{0}}", settles=False),
    of_texts("doubled percent signs", replacing({"%%": "%"}), "x%%y", settles=False),
    of_texts("doubled dollar signs", replacing({"$$": "$"}), "x$$y", settles=False),
    of_texts("doubled underscores", replacing({"__": "_"}), "x__y", settles=False),
    of_texts("characters that names may not have", lambda text: _FORBIDDEN.sub("_", text), "a:b", "a|b", "a?b", "a*b"),
    of_texts("characters that names may not have", lambda text: _FORBIDDEN.sub("", text), "c:d", "c<d", "c*d"),
    of_texts(
        "all but letters and digits", lambda text: re.sub(r"[^0-9A-Za-z]+", "-", text), "e!f", "e, f", "e_f", "e@f"
    ),
    of_texts("all but letters and digits", lambda text: re.sub(r"\W", "", text), "g-h", "g.h", "g#h", "g(h)"),
    of_texts("punctuation", without(string.punctuation), "i.j", "i_j", "i/j", "i~j", "i$j", "i{j}"),
)
