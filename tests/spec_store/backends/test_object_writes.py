"""Changes of a store of objects that others change at the same time, at every request of one of them."""

import itertools
import time
from typing import Any

import pytest

from spec_store import StoreBackendError
from spec_store.backends._object_markers import GONE, Seen, stamped, text_of
from spec_store.backends._object_requests import ANY, NONE, NotOffered, Task
from spec_store.backends._object_sweep import Sweep
from spec_store.backends._object_writes import Conditional

A, B, C = "a", "b", "c"
OLD, NEW, THERE = b"old", b"new", b"there"


class Halted(BaseException):
    """The process that was at it has died."""


class Interrupted:
    """Requests that do something else before one of them is sent.

    Args:
        requests: real ones.
        number: before which of them.
        other: what is done then.
    """

    def __init__(self, requests, number, other):
        self.left = number
        self._requests = requests
        self._other = other

    def __getattr__(self, name):
        method = getattr(self._requests, name)
        if name not in ("get", "put", "content", "delete"):
            return method

        def sent(*arguments):
            self.left -= 1
            if self.left == -1:
                self._other()
            return method(*arguments)

        return sent


class Objects:
    """Requests to a store that is as S3: equal contents have equal ETags, and a deletion has no condition."""

    def __init__(self):
        self._contents = {}

    def get(self, _task, name):
        return (self._contents[name], self._version(name)) if name in self._contents else None

    def content(self, _task, name):
        return self._contents.get(name)

    def put(self, _task, name, content, version=ANY):
        if version is not ANY and version != self._version(name):
            return None
        self._contents[name] = content
        return self._version(name)

    def failure(self, task, why):
        return StoreBackendError(f"cannot {task.what}: {why}")

    def _version(self, name):
        return {"e_tag": self._contents[name].hex()} if name in self._contents else NONE


@pytest.fixture
def requests():
    return Objects()


def task(what, seconds=30.0):
    return Task(what, time.monotonic() + seconds)


def writes(requests: Any) -> Conditional:
    return Conditional(requests, Sweep(requests, "memory", None), 30.0)


def values(requests):
    """What readers see."""
    found = {name: text_of(requests.content("read", name) or GONE) for name in (A, B, C)}
    return {name: text for name, text in found.items() if text is not None}


def filled(requests, content):
    for name, text in content.items():
        writes(requests).set(task("set"), name, text)


OTHERS = {
    "set the source": lambda one: one.set(task("set"), A, NEW),
    "set the target": lambda one: one.set(task("set"), B, NEW),
    "add the source": lambda one: one.add(task("add"), A, NEW),
    "add the target": lambda one: one.add(task("add"), B, NEW),
    "remove the source": lambda one: one.remove(task("remove"), A),
    "remove the target": lambda one: one.remove(task("remove"), B),
    "move the source elsewhere": lambda one: one.move(task("move"), A, C),
    "move it to the target too": lambda one: one.move(task("move"), A, B),
    "move the target elsewhere": lambda one: one.move(task("move"), B, C),
    "move the target to the source": lambda one: one.move(task("move"), B, A),
}

AT_HAND = {
    "move": lambda one: one.move(task("move"), A, B),
    "set": lambda one: one.set(task("set"), A, b"mine"),
    "add": lambda one: one.add(task("add"), A, b"mine"),
    "remove": lambda one: one.remove(task("remove"), A),
}


class Plain:
    """The same changes of a dict, each in one step."""

    def __init__(self, content):
        self.content = dict(content)

    def set(self, _what, name, text):
        self.content[name] = text

    def add(self, _what, name, text):
        if name in self.content:
            return False
        self.content[name] = text
        return True

    def remove(self, _what, name):
        return self.content.pop(name, None) is not None

    def copied(self, source, target):
        if source not in self.content:
            return False
        self.content[target] = self.content[source]
        return True

    def move(self, _what, source, target):
        return self.copied(source, target) and self.remove("", source)


def explained(content, mine, other):
    """Every end that some order of two changes has: what each gives back, what is seen after the other, and the last.

    A move is a copy and then a removal, between which anything may come, but for one that finds nothing to move.
    """
    steps = ("copy", "remove") if mine == "move" and A in content else ("all",)
    ends = []
    for first in range(len(steps) + 1):
        for second in range(first, len(steps) + 1):
            order = [*steps[:first], "other", *steps[first:second], "look", *steps[second:]]
            plain, told = Plain(content), {}
            for step in order:
                told[step] = _step(plain, step, mine, other)
            ends.append((told.get("copy", told.get("all")), told["other"], told["look"], plain.content))
    return ends


