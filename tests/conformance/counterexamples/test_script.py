"""What every script is held to: it is Python whatever the key, names all that it needs, and says what is violated."""

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import conformance
from conformance import scripting
from conformance.counterexamples.script import Script, Source, environment, quotable, render
from conformance.subject.origin import Origin
from tests.conformance.counterexamples.examples import EXAMPLES, IN_MEMORY

HOSTILE = (
    *("'", '"', "'''", '"""', '""""', "\\", "\\'", '\\"', "\\\\", "\\N{DIGIT ONE}", "\\x0", "\\u"),
    *("\n", "\r", "\r\n", "\t", "\x00", "\x0b\x0c", "\x1b[0m", "\x85", "\u2028", "\ud800", "\udcff", "\U0010ffff"),
    *("{{ place }}", "{% raw %}", "{# not a comment #}", "{x}", "{0!r}", "%s", "# ", "", " ", "é", "名", "x" * 5000),
)
TEMPLATES = {
    path.relative_to(Path(conformance.__file__).parent).as_posix()
    for path in Path(conformance.__file__).parent.rglob("templates/*.py.j2")
}

WITH_KEYS = [name for name in EXAMPLES if not name.startswith(("opening", "a check", "killed while it opens"))]


def strings(script: str) -> set[object]:
    """The string literals of a script."""
    return {node.value for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_script_is_python_and_can_be_written_whatever_the_key_and_the_value(name):
    for element in HOSTILE:
        script = EXAMPLES[name]((element, "b"), element)
        compile(script, name, "exec")
        script.encode("utf-8")


@pytest.mark.parametrize("name", WITH_KEYS)
def test_a_script_has_the_very_key(name):
    for element in HOSTILE:
        if len(element) < 100:  # a longer one is written as a product
            assert element in strings(EXAMPLES[name]((element, "b"), "value")), element


@pytest.mark.parametrize("text", HOSTILE)
def test_a_docstring_says_the_text(text):
    assert eval(f'"""{quotable(text)}\n"""') == text.replace('"""', "'''") + "\n"


def test_every_template_has_an_example():
    environment.cache_clear()
    for example in EXAMPLES.values():
        example(("a",), "1")

    cache = environment().cache
    assert cache is not None
    assert {name for _, name in cache} == TEMPLATES


def test_a_name_that_a_template_is_not_given_is_an_error():
    with pytest.raises(UndefinedError):
        render(Script("GET-1", IN_MEMORY, "sequential/templates/program.py.j2"))


def test_what_is_no_source_is_written_as_a_literal():
    template = environment().from_string("{{ text }} {{ source }} {{ none }} {{ pair }}")

    text = template.render(text="1 + 1", source=Source("1 + 1"), none=None, pair=("a", 1))

    assert text == "'1 + 1' 1 + 1 None ('a', 1)"


def test_a_script_imports_what_it_names_and_no_more(tmp_path):
    if find_spec("ruff") is None and not os.environ.get("CI"):
        pytest.skip("ruff is not installed: pip install 'spec-store[test]'")
    for name, example in EXAMPLES.items():
        (tmp_path / f"{name}.py").write_text(example(("a",), "1"), "utf-8")

    done = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format=json"),
            *("--select=E4,E7,E9,F,W", "--ignore=E402", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    found = [(Path(one["filename"]).stem, one["code"], one["message"]) for one in json.loads(done.stdout)]
    quoted = "Undefined name"  # in the annotations of a check, which are quoted for that
    assert [one for one in found if not (one[0].startswith("a check") and one[2].startswith(quoted))] == []


def imports(script: str) -> dict[str, set[str]]:
    """What a script imports, by module."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            found.update({alias.name: set() for alias in node.names})
        elif isinstance(node, ast.ImportFrom):
            found.setdefault(str(node.module), set()).update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_script_imports_no_module_of_the_kit_but_the_one_for_scripts(name):
    kit = {module: names for module, names in imports(EXAMPLES[name](("a",), "1")).items() if "conformance" in module}

    assert kit.keys() <= {"conformance.scripting"}
    assert kit.get("conformance.scripting", set()) <= set(scripting.__all__)
    if name.startswith(("a program", "a check", "pair of threads", "opening of threads")):
        assert kit == {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_script_says_what_it_is_about_and_how_it_ends(name):
    script = EXAMPLES[name](("a",), "1")
    docstring = ast.get_docstring(ast.parse(script)) or ""

    requirement = docstring.split(" ", 1)[0]
    assert "This script ends with a status other than 0 while the fault is there." in docstring
    assert ("It needs conformance" in docstring) == ("conformance.scripting" in script)
    assert f"{requirement} is violated: " in script


def test_lines_of_an_origin_come_after_plain_imports_and_are_not_repeated():
    origin = Origin(("import sys", "sys.path.insert(0, '/there')", "from mine import Store"), "Store({options})")
    template = "sequential/templates/program.py.j2"
    program = EXAMPLES["a program that hangs"](("a",), "1")

    values: dict[str, Any] = {
        "has_place": False,
        "dies": True,
        "hangs_for": None,
        "before": None,
        "setup": [],
        "observation": [],
    }
    values |= {"wrong": Source("actual"), "complaint": "", "must_return": False}
    script = render(Script("GET-1", origin, template, values, ("import subprocess", "import sys", "import uuid")))

    lines = script.splitlines()
    begin = lines.index("import subprocess")
    assert lines[begin : begin + 4] == ["import subprocess", "import sys", *origin.imports[1:]]
    assert "import faulthandler" in program
