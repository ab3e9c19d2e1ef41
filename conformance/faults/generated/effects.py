"""What a generated fault does in place of what it should.

    effect          kind           in which operations, and what it does there
    --------------  -------------  -----------------------------------------------------------------------
    Lost            lost           a write, move, remove_key: reports success, and does nothing
    HalfMoved       lost           move: source stays, or both keys are gone
    Stale           stale          a read answers as before the last write (of the key)
    Altered         altered        a write stores, or a read gives, or move leaves, a value that is changed
    Misplaced       another's      a write goes to another stored key instead, or as well
    GivesAnothers   another's      get gives what another key has; move leaves that at dest
    Negated         wrong answer   has_key, remove_key: the other answer, or none
    Invented        wrong answer   get gives a value for a missing key
    Listing         wrong answer   list_keys, get_all: leaves out, adds or repeats an entry, or gives none
    ActsAnyway      wrong answer   add of a stored key, update of a missing one: acts as set
    Raises          raises         any: raises in place of acting
    RaisesAfter     raises after   a write, move, remove_key: acts, and raises
    Neighbour       side effect    any: acts, and removes or changes another key
    Consumes        side effect    get, has_key: answers, and removes the key
    ChangesId       id             any: acts, and stores another id

Those that answer wrongly are in `answers`. Another key is the first or the last of the others, in order, so that the
same is done in each process.
"""

import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs

from conformance.faults.generated.answers import LISTINGS, Act, Invented, Listing, Negated, Stale
from conformance.faults.generated.calls import NOTHING, READS, WRITES, Call, Scene
from conformance.faults.stores.plain import ID_KEY, ID_PREFIX
from spec_store import InvalidKeyError, Key, StoreBackendError

ERRORS: Mapping[str, type[Exception]] = {
    "RuntimeError": RuntimeError,
    "OSError": OSError,
    "KeyError": KeyError,
    "StoreBackendError": StoreBackendError,
    "InvalidKeyError": InvalidKeyError,
    "ValueError": ValueError,
}
NO_REFUSALS = ("RuntimeError", "OSError", "KeyError")
"""What a write raises in place of acting: any of the others may be a refusal, to which a store has a right."""

