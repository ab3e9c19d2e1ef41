"""Which programs a contradiction on a bare backend is worth, and when there have been enough of them.

A store that is wrong in one way shows it at hundreds of steps, and each costs a session. What has been wrong before is
told by traits, those of the write that was to blame once a session has found it so, and by the signature of what was
seen.

| what is seen                                                     | what is done                                      |
|------------------------------------------------------------------|---------------------------------------------------|
| a write was to blame often enough that has the traits of one     | nothing: it is known, of plain keys or of such    |
| since the last right read                                        | odd ones                                          |
| its signature was judged before, of plain keys or such odd ones  | nothing                                           |
| anything else                                                    | its suspects are judged, until something is found |

The suspects are ordered by length, and each is short by construction:

| what is tried                                                    | why it is short                                   |
|------------------------------------------------------------------|---------------------------------------------------|
| the fewest writes that lead to the state, and the step           | they are four operations at most                  |
| likewise each write before it                                    | a read may come late: what it shows is older      |
| the last 8, 16, 32 ... steps, from the state before them         | the fault takes more than a state and a write     |
| all that was done on the store                                   | nothing seen is dropped                           |
"""

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from conformance.programs.keys import related
from conformance.programs.oddities import oddity
from conformance.programs.operations import Get, HasKey, ListKeys, Operation, Program, Set
from conformance.programs.outcomes import Outcome, Raised
from conformance.run.run import Run
from conformance.sequential.candidates import Candidates
from conformance.sequential.observing import ALWAYS, AT_THE_END, Observing
from conformance.sequential.search import run_program
from spec_store import Key

OFTEN = 3
"""How often a write of some traits is to blame before that is no news."""

LOOKED_BACK = 16
"""How many writes before a contradiction are suspected of it, one by one."""

FEWEST_STEPS = 8
"""How many steps before a contradiction are tried at first, all together."""

Trait: TypeAlias = tuple[object, ...]
"""What is odd about the keys of an operation, or None; and what else of it may matter to a fault."""


@attrs.frozen(slots=False)  # what is found out of one is kept in it
class Done:
    """An operation that was performed, and what was stored before it, by the specification."""

    operation: Operation
    stored: Mapping[Key, Any]

    @property
    def way(self) -> Program:
        """The fewest writes that lead to where it was performed, and the operation."""
        return (*(Set(key, value) for key, value in self.stored.items()), self.operation)

    @functools.cached_property
    def trait(self) -> Trait:
        """By what it is known again."""
        keys = self.operation.keys
        were = tuple(key in self.stored for key in keys)
        kin = any(related(key, other) for key in keys for other in (*self.stored, *keys))
        return (odd_one(keys), self.operation.name, were, len(set(keys)), kin)


@attrs.frozen
class Suspect:
    """A program that may show what was seen, and the traits of what is to blame if it does."""

    program: Program
    observing: Observing
    trait: Trait


def suspects(done: Sequence[Done]) -> Iterator[Suspect]:
    """Programs that may show what the last of some operations has shown, the shortest first, all that was done last."""
    last = done[-1]
    writes = [each for each in done[:-1] if each.operation.writes]
    latest = last.trait if last.operation.writes or not writes else writes[-1].trait
    yield Suspect(last.way, ALWAYS, latest)
    read = () if last.operation.writes else (last.operation,)
    for each in reversed(writes[-LOOKED_BACK:]):
        yield Suspect((*each.way, *read), ALWAYS, each.trait)
    length = FEWEST_STEPS
    while length < len(done):
        yield Suspect(_since(done[-length:]), AT_THE_END, latest)
        length *= 2
    yield Suspect(_since(done), AT_THE_END, latest)


def _since(done: Sequence[Done]) -> Program:
    return (*done[0].way, *(each.operation for each in done[1:]))


@attrs.define
class Suspicions:
    """What has been judged of one subject.

    Args:
        run: the run.
        candidates: what sessions find.
        seen: the signatures of what was judged.
        wrong_by_outcome: how often a write of some traits was to blame for what came of it.
        wrong_by_state: how often, for what it left.
    """

    run: Run
    candidates: Candidates
    seen: set[Trait] = attrs.field(factory=set)
    wrong_by_outcome: Counter[Trait] = attrs.field(factory=Counter)
    wrong_by_state: Counter[Trait] = attrs.field(factory=Counter)

    def judge(self, done: Sequence[Done], outcome: Outcome) -> bool:
        """Have sessions judge what the last of some operations has shown, if it may be news.

        Args:
            done: all that was done on a new store, the last wrongly.
            outcome: what came of that.

        Returns:
            Whether there was anything new.
        """
        signature = signature_of(done, outcome)
        if self._is_known(done) or not self.seen.isdisjoint(_also_plain(signature)):
            return False
        self.seen.add(signature)
        known = len(self.candidates.kept)
        for suspect in suspects(done):
            if run_program(self.run, suspect.program, self.candidates, suspect.observing):
                break
        of_outcome = done[-1].operation.writes and suspect.trait == done[-1].trait
        (self.wrong_by_outcome if of_outcome else self.wrong_by_state)[suspect.trait] += 1
        return len(self.candidates.kept) > known

    def _is_known(self, done: Sequence[Done]) -> bool:
        by_outcome = _also_plain(done[-1].trait) if done[-1].operation.writes else ()
        by_state = (each for one in unread(done) for each in _also_plain(one.trait))
        outcomes, left = self.wrong_by_outcome, self.wrong_by_state
        return any(outcomes[each] >= OFTEN for each in by_outcome) or any(left[each] >= OFTEN for each in by_state)


def _also_plain(trait: Trait) -> tuple[Trait, Trait]:
    """Traits, and those of plain keys: what is wrong of these is no matter of odd ones."""
    return trait, (None, *trait[1:])


def unread(done: Sequence[Done]) -> Iterator[Done]:
    """The writes that may have done what the last operation shows: those since a read that would have shown it."""
    last = done[-1].operation
    left = LOOKED_BACK
    for each in reversed(done[:-1]):
        if left == 0 or _shows(each.operation, last):
            return
        if each.operation.writes:
            left -= 1
            yield each


def _shows(read: Operation, last: Operation) -> bool:
    if isinstance(last, ListKeys):
        return read == last
    return isinstance(read, Get | HasKey) and read.key in last.keys


def signature_of(done: Sequence[Done], outcome: Outcome) -> Trait:
    """What of a contradiction is the same again: what was done, to what, and what came of it."""
    last = done[-1]
    wrote = next((each for each in reversed(done) if each.operation.writes), last)
    written = wrote.operation.keys
    beside = tuple((key in written, any(related(key, other) for other in written)) for key in last.operation.keys)
    odd = odd_one((*written, *last.operation.keys))
    return (odd, wrote.trait[1:], last.operation.name, told_by(outcome), beside, len(last.stored))


def odd_one(keys: Sequence[Key]) -> str | None:
    """What is odd about the first key of some that is odd."""
    return next((odd for odd in map(oddity, keys) if odd), None)


def told_by(outcome: Outcome) -> str:
    """An outcome in a word: what it raised, or that it returned, or hung."""
    return outcome.kind if isinstance(outcome, Raised) else type(outcome).__name__
