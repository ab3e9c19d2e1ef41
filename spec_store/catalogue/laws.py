"""The laws of a store: what the requirements on one operation at a time say together, as equations between programs.

A law has two sides, both programs with variables. It holds of a store if from every state, whatever the variables stand
for, both sides come to the same: the last step has the same outcome, and afterwards the listing and what get gives of
every key are the same. The sides are compared with one another, so that no reference is needed.

No law speaks of states: a side begins with what brings one about. So "update of a missing key is refused" begins with
`remove_key(a)`, from whatever state.

The notation (`NOTATION`) is Python, and is run as it stands by `conformance.programs.laws`.

Of a store that is no more than what can be read of it, some laws follow from others: that set changes no other key
follows from set-remove and remove-other. Real backends remember what cannot be read, in caches, versions and marks of
what was removed, and for them it does not. So a law is one if a mutant of the reference breaks it and no other
(`tests/conformance/programs/mutants.py`), from states that nothing is remembered of. For the same reason what reads is
asked after any write: a listing may be right in a new object and out of date in one that has written. What no mutant
broke alone is not among the laws:

    dropped                                             said by
    --------------------------------------------------  ---------------------------------------------------------
    `set(a, v); has_key(a)` gives True                  set-get and has-get
    `remove_key(a); has_key(a)` gives False             remove-get and has-get
    list_keys() lists the keys that has_key is True of  list-get and has-get
    a removal of a missing key changes nothing          remove-remove, whose second removal is of one
    two removals return True and then False             remove-returns
    writes of different keys may change places          the three on set; other writes are sets by laws of their own
    the second of two add_or_update counts              upsert-set and set-set
"""

import attrs

from spec_store.catalogue.vocabulary import RequirementId


@attrs.frozen
class Law:
    """Two programs that come to the same, from every state of a store.

    Args:
        id: its name for good, after the operations that it is about.
        requirements: the ids of the requirements that it states, in whole or in part.
        text: the same in words, in a sentence.
        left: one program, in the notation of this module.
        right: the other.
        where: a condition on the variables, or "".
    """

    id: str
    requirements: tuple[RequirementId, ...]
    text: str
    left: str
    right: str
    where: str = ""


NOTATION: tuple[tuple[str, str], ...] = (
    ("`a`, `b`, `c`; `p`; `v`, `w`", "any keys but the id key; any prefix; any values"),
    ("`read`, `write`", "any operation that reads, or that writes, of any such keys and values"),
    ("`reopen`", "the backend is left, and another one opened on the same storage"),
    ("`**extra`", "keyword arguments that no backend knows"),
    ("`x = get(b)`", "`x` is the outcome: that it returned a value, or raised"),
    ("a last value, or `x`", "the outcome of the side, in place of the last operation's"),
    ("`raise InvalidKeyError`", "the same: an exception of that kind"),
    ("`keys`", "every key, stored or not, the id key included"),
    ("`is_stored(k)`, `returned(x)`, `id_in(x)`", "get of `k` returns; `x` is a value; the UUID in the text `x`"),
)
"""The parts of the notation, and what each means, in Markdown."""

