"""Which requirement a minimal program is about: a decision table.

The oracle files a finding under the requirement of the operation that it blames: by provenance. That is right if the
operation is at fault, and wrong if the cause is its keys, or an earlier operation. A program that is minimal, and
cannot be made plainer without losing the fault, tells which: everything odd that is left in it is needed.

So `TABLE` is gone through from the top, and the first row that applies decides. Its order is from what can be nothing
else (an argument that nobody knows) to what is left if nothing in particular is the matter. Rows about odd keys come
before rows about related keys: the empty key is related to every other, but what is odd about it is the reason.

Example: `FoldsCase` takes ("A",) for ("a",). Minimal is `Set(("a",), "1")`, `Set(("A",), "2")`, and get(("a",)) gives
"2": by provenance SET-2, a set has changed another key. The program keeps an odd key, so rows for odd keys are met. The
state is wrong, so it is no matter of reading; the odd key is not alone; so it is KEY-4: two keys share one place. With
a backend that cannot tell ("a",) from ("b",), the keys would have become plain, and SET-2 would have stood.

Each row names the planted fault for which it is there: without the row, that fault is put to another requirement. The
tests hold that.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from conformance.harness.performing import perform
from conformance.programs.keys import ID_KEY, related
from conformance.programs.oddities import oddity
from conformance.programs.operations import (
    OPENS,
    Get,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Set,
    SetMany,
    Switch,
    Wait,
    keys_in,
)
from conformance.programs.outcomes import Raised
from conformance.programs.transformations.hashing import share_a_hash
from conformance.sequential.findings import Finding
from conformance.sequential.model import Limit
from conformance.sequential.oracle import requirement_for
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId


@attrs.frozen
class Facts:
    """What the table looks at.

    Args:
        program: the minimal program, without the observation.
        finding: what it shows.
        reading_breaks: whether a read in the program has changed the store; only an experiment tells.
        limit: the requirement by which the subject refuses what a write of the program writes; likewise.
    """

    program: Program
    finding: Finding
    reading_breaks: bool = False
    limit: Limit | None = None

    @property
    def provenance(self) -> RequirementId:
        """The requirement by provenance."""
        return self.finding.requirement

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key that plays a part: of the program, of the observation, and the key concerned.

        That all keys are listed is no matter of the empty key, though that is the prefix.
        """
        concerned = (self.finding.key,) if self.finding.key is not None else ()
        shown = tuple(one for one in (*self.program, self.finding.observation) if one != ListKeys())
        return tuple(dict.fromkeys((*keys_in(shown), *concerned)))

    @property
    def has_odd_key(self) -> bool:
        """Whether a key is left that no plain one can stand for; those of many that are set together are plain."""
        many = {key for operation in self.program if isinstance(operation, SetMany) for key, _ in operation.items()}
        return any(oddity(key) for key in self.keys if key not in many) or share_a_hash(self.keys)

    @property
    def has_relatives(self) -> bool:
        """Whether keys are left of which one starts with another. That of many which are set together says nothing."""
        if any(isinstance(operation, SetMany) for operation in self.program):
            return False
        return any(related(left, right) for left in self.keys for right in self.keys)

    @property
    def ends_with_read(self) -> bool:
        """Whether the state is wrong, and the last operation before it was seen is a read, which is needed."""
        return self.finding.about_state and bool(self.program) and not self.program[-1].writes


Condition: TypeAlias = Callable[[Facts], bool]
Answer: TypeAlias = Callable[[Facts], RequirementId]


@attrs.frozen
class Row:
    """One row of the table.

    Args:
        applies: whether it applies.
        requirement: what it says then: an id, or how to find it.
        fault: the planted fault, by its class, for which the row is there.
    """

    applies: Condition
    requirement: RequirementId | Answer
    fault: str


def by_provenance(facts: Facts) -> RequirementId:
    """What the oracle has said."""
    return facts.provenance


# Conditions


def needs_two_backends(facts: Facts) -> bool:
    """Two backends are needed that take turns: with one in the place of both, it does not go wrong."""
    return Switch() in facts.program and not facts.finding.about_id


def breaks_by_reading(facts: Facts) -> bool:
    """A read in the program has changed the store, as a session has found that looked after it.

    That a second get of an absent key gives something is no matter of the store: it has to raise, however often.
    """
    return facts.reading_breaks and facts.provenance != "GET-2"


def confuses_by_reading(facts: Facts) -> bool:
    """A read of one key makes another one give something else, and one of them is odd: the read takes one for both."""
    reads = [operation for operation in facts.program if not operation.writes and operation.keys]
    if not (facts.reading_breaks and facts.has_odd_key and reads) or facts.finding.key in (None, ID_KEY):
        return False
    return all(facts.finding.key not in read.keys for read in reads)


