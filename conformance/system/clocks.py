"""The clocks of a process, moved ahead: what Python code reads then says that an hour has passed, or a year.

Nothing is waited for. It is done in a process that ends soon (`sequential.idling` forks one), for clocks that have been
moved do not go back: whatever has read them would see time run backwards.

    who reads a clock                                              what it reads
    -------------------------------------------------------------  ---------------------------------------------------
    Python code, by `time.monotonic()`, `datetime.now()` ...       the moved one
    code that has kept the function: by `from time import time`,   the moved one, for that is replaced in modules, in
    as a default, as an attribute of a class, in a closure         classes and functions, wherever it is found
    the kit: its limits, budgets, waiting                          the real one: its modules keep the real `time`
    the standard library, in what it has kept by name              the real one: threading, queue, subprocess wait by
                                                                   that, and go on to wait as long as they should
    C code, objects that have kept the function, the times of      the real one: what depends on these does not
    files, other processes, servers                                notice, or sees clocks that do not agree
"""

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

KIT, SUBJECTS = "conformance", "conformance.faults"
"""The package whose modules keep the real clocks, and the one in it that has subjects, which do not."""


def moved_clocks() -> Callable[[float], None]:
    """Put clocks in the place of this process's that can be moved ahead, by calling what this returns with seconds."""
    nanoseconds = 0

    def move_ahead(seconds: float) -> None:
        nonlocal nanoseconds
        nanoseconds += round(seconds * 10**9)

    for name in ("time", "monotonic", "perf_counter", "clock_gettime"):
        if hasattr(time, name):
            setattr(time, name, _moved(getattr(time, name), lambda: nanoseconds / 10**9))
            setattr(time, f"{name}_ns", _moved(getattr(time, f"{name}_ns"), lambda: nanoseconds))
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, _of_now(getattr(time, name), time.time))
    time.asctime = _of_now(time.asctime, time.localtime)
    time.strftime = _of_now(time.strftime, time.localtime, 1)
    _replace_dates()
    return move_ahead


def _moved(clock: Callable[..., Any], ahead: Callable[[], float]) -> Callable[..., Any]:
    """A clock that is ahead of another; one of the CPU time is not."""
    cpu_clocks = {getattr(time, name, None) for name in ("CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID")}

    def read(*which: Any) -> Any:
        return clock(*which) + (0 if which and which[0] in cpu_clocks else ahead())

    return read


def _of_now(convert: Callable[..., Any], now: Callable[[], Any], before: int = 0) -> Callable[..., Any]:
    """What converts a moment, which is `now` where none is given; so many arguments come before it."""

    def converted(*given: Any) -> Any:
        return convert(*given) if given[before:] not in ((), (None,)) else convert(*given[:before], now())

    return converted


def _replace_dates() -> None:
    """Have `datetime` read `time.time()`, whatever that is by then; what is a date, or a datetime, remains one."""
    date, moment = dt.date, dt.datetime

    class AnyDate(type):
        def __instancecheck__(cls, one: Any) -> bool:
            return isinstance(one, moment if issubclass(cls, moment) else date)

    class Date(dt.date, metaclass=AnyDate):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(time.time())

    class Datetime(dt.datetime, metaclass=AnyDate):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(time.time(), dt.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(time.time())

    for own, of in ((Date, date), (Datetime, moment)):
        own.__module__, own.__name__, own.__qualname__ = "datetime", of.__name__, of.__name__
        setattr(dt, of.__name__, own)


MOVING = (_moved, _of_now, _replace_dates, moved_clocks)
"""The functions that a script needs which moves clocks."""

_movers: list[Callable[[float], None]] = []


def move_ahead(seconds: float) -> None:
    """Have the clocks say that so many seconds have passed.

    Raises:
        RuntimeError: they cannot be moved, for `make_clocks_movable` was not called in this process.
    """
    if not _movers:
        raise RuntimeError("the clocks of this process cannot be moved")
    _movers[-1](seconds)


def make_clocks_movable() -> None:
    """Have all but the kit and the standard library read clocks that `move_ahead` moves; to be called in a child."""
    real = SimpleNamespace(**vars(time))
    before = {id(value): (module, name) for module in (time, dt) for name, value in vars(module).items()}
    _movers.append(moved_clocks())
    replaced = {
        kept: getattr(module, name)
        for kept, (module, name) in before.items()
        if id(getattr(module, name)) != kept and not name.startswith("__")
    }
    for name, module in tuple(sys.modules.items()):
        if not isinstance(module, ModuleType):
            continue
        if _is_of_kit(name):
            if name != __name__ and vars(module).get("time") is time:
                vars(module)["time"] = real
        elif name.partition(".")[0] not in sys.stdlib_module_names:
            _replace_in(module, replaced)


def _is_of_kit(module: str) -> bool:
    within, subjects = f"{module}.".startswith(f"{KIT}."), f"{module}.".startswith(f"{SUBJECTS}.")
    return within and not subjects


def _replace_in(module: ModuleType, replaced: Mapping[int, Any]) -> None:
    """Replace clocks in the names of a module, and in what its classes and functions have kept."""
    space = vars(module)
    for name, value in tuple(space.items()):
        if id(value) in replaced:
            space[name] = replaced[id(value)]
    if not any(value is time or value is dt or id(value) in _OF_CLOCKS for value in space.values()):
        return  # it has never heard of a clock
    for value in tuple(space.values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            for name, member in tuple(vars(value).items()):
                if id(member) in replaced:
                    type.__setattr__(value, name, staticmethod(replaced[id(member)]))
        for function in _functions_of(value, module.__name__):
            _replace_in_function(function, replaced)


_OF_CLOCKS = frozenset({id(value) for value in vars(time).values() if callable(value)} | {id(dt.date), id(dt.datetime)})
"""What tells that a module reads clocks, beside the modules themselves; as it was before anything was moved."""


def _functions_of(value: Any, module: str) -> Iterator[FunctionType]:
    """The functions of a module's own that a value in it is, or that a class has; a moved clock is none of them."""
    if getattr(value, "__module__", None) != module:
        return
    if isinstance(value, FunctionType):
        yield value
    elif isinstance(value, type):
        for member in tuple(vars(value).values()):
            for one in (member, getattr(member, "__func__", None), getattr(member, "fget", None)):
                if isinstance(one, FunctionType) and one.__module__ == module:
                    yield one


def _replace_in_function(function: FunctionType, replaced: Mapping[int, Any]) -> None:
    """Replace clocks among the defaults of a function, and in what it has closed over."""
    if function.__defaults__ and any(id(value) in replaced for value in function.__defaults__):
        function.__defaults__ = tuple(replaced.get(id(value), value) for value in function.__defaults__)
    named = function.__kwdefaults__ or {}
    for name in [name for name, value in named.items() if id(value) in replaced]:
        named[name] = replaced[id(named[name])]
    for cell in function.__closure__ or ():
        try:
            kept = cell.cell_contents
        except ValueError:  # it is empty
            continue
        if id(kept) in replaced:
            cell.cell_contents = replaced[id(kept)]