LAWS: tuple[Law, ...] = (
    Law(
        "set-get",
        ("SET-1", "GET-1"),
        "What set has given a key is what get returns.",
        "set(a, v); get(a)",
        "set(a, v); v",
    ),
    Law("set-set", ("SET-1",), "Of two sets the second counts.", "set(a, v); set(a, w)", "set(a, w)"),
    Law(
        "set-other",
        ("SET-2", "GET-1", "GET-2"),
        "What get gives of a key, set of another does not change.",
        "set(a, v); get(b)",
        "x = get(b); set(a, v); x",
        "a != b",
    ),
    Law(
        "set-commutes",
        ("SET-2", "KEY-4", "KEY-6"),
        "Sets of two keys may change places.",
        "set(a, v); set(b, w)",
        "set(b, w); set(a, v)",
        "a != b",
    ),
    Law(
        "set-remove",
        ("REMOVE-1",),
        "A removal undoes a set, and leaves nothing earlier.",
        "set(a, v); remove_key(a)",
        "remove_key(a)",
    ),
    Law("remove-set", ("REMOVE-1", "SET-1"), "A removed key can be set.", "remove_key(a); set(a, v)", "set(a, v)"),
    Law(
        "remove-get",
        ("REMOVE-1", "GET-2"),
        "get of a removed key raises InvalidKeyError.",
        "remove_key(a); get(a)",
        "remove_key(a); raise InvalidKeyError",
    ),
    Law(
        "remove-remove",
        ("REMOVE-3",),
        "To remove a key twice is to remove it once.",
        "remove_key(a); remove_key(a)",
        "remove_key(a)",
    ),
    Law(
        "remove-returns",
        ("REMOVE-4",),
        "remove_key returns whether the key was stored.",
        "remove_key(a)",
        "x = get(a); remove_key(a); returned(x)",
    ),
    Law(
        "remove-other",
        ("REMOVE-2", "GET-1", "GET-2"),
        "What get gives of a key, a removal of another does not change.",
        "remove_key(a); get(b)",
        "x = get(b); remove_key(a); x",
        "a != b",
    ),
    Law(
        "remove-commutes",
        ("REMOVE-2", "KEY-6"),
        "A removal and a set of another key may change places.",
        "remove_key(a); set(b, v)",
        "set(b, v); remove_key(a)",
        "a != b",
    ),
    Law(
        "set-move",
        ("MOVE-1", "MOVE-2"),
        "To move a value is to remove it and to set it elsewhere, whatever is there.",
        "set(a, v); move(a, b)",
        "remove_key(a); set(b, v)",
        "a != b",
    ),
    Law(
        "move-move",
        ("MOVE-1", "MOVE-2", "MOVE-4"),
        "Two moves by way of a free key are one.",
        "remove_key(b); move(a, b); move(b, c)",
        "remove_key(b); move(a, c)",
        "a != b != c != a",
    ),
    Law(
        "move-self",
        ("MOVE-3",),
        "A move of a key onto itself changes nothing.",
        "set(a, v); move(a, a)",
        "set(a, v)",
    ),
    Law(
        "move-missing",
        ("MOVE-4",),
        "A move of a missing key is refused, and changes nothing.",
        "remove_key(a); move(a, b)",
        "remove_key(a); raise InvalidKeyError",
    ),
    Law(
        "move-other",
        ("MOVE-5", "GET-1", "GET-2"),
        "What get gives of a key, a move of others does not change.",
        "move(a, b); get(c)",
        "x = get(c); move(a, b); x",
        "c not in (a, b)",
    ),
    Law(
        "move-commutes",
        ("MOVE-5", "KEY-6"),
        "A move and a set of a third key may change places.",
        "move(a, b); set(c, v); list_keys()",
        "set(c, v); move(a, b); list_keys()",
        "c not in (a, b)",
    ),
    Law(
        "has-get",
        ("HAS-1", "GET-1", "GET-2"),
        "After any write, has_key is True just where get returns.",
        "write; has_key(a)",
        "write; list_keys(); x = get(a); returned(x)",
    ),
    Law(
        "list-get",
        ("LIST-1", "LIST-4"),
        "After any write, list_keys() lists, once each, the keys of which get returns.",
        "write; list_keys()",
        "write; list_keys(); [k for k in keys if is_stored(k)]",
    ),
    Law(
        "list-prefix",
        ("LIST-2", "LIST-3"),
        "After any write, list_keys(p) lists those of list_keys() that start with p, p itself included.",
        "write; list_keys(p)",
        "write; [k for k in list_keys() if starts_with(k, p)]",
    ),
    Law(
        "read-nothing",
        ("GET-3", "GET-1", "GET-2"),
        "Reading changes nothing, nor what get gives.",
        "read; get(a)",
        "get(a)",
    ),
    Law(
        "remove-add",
        ("ADD-1",),
        "add of a missing key is set.",
        "remove_key(a); add(a, v)",
        "set(a, v)",
    ),
    Law(
        "set-add",
        ("ADD-1",),
        "add of a stored key is refused, and changes nothing.",
        "set(a, v); add(a, w)",
        "set(a, v); raise StoreBackendError",
    ),
    Law(
        "set-update",
        ("UPDATE-1",),
        "update of a stored key is set.",
        "set(a, v); update(a, w)",
        "set(a, w)",
    ),
    Law(
        "remove-update",
        ("UPDATE-1",),
        "update of a missing key is refused, and changes nothing.",
        "remove_key(a); update(a, v)",
        "remove_key(a); raise StoreBackendError",
    ),
    Law("upsert-set", ("UPSERT-1",), "add_or_update is set.", "add_or_update(a, v)", "set(a, v)"),
    Law(
        "get-all",
        ("ALL-1",),
        "After any write, get_all gives the values of the listing, without the id's.",
        "write; get_all()",
        "write; [get(k) for k in list_keys() if k != STORE_BACKEND_ID_KEY]",
    ),
    Law(
        "write-extra",
        ("SET-6",),
        "Keyword arguments that nobody knows make no difference.",
        "write(**extra)",
        "write",
        "write.name != 'remove_key'",
    ),
    Law(
        "id-id",
        ("ID-1",),
        "The id is the same at every read.",
        "store_backend_id; store_backend_id",
        "store_backend_id",
    ),
    Law(
        "id-get",
        ("ID-2",),
        "The id is the one in the text under the id key.",
        "store_backend_id",
        "x = get(STORE_BACKEND_ID_KEY); id_in(x)",
    ),
    Law(
        "write-id",
        ("ID-10",),
        "No write of another key changes the id.",
        "write; store_backend_id",
        "x = store_backend_id; write; x",
    ),
    Law(
        "write-reopen",
        ("REOPEN-1",),
        "Opened again, a store is as it was left.",
        "write; reopen; list_keys()",
        "write; list_keys()",
    ),
    Law("reopen-id", ("ID-8",), "Opened again, a store has its id.", "reopen; store_backend_id", "store_backend_id"),
)
"""Every law, those about one kind of operation together."""

UNSTATED: dict[RequirementId, str] = {
    "KEY-1": "what is no key is no value of a variable",
    "KEY-2": "what is no key is no value of a variable",
    "KEY-3": "`()` is a key like any other, so that all laws speak of it and none of it alone",
    "KEY-5": "what a backend may refuse is its own choice; laws are about keys that it stores",
    "KEY-7": "what is no key is no value of a variable",
    "KEY-8": "what lies outside the store is no part of its state",
    "KEY-9": "keys that are equal are one value of a variable",
    "SET-3": "about `_set`, which no program calls",
    "SET-4": "what a backend may refuse is its own choice; laws are about values that it stores",
    "SET-5": "the same object, changed outside the store, is more than a value",
    "ISO-1": "about two stores, and a law is about one",
    "ID-3": "about what a constructor is given; no variable is an argument of it",
    "ID-4": "about what a constructor is given; no variable is an argument of it",
    "ID-5": "about what a constructor is given; no variable is an argument of it",
    "ID-6": "about what a constructor is given; no variable is an argument of it",
    "ID-7": "storage that fails is not a state of the store, and what is under the id key is not written by any law",
    "REOPEN-2": "about two backends open at once, and a program has one",
    "REOPEN-3": "storage that refuses writes is not a state of the store",
}
"""The requirements on one backend, one operation at a time, that no law states, and why not."""