def meets_limit(facts: Facts) -> bool:
    """A write is needed that the subject refuses: what was wrong after it, a refused write has changed."""
    return facts.limit is not None


def passes_extra(facts: Facts) -> bool:
    """A keyword argument that no backend knows is needed."""
    shown = (*facts.program, facts.finding.observation)
    return any(getattr(operation, "extra", False) for operation in shown)


def takes_no_empty_key(facts: Facts) -> bool:
    """The empty key is taken for a mistake of the caller's."""
    actual = facts.finding.actual
    return facts.finding.key == () and isinstance(actual, Raised) and actual.kind == "TypeError"


def is_of_its_own(facts: Facts) -> bool:
    """It is about the id, a listing, reopening, a refused key or value, or it hangs: whatever its keys are."""
    if facts.provenance == "KEY-5" and facts.finding.symptom == "raised" and facts.finding.cause.writes:
        return True  # it has refused what it may refuse, but by the wrong exception
    return facts.provenance.startswith(("ID-", "LIST-", "REOPEN-", "SET-4")) or facts.finding.symptom == "hung"


def reads_odd_key_wrongly(facts: Facts) -> bool:
    """An odd key is left, but only what one operation says of it is wrong, or it was removed though absent.

    To raise is not to say something wrong: then the operation cannot do with the key, which is the key's matter. Nor is
    what a write of one key returns where another key is needed too.
    """
    finding = facts.finding
    if not facts.has_odd_key or finding.requirement == "KEY-5":
        return False
    if finding.about_state:
        # To remove an absent key may not store it: that its key is odd explains nothing.
        return finding.requirement == "REMOVE-3" and finding.own
    takes_for_other = finding.symptom == "returned" and finding.cause.writes and len(facts.keys) > 1
    return not takes_for_other and finding.symptom not in ("raised", "blocked")


def fails_to_remove(facts: Facts) -> bool:
    """An odd key is left, and a removal raises while something is stored: no key is taken for another by that."""
    finding = facts.finding
    if (
        not facts.has_odd_key
        or not isinstance(finding.cause, RemoveKey)
        or finding.symptom not in ("raised", "blocked")
    ):
        return False
    return bool(reference_after(facts.program).list_keys())


def needs_odd_key_alone(facts: Facts) -> bool:
    """An odd key is left, and no other key is needed, so that it cannot be taken for one."""
    finding = facts.finding
    if not facts.has_odd_key:
        return False
    if finding.requirement == "KEY-5":
        return finding.own  # what a refused write did to another key, it took for its own
    if finding.symptom in ("raised", "blocked") and not finding.cause.writes:
        return True  # other keys are only there to be stored: a read that raises has met with none of them
    of_other = finding.about_state and finding.requirement == "REMOVE-3"
    return len(facts.keys) == 1 and not of_other


def needs_odd_key(facts: Facts) -> bool:
    """An odd key is left, and another is needed beside it."""
    return facts.has_odd_key


def says_wrongly_of_relative(facts: Facts) -> bool:
    """Related keys are left, but what is wrong is a read, or an operation on a key that is absent.

    These requirements say what holds of a key that is absent; that it is the beginning of a key that is stored changes
    nothing about that, so they are violated themselves, and not KEY-6.
    """
    if not facts.has_relatives:
        return False
    cause = facts.finding.cause
    absent = facts.provenance in ("REMOVE-3", "REMOVE-4", "MOVE-4", "GET-2", "HAS-1")
    return absent or not cause.writes or isinstance(cause, OPENS)


def does_more_to_relative(facts: Facts) -> bool:
    """Related keys are left, and an operation took one along that has a requirement of its own which forbids that.

    A move or removal must leave all other keys alone, and so must a write that leaves a value under another key.
    """
    finding = facts.finding
    if not facts.has_relatives:
        return False
    if isinstance(finding.cause, SetMany | ListKeys):
        return True  # that one of many keys starts with another is no reason for it
    return not finding.own and (
        isinstance(finding.cause, Move | RemoveKey) or finding.symptom in ("appeared", "shared")
    )


def needs_relatives(facts: Facts) -> bool:
    """Related keys are left: they cannot both be stored."""
    return facts.has_relatives


def sets_what_was_removed(facts: Facts) -> bool:
    """A set goes wrong only after the same key was removed that was stored: the removal has left something."""
    finding = facts.finding
    if facts.ends_with_read or finding.requirement not in ("SET-1", "GET-1") or not isinstance(finding.cause, Set):
        return False
    return any(
        isinstance(operation, RemoveKey)
        and operation.key in finding.cause.keys
        and reference_after(facts.program[:number]).has_key(operation.key)
        for number, operation in enumerate(facts.program[:-1])
    )


