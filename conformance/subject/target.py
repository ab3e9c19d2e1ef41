"""From `module:name` to a subject, and from a subject back to source text that opens it."""

import difflib
import importlib
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from conformance.subject.arguments import Doubt, place_argument
from conformance.subject.origin import UNKNOWN, Origin
from conformance.subject.places import new_directory
from conformance.subject.subject import Subject

CLAIMS = ("durable", "threads", "processes", "crash_safe", "expires")


class TargetError(Exception):
    """The target cannot be resolved, and whoever named it is to blame; its text is one line."""


@attrs.frozen
class Target:
    """A subject and where it comes from."""

    subject: Subject
    origin: Origin


def resolve(text: str, claims: Sequence[str] = ()) -> Target:
    """The subject that a target names.

    Args:
        text: `module:name` or `path/to/file.py:name`, the name dotted if need be, of a Subject, a backend class, or a
            callable that gives a new empty backend.
        claims: names of claims to add to those of the subject.

    Raises:
        TargetError: there is no such thing, it fails to import, or it needs arguments.
    """
    where, colon, name = text.rpartition(":")
    if not colon or not where or not name:
        raise TargetError(f"{text!r} is no target: give module:name, such as my_package.stores:MyBackend")
    module, path_lines = _imported(where)
    found = _named(module, name)
    line = f"from {module.__name__} import {name.split('.')[0]}"
    target = _target(found, name, (*path_lines, line))
    if claims:
        added: dict[str, Any] = dict.fromkeys(claims, True)
        claimed = attrs.evolve(target.subject.claims, **added)
        target = attrs.evolve(target, subject=attrs.evolve(target.subject, claims=claimed))
    return target


def _imported(where: str) -> tuple[ModuleType, tuple[str, ...]]:
    path = Path(where)
    if path.suffix == ".py":
        if not path.is_file():
            raise TargetError(f"there is no file {where}")
        directory, name = str(path.resolve().parent), path.stem
    else:
        directory, name = str(Path.cwd()), where
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise TargetError(_missing(name, error.name or "")) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise TargetError(f"the module {name} fails to import: {_line(error)}") from error
    return module, _path_lines(module)


def _missing(name: str, absent: str) -> str:
    if absent and (name == absent or name.startswith(absent + ".")):
        return f"there is no module {absent}" + ("" if absent == name else f" (of {name})")
    return f"the module {name} cannot be imported: it imports {absent}, which is not installed"


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _path_lines(module: ModuleType) -> tuple[str, ...]:
    """The lines of a script that make a module importable, if it is not installed."""
    file = getattr(module, "__file__", None)
    if not file:
        return ()
    depth = module.__name__.count(".") + (Path(file).name == "__init__.py")
    base = Path(file).resolve().parents[depth]
    installed = {Path(path).resolve() for path in sysconfig.get_paths().values()}
    if base in installed or module.__name__.split(".")[0] in ("spec_store", "conformance"):
        return ()
    return ("import sys", f"sys.path.insert(0, {str(base)!r})")


def _named(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            close = difflib.get_close_matches(part, dir(found), 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise TargetError(f"{module.__name__} has no {name}{hint}") from error
        except Exception as error:  # a module that imports what it names when it is asked for it
            raise TargetError(f"{name} cannot be had from {module.__name__}: {_line(error)}") from error
    return found


def _target(found: Any, name: str, imports: tuple[str, ...]) -> Target:
    if isinstance(found, Subject):
        named = found if found.name else attrs.evolve(found, name=name)
        return Target(named, _origin(name, found, imports))
    if not callable(found):
        raise TargetError(f"{name} is a {type(found).__name__}: neither a Subject, nor a class, nor a callable")
    argument = place_argument(found)
    if argument is None:
        subject = Subject(open=lambda place, **options: found(**options), name=name)
        return Target(subject, Origin(imports, f"{name}({{options}})"))
    if isinstance(argument, Doubt):
        raise TargetError(
            f"{name} {argument.why}: write a Subject that gives it, "
            f"subject = Subject(open=lambda place, **options: {name}({argument.names[0]}=..., **options)), "
            "and name that as the target"
        )
    where = argument
    subject = Subject(
        open=lambda place, **options: found(**{where.name: where.value(place)}, **options),
        place=new_directory,
        name=name,
    )
    opening = f"{name}({where.name}={where.expression}{{options}})"
    return Target(subject, Origin(("import tempfile", *imports), opening, "tempfile.TemporaryDirectory()"))


def find_origin(subject: Subject) -> Origin:
    """Where a subject is found under a name: in a module, or in a class of one; UNKNOWN if nowhere."""
    for module in tuple(sys.modules.values()):
        if getattr(module, "__name__", "__main__") == "__main__":
            continue
        name = _name_in(module, subject)
        if name:
            imports = (*_path_lines(module), f"from {module.__name__} import {name.split('.')[0]}")
            return _origin(name, subject, imports)
    return attrs.evolve(UNKNOWN, openings=subject.claims.openings)


def _origin(name: str, subject: Subject, imports: tuple[str, ...]) -> Origin:
    """How a script opens a subject that it has by a name."""
    files = "" if subject.files is None else f"{name}.files"
    return Origin(imports, f"{name}.open(place{{options}})", f"{name}.place()", subject.claims.openings, files)


def _name_in(module: ModuleType, subject: Subject) -> str:
    for name, value in tuple(vars(module).items()):
        if value is subject:
            return name
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, held in tuple(vars(value).items()):
                if held is subject:
                    return f"{name}.{inner}"
    return ""
