"""What a requirement is, and the words that one is told in."""

import textwrap
from typing import Any, Literal, TypeAlias, get_args

import attrs
from attrs.validators import in_, optional

RequirementId: TypeAlias = Literal[
    "KEY-1",
    "KEY-2",
    "KEY-3",
    "KEY-4",
    "KEY-5",
    "KEY-6",
    "KEY-7",
    "KEY-8",
    "KEY-9",
    "GET-1",
    "GET-2",
    "GET-3",
    "SET-1",
    "SET-2",
    "SET-3",
    "SET-4",
    "SET-5",
    "SET-6",
    "MOVE-1",
    "MOVE-2",
    "MOVE-3",
    "MOVE-4",
    "MOVE-5",
    "REMOVE-1",
    "REMOVE-2",
    "REMOVE-3",
    "REMOVE-4",
    "HAS-1",
    "LIST-1",
    "LIST-2",
    "LIST-3",
    "LIST-4",
    "ISO-1",
    "ID-1",
    "ID-2",
    "ID-3",
    "ID-4",
    "ID-5",
    "ID-6",
    "ID-7",
    "ID-8",
    "ID-9",
    "ID-10",
    "PROP-1",
    "PROP-2",
    "CONFIG-1",
    "CONFIG-2",
    "CONFIG-3",
    "IGNORE-1",
    "URL-1",
    "URL-2",
    "CONST-1",
    "RES-1",
    "ADD-1",
    "ADD-2",
    "UPDATE-1",
    "UPSERT-1",
    "ALL-1",
    "REOPEN-1",
    "REOPEN-2",
    "REOPEN-3",
    "LIN-1",
    "LIN-2",
    "LIN-3",
    "LIN-4",
    "CRASH-1",
    "CRASH-2",
    "CRASH-3",
    "FAULT-1",
    "POWER-1",
]
"""The ids of all requirements, so that a type checker finds one that is misspelt."""

RequirementClass: TypeAlias = Literal["core", "identity", "surface", "extended", "durable", "concurrent", "crash-safe"]

CLASSES: tuple[RequirementClass, ...] = get_args(RequirementClass)
"""The classes of requirements, in the order in which they build on one another."""

Level: TypeAlias = Literal["MUST", "SHOULD"]

LEVELS: dict[Level, str] = {
    "MUST": "a backend that does not meet it is not conformant",
    "SHOULD": "a backend may have a reason not to meet it, and then says so",
}
"""What each level means."""

Source: TypeAlias = Literal["interface", "1.x", "derived"]

ORIGINS: dict[Source, str] = {
    "interface": "the StoreBackend interface as Great Expectations documents it",
    "1.x": "what Great Expectations 1.x adds to it",
    "derived": "derived here, where the documents are silent and real backends disagree",
}
"""Where a requirement comes from."""

SpecVersion: TypeAlias = Literal["1.0", "1.1"]

SPEC_VERSIONS: tuple[SpecVersion, ...] = get_args(SpecVersion)
"""The versions of the specification, the newest last."""

Claim: TypeAlias = Literal[
    "always", "durable", "threads", "processes", "threads or processes", "crash_safe", 'durability="power"'
]

CLAIMS: dict[Claim, str] = {
    "always": "asked of every backend, whatever it claims",
    "durable": "storage outlives the object; another one that is opened on it sees the same",
    "threads": "several threads may use one object at once",
    "processes": "several processes, each with its own object, may use one storage at once",
    "threads or processes": "one of the two is enough",
    "crash_safe": "a process may be killed, and a system call may fail, at any point",
    'durability="power"': "what is acknowledged survives the loss of power",
}
"""What a backend must claim to be asked for a requirement, and what it says by that."""

Method: TypeAlias = Literal["add", "update", "add_or_update", "get_all"]
"""The methods of Great Expectations 1.x, which a backend may lack."""


def _dedented(text: str) -> str:
    return textwrap.dedent(text).strip("\n").rstrip()


@attrs.frozen
class Requirement:
    """One requirement of the specification.

    Args:
        id: its name for good, such as "MOVE-3".
        class_: the one of `CLASSES` that it belongs to.
        level: the one of `LEVELS` that says how binding it is.
        origin: the one of `ORIGINS` that it comes from.
        since: the version of the specification that first had it.
        text: what it demands, in Markdown.
        why: what goes wrong for a caller without it, in one sentence.
        example: some lines that show it. Python, where `staging` is None: it runs against a new, empty `backend`. Else
            a timeline, from top to bottom.
        claim: the one of `CLAIMS` that makes it asked of a backend.
        method: the 1.x method that it is about; it is not asked of a backend that has no such method.
        staging: how the example is put to the test, where no Python in one process can show it.
    """

    id: RequirementId
    class_: RequirementClass = attrs.field(validator=in_(CLASSES))
    level: Level = attrs.field(validator=in_(LEVELS))
    origin: Source = attrs.field(validator=in_(ORIGINS))
    since: SpecVersion = attrs.field(validator=in_(SPEC_VERSIONS))
    text: str
    why: str
    example: str = attrs.field(converter=_dedented)
    claim: Claim = attrs.field(default="always", validator=in_(CLAIMS))
    method: Method | None = attrs.field(default=None, validator=optional(in_(get_args(Method))))
    staging: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values, in which `class_` is called "class"."""
        return {name.rstrip("_"): value for name, value in attrs.asdict(self).items()}
