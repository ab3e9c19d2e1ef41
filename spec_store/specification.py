"""The specification as Markdown; `python -m spec_store.specification` writes SPEC.md beside this file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from spec_store.backend import StoreBackend
from spec_store.catalogue.errata import ERRATA
from spec_store.catalogue.laws import LAWS, NOTATION, UNSTATED, Law
from spec_store.requirements import (
    CLAIMS,
    CLASSES,
    LEVELS,
    ORIGINS,
    REQUIREMENTS,
    SPEC_VERSION,
    Claim,
    Requirement,
    RequirementClass,
)

PATH = Path(__file__).with_name("SPEC.md")
"""Where the rendered text is kept."""

_INTRODUCTION = f"""\
# The store-backend specification, version {SPEC_VERSION}

<!-- Written by `python -m spec_store.specification` from spec_store/catalogue; change it there. -->

A store backend is where a program keeps what it wants to find again: values under keys, in a dict, a directory, a
database or a bucket. The program talks to a store, the store to one backend, and neither knows which engine is below:

```python
backend.set(("suites", "orders"), "a text")  # a key is a tuple of strings
backend.get(("suites", "orders"))  # "a text"
backend.list_keys(("suites",))  # [("suites", "orders")]
backend.move(("suites", "orders"), ("suites", "old"))
backend.remove_key(("suites", "old"))
```

This text says what the program may then rely on, whichever engine it is: each requirement with the reason for it and
an example. `spec_store.InMemoryStoreBackend` does all of the first four classes in a few lines, and is the answer where
the words leave a doubt.

"""

_WORDS = """
## Words

- A **key** is a tuple of `str`. It **starts with** a prefix `p` if `key[:len(p)] == p`: by whole elements, so that
  `("ab",)` does not start with `("a",)`, and every key starts with itself and with `()`.
- The **id key** is `STORE_BACKEND_ID_KEY`, PREFIX is `STORE_BACKEND_ID_PREFIX`, and INVALID_CONFIGURATION_ID is
  `STORE_BACKEND_INVALID_CONFIGURATION_ID`.
- **Missing** means not stored.
- **Nothing changes** means that whatever is observed afterwards, by get, has_key and list_keys, is as it was before.
- **Exceptions** are recognised by the names of their class and its bases, `StoreError`, `StoreBackendError` and
  `InvalidKeyError`, so that a backend may raise those of its own framework.

## Interface

Names, order and defaults are fixed.

```python
StoreBackend(
    fixed_length_key=False,
    suppress_store_backend_id=False,
    manually_initialize_store_backend_id="",
    store_name="no_store_name",
)
InMemoryStoreBackend(
    runtime_environment=None,
    fixed_length_key=False,
    suppress_store_backend_id=False,
    manually_initialize_store_backend_id="",
    store_name=None,
)
```

| constant | value |
|---|---|
"""

_CONSTANTS = (
    "IGNORED_FILES",
    "STORE_BACKEND_ID_KEY",
    "STORE_BACKEND_ID_PREFIX",
    "STORE_BACKEND_INVALID_CONFIGURATION_ID",
)

_METHODS = """
Methods for callers: `get(key, **kwargs)`, `set(key, value, **kwargs)`, `move(source_key, dest_key, **kwargs)`,
`has_key(key)`, `list_keys(prefix=())`, `remove_key(key)`, `get_url_for_key(key, protocol=None)`,
`is_ignored_key(key)`. Great Expectations hands remove_key an identifier, an object with `to_tuple()`, in place
of a key (errata, KEY-7).

Properties: `fixed_length_key`, `store_name`, `store_backend_id`, `store_backend_id_warnings_suppressed`, `config`.

Methods that a backend must fill in: `_get(key)`, `_set(key, value, **kwargs)`,
`_move(source_key, dest_key, **kwargs)`, `_has_key(key)`, `list_keys`, `remove_key`; and may: `_validate_key(key)`,
`_validate_value(value)`, `_construct_store_backend_id(suppress_warning=False)`.

Methods of class extended: `add(key, value, **kwargs)`, `update(key, value, **kwargs)`,
`add_or_update(key, value, **kwargs)`, `get_all()`, `build_key(id=None, name=None)`. One hook goes with them,
`_add(key, value, **kwargs)`: store the value if its key is missing. `add` and the creation of the store's id both go
through it, so an engine with an atomic primitive of that kind overrides it.
"""

_READING = """
## How to read a requirement

Each has a name for good, its id: a requirement that changes gets a new one. Its other particulars are these.

