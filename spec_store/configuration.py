"""A backend's configuration, read off its constructor, so that no backend keeps a copy of it by hand."""

import copy
import inspect
from collections.abc import Iterator
from typing import Any

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def configuration(backend: object) -> dict[str, Any]:
    """The class of a backend and the arguments that build one like it, falsy ones left out (CONFIG-1).

    An argument `x` is read from the attribute `_x`, or else `x`. What is given back is a deep copy (CONFIG-3).

    Raises:
        AttributeError: the constructor takes an argument that neither attribute holds.
    """
    cls = type(backend)
    found = {name: kept_argument(backend, name) for name in constructor_arguments(cls)}
    given = {name: value for name, value in found.items() if value}
    return {"class_name": cls.__name__, "module_name": cls.__module__, **copy.deepcopy(given)}


def constructor_arguments(cls: type) -> list[str]:
    """The names of what the constructor of a class takes, those that it hands to its base as `**kwargs` included."""
    return list(dict.fromkeys(_parameter_names(cls)))


def _parameter_names(cls: type) -> Iterator[str]:
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        _, *parameters = inspect.signature(vars(base)["__init__"]).parameters.values()  # the first one is self
        yield from (parameter.name for parameter in parameters if parameter.kind in _BY_NAME)
        if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
            return


def kept_argument(backend: object, name: str) -> Any:
    """What the constructor of a backend was given as `name`, itself and no copy.

    Raises:
        AttributeError: neither attribute holds it.
    """
    for attribute in (f"_{name}", name):
        if hasattr(backend, attribute):
            return getattr(backend, attribute)
    raise AttributeError(
        f"{type(backend).__name__} takes the argument {name!r}, but keeps it neither as _{name} nor as {name}; "
        "config is read from there"
    )
