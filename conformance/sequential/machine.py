"""A Hypothesis state machine over a session, which authors may subclass with rules and invariants of their own.

Used on its own (`TestCase`, `run_state_machine_as_test`), a finding fails the test and Hypothesis shrinks the
steps. The campaign uses the same machine, collects the findings and minimizes the programs itself.
"""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from conformance.harness.harness import Harness
from conformance.programs.families import pool
from conformance.programs.keys import ID_KEY
from conformance.programs.material import TAILS
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    Switch,
    Update,
)
from conformance.sequential.counterexample import message_of_finding
from conformance.sequential.findings import Finding
from conformance.sequential.session import Session
from conformance.subject.claims import takes_two
from conformance.subject.subject import Subject
from spec_store import Key

NUMBERS = st.integers(0, 11)
TAIL_NUMBERS = st.integers(0, len(TAILS) - 1)
RARELY = st.integers(0, 9).map(lambda number: number == 9)


class StoreMachine(RuleBasedStateMachine):
    """Random programs over a pool of related keys, in lock-step with the reference.

    Subclass it and set `subject`; `self.session.apply(operation)` performs and judges an operation, and
    `self.backend` is the backend under test. A rule of your own that writes past the session is a fault to it.
    """

    subject: ClassVar[Subject]
    harness: ClassVar[Harness | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._is_failing = False
        self._pool: tuple[Key, ...] = (("a",),)
        self.session = self.new_session(self.own_harness())

    def own_harness(self) -> Harness:
        """The harness that all machines of this class share."""
        cls = type(self)
        if cls.harness is None:
            cls.harness = Harness(self.subject)
        return cls.harness

    def new_session(self, harness: Harness) -> Session:
        """The session that this machine's steps go through."""
        return Session(harness)

    @property
    def backend(self) -> Any:
        """The backend under test, as it is open now."""
        return self.session.backend

    def on_finding(self, finding: Finding) -> None:
        """Called with each finding; fails the test. The campaign collects instead.

        Raises:
            AssertionError: always, with the message of the finding.
        """
        raise AssertionError(message_of_finding(finding, tuple(self.session.program)))

    def step(self, operation: Operation) -> None:
        """Perform and judge one operation."""
        seen = len(self.session.findings)
        self.session.apply(operation)
        self._report_since(seen)

    def teardown(self) -> None:
        try:
            # On top of a failing step, what the last reading finds would be another failure to Hypothesis, which then
            # shrinks both and tells of two faults.
            if not self._is_failing:
                seen = len(self.session.findings)
                self.session.finish()
                self._report_since(seen)
        finally:
            self.session.close()

    def _report_since(self, seen: int) -> None:
        """Report the findings but for so many; where that fails the test, nothing more is to be reported of it."""
        for finding in self.session.findings[seen:]:
            try:
                self.on_finding(finding)
            except BaseException:
                self._is_failing = True
                raise

    def key(self, number: int) -> Key:
        """The `number`-th key of the pool, round and round."""
        return self._pool[number % len(self._pool)]

    def value(self, tail: int) -> Any:
        """A value that no other write of this program has."""
        self._number += 1
        return self.session.harness.material.value(self._number, tail)

    def writable(self, *keys: Key) -> bool:
        """Whether a random program may write these keys: any but the id's."""
        return ID_KEY not in keys

    @initialize(first=st.integers(0, 9999), second=st.integers(0, 9999), joined=st.booleans())
    def choose_keys(self, first: int, second: int, joined: bool) -> None:
        self._pool = pool(self.session.harness.material.families, first, second if joined else None)

    @rule(number=NUMBERS, tail=TAIL_NUMBERS, extra=RARELY)
    def set(self, number: int, tail: int, extra: bool) -> None:
        if self.writable(self.key(number)):
            self.step(Set(self.key(number), self.value(tail), extra))

    @rule(number=NUMBERS, tail=TAIL_NUMBERS)
    def set_again(self, number: int, tail: int) -> None:
        if self.writable(self.key(number)):
            self.step(Set(self.key(number), self.value(tail)))

    @rule(source=NUMBERS, dest=NUMBERS, extra=RARELY)
    def move(self, source: int, dest: int, extra: bool) -> None:
        if self.writable(self.key(source), self.key(dest)):
            self.step(Move(self.key(source), self.key(dest), extra))

    @rule(number=NUMBERS)
    def remove(self, number: int) -> None:
        if self.writable(self.key(number)):
            self.step(RemoveKey(self.key(number)))

    @rule(number=NUMBERS)
    def get(self, number: int) -> None:
        self.step(Get(self.key(number)))

    @rule(number=NUMBERS)
    def has(self, number: int) -> None:
        self.step(HasKey(self.key(number)))

    @rule(number=NUMBERS, length=st.integers(0, 3))
    def list_prefix(self, number: int, length: int) -> None:
        self.step(ListKeys(self.key(number)[:length]))

    @rule(kind=st.sampled_from((Add, Update, AddOrUpdate)), number=NUMBERS, tail=TAIL_NUMBERS, extra=RARELY)
    def write_conditionally(self, kind: type[Any], number: int, tail: int, extra: bool) -> None:
        if self.writable(self.key(number)) and hasattr(self.session.backend, kind.name):
            self.step(kind(self.key(number), self.value(tail), extra))

    @rule(which=st.integers(0, 2))
    def read_all(self, which: int) -> None:
        if which == 0 and hasattr(self.session.backend, "get_all"):
            self.step(GetAll())
        elif which == 1:
            self.step(ReadId())

    @precondition(lambda self: self.session.harness.subject.claims.durable)
    @rule()
    def reopen(self) -> None:
        # Else most would come one after another, for many programs are made of few kinds of steps. For what is opened
        # again and again, with nothing done in between, there is a directed check.
        if not isinstance(next(reversed(self.session.program), None), Reopen):
            self.step(Reopen())

    @precondition(lambda self: takes_two(self.session.harness.subject.claims))
    @rule()
    def switch(self) -> None:
        if not isinstance(next(reversed(self.session.program), None), Switch):
            self.step(Switch())


def machine_of(subject: Subject) -> type[StoreMachine]:
    """A state machine class for a subject, for `run_state_machine_as_test` or its `TestCase`."""
    return type("StoreMachineOf" + subject.title.title().replace(" ", ""), (StoreMachine,), {"subject": subject})