def reads_nothing_of_what_was_moved(facts: Facts) -> bool:
    """A get errs of a key that a move has written, and the move is needed: it has not told get of the key."""
    finding = facts.finding
    if not isinstance(finding.cause, Get) or not finding.about_state or not facts.program:
        return False
    last = facts.program[-1]
    return isinstance(last, Move) and last.source != last.dest == finding.key


def sets_what_was_set(facts: Facts) -> bool:
    """A value comes back changed only if another was there before: it was not replaced."""
    finding = facts.finding
    if facts.ends_with_read or finding.requirement != "GET-1" or not finding.about_state:
        return False
    return any(isinstance(operation, Set) and operation.key == finding.key for operation in facts.program[:-1])


def always(facts: Facts) -> bool:
    """Nothing in particular is the matter."""
    return True


# Answers


def by_move(facts: Facts) -> RequirementId:
    """The requirement of the move that ends the program."""
    return requirement_for(facts.program[-1], reference_after(facts.program[:-1]))


def by_removal(facts: Facts) -> RequirementId:
    """The requirement of a removal: of a key that is stored, or of one that is not."""
    return requirement_for(facts.finding.cause, reference_after(facts.program))


def by_operation(facts: Facts) -> RequirementId:
    """What the oracle has said of an operation, of which nothing in the program says otherwise.

    But a read at the end is then what did it, and KEY-6 is not the matter where no keys are related any more.
    """
    if facts.ends_with_read:
        return "GET-3"
    if facts.provenance == "KEY-6":
        return requirement_for(facts.finding.cause, reference_after(facts.program))
    return facts.provenance


def by_limit(facts: Facts) -> RequirementId:
    """The requirement by which a refused write changes nothing."""
    return facts.limit or facts.provenance


TABLE: Sequence[Row] = (
    # Whatever it does to keys or values, one backend alone does none of it.
    Row(needs_two_backends, "REOPEN-2", "UpdatesWhatItRemembers"),
    # What an experiment has shown is beyond doubt, whatever the keys are.
    Row(confuses_by_reading, "KEY-4", "CachesByJoinedPath"),
    Row(breaks_by_reading, "GET-3", "HasKeyCreates"),
    Row(meets_limit, by_limit, "BreaksWhenItRefuses"),
    # Nothing else explains an argument that cannot be left out, and a TypeError for the empty key is a check of types.
    Row(passes_extra, "SET-6", "KeepsTheKeywords"),
    Row(takes_no_empty_key, "KEY-3", "CannotAskForTheEmptyKey"),
    # The key of the id is odd, and so are those that listings confuse: neither is to be taken for a matter of keys.
    Row(is_of_its_own, by_provenance, "LosesItsIdByRemoving"),
    # Odd keys. In the end one cannot tell why it needs another beside it, but that it is taken for it.
    Row(reads_odd_key_wrongly, by_provenance, "ReadsDirectories"),
    Row(fails_to_remove, by_removal, "RemovesBesideNoEmptyKey"),
    Row(needs_odd_key_alone, "KEY-5", "StoresUnderAnotherName"),
    Row(needs_odd_key, "KEY-4", "FoldsCase"),
    # Plain keys of which one starts with another.
    Row(says_wrongly_of_relative, by_provenance, "HasDirectories"),
    Row(does_more_to_relative, by_provenance, "RemovesChildren"),
    Row(needs_relatives, "KEY-6", "ChildReplacesParent"),
    # Plain keys in no relation: what else is needed went before. A removal says more than the set before it.
    Row(reads_nothing_of_what_was_moved, by_move, "MovesPastTheCache"),
    Row(sets_what_was_removed, "REMOVE-1", "LeavesTombstones"),
    Row(sets_what_was_set, "SET-1", "OverwritesTheBeginning"),
    # Nothing but the operation.
    Row(always, by_operation, "IgnoresOverwriting"),
)


def deciding_row(facts: Facts, table: Sequence[Row] = TABLE) -> Row:
    """The first row that applies."""
    return next(row for row in table if row.applies(facts))


def name(facts: Facts, table: Sequence[Row] = TABLE) -> RequirementId:
    """The requirement that a minimal program is about, nothing in which can be replaced by something plainer."""
    requirement = deciding_row(facts, table).requirement
    return requirement(facts) if callable(requirement) else requirement


def writes_to_stored(operation: Operation, before: InMemoryStoreBackend) -> bool:
    """Whether the key that an operation writes to was stored before it, by the reference as it was then."""
    return bool(operation.keys) and before.has_key(operation.keys[-1])


def reference_after(program: Program) -> InMemoryStoreBackend:
    """The reference after a program, however its operations end."""
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    for operation in program:
        if not isinstance(operation, (*OPENS, Wait)):
            perform(operation, reference)
    return reference
