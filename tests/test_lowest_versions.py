"""The lowest versions that pyproject.toml declares are those with which CI runs."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
TOOLS = {"coverage", "mypy", "pyright", "pytest-cov", "ruff"}
"""What checks the checkout and runs nothing of it."""


def requirements():
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))["project"]
    listed = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    return [one for one in map(Requirement, listed) if one.name != "spec-store"]


def lowest(requirement: Requirement) -> Version:
    """The version that a requirement begins with; it has no other bound."""
    (bound,) = requirement.specifier
    assert bound.operator == ">="
    return Version(bound.version)


def constraints() -> dict[str, Version]:
    lines = ROOT.joinpath(".github", "lowest.txt").read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def test_every_dependency_has_a_lowest_version_and_ci_runs_with_it():
    declared = {canonicalize_name(one.name): lowest(one) for one in requirements()}
    assert declared.keys() >= {"attrs", "hypothesis", "pytest", "sqlalchemy", "great-expectations"}
    run = constraints()
    assert run.pop("psycopg-binary") == declared[canonicalize_name("psycopg")]
    assert {name: version for name, version in declared.items() if name not in TOOLS} == run
