"""Effects of generated faults on what a store answers, and on nothing that it stores."""

from collections.abc import Callable
from typing import Any, ClassVar

import attrs

from conformance.faults.generated.calls import NOTHING, Call, Scene
from conformance.faults.stores.plain import ID_KEY
from spec_store import InvalidKeyError

Act = Callable[[Call], Any]
"""Performs a call rightly."""

LISTINGS = ("omits", "adds", "repeats", "adds a shorter one", "is empty")


@attrs.frozen
class Stale:
    """A read answers as before the last write: of its key, or of any for a listing."""

    kind: ClassVar[str] = "stale"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        previous = scene.memory.previous
        if call.name == "list_keys":
            return self._listed(call, scene, act)
        if call.key not in previous:
            return act(call)
        before = previous[call.key]
        if call.name == "has_key":
            return before is not NOTHING
        if before is NOTHING:
            raise InvalidKeyError(f"{call.key!r} is not there yet")
        return before

    def _listed(self, call: Call, scene: Scene, act: Act) -> Any:
        listed = list(act(call))
        for key in scene.memory.last:
            was = scene.memory.previous.get(key, NOTHING) is not NOTHING
            if not was:
                listed = [other for other in listed if other != key]
            elif key not in listed and key[: len(call.key or ())] == call.key:
                listed.append(key)
        return listed

    def __str__(self) -> str:
        return "the answer is that of before the last write"


@attrs.frozen
class Negated:
    """The answer is the other one, or none."""

    none: bool
    kind: ClassVar[str] = "wrong answer"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        answer = act(call)
        return None if self.none else not answer

    def __str__(self) -> str:
        return "the answer is None" if self.none else "the answer is the opposite"


@attrs.frozen
class Invented:
    """get gives a value for a missing key."""

    value: str | None
    kind: ClassVar[str] = "wrong answer"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        found = scene.value(call.key)
        return self.value if found is NOTHING else found

    def __str__(self) -> str:
        return f"a missing key has the value {self.value!r}"


@attrs.frozen
class Listing:
    """A listing leaves out, adds or repeats an entry, or has none."""

    how: str
    first: bool
    kind: ClassVar[str] = "wrong answer"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        keys = call.name == "list_keys"
        given = list(act(call))
        ids = [key for key in given if keys and key == ID_KEY]
        listed = sorted((one for one in given if not keys or one != ID_KEY), key=repr)
        end = slice(0, 1) if self.first else slice(-1, None)
        if self.how == "omits":
            del listed[end]
        elif self.how == "adds":
            listed.append((*(call.key or ()), "added") if keys else "added")
        elif self.how == "repeats":
            listed.extend(listed[end])
        elif self.how == "adds a shorter one":
            listed.extend([one[:-1] if keys else one[:1] for one in listed[end] if one])
        else:
            listed.clear()
        return [*ids, *listed]

    def __str__(self) -> str:
        end = "" if self.how in ("adds", "is empty") else f" ({'the first' if self.first else 'the last'} of all)"
        return f"the listing {self.how}{'' if self.how == 'is empty' else ' an entry'}{end}"
