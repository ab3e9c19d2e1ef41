"""The requirements of the specification, as data; `SPEC.md` is rendered from it.

An id never changes its meaning: a requirement that changes gets a new id, and says since when it holds.
"""

import difflib
from typing import Any

import attrs
from attrs.validators import in_

SPEC_VERSION = "1.0"
"""The version of the specification that the catalogue states."""

CLASSES = ("core", "identity", "surface", "extended", "durable", "concurrent", "crash-safe")
"""The classes of requirements, in the order in which they build on one another."""

LEVELS = {
    "MUST": "a backend that does not meet it is not conformant",
    "SHOULD": "a backend may have a reason not to meet it, and then says so",
}
"""What each level means."""

ORIGINS = {
    "S": "the StoreBackend interface as Great Expectations documents it",
    "X": "what Great Expectations 1.x adds to it",
    "D": "derived here, where the documents are silent and real backends disagree",
}
"""Where a requirement comes from."""


@attrs.frozen
class Requirement:
    """One requirement of the specification.

    Args:
        id: its name for good, such as "MOVE-3".
        class_: the one of `CLASSES` that it belongs to; a backend is judged by the classes that it claims.
        level: the one of `LEVELS` that says how binding it is.
        origin: the one of `ORIGINS` that it comes from.
        since: the version of the specification that first had it.
        text: what it demands, in Markdown.
    """

    id: str
    class_: str = attrs.field(validator=in_(CLASSES))
    level: str = attrs.field(validator=in_(LEVELS))
    origin: str = attrs.field(validator=in_(ORIGINS))
    since: str
    text: str

    def to_json(self) -> dict[str, Any]:
        """The same as a dict of strings, in which `class_` is called "class"."""
        return {name.rstrip("_"): value for name, value in attrs.asdict(self).items()}


def requirement(id: str) -> Requirement:
    """The requirement of that id.

    Raises:
        KeyError: there is none; the message names those most like it.
    """
    if id not in _BY_ID:
        similar = difflib.get_close_matches(id.upper(), _BY_ID, n=5) or sorted(_BY_ID)
        raise KeyError(f"no requirement has the id {id!r}; there is {', '.join(similar)}")
    return _BY_ID[id]


def _catalogue(class_: str, entries: str) -> tuple[Requirement, ...]:
    """The requirements of one class, written as paragraphs: a line of id, level, origin and since, then the text."""
    return tuple(_entry(class_, *paragraph.split("\n", 1)) for paragraph in entries.strip().split("\n\n"))


def _entry(class_: str, head: str, text: str) -> Requirement:
    id, level, origin, since = head.split()
    return Requirement(id, class_, level, origin, since, " ".join(text.split()))


