"""How a store of objects is changed, so that nothing acknowledged is lost, whoever else changes it.

A directory and memory are changed under a lock (`Locked`); readers take none. Other stores offer no lock, but requests
that are carried out only if the object still has the ETag that it had (`Conditional`):

| store           | put if absent | put by ETag | delete by ETag | changed by        |
|-----------------|---------------|-------------|----------------|-------------------|
| directory       | yes           | no          | no             | a lock            |
| memory          | yes           | yes         | no             | a lock            |
| SeaweedFS 4.48  | yes           | yes         | yes            | conditions        |
| Azurite 3.35    | yes           | yes         | yes            | conditions        |
| moto 5.2        | not in a race | yes         | yes            | conditions        |

(Measured, 8 at once, 60 times, SeaweedFS 14 times: there, a request that meets another waits for a second. Of those
that created an object in moto, two did so once. S3, Google's and Azure's document the first two, S3 the third as well;
Google's was not tried.)

Every write is conditional, `set` too: it replaces the content that this handle saw last, or creates the object, and
looks again if that fails. A removal replaces the content by `GONE`, which readers take for no object; exactly one of
two does that. Then the object is deleted, if the store has shown to delete by ETag (see `Sweep`), else `GONE` stays.

A move takes these steps, each one request (two for 1, if there is a value):

1. The target is stamped: its content is written again with random digits before it, which are in no other content.
2. The source is claimed: its content becomes the value and the move. Of several movers and removers one succeeds.
3. The target's stamped content, and no other, becomes the value. If somebody has changed it, it begins at 1, and the
   claim is replaced.
4. The source becomes `GONE`.

Whoever is to change a source that is claimed takes steps 3 and 4 himself before: so a mover that is halted, or dies,
stops nobody, and a value that is set meanwhile is neither moved nor removed. When such a mover goes on, it finds the
stamp or the claim gone, for no content is like either.
"""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from spec_store.backends._object_markers import GONE, Claim, Seen, Version, claimed, stamped, text_of
from spec_store.backends._object_requests import ANY, NONE, NotOffered, Requests, Task
from spec_store.backends._object_sweep import Sweep

REMEMBERED = 4096
"""Of how many objects the version is kept, to be replaced without a look."""


class Writes(Protocol):
    """What changes a store; a name is that of an object."""

    def set(self, task: Task, name: str, text: bytes) -> None:
        """Store a value."""

    def add(self, task: Task, name: str, text: bytes) -> bool:
        """Store a value if its key is missing; whether it was."""

    def remove(self, task: Task, name: str) -> bool:
        """Remove a value; whether there was one."""

    def move(self, task: Task, source: str, target: str) -> bool:
        """Move a value to another name; whether there was one."""


class Lock(Protocol):
    """One that is waited for so long."""

    def held(self, seconds: float) -> contextlib.AbstractContextManager[bool]:
        """Hold it, or give False after so many seconds."""


class Locked:
    """A store that is changed under a lock, one change at a time.

    Args:
        requests: to the store.
        lock: what all that change the store take.
        timeout: seconds that an operation has, for errors.
    """

    def __init__(self, requests: Requests, lock: Lock, timeout: float) -> None:
        self._requests = requests
        self._lock = lock
        self._timeout = timeout

    def set(self, task: Task, name: str, text: bytes) -> None:
        with self._alone(task):
            self._requests.put(task, name, text)

    def add(self, task: Task, name: str, text: bytes) -> bool:
        with self._alone(task):
            if self._requests.put(task, name, text, NONE) is not None:
                return True
            if self._text(task, name) is not None:
                return False
            self._requests.put(task, name, text)
            return True

    def remove(self, task: Task, name: str) -> bool:
        with self._alone(task):
            there = self._text(task, name) is not None
            if there:
                self._requests.delete(task, name)
            return there

    def move(self, task: Task, source: str, target: str) -> bool:
        with self._alone(task):
            found = self._requests.head(task, source)
            if found is None or (found[0] == len(GONE) and self._text(task, source) is None):
                return False
            if source != target:
                self._requests.rename(task, source, target)
            return True

    def _text(self, task: Task, name: str) -> bytes | None:
        content = self._requests.content(task, name)
        return None if content is None else text_of(content)

    @contextlib.contextmanager
    def _alone(self, task: Task) -> Iterator[None]:
        with self._lock.held(task.left) as held:
            if not held:
                raise self._requests.failure(task, f"others have held the lock for {self._timeout:g} s")
            yield


