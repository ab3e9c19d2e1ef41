"""What a reader may see of a store after a crash. These functions are pure: they open nothing, and change nothing.

A state is what `get` of each key of a scenario and `list_keys` answer, as text. A program of n operations, run to its
end, goes through n + 1 states:

    states[0] --operation 0--> states[1] --operation 1--> states[2]     (n = 2)
                                        ^
                      the process dies here, 1 operation acknowledged

An operation is acknowledged when it has returned to its caller. Of a process that dies with k operations acknowledged,
operation k is in flight, and a reader may see:

- states[k]: operation k has not taken effect;
- states[k + 1]: it has, and only the caller has not heard of it;
- where operation k is a move, and the backend claims `atomic_move=False`: the move half done, which is the value under
  both keys. The value under neither key would be its loss, which no claim allows.

Any other state is wrong: an older one has lost what was acknowledged, and no operations lead to the rest. When all n
are acknowledged, only states[n] is left. The same states are allowed when a system call is refused: an operation that
raises may or may not have taken effect; one that returns must have.
"""

import ast
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias, TypeGuard

from conformance.crash.scenarios import Scenario
from conformance.programs.operations import Add, Move, Operation, Program, RemoveKey, Set
from conformance.programs.outcomes import Outcome, Raised, Returned
from spec_store import Key

StateText: TypeAlias = tuple[str, ...]
"""What get of each key and list_keys answer, as text."""


ABSENT = "raised InvalidKeyError"
"""What get of a key answers that is not stored."""


def answer_text(outcome: Outcome) -> str:
    """An outcome as text, in full: exceptions by their kind."""
    if isinstance(outcome, Raised):
        return f"raised {outcome.kind}"
    return f"returned {outcome.value!r}" if isinstance(outcome, Returned) else str(outcome)


def listed_in(state: StateText) -> list[Any]:
    """The keys that a state's listing has; none where it raised."""
    verb, _, text = state[-1].partition(" ")
    found: list[Any] = ast.literal_eval(text) if verb == "returned" else []
    return found


def operation_in_flight(program: Program, acknowledged: int) -> Operation | None:
    """The operation in flight when so many have returned; None where that was the last one."""
    return program[acknowledged] if acknowledged < len(program) else None


def in_steps(during: Operation | None, *, atomic_move: bool) -> TypeGuard[Move]:
    """Whether an operation may be seen half done: a move, of a backend that does not claim to move in one step."""
    return isinstance(during, Move) and not atomic_move


def allowed(
    scenario: Scenario, states: Sequence[StateText], acknowledged: int, *, atomic_move: bool
) -> tuple[StateText, ...]:
    """The states that a reader may see after a crash, each once.

    Args:
        scenario: what the process was doing.
        states: before its program, and after each operation of it, without a crash.
        acknowledged: how many operations of the program had returned.
        atomic_move: what the backend claims.
    """
    last = len(states) - 1
    before, after = states[min(acknowledged, last)], states[min(acknowledged + 1, last)]
    # The two are one where the operation changes nothing (a move of a key onto itself), or where none is in flight.
    found = tuple(dict.fromkeys((before, after)))
    during = operation_in_flight(scenario.program, acknowledged)
    if in_steps(during, atomic_move=atomic_move):
        return (*found, half_moved(during, scenario.keys, before, after))
    return found


def is_older(states: Sequence[StateText], acknowledged: int, actual: StateText) -> bool:
    """Whether a state is one from before what was acknowledged, so that an acknowledged operation has been lost."""
    return actual in states[:acknowledged] and actual not in states[acknowledged:]


def state_after(operation: Operation, keys: Sequence[Key], state: StateText) -> StateText:
    """What a reader sees after one write, by what was seen before it.

    Args:
        operation: a set, add, move or removal of what is stored, which returns.
        keys: those that the state has, each once.
        state: what was seen before.
    """
    reads, listed = dict(zip(keys, state, strict=False)), set(listed_in(state))
    if isinstance(operation, Set | Add):
        reads[operation.key] = answer_text(Returned(operation.value))
        listed.add(operation.key)
    elif isinstance(operation, Move):
        reads[operation.dest] = reads[operation.source]
        reads[operation.source] = ABSENT
        listed = listed - {operation.source} | {operation.dest}
    elif isinstance(operation, RemoveKey):
        reads[operation.key] = ABSENT
        listed.discard(operation.key)
    return (*reads.values(), answer_text(Returned(sorted(listed))))


def half_moved(move: Move, keys: Sequence[Key], before: StateText, after: StateText) -> StateText:
    """The state amid a move: the value is stored under the new key already, and not yet removed from the old one."""
    source = keys.index(move.source)
    reads = list(after[:-1])
    reads[source] = before[source]
    # The listing is made from the two listings rather than from the reads, so that whatever else a backend lists (a
    # key with another case, say, which the scenario does not read) is allowed as it is without a crash.
    listed = sorted({*listed_in(before), *listed_in(after)})
    return (*reads, f"returned {listed!r}")


def is_id_wrong(ids: tuple[str, str], before: str | None, invalid: str) -> bool:
    """Whether the id of a store is not what it should be after a crash.

    Args:
        ids: what was read, twice: an id that is made anew at each reading is none.
        before: what it was; None where there was no store before.
        invalid: what the backend gives in place of an id that it cannot read; "" if there is no such thing.
    """
    first, again = ids
    return first != again or bool(invalid and invalid in first) or before not in (None, first)


def is_growing(counts: Sequence[int]) -> bool:
    """Whether there were more files after each crash than after the one before.

    That is stricter than "more in the end": a backend may leave a file behind, and remove it when it is next opened or
    next writes; only what no later run ever takes away again adds up.
    """
    return all(one < other for one, other in pairwise(counts))
