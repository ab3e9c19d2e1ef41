"""Names that are cut: at a length, in characters or bytes, at a mark, or to their last part."""

from collections.abc import Callable

from conformance.programs.transformations.transformation import Transformation, of_texts

LENGTHS: tuple[int, ...] = (8, 16, 20, 32, 50, 64, 100, 128, 150, 200, 250, 255, 256, 512, 1024)
"""After how many characters names are cut."""

MARKS: dict[str, str] = {
    "?": "a question mark",
    "#": "a number sign",
    ";": "a semicolon",
    ":": "a colon",
    "@": "an at sign",
    "=": "an equals sign",
    ",": "a comma",
    "|": "a bar",
    "&": "an ampersand",
    " ": "a space",
    ".": "a dot",
    "-": "a hyphen",
    "--": "two hyphens",
    "/": "a slash",
}
"""What begins something that is no part of a name: a query, a fragment, a comment, a stream, an extension."""


def cut_at(mark: str) -> Callable[[str], str]:
    """A function that leaves what is before a mark, unless that is nothing."""
    return lambda text: text.partition(mark)[0] or text


def _head(size: int) -> Transformation:
    text = "n" * size + "o"
    return of_texts(f"what follows their first {size} characters", lambda one: one[:size], text)


def _bytes(size: int) -> Transformation:
    def change(text: str) -> str:
        return text.encode()[:size].decode(errors="ignore")

    return of_texts(f"what follows their first {size} bytes", change, "\u00e9" * (size // 2) + "ab")


CUTTING: tuple[Transformation, ...] = (
    *(of_texts(f"what follows {name}", cut_at(mark), f"a{mark}1", f"a{mark}2") for mark, name in MARKS.items()),
    of_texts(
        "what follows the last dot", lambda text: text.rpartition(".")[0] or text, "b.json", "b.c.json", settles=False
    ),
    of_texts("what precedes a slash", lambda text: text.rpartition("/")[2] or text, "c/a", "d/a"),
    of_texts("what precedes a backslash", lambda text: text.rpartition("\\")[2] or text, "c\\e", "d\\e"),
    of_texts("what precedes a colon", lambda text: text.rpartition(":")[2] or text, "c:f", "d:f"),
    of_texts("all but their first letter", lambda text: text[:1], "zebra", "zebu"),
    of_texts("letters that come twice", lambda text: "".join(dict.fromkeys(text)), "moo", "aab"),
    *map(_head, LENGTHS),
    of_texts("what precedes their last 16 characters", lambda text: text[-16:], "p" + "q" * 16, "r" + "q" * 16),
    of_texts("what precedes their last 100 characters", lambda text: text[-100:], "p" + "q" * 100, "r" + "q" * 100),
    *map(_bytes, (32, 64, 100, 128, 255)),
)