class Conditional:
    """A store that is changed by conditional requests.

    Args:
        requests: to the store.
        sweep: what deletes objects that are `GONE`.
        timeout: seconds that an operation has, for errors.
    """

    def __init__(self, requests: Requests, sweep: Sweep, timeout: float) -> None:
        self._requests = requests
        self._sweep = sweep
        self._timeout = timeout
        self._seen: dict[str, Version] = {}

    def set(self, task: Task, name: str, text: bytes) -> None:
        version = self._seen.get(name, NONE)
        for _ in self._tries(task):
            new = self._put(task, name, text, version)
            if new is not None:
                self._remember(name, new)
                return
            found = self._settled(task, name)
            if found is not None and found.raw == text:  # a request that was sent twice, or somebody's same value
                return
            version = NONE if found is None else found.version

    def add(self, task: Task, name: str, text: bytes) -> bool:
        version = NONE
        for _ in self._tries(task):
            new = self._requests.put(task, name, text, version)
            if new is not None:
                self._remember(name, new)
                return True
            found = self._look(task, name)
            if found is not None and found.text is not None:
                return False
            version = NONE if found is None else found.version
        return False

    def remove(self, task: Task, name: str) -> bool:
        for _ in self._tries(task):
            found = self._settled(task, name)
            if found is None or found.text is None:
                return False
            if self._buried(task, name, found.version):
                return True
        return False

    def move(self, task: Task, source: str, target: str) -> bool:
        for _ in self._tries(task):
            found = self._settled(task, source)
            if found is None or found.text is None:
                return False
            if source == target:
                return True
            claim, version = self._claim(task, source, found, target)
            if version is not None:
                self._finish(task, source, found.text, claim, version)
                return True
            self._unstamp(task, claim)
        return False

    def _claim(self, task: Task, source: str, found: Seen, target: str) -> tuple[Claim, Version | None]:
        """Steps 1 and 2: the claim, and the version of the source that has it; None if somebody else came before."""
        assert found.text is not None
        claim = Claim(target, self._stamp(task, target))
        content = claimed(found.text, claim)
        version = self._put(task, source, content, found.version)
        if version is None:
            there = self._look(task, source)
            version = there.version if there is not None and there.raw == content else None  # it was sent twice
        return claim, version

    def _stamp(self, task: Task, target: str) -> Version:
        content, version = stamped(None), NONE
        for _ in self._tries(task):
            new = self._put(task, target, content, version)
            if new is not None:
                return new
            found = self._settled(task, target)
            if found is not None and found.raw == content:
                return found.version
            content, version = (stamped(None), NONE) if found is None else (stamped(found.text), found.version)
        return NONE

    def _unstamp(self, task: Task, claim: Claim) -> None:
        """Take the stamp of a move away that did not come about; one that stays does no harm."""
        found = self._look(task, claim.target)
        if found is not None and found.version == claim.stamp:
            if found.text is None:
                self._buried(task, claim.target, found.version)
            else:
                self._put(task, claim.target, found.text, found.version)

    def _finish(self, task: Task, source: str, text: bytes, claim: Claim, version: Version) -> None:
        """Steps 3 and 4 of a move, by whoever takes them."""
        for _ in self._tries(task):
            if self._put(task, claim.target, text, claim.stamp) is not None:
                self._buried(task, source, version)
                return
            there = self._look(task, source)
            if there is None or there.version != version:  # somebody else has finished it
                return
            claim, new = self._claim(task, source, there, claim.target)
            if new is None:
                self._unstamp(task, claim)
                return
            version = new

    def _settled(self, task: Task, name: str) -> Seen | None:
        """What an object contains, when no move of it is under way."""
        for _ in self._tries(task):
            found = self._look(task, name)
            if found is None or found.claim is None or found.text is None:
                return found
            self._finish(task, name, found.text, found.claim, found.version)
        return None

    def _buried(self, task: Task, name: str, version: Version) -> bool:
        """Replace a content by `GONE`, and delete the object if that can be done; whether it was that content."""
        new = self._put(task, name, GONE, version)
        self._seen.pop(name, None)
        if new is not None and not self._sweep.delete(task, name, new):
            self._remember(name, new)
        return new is not None

    def _look(self, task: Task, name: str) -> Seen | None:
        found = self._requests.get(task, name)
        return None if found is None else Seen.of(*found)

    def _put(self, task: Task, name: str, content: bytes, version: Version) -> Version | None:
        try:
            return self._requests.put(task, name, content, version)
        except NotOffered:
            return self._requests.put(task, name, content, ANY)

    def _remember(self, name: str, version: Version) -> None:
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[name] = version

    def _tries(self, task: Task) -> Iterator[None]:
        """As many tries as there is time for.

        Raises:
            StoreBackendError: the time is over.
        """
        yield
        while task.left:
            yield
        raise self._requests.failure(task, f"others have changed the same objects for {self._timeout:g} s")
