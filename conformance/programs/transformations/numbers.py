"""Texts that look like something else: numbers, truth values, null. Whatever guesses types makes one key of several."""

import re
import unicodedata

from conformance.programs.transformations.transformation import Transformation, of_texts

_FLOAT = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d+)?", re.ASCII)
_TRUE = ("true", "yes", "on", "y", "t")
_FALSE = ("false", "no", "off", "n", "f")
_NULL = ("null", "none", "nil", "~", "", "nan", "n/a")


def _number(text: str, pattern: str, base: int) -> str:
    return str(int(text, base)) if re.fullmatch(pattern, text, re.ASCII) else text


def as_float(text: str) -> str:
    """The number that a text with a point or an exponent is, as Python writes it."""
    return str(float(text)) if _FLOAT.fullmatch(text) else text


def as_whole(text: str) -> str:
    """A number with a point or an exponent that is whole, as a whole number."""
    number = float(text) if _FLOAT.fullmatch(text) else 0.5
    return str(int(number)) if abs(number) < 1e300 and number.is_integer() else text


def by_float(text: str) -> str:
    """A whole number as it is once it has been a float: exact to 53 bits."""
    return str(int(float(text))) if re.fullmatch(r"\d{1,300}", text, re.ASCII) else text


def with_ascii_digits(text: str) -> str:
    """`text` with the digits of other scripts in ASCII."""
    return "".join(str(unicodedata.decimal(one, one)) for one in text)


def _word(words: tuple[str, ...], as_written: str) -> Transformation:
    """Some words, in whatever case, for one."""
    cases = (case for word in words for case in (word, word.upper(), word.title()))
    texts = [text for text in dict.fromkeys(cases) if text != as_written]
    name = {"True": "words for true", "False": "words for false", "None": "words for null"}[as_written]
    return of_texts(name, lambda text: as_written if text.lower() in words else text, *texts)


def _in_range(text: str, bits: int) -> str:
    return str(int(text) % 2**bits) if re.fullmatch(r"\d{1,99}", text, re.ASCII) else text


NUMBERS_AND_WORDS: tuple[Transformation, ...] = (
    of_texts("leading zeros", lambda text: _number(text, r"\d+", 10), "01", "00", "007"),
    of_texts("signs of numbers", lambda text: _number(text, r"[+-]?\d+", 10), "+1", "-0"),
    of_texts("spaces around numbers", lambda text: _number(text, r"\s*[+-]?\d+\s*", 10), " 2", "2 "),
    of_texts("how a number is written", as_float, "1e3", "1.50", "1E3", "1e03", "2.", ".5", "1e-1"),
    of_texts("how a number is written", as_whole, "1.0", "2e2", "2.00"),
    of_texts("how a number is written", lambda text: _number(text, r"\d+(_\d+)+", 10), "1_000"),
    of_texts("how a number is written", lambda text: _number(text, "0[xX][0-9a-fA-F]+", 16), "0x10", "0XfF"),
    of_texts("how a number is written", lambda text: _number(text, "0o?[0-7]+", 8), "017", "0o17"),
    of_texts("how a number is written", lambda text: _number(text, "0b[01]+", 2), "0b11"),
    of_texts("separators of thousands", lambda text: re.sub(r"(?<=\d),(?=\d{3})", "", text), "1,000", "1,000,000"),
    of_texts("a decimal comma", lambda text: re.sub(r"(?<=\d),(?=\d)", ".", text), "1,5"),
    of_texts("the digits of a script", with_ascii_digits, "\u0663", "\u0967", "\uff11", "\U0001d7d9"),
    of_texts("digits past what a float holds", by_float, str(2**53 + 1), str(10**17 + 1)),
    of_texts("digits past 64 bits", lambda text: _in_range(text, 64), str(2**64 + 1)),
    of_texts("digits past 32 bits", lambda text: _in_range(text, 32), str(2**32 + 1)),
    _word(_TRUE, "True"),
    _word(_FALSE, "False"),
    _word(_NULL, "None"),
    of_texts("words for true and 1", lambda text: {"true": "1", "false": "0"}.get(text.lower(), text), "true", "False"),
)
