"""Where a subject comes from, as source text, so that a script can open it without this kit."""

import attrs


@attrs.frozen
class Origin:
    """Source lines that open a subject.

    Args:
        imports: import lines (and sys.path lines before them, where needed).
        open: an expression that opens a backend on the place in the variable `place`; `{options}` in it stands for
            further keyword arguments, each written as ", name=value" ("InMemoryStoreBackend({options})" is
            called with a leading ", " removed).
        place: an expression that gives a context manager of a new place, or "" where the subject needs none.
    """

    imports: tuple[str, ...]
    open: str
    place: str = ""

    def opening(self, options: str = "") -> str:
        """The expression that opens a backend, with options such as "store_name='x'"."""
        filled = self.open.replace("{options}", f", {options}" if options else "")
        return filled.replace("(, ", "(")

    def importing(self, *own: str) -> tuple[str, ...]:
        """The first lines of a script: its own plain imports and those here, sorted, then the other lines from here."""
        plain = {*own, *(line for line in self.imports if line.startswith("import "))}
        return (*sorted(plain), *(line for line in self.imports if line not in plain))


UNKNOWN = Origin(
    imports=('raise SystemExit("say here how to open your backend: define open_backend(place, **options)")',),
    open="open_backend(place{options})",
    place="contextlib.nullcontext()",
)
"""For a subject that no module holds under a name, such as one made inside a function."""


def opener_source(origin: Origin) -> str:
    """A definition of `open_backend(place, **options)`."""
    return f"def open_backend(place, **options):\n    return {origin.opening('**options')}\n"


def standalone_opener(origin: Origin) -> str:
    """The definition with its imports, for a process that has nothing else; "" where the origin is unknown."""
    if any(line.startswith("raise ") for line in origin.imports):
        return ""
    return "\n".join(["import contextlib", *origin.imports, opener_source(origin)])