ALTERATIONS: Mapping[str, Callable[[str], str]] = {
    "stripped": str.strip,
    "without white space at its end": str.rstrip,
    "without its last character": lambda text: text[:-1],
    "cut to half": lambda text: text[: len(text) // 2],
    "with LF in place of CR LF": lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
    "with CR LF in place of LF": lambda text: text.replace("\n", "\r\n"),
    "with a newline more": lambda text: text + "\n",
    "in lower case": str.lower,
    "without what is not ASCII": lambda text: text.encode("ascii", "ignore").decode("ascii"),
    "cut at NUL": lambda text: text.partition("\0")[0],
    "twice over": lambda text: text + text,
    "other text": lambda text: "other text",
    "empty": lambda text: "",
}


def changed(value: Any, how: str) -> Any:
    """A value altered as it is said; one that is no text becomes its repr."""
    return ALTERATIONS[how](value) if isinstance(value, str) else repr(value)


def another(call: Call, scene: Scene, which: str) -> Key | None:
    """The first or the last of the keys that a call does not name; None where there is no other."""
    others = scene.others(call)
    return None if not others else others[0] if which == "first" else others[-1]


@attrs.frozen
class Lost:
    """Reports success, and does nothing."""

    kind: ClassVar[str] = "lost"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        return scene.store.has_key(call.key) if call.name == "remove_key" else None

    def __str__(self) -> str:
        return "nothing is done, and nothing said"


@attrs.frozen
class HalfMoved:
    """After a move the value is at both keys, or at neither."""

    both: bool
    kind: ClassVar[str] = "lost"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        value = scene.value(call.key)
        done = act(call)
        if self.both:
            scene.store.set(call.key, value)
        else:
            scene.store.remove_key(call.dest)
        return done

    def __str__(self) -> str:
        return f"the value is at {'both keys' if self.both else 'neither key'} afterwards"


@attrs.frozen
class Altered:
    """A value is changed on its way in, or out, or from one key to another."""

    how: str
    kind: ClassVar[str] = "altered"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        if call.name in WRITES:
            return act(attrs.evolve(call, value=changed(call.value, self.how)))
        done = act(call)
        if call.name == "move":
            scene.store.set(call.dest, changed(scene.value(call.dest), self.how))
            return done
        return [changed(value, self.how) for value in done] if call.name == "get_all" else changed(done, self.how)

    def __str__(self) -> str:
        return f"the value becomes {self.how}" if self.how == "other text" else f"the value is {self.how} afterwards"


@attrs.frozen
class Misplaced:
    """A write, or move, goes to another stored key instead of its own, or as well."""

    which: str
    instead: bool
    kind: ClassVar[str] = "another's"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        other = another(call, scene, self.which)
        value = scene.value(call.key) if call.name == "move" else call.value
        if other is None or value is NOTHING:
            return act(call)
        done = None if self.instead else act(call)
        scene.store.set(other, value)
        return done

    def __str__(self) -> str:
        return f"the value goes to the {self.which} of the other keys {'instead' if self.instead else 'as well'}"


@attrs.frozen
class GivesAnothers:
    """get gives what another key has; a move leaves that at dest."""

    which: str
    kind: ClassVar[str] = "another's"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        other = another(call, scene, self.which)
        if other is None:
            return act(call)
        if call.name == "get":
            return scene.value(other)
        done = act(call)
        scene.store.set(call.dest, scene.value(other))
        return done

    def __str__(self) -> str:
        return f"the value is that of the {self.which} of the other keys"


@attrs.frozen
class ActsAnyway:
    """add of a stored key, or update of a missing one, acts as set."""

    kind: ClassVar[str] = "wrong answer"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        return scene.store.set(call.key, call.value)

    def __str__(self) -> str:
        return "the value is stored, whether the key was or not"


@attrs.frozen
class Raises:
    """Raises in place of acting."""

    error: str
    kind: ClassVar[str] = "raises"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        raise ERRORS[self.error]("a generated fault, in place of acting")

    def __str__(self) -> str:
        return f"{self.error} is raised, and nothing done"


@attrs.frozen
class RaisesAfter:
    """Acts, and raises."""

    error: str
    kind: ClassVar[str] = "raises after"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        act(call)
        raise ERRORS[self.error]("a generated fault, after acting")

    def __str__(self) -> str:
        return f"all is done, and {self.error} is raised"


@attrs.frozen
class Neighbour:
    """Acts, and removes another key, or changes its value."""

    which: str
    removes: bool
    kind: ClassVar[str] = "side effect"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        try:
            return act(call)
        finally:
            other = another(call, scene, self.which)
            if other is not None and self.removes:
                scene.store.remove_key(other)
            elif other is not None:
                scene.store.set(other, "of nobody")

    def __str__(self) -> str:
        return f"the {self.which} of the other keys is {'removed' if self.removes else 'given another value'} besides"


@attrs.frozen
class Consumes:
    """Answers, and removes the key."""

    kind: ClassVar[str] = "side effect"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        try:
            return act(call)
        finally:
            scene.store.remove_key(call.key)

    def __str__(self) -> str:
        return "the key is removed besides"


@attrs.frozen
class ChangesId:
    """Acts, and stores another id."""

    kind: ClassVar[str] = "id"

    def on(self, call: Call, scene: Scene, act: Act) -> Any:
        """Perform the call wrongly."""
        try:
            return act(call)
        finally:
            if scene.store.has_key(ID_KEY):  # a store that is to have no id gets none
                scene.store.set(ID_KEY, f"{ID_PREFIX}{uuid.uuid4()}")

    def __str__(self) -> str:
        return "the store gets another id besides"


Effect = (
    Lost
    | HalfMoved
    | Stale
    | Altered
    | Misplaced
    | GivesAnothers
    | Negated
    | Invented
    | Listing
    | ActsAnyway
    | Raises
    | RaisesAfter
    | Neighbour
    | Consumes
    | ChangesId
)


def drawn_effect(name: str, rng: random.Random) -> Effect:
    """An effect that an operation can have."""
    which, coin = rng.choice(("first", "last")), rng.random() < 0.5
    anywhere: list[Effect] = [Neighbour(which, coin), ChangesId()]
    if name in WRITES:
        own: list[Effect] = [Lost(), Lost(), Altered(rng.choice(list(ALTERATIONS))), Misplaced(which, coin)]
        own += [Raises(rng.choice(NO_REFUSALS)), RaisesAfter(rng.choice(list(ERRORS)))]
        own += [ActsAnyway()] if name in ("add", "update") else []
    elif name == "move":
        own = [Lost(), HalfMoved(coin), Altered(rng.choice(list(ALTERATIONS))), Misplaced(which, coin)]
        own += [GivesAnothers(which), Raises(rng.choice(NO_REFUSALS)), RaisesAfter(rng.choice(list(ERRORS)))]
    elif name == "remove_key":
        own = [Lost(), Negated(coin), Raises(rng.choice(NO_REFUSALS)), RaisesAfter(rng.choice(list(ERRORS)))]
    elif name == "get":
        own = [Stale(), Altered(rng.choice(list(ALTERATIONS))), GivesAnothers(which), Consumes()]
        own += [Invented(rng.choice((None, ""))), Raises(rng.choice(list(ERRORS)))]
    elif name == "has_key":
        own = [Stale(), Negated(coin), Consumes(), Raises(rng.choice(list(ERRORS)))]
    elif name in READS:
        own = [*(Listing(how, coin) for how in LISTINGS), Raises(rng.choice(list(ERRORS)))]
        own += [Altered(rng.choice(list(ALTERATIONS)))] if name == "get_all" else [Stale()]
    else:
        own = [Raises(rng.choice(list(ERRORS)))]
    return rng.choice([*own, rng.choice(anywhere)])