The key words **MUST** and **SHOULD** in this document are to be interpreted as described in BCP 14
([RFC 2119](https://www.rfc-editor.org/rfc/rfc2119), [RFC 8174](https://www.rfc-editor.org/rfc/rfc8174)) when, and only
when, they appear in all capitals, as shown here. For a verdict that means:

"""

_EXAMPLES = """
An **example** in Python runs as it stands, against a `backend` that is new and empty. `place` is where its storage is,
`new_place()` another, empty one, and `open_backend(place, ...)` opens a backend there, with these arguments for its
constructor; `raises` is `pytest.raises`, and the other names are from `spec_store` and the standard library. What one
process cannot show is a timeline instead, from top to bottom, and below it stands what puts that to the test.
"""

_NOTES: dict[RequirementClass, str] = {
    "core": "Keys, and the values under them.",
    "identity": "The id by which a store is recognised, wherever it is opened.",
    "surface": "What the program above reads of a backend besides values.",
    "extended": "The methods that Great Expectations 1.x adds; a backend that has none of them lacks nothing.",
    "durable": "Storage that outlives the object, and the process.",
    "concurrent": (
        "Several threads, or several processes, at once. A backend whose engine cannot move in one step, such as an "
        "object store, claims `atomic_move=False`; LIN-1, CRASH-2 and, where the move raises, FAULT-1 then let an "
        "observer see the value at both keys, never at neither."
    ),
    "crash-safe": "A process that is killed, a system that refuses a call, a machine that loses power.",
}

_LAWS = """
## Laws

What the requirements on one operation at a time say together, as equations. Both sides of a law are programs. From
every state of a store, and whatever the variables stand for, they come to the same: the last step has the same
outcome, and afterwards list_keys() and what get gives of every key are the same. Lists are the same in any order, and
exceptions if they are of one kind; where both sides end with a write, the outcome is that it returned, or what it
raised.

"""


_ERRATA = """
## Errata

What a version says more clearly than those before it. An erratum asks for nothing new: it says how a requirement was
meant, and it is judged so by every version. What is asked for only since a later version is a requirement of its own,
and says so by its **since**; a backend may be judged by an earlier version, and is then not asked for it.

"""


def render() -> str:
    """The text of SPEC.md."""
    head = (_INTRODUCTION, *_contents(), _READING, *_legend(), _EXAMPLES, _WORDS, *_constants(), _METHODS)
    return "".join((*head, *map(_section, CLASSES), _LAWS, *_laws(), _ERRATA, *_errata()))


def anchor(heading: str) -> str:
    """Where a link to a heading goes, as GitHub and most others make it."""
    return "#" + heading.lower().replace(" ", "-")


def _link(heading: str, text: str) -> str:
    return f"[{text}]({anchor(heading)})"


def _contents() -> Iterator[str]:
    yield "| class | requirements |\n|---|---|\n"
    for class_ in CLASSES:
        ids = " ".join(_link(one.id, one.id) for one in REQUIREMENTS if one.class_ == class_)
        yield f"| {_link(f'Class {class_}', class_)} | {ids} |\n"
    others = ("How to read a requirement", "Words", "Interface")
    yield f"\nBefore these: {', '.join(_link(heading, heading.lower()) for heading in others)}.\n"
    yield f"\nAfter them: {_link('Laws', 'laws')}, by which requirements are stated as equations, and "
    yield f"{_link('Errata', 'errata')}, which say how some were meant.\n"


def _legend() -> Iterator[str]:
    for level, meaning in LEVELS.items():
        yield f"- {level}: {meaning}.\n"
    yield "\nA backend **claims** what it promises beyond the rest, and is then asked for more:\n\n"
    for claim, meaning in CLAIMS.items():
        yield f"- {_claimed(claim)}: {meaning}.\n"
    yield "\nOne that is about a method of Great Expectations 1.x is not asked of a backend without that method.\n"
    yield "\nIts **origin** is where it comes from:\n\n"
    for origin, meaning in ORIGINS.items():
        yield f"- {origin}: {meaning}.\n"


def _constants() -> Iterator[str]:
    for name in _CONSTANTS:
        yield f"| `{name}` | `{getattr(StoreBackend, name)!r}` |\n"


def _section(class_: RequirementClass) -> str:
    entries = "".join(_entry(one) for one in REQUIREMENTS if one.class_ == class_)
    return f"\n## Class {class_}\n\n{_NOTES[class_]}\n{entries}"


def _entry(one: Requirement) -> str:
    about = f"**{one.level}** · class {one.class_} · {_asked(one)} · origin: {one.origin} · since {one.since}"
    return f"\n### {one.id}\n\n{about}\n\n{one.text}\n\n*Why:* {one.why}\n\n{_example(one)}"


def _asked(one: Requirement) -> str:
    conditions = [] if one.claim == "always" else [f"{_claimed(one.claim)} is claimed"]
    conditions += [] if one.method is None else [f"the method `{one.method}` exists"]
    return f"asked where {' and '.join(conditions)}" if conditions else "always asked"


def _claimed(claim: Claim) -> str:
    return claim if claim == "always" else " or ".join(f"`{part}`" for part in claim.split(" or "))


def _example(one: Requirement) -> str:
    if one.staging is None:
        return f"```python\n{one.example}\n```\n"
    return f"```text\n{one.example}\n```\n\n*Put to the test with:* {one.staging}.\n"


def _laws() -> Iterator[str]:
    yield "| notation | means |\n|---|---|\n"
    for part, meaning in NOTATION:
        yield f"| {part} | {meaning} |\n"
    yield "\n| law | equation | states |\n|---|---|---|\n"
    for law in LAWS:
        yield f"| **{law.id}**: {law.text} | {_equation(law)} | {_links(law.requirements)} |\n"
    yield "\nNo law states these:\n\n"
    for reason in dict.fromkeys(UNSTATED.values()):
        yield f"- {_links(id for id, why in UNSTATED.items() if why == reason)}: {reason}.\n"


def _errata() -> Iterator[str]:
    yield "| since | about | as it is meant |\n|---|---|---|\n"
    for one in ERRATA:
        yield f"| {one.version} | {_links(one.requirements)} | {one.text} |\n"


def _equation(law: Law) -> str:
    return f"`{law.left}` = `{law.right}`{f', where `{law.where}`' if law.where else ''}"


def _links(ids: Iterable[str]) -> str:
    return " ".join(_link(id, id) for id in ids)


def main() -> None:
    """Write SPEC.md."""
    PATH.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
