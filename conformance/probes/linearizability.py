"""Whether operations that overlapped in time can be explained one after another. It knows nothing of stores.

The search is Wing and Gong's with Lowe's memo: it puts one operation after another, each only where it may come and
where its outcome is explained, goes back where nothing fits, and never tries the same operations and state twice.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

BUDGET = 200_000
"""The nodes after which a search gives up: some seconds, and some hundred megabytes."""

State = TypeVar("State", bound=Hashable)


@attrs.frozen
class Event:
    """An operation of a history. One came before another if it ended before the other began: `end < begin`.

    Args:
        begin: when it began, on a clock of any unit that all events of the history share.
        end: when it ended; None if it never did, or ended in a way that leaves open whether it took effect. It may
            then have taken effect at any time after `begin`, or never.
        operation: what was done. The search hands it to `steps` and does not look at it.
        outcome: what came of it; likewise.

    Raises:
        ValueError: it ended before it began.
    """

    begin: int
    end: int | None
    operation: Any
    outcome: Any

    def __attrs_post_init__(self) -> None:
        if self.end is not None and self.end < self.begin:
            raise ValueError(f"an event cannot end at {self.end} that began at {self.begin}")


Steps: TypeAlias = Callable[[State, Event], Iterable[State]]
"""The states that an event may leave if it takes effect in a state, none if its outcome contradicts that state."""


@attrs.frozen
class Linearizable:
    """An order explains every outcome.

    Args:
        order: the indices in the history of the events that took effect, in that order: all that ended, and those
            of the others without which it would not do.
    """

    order: tuple[int, ...]


@attrs.frozen
class NotLinearizable:
    """No order explains every outcome.

    Args:
        stuck: the indices of the events of a longest order that explains as many as can be.
        remaining: the indices of all other events, of which none can come next.
    """

    stuck: tuple[int, ...]
    remaining: tuple[int, ...]


@attrs.frozen
class Undecided:
    """The search gave up: the history may be linearizable or not, so this is no pass.

    Args:
        nodes: how many different pairs of events explained and state it had met.
    """

    nodes: int


Verdict: TypeAlias = Linearizable | NotLinearizable | Undecided


def search(
    history: Sequence[Event],
    initial: State,
    steps: Steps[State],
    budget: int = BUDGET,
    *,
    is_reading: Callable[[Event], bool] = lambda event: False,
) -> Verdict:
    """Look for an order of the events that explains all of their outcomes (LIN-1, LIN-2).

    Args:
        history: events in any order.
        initial: the state before all of them; any immutable value.
        steps: the states that an event may leave in a state if it takes effect there and its outcome agrees; for one
            whose end is None those that are possible at all. It must always give the same for the same.
        budget: how many nodes to visit. A node is a pair of the events explained and the state that they left.
        is_reading: whether an event leaves every state as it is in which its outcome can be explained. The verdict
            does not depend on it, unless it is wrong, but is found sooner.
    """
    plan = _Plan.of(history, steps, is_reading)
    if not plan.ended:
        return Linearizable(())
    seen = {(0, initial)}
    path: list[int] = []
    longest: list[int] = []
    stack = [(0, plan.following(0, initial))]
    while stack:
        mask, following = stack[-1]
        if not following:
            if len(path) > len(longest):
                longest = path.copy()
            stack.pop()
            del path[-1:]  # the first node of all has none
            continue
        number, state = following.pop()
        node = (mask | 1 << number, state)
        if node in seen:
            continue
        if len(seen) >= budget:
            return Undecided(len(seen))
        seen.add(node)
        path.append(number)
        if node[0] & plan.ended == plan.ended:
            return Linearizable(plan.indices(path))
        stack.append((node[0], plan.following(*node)))
    return plan.stuck_after(longest)


@attrs.frozen
class _Plan(Generic[State]):
    """A history in the order in which events are tried: those that ended, then the others, each by their begin.

    An event's place in it is its bit in the masks of events explained.
    """

    events: tuple[Event, ...]
    origins: tuple[int, ...]
    reading: tuple[bool, ...]
    ended: int
    open: int
    steps: Steps[State]

    @classmethod
    def of(cls, history: Sequence[Event], steps: Steps[State], is_reading: Callable[[Event], bool]) -> "_Plan[State]":
        origins = sorted(range(len(history)), key=lambda index: (history[index].end is None, history[index].begin))
        events = tuple([history[index] for index in origins])
        ended = (1 << sum(event.end is not None for event in events)) - 1
        everything = (1 << len(events)) - 1
        reading = tuple([is_reading(event) for event in events])
        return cls(events, tuple(origins), reading, ended, everything ^ ended, steps)

    def following(self, mask: int, state: State) -> list[tuple[int, State]]:
        """The events to try next and the states that they leave, the last to be tried first.

        An event may be next if none that is not explained yet ended before it began. Such a one began earlier still,
        so its end is known by the time that the later ones are looked at.
        """
        events, steps = self.events, self.steps
        found: list[tuple[int, State]] = []
        horizon: float = float("inf")
        rest = self.ended & ~mask
        while rest:
            number = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            event = events[number]
            if event.begin > horizon:
                break
            if event.end is not None and event.end < horizon:
                horizon = event.end
            for after in steps(state, event):
                if self.reading[number]:
                    # Whatever can be explained with this one taken later can be with it taken now.
                    return [(number, after)]
                found.append((number, after))
        return [*self._open(mask, state, horizon), *reversed(found)]

    def _open(self, mask: int, state: State, horizon: float) -> Iterator[tuple[int, State]]:
        """The events that may never have taken effect; one that changes nothing may as well not have."""
        rest = self.open & ~mask
        while rest:
            number = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            if self.events[number].begin > horizon:
                break
            for after in self.steps(state, self.events[number]):
                if after != state:
                    yield number, after

    def indices(self, path: Sequence[int]) -> tuple[int, ...]:
        return tuple([self.origins[number] for number in path])

    def stuck_after(self, path: Sequence[int]) -> NotLinearizable:
        stuck = self.indices(path)
        return NotLinearizable(stuck, tuple(sorted(set(self.origins).difference(stuck))))
