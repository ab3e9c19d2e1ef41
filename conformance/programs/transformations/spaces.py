"""White space, line ends and control characters: stripped, collapsed, dropped, or taken for an end.

`strip` takes more than spaces, a line ends in three ways, C ends a string at NUL, Windows drops spaces and dots at the
end of a name, and a form field collapses what is between words.
"""

import re

from conformance.programs.transformations.transformation import Transformation, of_texts, without

_CONTROLS = "".join(map(chr, (*range(32), *range(127, 160))))
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


def with_plain_line_ends(text: str) -> str:
    """`text` as a file that is opened as text reads it: every line ends in a newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


SPACES: tuple[Transformation, ...] = (
    of_texts("a newline at the end", lambda text: text.removesuffix("\n"), "a\n"),
    of_texts("spaces at the end", lambda text: text.rstrip(" "), "a ", "b  "),
    of_texts("spaces at the beginning", lambda text: text.lstrip(" "), " a"),
    of_texts("line ends at the end", lambda text: text.rstrip("\r\n"), "a\r\n", "a\n\n", "a\r"),
    of_texts("white space at the end", str.rstrip, "a\t", "a\f", "a\x1f", "a\u2003", "a\u2028", "a\x85"),
    of_texts("white space at the beginning", str.lstrip, "\ta", "\na", "\u3000a"),
    of_texts("white space around them", str.strip, "\t c \r", "\u00a0c"),
    of_texts("spaces and dots at the end", lambda text: text.rstrip(" ."), "c.", "c. .", "c..."),
    of_texts("dots at the beginning", lambda text: text.lstrip("."), ".c", "..c"),
    of_texts("how many spaces there are", lambda text: re.sub(" +", " ", text), "a  b", "a   b"),
    of_texts("the kind of white space", lambda text: re.sub(r"\s+", " ", text), "c\td", "c \n d", "c\u00a0d", "c\vd"),
    of_texts("the kind of spaces", lambda text: _SPACES.sub(" ", text), "e\u00a0f", "e\u2009f", "e\u3000f"),
    of_texts("spaces", without(" "), "g h", "g h i"),
    of_texts("all white space", lambda text: "".join(text.split()), "g\th", "g\nh"),
    of_texts("spaces for underscores", lambda text: text.replace(" ", "_"), "j k"),
    of_texts("spaces for hyphens", lambda text: text.replace(" ", "-"), "j l"),
    of_texts("tabs for spaces", lambda text: text.expandtabs(), "a\tc", "\tc"),
    of_texts("how lines end", with_plain_line_ends, "m\r\nn", "m\rn", "\r\nm"),
    of_texts("how lines end (CR LF)", lambda text: re.sub("(?<!\r)\n", "\r\n", text), "o\np", "\no"),
    of_texts(
        "how lines end (U+2028)", lambda text: "\n".join(text.splitlines()), "q\u2028r", "q\x85r", "q\x1er", "q\fr"
    ),
    of_texts("all but their first line", lambda text: text.partition("\n")[0], "s\nt"),
    of_texts("what follows a NUL", lambda text: text.partition("\0")[0], "u\0v", "u\0"),
    of_texts("NUL characters", without("\0"), "w\0x", "\0w"),
    of_texts("what follows a Control-Z", lambda text: text.partition("\x1a")[0], "y\x1az"),
    of_texts("control characters", without(_CONTROLS), "a\x01b", "a\x08b", "a\x1bb", "a\x7fb", "a\x80b", "a\x9fb"),
    of_texts("control characters", lambda text: re.sub(f"[{_CONTROLS}]", "?", text), "b\x01c", "b\x02c"),
    of_texts("colours of a terminal", lambda text: _COLOURS.sub("", text), "\x1b[1ma", "a\x1b[31;1mb"),
)
