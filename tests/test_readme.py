"""What the README shows is run, and what it prints is what comes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

README = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.mark.parametrize("name", ["example:check", "example:engine", "example:reference"])
def test_an_example_runs_as_printed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block(name), name, "exec"), {"__name__": "example"})


@pytest.mark.slow
def test_the_example_of_a_suite_runs_as_printed(pytester):
    pytester.mkpydir("my_package").joinpath("stores.py").write_text(
        "from spec_store import InMemoryStoreBackend\n"
        "class MyBackend(InMemoryStoreBackend):\n"
        "    shelves = {}\n"
        "    def __init__(self, place, **options):\n"
        "        super().__init__(suppress_store_backend_id=True)\n"
        "        self._suppress_store_backend_id = options.get('suppress_store_backend_id', False)\n"
        "        self._values = self.shelves.setdefault(place, {})\n"
        "    def _get(self, key):\n"
        "        super()._get(key)\n"
        "        return self._values[key]\n",
        "utf-8",
    )
    pytester.makepyfile(test_mine=block("example:suite"))
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-k", "SET-5 or GET-1 or REOPEN-2")
    assert done.parseoutcomes() == {"passed": 2, "xfailed": 1, "deselected": done.parseoutcomes()["deselected"]}


@pytest.mark.slow
@pytest.mark.exhaustive  # a whole run on a backend of Great Expectations
def test_the_picture_is_of_a_real_run():
    pytest.importorskip("great_expectations")
    command, *shown = block("picture").splitlines()
    done = subprocess.run(
        [sys.executable, "-m", *command.removeprefix("$ ").split()], capture_output=True, text=True, check=False
    )
    printed = {line.strip() for line in done.stdout.splitlines()}
    told = shown[shown.index("MOVE-3 (MUST): Moving a key onto itself changes nothing.") :]
    cut = next(number for number, line in enumerate(told) if line == "...")
    assert all(line.strip() in printed for line in told[:cut])


def test_every_requirement_that_the_readme_names_is_one():
    from spec_store.requirements import REQUIREMENTS

    named = set(re.findall(r"\b[A-Z]{2,7}-\d+\b", README)) - {"UTF-8"}
    assert named <= {one.id for one in REQUIREMENTS}


# What the guides for developers name is there

ROOT = Path(__file__).parent.parent
GUIDE = ROOT.joinpath("conformance", "README.md").read_text("utf-8")
BASES = (
    ".",
    "conformance",
    "conformance/crash",
    "conformance/faults/stores",
    "spec_store/backends",
    "tests/spec_store/backends",
)
"""Where the files stand that the guide to the kit calls by their last names."""


def test_every_file_that_the_guide_names_is_there():
    named = set(re.findall(r"`([\w./]+(?:/|\.(?:py|md|txt|yml|toml)))`", GUIDE))
    assert len(named) > 50
    assert [name for name in named if not any((ROOT / base / name).exists() for base in BASES)] == []


def test_the_guide_tells_of_every_room():
    rooms = {path.parent.name for path in (ROOT / "conformance").glob("*/__init__.py")}
    assert rooms
    assert [room for room in rooms if f"`{room}/`" not in GUIDE] == []


def test_every_link_between_the_guides_leads_to_a_file():
    guides = (ROOT / "README.md", ROOT / "conformance" / "README.md", *(ROOT / ".github").glob("*.md"))
    links = [
        (guide, link) for guide in guides for link in re.findall(r"\]\(([^):#]+)[^):]*\)", guide.read_text("utf-8"))
    ]
    assert len(links) > 5
    assert [(guide.name, link) for guide, link in links if not (guide.parent / link).exists()] == []
