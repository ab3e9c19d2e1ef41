"""Names that begin alike: parts, versions, copies and locks, which an operation on the first takes for its own.

A name is compared as text where elements were meant, or what belongs to it is found by its beginning.
"""

from conformance.programs.transformations.transformation import Match, Relation, Transformation, match, of_texts

SIGNS: tuple[str, ...] = ("-", ".", "_", "~", " ", "#", "@", ":", "+", "=", ",", "!", "$", "(", "[", "%", "\0", "/")
"""What stands between a name and what is added to it."""

ADDITIONS: tuple[str, ...] = (
    *(
        "-old",
        ".bak",
        ".tmp",
        "~",
        ".lock",
        "-1",
        "_2",
        ".1",
        " (1)",
        "-copy",
        ".swp",
        ".new",
        ".gz",
        ".json",
        "_backup",
    ),
    *(".json", "_backup", ".meta", "@2"),
)
"""What is added."""


def _beginning(sign: str) -> Match:
    phrase = f"what is added after {sign!r}"
    return match(
        phrase, lambda name, text: text.startswith(name + sign), ("report", f"report{sign}1", f"report{sign}old")
    )


def _suffix(suffix: str) -> Transformation:
    return of_texts(f"{suffix!r} at the end", lambda text: text.removesuffix(suffix), f"part{suffix}")


SIBLINGS: tuple[Relation, ...] = (
    *map(_beginning, SIGNS),
    *map(_suffix, ADDITIONS),
    match(
        "how they go on",
        lambda name, text: name != text and text.startswith(name),
        ("page", "pages", "page2", "pager", "page\u00e9"),
    ),
    match("how they begin", lambda name, text: name != text and text.endswith(name), ("age", "image", "stage", "-age")),
    match("what is around them", lambda name, text: name != text and name in text, ("ill", "pills", "hills")),
)
