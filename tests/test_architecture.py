"""The walls of the house: imports go one way, without a cycle; rooms are small; a name has one home.

What is held here is read off the source, so that it says of every module what `conformance/README.md` draws. A tree
in which each rule is broken is made in the last tests, so that no rule passes for want of looking.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LAYERS = (
    ("conformance.cli", "conformance.suite", "conformance.pytest_plugin", "conformance.former"),
    ("conformance.scripting",),
    ("conformance.faults",),
    ("conformance.workers",),
    ("conformance.campaign",),
    ("conformance.one_by_one",),
    ("conformance.checks",),
    ("conformance.sequential", "conformance.concurrent", "conformance.crash"),
    ("conformance.run",),
    ("conformance.harness", "conformance.counterexamples", "conformance.report"),
    ("conformance.programs",),
    ("conformance.subject", "conformance.probes"),
    ("conformance.system",),
    ("spec_store",),
)
"""The rooms from the top of the house down: each may import what stands below it, and itself, but not its neighbour."""

DOORS = {"conformance", "conformance.__main__"}
"""What only leads on: the public names, imported when they are asked for, and `python -m conformance`."""

MOST_LINES = 400
MOST_BESIDE = 10
"""How many modules may stand beside the packages of the kit."""

ENDINGS = re.compile(r"(s|es|ed|er|ing|ion|_.*)?")


def modules(root: Path) -> dict[str, Path]:
    """The modules of the kit and of the specification, by name."""
    found = {}
    for package in ("conformance", "spec_store"):
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def arrows(found: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Who imports whom, imports inside functions included."""
    for name, path in found.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield name, inner if inner in found else node.module


def room_of(module: str) -> str | None:
    """The room of a module that a layer has; None for the doors and for what is not of this project."""
    return next((room for layer in LAYERS for room in layer if f"{module}.".startswith(f"{room}.")), None)


def upward(found: Mapping[str, Path]) -> list[str]:
    """The imports that go up, or to a neighbour."""
    rank = {room: number for number, layer in enumerate(LAYERS) for room in layer}
    wrong = []
    for importer, imported in arrows(found):
        one, other = room_of(importer), room_of(imported)
        if importer in DOORS or one is None:
            continue
        if imported in DOORS:
            wrong.append(f"{importer} imports a door, {imported}")
        elif other is not None and one != other and rank[one] >= rank[other]:
            wrong.append(f"{importer} imports {imported}")
    return wrong


def homeless(found: Mapping[str, Path]) -> list[str]:
    """Modules of the kit that no layer has."""
    return [name for name in found if name not in DOORS and room_of(name) is None]


def cycles(found: Mapping[str, Path]) -> list[str]:
    """The modules from which imports lead back to themselves."""
    below: dict[str, set[str]] = {name: set() for name in found}
    for importer, imported in arrows(found):
        if imported in found and importer not in DOORS and imported != importer:
            below[importer].add(imported)
    reached = {name: set(direct) for name, direct in below.items()}
    for middle in found:
        for name in found:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    return sorted(name for name in found if name in reached[name])


def alike(found: Mapping[str, Path]) -> list[str]:
    """Modules of one package whose names differ by an ending, as crash, crashes and crash_report do."""
    packages: dict[str, list[str]] = {}
    for name in (name for name in found if name.startswith("conformance.")):
        package, _, own = name.rpartition(".")
        packages.setdefault(package, []).append(own)
    return [
        f"{package}: {shorter}, {longer}"
        for package, names in packages.items()
        for shorter, longer in combinations(sorted(names, key=len), 2)
        if longer.startswith(shorter) and len(shorter) > 3 and ENDINGS.fullmatch(longer[len(shorter) :])
    ]


def long_ones(found: Mapping[str, Path]) -> list[str]:
    """Modules with too many lines, each of which is two rooms."""
    sizes = {name: path.read_text("utf-8").count("\n") for name, path in found.items()}
    return [f"{name}: {size} lines" for name, size in sizes.items() if size > MOST_LINES]