def _step(plain, step, mine, other):
    if step == "copy":
        return plain.copied(A, B)
    if step == "remove":
        return plain.remove("", A)
    if step == "look":
        return dict(plain.content)
    return (OTHERS[other] if step == "other" else AT_HAND[mine])(plain)


@pytest.mark.parametrize("content", [{A: OLD}, {A: OLD, B: THERE}, {B: THERE}, {}], ids=lambda one: "+".join(one))
@pytest.mark.parametrize("at_hand", AT_HAND)
@pytest.mark.parametrize("other", OTHERS)
def test_two_changes_at_once_are_seen_as_one_after_the_other(content, at_hand, other):
    for number in itertools.count():
        requests = Objects()
        filled(requests, content)
        told: list[object] = []

        def between(requests=requests, told=told):
            told.extend([OTHERS[other](writes(requests)), values(requests)])

        mine = AT_HAND[at_hand](writes(Interrupted(requests, number, between)))
        if not told:
            return
        assert (mine, *told, values(requests)) in explained(content, at_hand, other), number


@pytest.mark.parametrize("there", [{}, {B: THERE}], ids=["", "replaced"])
@pytest.mark.parametrize("other", OTHERS)
def test_a_move_that_dies_leaves_the_value_and_stops_nobody(there, other):
    def dies():
        raise Halted

    for number in itertools.count():
        requests = Objects()
        filled(requests, {A: OLD, **there})
        try:
            writes(Interrupted(requests, number, dies)).move(task("move"), A, B)
        except Halted:
            assert OLD in values(requests).values()
            result, before = OTHERS[other](writes(requests)), []
            for content in ({A: OLD, **there}, {A: OLD, B: OLD}, {B: OLD}):
                plain = Plain(content)
                before.append((OTHERS[other](plain), plain.content))
            # The half that was done is finished by whoever is to change the source.
            for content in ({A: OLD, **there},):
                plain = Plain(content)
                plain.move("", A, B)
                before.append((OTHERS[other](plain), plain.content))
            assert (result, values(requests)) in before, number
        else:
            return


@pytest.mark.parametrize("number", range(12))
def test_of_two_movers_and_a_remover_one_succeeds(requests, number):
    filled(requests, {A: OLD})
    results = []

    def both():
        results.extend([writes(requests).move(task("move"), A, C), writes(requests).remove(task("remove"), A)])

    results.append(writes(Interrupted(requests, number, both)).move(task("move"), A, B))
    assert results.count(True) == 1


def test_a_mover_that_goes_on_late_does_not_bring_back_what_was_removed_since():
    tried = []
    for number in range(12):
        requests = Objects()
        filled(requests, {A: OLD})

        def finished_and_removed(requests=requests, number=number):
            if Seen.of(*requests.get("", A)).claim is not None:
                tried.append(number)
                assert writes(requests).remove(task("remove"), A) is False
                assert writes(requests).remove(task("remove"), B) is True

        writes(Interrupted(requests, number, finished_and_removed)).move(task("move"), A, B)
        assert values(requests) == ({} if number in tried else {B: OLD})
    assert tried


def test_a_value_that_is_set_while_it_is_set_by_another_is_the_last_of_the_two(requests):
    mine = writes(requests)
    mine.set(task("set"), A, OLD)
    filled(requests, {A: THERE})
    mine.set(task("set"), A, NEW)
    assert values(requests) == {A: NEW}


def test_what_others_change_all_the_time_is_given_up_after_the_timeout(requests):
    class Never:
        def __getattr__(self, name):
            return (lambda *_: None) if name == "put" else getattr(requests, name)

    never: Any = Never()
    busy = Conditional(never, Sweep(requests, "memory", None), 0.01)
    with pytest.raises(StoreBackendError, match=r"others have changed the same objects for 0\.01 s"):
        busy.set(task("set", 0.01), A, NEW)


@pytest.mark.parametrize("text", [None, b"", b"text", b"+-\n"])
def test_a_stamped_content_is_read_as_before_and_is_like_no_other(text):
    assert text_of(stamped(text)) == text
    assert stamped(text) != stamped(text)


def test_a_mark_of_a_later_version_is_refused():
    with pytest.raises(StoreBackendError, match="later version of spec-store: upgrade"):
        text_of(b"\xff?" + b"0" * 32)


def test_a_store_without_conditions_is_written_without(requests):
    class Unconditional:
        def __getattr__(self, name):
            return getattr(requests, name)

        def put(self, task, name, content, version=NONE):
            if version == NONE or "e_tag" in version:
                raise NotOffered("501")
            return requests.put(task, name, content)

    one = writes(Unconditional())
    one.set(task("set"), A, OLD)
    one.move(task("move"), A, B)
    assert values(requests) == {B: OLD}
    assert one.remove(task("remove"), B) is True