_CORE = """
KEY-1 MUST S 1.0
A key that is not a tuple makes get, set, move, has_key raise TypeError naming the backend's class and the
type given; nothing changes.

KEY-2 MUST S 1.0
A tuple with an element that is not a str makes get, set, move, has_key raise TypeError naming the backend's
class and the type given; nothing changes.

KEY-3 MUST S 1.0
`()` passes key validation.

KEY-4 MUST D 1.0
Two different keys never share a value: not by joining elements (`("a","b")` / `("a/b",)`), case, Unicode
normal form, `.`, `..`, empty elements, trailing dots, spaces or newlines, template ambiguity, or truncation
of long names.

KEY-5 MUST D 1.0
A key that the backend cannot store is refused by `set` with TypeError, ValueError, InvalidKeyError or
StoreBackendError, and nothing changes; get and move of it raise the same error or InvalidKeyError, has_key
the same error or False. Whatever `set` accepts, it stores under exactly that key.

KEY-6 MUST D 1.0
A key and a longer key that starts with it live side by side, in any order of set, move and remove.

KEY-7 SHOULD D 1.0
list_keys and remove_key validate their argument as KEY-1 and KEY-2 do.

KEY-8 MUST D 1.0
No key reaches storage outside the store.

GET-1 MUST S 1.0
get returns the value that the last set, or move, gave the key: equal and of the same type, to the last
character (trailing newlines, CR LF, NUL, non-BMP, empty).

GET-2 MUST S 1.0
get of a missing key raises InvalidKeyError, whatever else is stored.

GET-3 MUST D 1.0
Reading (get, has_key, list_keys, the id) changes nothing, but that the first read of the id may create it.

SET-1 MUST S 1.0
After set, the key has the value; an earlier value is gone.

SET-2 MUST D 1.0
set changes no other key.

SET-3 MUST S 1.0
A ValueError inside `_set` reaches the caller as StoreBackendError, with its cause.

SET-4 MUST D 1.0
A value that the backend cannot store is refused (TypeError or StoreBackendError); the old value stays.

SET-5 SHOULD D 1.0
Changing a value object after set, or one that get returned, does not change the store.

SET-6 MUST S 1.0
set and move (and add, update, add_or_update) take keyword arguments that they do not know, and behave as
without them.

MOVE-1 MUST S 1.0
After move, dest has source's value and source is missing.

MOVE-2 MUST D 1.0
A value already at dest is replaced.

MOVE-3 MUST D 1.0
Moving a key onto itself changes nothing.

MOVE-4 MUST D 1.0
Moving a missing key raises InvalidKeyError, and nothing changes.

MOVE-5 MUST D 1.0
move changes no other key, a key that starts with source included.

REMOVE-1 MUST S 1.0
After remove_key the key is missing, and can be set again.

REMOVE-2 MUST D 1.0
remove_key changes no other key.

REMOVE-3 MUST D 1.0
Removing a missing key raises nothing and changes nothing.

REMOVE-4 SHOULD D 1.0
remove_key returns True if it removed the key, False if the key was missing.

HAS-1 MUST S 1.0
has_key is True for a stored key and False for a missing one, as a bool.

LIST-1 MUST S 1.0
list_keys() lists every stored key, once, as the tuple it was set with, in a list, in any order; past any
page size (thousands of keys) too.

LIST-2 MUST S 1.0
list_keys(prefix) lists just the stored keys that start with prefix, by whole elements, the key equal to
prefix included.

LIST-3 MUST D 1.0
A prefix that nothing starts with gives `[]`.

LIST-4 MUST S 1.0
The id key is listed like any other once the id exists, and not while it is suppressed.

ISO-1 MUST D 1.0
Two stores opened in two places, at the same time, never see or change one another's keys or id.
"""

_IDENTITY = """
ID-1 MUST S 1.0
store_backend_id is a UUID, the same at every read. A generated one is of version 4, and two stores' differ.

ID-2 MUST S 1.0
store_backend_id is stored under the id key as PREFIX + UUID; a trailing newline is allowed.

ID-3 MUST S 1.0
A valid manually_initialize_store_backend_id becomes the id of a store that has none, in any spelling that
`uuid.UUID` reads.

ID-4 MUST S 1.0
A store that has an id ignores manually_initialize_store_backend_id.

ID-5 MUST D 1.0
An invalid manually_initialize_store_backend_id gives a store without an id the INVALID_CONFIGURATION_ID, with a
warning, and nothing is stored.

ID-6 MUST S 1.0
With suppress_store_backend_id the id is None, the id key is never written, and each read warns, unless
through store_backend_id_warnings_suppressed.

ID-7 MUST S 1.0
Where storage fails, or holds something else under the id key, the id is INVALID_CONFIGURATION_ID, with a
warning unless suppressed; what is stored is left as it was.

ID-8 MUST S 1.0
Reopening the same storage gives the same id (class durable).

ID-9 MUST D 1.0
However many threads or processes open empty storage at once, all read one id (class concurrent).

ID-10 MUST D 1.0
Operations on other keys never change the id.
"""

