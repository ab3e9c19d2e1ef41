"""What shows of a backend besides its keys: constructor, config, ignored keys, URLs, constants."""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, expect, is_a, leave, outcome, plain_keys

MANUAL_ID = "5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b6c"
GIVEN: tuple[tuple[str, Any], ...] = (
    ("store_name", "a_name"),
    ("suppress_store_backend_id", True),
    ("manually_initialize_store_backend_id", MANUAL_ID),
)
CONSTANTS: tuple[tuple[str, Any], ...] = (
    ("IGNORED_FILES", [".ipynb_checkpoints"]),
    ("STORE_BACKEND_ID_KEY", (".ge_store_backend_id",)),
    ("STORE_BACKEND_ID_PREFIX", "store_backend_id = "),
    ("STORE_BACKEND_INVALID_CONFIGURATION_ID", "00000000-0000-0000-0000-00000000e003"),
)
LINKED_PAIRS = (
    (("a",), ("a#b",)),
    (("a",), ("a?b",)),
    (("a b",), ("a%20b",)),
)
"""Keys whose URLs lead to one document unless what ends a path, or begins an escape, is escaped itself."""

LINKS = ("http:", "https:", "file:")
"""What a browser follows; other URLs are names."""

URL_PAIRS = (
    (("a",), ("b",)),
    (("a", "b"), ("a", "c")),
    (("a", "c"), ("b", "c")),
    (("a", "b"), ("ab",)),
    (("a", "b"), ("a/b",)),
    (("a/b",), ("a%2Fb",)),
    (("a b",), ("a%20b",)),
    (("a",), ("a?b",)),
    (("a",), ("a#b",)),
    (("a+b",), ("a b",)),
    (("a",), ("A",)),
)


def keeps_what_it_was_given(
    new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any"
) -> "str | None":
    """PROP-1: fixed_length_key and store_name are what the constructor was given."""
    try:
        backend = open_backend(new_place(), **{name: value})
    except TypeError as error:
        return f"the backend cannot be opened with {name}: {error}"
    expect(f"{name}, given as {value!r},", f"returned {value!r}", outcome(getattr, backend, name))
    return None