def beside_packages(found: Mapping[str, Path]) -> list[str]:
    """The modules of the kit that stand in no package of it."""
    return [name for name, path in found.items() if path.parent.name == "conformance" and name != "conformance"]


SEVERAL_HOMES = {
    "CASES": "each module of checks has some, and the catalogue all",
    "UNDECIDED": "of a history, and of a requirement",
    "main": "each module that is run has one",
}
"""Names that may be defined in several modules of the kit, and why."""

APART = ("conformance.checks", "conformance.faults", "conformance.former")
"""Where sources stand alone: checks are printed in scripts, planted faults are written as a user's."""


def defined(path: Path) -> Iterator[str]:
    """The public names that a module defines at its top level."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def several_homes(found: Mapping[str, Path]) -> list[str]:
    """Public names of the kit that are defined in more than one module."""
    homes: dict[str, list[str]] = {}
    for module, path in found.items():
        if module.startswith("conformance.") and not module.startswith(APART):
            for name in dict.fromkeys(defined(path)):
                homes.setdefault(name, []).append(module)
    return [f"{name}: {', '.join(of)}" for name, of in homes.items() if len(of) > 1 and name not in SEVERAL_HOMES]


HOUSE = modules(ROOT)
RULES = (upward, homeless, cycles, alike, long_ones, several_homes)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule):
    assert rule(HOUSE) == []


def test_few_modules_stand_beside_the_packages():
    assert len(beside_packages(HOUSE)) <= MOST_BESIDE


def test_a_probe_knows_nothing_of_stores():
    seen = {imported for importer, imported in arrows(HOUSE) if importer.startswith("conformance.probes")}
    own = {name for name in seen if name.startswith(("conformance", "spec_store"))}
    assert {name for name in own if not name.startswith(("conformance.probes", "conformance.system"))} == set()


def test_the_specification_does_not_know_the_kit():
    assert [arrow for arrow in arrows(HOUSE) if arrow[0].startswith("spec_store") and "conformance" in arrow[1]] == []


# Rules that are broken in a tree made for it


@pytest.fixture
def tree(tmp_path):
    """Makes a house from sources by module name, beside rooms that keep the rules."""

    def build(sources):
        every = {"conformance": "", "conformance.system": "", "conformance.programs": "", "spec_store": "", **sources}
        for name, source in every.items():
            path = tmp_path.joinpath(*name.split("."))
            path.mkdir(parents=True, exist_ok=True)
            (path / "__init__.py").write_text(source, "utf-8")
        return modules(tmp_path)

    return build


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        (upward, {"conformance.system.limits": "from conformance.programs import x"}),
        (upward, {"conformance.system.limits": "def late():\n    import conformance.cli"}),
        (upward, {"conformance.crash.search": "from conformance.sequential.replay import judged"}),
        (upward, {"spec_store.keys": "import conformance.system"}),
        (upward, {"conformance.programs.keys": "from conformance import Subject"}),
        (homeless, {"conformance.attic": ""}),
        (
            cycles,
            {
                "conformance.programs.keys": "from conformance.programs import calls",
                "conformance.programs.calls": "from conformance.programs.keys import ID_KEY",
            },
        ),
        (alike, {"conformance.crash.trial": "", "conformance.crash.trials": ""}),
        (alike, {"conformance.crash.trial": "", "conformance.crash.trial_report": ""}),
        (several_homes, {"conformance.programs.keys": "SECONDS = 1", "conformance.crash.search": "SECONDS: int = 2"}),
        (
            several_homes,
            {"conformance.programs.keys": "def told(): ...", "conformance.crash.search": "class told: ..."},
        ),
        (long_ones, {"conformance.programs.keys": "x = 1\n" * (MOST_LINES + 1)}),
    ],
)
def test_a_planted_fault_of_the_house_is_found(tree, rule, sources):
    assert rule(tree({})) == []
    assert rule(tree(sources)) != []