_SURFACE = """
PROP-1 MUST S 1.0
fixed_length_key and store_name are what the constructor was given.

PROP-2 MUST S 1.0
The constructor takes suppress_store_backend_id, manually_initialize_store_backend_id and store_name by
keyword.

CONFIG-1 MUST S 1.0
config is a dict with class_name, module_name and the constructor's arguments, falsy ones left out.

CONFIG-2 MUST D 1.0
Building the class from its config's arguments gives a backend with an equal config.

CONFIG-3 SHOULD D 1.0
Changing the returned dict does not change the backend.

IGNORE-1 MUST S 1.0
is_ignored_key is True when an entry of IGNORED_FILES is an element of the key.

URL-1 MUST S 1.0
get_url_for_key returns a str, or raises StoreError where the backend has no URLs.

URL-2 SHOULD D 1.0
Different keys have different URLs.

CONST-1 MUST S 1.0
IGNORED_FILES, STORE_BACKEND_ID_KEY, STORE_BACKEND_ID_PREFIX and STORE_BACKEND_INVALID_CONFIGURATION_ID have the
values that the interface gives them (as sequences: a list where a tuple stands there is equal).
"""

_EXTENDED = """
ADD-1 MUST X 1.0
add stores a missing key; of a stored key it raises StoreBackendError and nothing changes.

ADD-2 MUST D 1.0
Of any number of concurrent adds of one key, exactly one succeeds (class concurrent).

UPDATE-1 MUST X 1.0
update replaces a stored key's value; of a missing key it raises StoreBackendError and nothing changes.

UPSERT-1 MUST X 1.0
add_or_update ends as set does.

ALL-1 MUST X 1.0
get_all gives every value but the id's, once each.
"""

_DURABLE = """
REOPEN-1 MUST S 1.0
A backend opened again on the same storage, in this or another process, whatever its locale, answers every
observation as the one before.

REOPEN-2 MUST D 1.0
Two backends open on the same storage see each other's completed writes.

REOPEN-3 SHOULD D 1.0
A store that exists opens and answers reads where its storage refuses writes.
"""

_CONCURRENT = """
LIN-1 MUST D 1.0
Concurrent get, set, move, has_key, remove_key, add from threads on one backend are linearizable.

LIN-2 MUST D 1.0
Concurrent get, set, move, has_key, remove_key, add from several processes, each with its own backend on the
same storage, are linearizable.

LIN-3 MUST D 1.0
list_keys, concurrent with writes, lists every key stored throughout the call, none missing throughout, and
raises nothing. (A backend may claim more: `snapshot_list`, and then list_keys is linearizable too.)

LIN-4 MUST D 1.0
No operation that a caller saw succeed is lost to a concurrent one on another key.
"""

_CRASH_SAFE = """
CRASH-1 MUST D 1.0
Killed at any point inside an operation, the store reopens, and its state is the one before that operation
or the one after it: no torn value, nothing acknowledged lost, no stray key, the id unchanged.

CRASH-2 MUST D 1.0
A move that is killed at any point has happened or has not: the value is never at both keys, never at neither.

CRASH-3 MUST D 1.0
After a crash the store takes every operation as if nothing had happened; leftovers do not grow without
bound.

FAULT-1 MUST D 1.0
When the system refuses a call (ENOSPC, EIO, EACCES, a dropped connection), the operation raises, or
succeeds; the state is the one before or the one after; later operations work.

POWER-1 SHOULD D 1.0
Claimed by `durability="power"`: an acknowledged operation survives the loss of everything not yet synced.
"""

REQUIREMENTS: tuple[Requirement, ...] = (
    *_catalogue("core", _CORE),
    *_catalogue("identity", _IDENTITY),
    *_catalogue("surface", _SURFACE),
    *_catalogue("extended", _EXTENDED),
    *_catalogue("durable", _DURABLE),
    *_catalogue("concurrent", _CONCURRENT),
    *_catalogue("crash-safe", _CRASH_SAFE),
)
"""Every requirement, class by class in the order of `CLASSES`."""

_BY_ID = {one.id: one for one in REQUIREMENTS}
