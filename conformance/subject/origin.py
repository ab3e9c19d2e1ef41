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
        openings: how many backends may be open on one place at once in a process; None is any number.
        files: an expression for the function that gives where the files of a store on a place lie; "" for the place.
    """

    imports: tuple[str, ...]
    open: str
    place: str = ""
    openings: int | None = None
    files: str = ""

    def opening(self, options: str = "") -> str:
        """The expression that opens a backend, with options such as "store_name='x'".

        Where not any number may be open at once it uses `open_in_turn` (`definitions`).
        """
        filled = self.open.replace("{options}", f", {options}" if options else "").replace("(, ", "(")
        return filled if self.openings is None else f"open_in_turn(place, lambda: {filled})"

    def with_options(self, options: str) -> "Origin":
        """The same that opens each backend with some options, before those that `opening` is told."""
        return attrs.evolve(self, open=self.open.replace("{options}", f", {options}{{options}}")) if options else self

    def files_of(self, place: str) -> str:
        """The expression for where the files lie of a store on a place, which is an expression too."""
        return f"{self.files}({place})" if self.files else place

    def definitions(self) -> str:
        """The source of what the opening needs besides its imports; "" if nothing."""
        return "" if self.openings is None else IN_TURN.replace("{most}", str(self.openings))

    def importing(self, *own: str) -> tuple[str, ...]:
        """The first lines of a script: its own plain imports and those here, sorted, then the other lines from here."""
        plain = {*own, *(line for line in self.imports if line.startswith("import "))}
        return (*sorted(plain), *(line for line in self.imports if line not in plain))


IN_TURN = '''OPENED = []  # the backends that are open in this process, each with its place


def open_in_turn(place, opening):
    """Open a backend, having closed what is open on its place: no more than {most} may be open there at once."""
    here = [backend for where, backend in OPENED if where == place]
    close_opened(here[: len(here) + 1 - {most}] if len(here) >= {most} else [])
    OPENED.append((place, opening()))
    return OPENED[-1][1]


def close_opened(backends=None):
    """Close some backends, or all that are open in this process; it does so before it forks."""
    for one in [one for one in OPENED if backends is None or any(one[1] is backend for backend in backends)]:
        OPENED.remove(one)
        with contextlib.suppress(Exception):
            if callable(getattr(one[1], "close", None)):
                one[1].close()
            elif hasattr(type(one[1]), "__exit__"):
                type(one[1]).__exit__(one[1], None, None, None)
            else:
                asyncio.run(one[1].aclose())
'''
"""What a script opens with where a process may have few backends open on a place; it needs `asyncio`, `contextlib`."""

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
    needed = ("import asyncio", "import contextlib") if origin.openings is not None else ("import contextlib",)
    return "\n".join([*needed, *origin.imports, origin.definitions(), opener_source(origin)])
