"""The specification as Markdown; `python -m spec_store.specification` writes SPEC.md beside this file."""

from collections.abc import Iterator
from pathlib import Path

from spec_store.backend import StoreBackend
from spec_store.requirements import CLASSES, LEVELS, ORIGINS, REQUIREMENTS, SPEC_VERSION, Requirement

PATH = Path(__file__).with_name("SPEC.md")
"""Where the rendered text is kept."""

_INTRODUCTION = f"""\
# The store-backend specification, version {SPEC_VERSION}

<!-- Written by `python -m spec_store.specification` from spec_store/requirements.py; change it there. -->

A store backend keeps values under keys for a store above it. This text says what a caller may rely on, whichever
backend it is. `spec_store.InMemoryStoreBackend` does all of the first four classes in a few lines, and is the answer
where the words leave a doubt.

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
`is_ignored_key(key)`.

Properties: `fixed_length_key`, `store_name`, `store_backend_id`, `store_backend_id_warnings_suppressed`, `config`.

Methods that a backend must fill in: `_get(key)`, `_set(key, value, **kwargs)`,
`_move(source_key, dest_key, **kwargs)`, `_has_key(key)`, `list_keys`, `remove_key`; and may: `_validate_key(key)`,
`_validate_value(value)`, `_construct_store_backend_id(suppress_warning=False)`.

Methods of class extended: `add(key, value, **kwargs)`, `update(key, value, **kwargs)`,
`add_or_update(key, value, **kwargs)`, `get_all()`, `build_key(id=None, name=None)`. One hook goes with them,
`_add(key, value, **kwargs)`: store the value if its key is missing. `add` and the creation of the store's id both go
through it, so an engine with an atomic primitive of that kind overrides it.
"""

_NOTES = {
    "core": "Every backend is judged by these.",
    "identity": "Every backend is judged by these; by ID-8 if it is durable, by ID-9 if it is concurrent.",
    "surface": "Every backend is judged by these.",
    "extended": "Judged only where the methods exist; ADD-2 if the backend is concurrent.",
    "durable": "For a backend whose storage outlives the object.",
    "concurrent": (
        "For a backend that several threads, or several processes, may use at once. One whose engine cannot move in "
        "one step, such as an object store, claims `atomic_move=False`; LIN-1, CRASH-2 and, where the move raises, "
        "FAULT-1 then let an observer see the value at both keys, never at neither."
    ),
    "crash-safe": "For a durable backend whose process may be killed, or whose system calls may fail, at any point.",
}


_HEAD = "| id | level | origin | since | requirement |\n|---|---|---|---|---|\n"


def render() -> str:
    """The text of SPEC.md."""
    sections = (_section(class_) for class_ in CLASSES)
    return _INTRODUCTION + "".join(_constants()) + _METHODS + _legend() + "".join(sections)


def _constants() -> Iterator[str]:
    for name in _CONSTANTS:
        yield f"| `{name}` | `{getattr(StoreBackend, name)!r}` |\n"


def _legend() -> str:
    levels = "".join(f"- **{level}**: {meaning}.\n" for level, meaning in LEVELS.items())
    origins = "".join(f"- **{origin}**: {meaning}.\n" for origin, meaning in ORIGINS.items())
    return (
        f"\n## Levels\n\n{levels}\n## Origins\n\n{origins}\n"
        "An id never changes its meaning: a requirement that changes gets a new one.\n"
    )


def _section(class_: str) -> str:
    rows = "".join(_row(one) for one in REQUIREMENTS if one.class_ == class_)
    return f"\n## Class {class_}\n\n{_NOTES[class_]}\n\n{_HEAD}{rows}"


def _row(one: Requirement) -> str:
    text = one.text.replace("|", r"\|")
    return f"| {one.id} | {one.level} | {one.origin} | {one.since} | {text} |\n"


def main() -> None:
    """Write SPEC.md."""
    PATH.write_text(render(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
