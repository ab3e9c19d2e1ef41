"""A conformance kit for store backends: it tells what is wrong with one, with a script that shows it.

`check` judges a `Subject` and gives a `Report`; `StoreBackendSuite` does the same from pytest, `conformance run` from
the shell. Nothing heavy is imported before it is used.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.campaign import check
    from conformance.report.verdicts import Report
    from conformance.sequential.machine import StoreMachine
    from conformance.subject.places import new_directory
    from conformance.subject.subject import Claims, Subject
    from conformance.suite import StoreBackendSuite

__all__ = ["Claims", "Report", "StoreBackendSuite", "StoreMachine", "Subject", "check", "new_directory"]

__path__ = [*__path__, str(Path(__file__).with_name("former"))]
"""`former` has, under their old names, the modules that scripts printed by version 0.1 import."""

_HOMES = {
    "check": "conformance.campaign",
    "Claims": "conformance.subject.subject",
    "Subject": "conformance.subject.subject",
    "StoreBackendSuite": "conformance.suite",
    "StoreMachine": "conformance.sequential.machine",
    "Report": "conformance.report.verdicts",
    "new_directory": "conformance.subject.places",
}

if not TYPE_CHECKING:  # which would take any misspelt name for one that this gives

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'conformance' has no attribute {name!r}")
        from importlib import import_module

        try:
            return getattr(import_module(_HOMES[name]), name)
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] in {"hypothesis", "pytest", "click", "rich", "jinja2"}:
                raise ImportError(
                    f"conformance.{name} needs {error.name}: install the extra, pip install 'spec-store[conformance]'"
                ) from error
            raise