def keeps_it_in_use(new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any") -> "str | None":
    """PROP-1: what the constructor was given is the same whatever has been done with the backend since."""
    try:
        backend = open_backend(new_place(), **{name: value})
    except TypeError as error:
        return f"the backend cannot be opened with {name}: {error}"
    before = outcome(getattr, backend, name)
    use(open_backend, backend)
    expect(f"{name}, given as {value!r}, after the backend was used,", before, outcome(getattr, backend, name))
    return None


def takes_keyword(new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any") -> "str | None":
    """PROP-2: the constructor takes this argument by keyword."""
    try:
        open_backend(new_place(), **{name: value})
    except Exception as error:
        actual = f"{type(error).__name__}: {error}"
        raise AssertionError(f"expected that the constructor takes {name}={value!r}, came {actual}") from error
    return None


def names_its_class(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """CONFIG-1: config is a dict with class_name and module_name, falsy arguments left out."""
    backend = open_backend(new_place())
    config = backend.config
    if not isinstance(config, dict):
        raise AssertionError(f"expected a dict as config, came {config!r}")
    for name, value in (("class_name", type(backend).__name__), ("module_name", type(backend).__module__)):
        if config.get(name) != value:
            raise AssertionError(f"expected {name} {value!r} in config, came {config.get(name)!r}")
    falsy = {name: value for name, value in config.items() if not value}
    if falsy:
        raise AssertionError(f"expected a config without falsy arguments, came {falsy!r} in it")
    return None


def tells_its_arguments(new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any") -> "str | None":
    """CONFIG-1: config has the constructor's arguments."""
    config = open_backend(new_place(), **{name: value}).config
    if config.get(name) != value:
        raise AssertionError(f"expected {name}={value!r} in config, given so to the constructor, came {config!r}")
    return None


def leaves_falsy_arguments_out(
    new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any"
) -> "str | None":
    """CONFIG-1: an argument given as a falsy value is not in config."""
    config = open_backend(new_place(), **{name: value}).config
    if name in config:
        raise AssertionError(f"expected config without {name}, given as {value!r}, came {name}={config[name]!r}")
    return None


def kept(config: "dict[str, Any]") -> "dict[str, Any]":
    """A config as it is now: its values copied, but for what cannot be copied, or is equal to itself alone."""
    copies = {}
    for name, value in config.items():
        copies[name] = value
        with contextlib.suppress(Exception):  # a driver's client holds a socket, or a lock
            copied = copy.deepcopy(value)
            copies[name] = copied if copied == value else value
    return copies


def use(open_backend: "OpenBackend", backend: "Any") -> None:
    """Write, read, list, move and remove, whatever comes of it."""
    keys = plain_keys(open_backend, backend)
    for operation, *arguments in (
        (
            ("set", keys[0], "1"),
            ("get", keys[0]),
            ("has_key", keys[1]),
            ("list_keys",),
            ("move", keys[0], keys[1]),
            ("remove_key", keys[1]),
        )
        if keys
        else ()
    ):
        with contextlib.suppress(Exception):
            getattr(backend, operation)(*arguments)


def tells_the_same_after_use(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """CONFIG-1: config has the arguments of the constructor, whatever has been done with the backend since."""
    backend = open_backend(new_place(), store_name="a_name")
    given, before = dict(backend.config), kept(backend.config)
    use(open_backend, backend)
    after = backend.config
    # An argument that is the storage itself changes with it, and is the same argument.
    same = before.keys() & after.keys()
    changed = [name for name in same if after[name] is not given[name] and after[name] != before[name]]
    if changed or before.keys() != after.keys():
        raise AssertionError(f"expected config {before} after the backend was used, as before, came {after}")
    return None


def builds_its_like(
    new_place: "NewPlace", open_backend: "OpenBackend", options: "dict[str, Any]", used: bool
) -> "str | None":
    """CONFIG-2: building the class from its config's arguments gives a backend with an equal config."""
    backend = open_backend(new_place(), **options)
    if used:
        use(open_backend, backend)
    config = kept(backend.config)
    given = {name: value for name, value in backend.config.items() if name not in ("class_name", "module_name")}
    arguments = {name: config[name] for name in given}
    leave(backend)
    try:
        try:
            like = type(backend)(**given)
        except Exception:  # where closing a backend closes a client that it was given, it has to stay open
            backend = open_backend(new_place(), **options)
            given |= {name: value for name, value in backend.config.items() if name in given}
            like = type(backend)(**given)
    except Exception as error:
        actual = f"{type(error).__name__}: {error}"
        call = f"{type(backend).__name__}(**{arguments})"
        raise AssertionError(f"expected a backend from {call}, came {actual}") from error
    # What has been stored by then shows in an argument that is the storage itself.
    if like.config.keys() != config.keys() if used else like.config != config:
        raise AssertionError(
            f"expected of {type(backend).__name__}(**{arguments}) the config {config}, came {like.config}"
        )
    leave(like)
    return None


def keeps_its_config(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """CONFIG-3: changing the dict that config returned does not change the backend."""
    backend = open_backend(new_place(), store_name="a_name")
    before = kept(backend.config)
    name = outcome(lambda: backend.store_name)
    returned = backend.config
    for value in returned.values():
        if isinstance(value, list | dict | set):
            value.clear()
    returned["store_name"] = "another_name"
    returned["more"] = 1
    if backend.config != before:
        raise AssertionError(f"expected config {before} after the returned dict was changed, came {backend.config}")
    expect("store_name, after the returned config was changed,", name, outcome(lambda: backend.store_name))
    return None


def ignores(new_place: "NewPlace", open_backend: "OpenBackend", before: "Key", after: "Key") -> "str | None":
    """IGNORE-1: is_ignored_key is True when an entry of IGNORED_FILES is an element of the key."""
    backend = open_backend(new_place())
    entries = list(getattr(backend, "IGNORED_FILES", []))
    for entry in entries:
        key = (*before, entry, *after)
        expect(f"is_ignored_key({key!r})", "returned True", outcome(backend.is_ignored_key, key))
    return None if entries else "the backend has no IGNORED_FILES"


def ignores_no_other(new_place: "NewPlace", open_backend: "OpenBackend", key: "Key") -> "str | None":
    """IGNORE-1: is_ignored_key is not True for a key without an entry of IGNORED_FILES."""
    backend = open_backend(new_place())
    expect(f"is_ignored_key({key!r})", "returned False", outcome(backend.is_ignored_key, key))
    return None


def gives_a_url(new_place: "NewPlace", open_backend: "OpenBackend", protocol: "dict[str, Any]") -> "str | None":
    """URL-1: get_url_for_key returns a str, or raises StoreError."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    try:
        url = backend.get_url_for_key(keys[0], **protocol)
    except Exception as error:
        if any(is_a(error, name) for name in ("StoreError", "StoreBackendError")):
            return None
        actual = f"{type(error).__name__}: {error}"
        raise AssertionError(f"expected a str or StoreError of get_url_for_key, came {actual}") from error
    if not isinstance(url, str):
        raise AssertionError(f"expected a str of get_url_for_key, came {url!r}")
    return None


def gives_different_urls(
    new_place: "NewPlace", open_backend: "OpenBackend", one: "tuple[str, ...]", other: "tuple[str, ...]"
) -> "str | None":
    """URL-2: different keys have different URLs."""
    backend = open_backend(new_place())
    urls = []
    for number, key in enumerate((one, other)):
        with contextlib.suppress(Exception):
            backend.set(key, str(number))
            urls.append(backend.get_url_for_key(key))
    if len(urls) < 2 or not all(isinstance(url, str) for url in urls):
        return f"the backend has no URLs, or does not take the keys {one} and {other}"
    if outcome(backend.get, one) == outcome(backend.get, other):
        return f"the backend does not tell the keys {one} and {other} apart at all"
    if urls[0] == urls[1]:
        raise AssertionError(f"expected two URLs of {one} and {other}, came one: {urls[0]!r}")
    return None


def followed(url: str, plain: str) -> str:
    """The document that a browser asks for: nothing after a # or ? that the other URL has none of, all else escaped."""
    for mark in ("#", "?"):
        url = url if mark in plain else url.partition(mark)[0]
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~", errors="surrogatepass")


def leads_to_different_documents(
    new_place: "NewPlace", open_backend: "OpenBackend", plain: "tuple[str, ...]", marked: "tuple[str, ...]"
) -> "str | None":
    """URL-2: different keys have different URLs, as a browser follows them."""
    backend = open_backend(new_place())
    urls = []
    for number, key in enumerate((plain, marked)):
        with contextlib.suppress(Exception):
            backend.set(key, str(number))
            urls.append(backend.get_url_for_key(key))
    if len(urls) < 2 or not all(isinstance(url, str) and url.startswith(LINKS) for url in urls):
        return f"the backend has no URLs that a browser follows, or does not take the keys {plain} and {marked}"
    if outcome(backend.get, plain) == outcome(backend.get, marked):
        return f"the backend does not tell the keys {plain} and {marked} apart at all"
    asked = [followed(url, urls[0]) for url in urls]
    if asked[0] == asked[1]:
        raise AssertionError(f"expected URLs of {plain} and {marked} that lead to two documents, came {urls}")
    return None


def has_constant(new_place: "NewPlace", open_backend: "OpenBackend", name: str, value: "Any") -> "str | None":
    """CONST-1: the four constants have the values of the interface, a list for a tuple being as good."""
    backend = open_backend(new_place())
    actual = getattr(backend, name, None)
    plain = actual if isinstance(value, str) or actual is None else type(value)(actual)
    if plain != value:
        raise AssertionError(f"expected {name} = {value!r}, came {actual!r}")
    return None


def _cases() -> Iterator[Case]:
    for name, value in (("store_name", "a_name"), ("fixed_length_key", True), ("fixed_length_key", False)):
        yield Case("PROP-1", keeps_what_it_was_given, (name, value), f"{name}={value!r}", 1)
    for name, value in (("store_name", "a_name"), ("fixed_length_key", True)):
        yield Case("PROP-1", keeps_it_in_use, (name, value), f"{name} after use", 3)
    for name, value in GIVEN:
        yield Case("PROP-2", takes_keyword, (name, value), f"the keyword {name}", 1)
        yield Case("CONFIG-1", tells_its_arguments, (name, value), f"{name} in config", 1)
        yield Case("CONFIG-1", leaves_falsy_arguments_out, (name, type(value)()), f"falsy {name} in config", 1)
    yield Case("CONFIG-1", names_its_class, title="the class in config", operations=1)
    # The id is suppressed, so that building a backend stores nothing, wherever it takes its place to be.
    for options in ({}, {"store_name": "a_name"}, {"manually_initialize_store_backend_id": MANUAL_ID}):
        given = {"suppress_store_backend_id": True, **options}
        yield Case("CONFIG-2", builds_its_like, (given, False), f"built again with {', '.join(given)}", 2)
    given = {"suppress_store_backend_id": True, "store_name": "a_name"}
    yield Case("CONFIG-2", builds_its_like, (given, True), "built again after use", 3)
    yield Case("CONFIG-1", tells_the_same_after_use, title="config after use", operations=3)
    yield Case("CONFIG-3", keeps_its_config, title="config changed by its reader", operations=2)
    for before, after in (((), ()), (("a",), ()), ((), ("a",))):
        yield Case("IGNORE-1", ignores, (before, after), "an ignored key", 1)
    yield Case("IGNORE-1", ignores_no_other, (("a", "b"),), "a plain key", 1)
    for protocol in ({}, {"protocol": None}, {"protocol": "https:"}):
        yield Case("URL-1", gives_a_url, (protocol,), f"a URL with {protocol or 'no protocol'}", 2)
    for one, other in URL_PAIRS:
        yield Case("URL-2", gives_different_urls, (one, other), f"URLs of {one} and {other}", 2)
    for one, other in LINKED_PAIRS:
        yield Case("URL-2", leads_to_different_documents, (one, other), f"URLs of {one} and {other}, followed", 2)
    for name, value in CONSTANTS:
        yield Case("CONST-1", has_constant, (name, value), name, 1)


CASES: tuple[Case, ...] = tuple(_cases())
