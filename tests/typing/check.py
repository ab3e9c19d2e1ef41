"""What mypy and pyright, strict, say of code as a user writes it, against an installed spec-store.

`python tests/typing/check.py`: exit status 0 if both say what they should, else 1 with what they say instead.

`right_uses.py` and the examples of the README are to pass; each line of `wrong_uses.py` that ends with `# E:` is to be
refused, by the two names that stand there, and no other line.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

Complaint: TypeAlias = tuple[str, int, str]
"""A file, a line, and the name of the rule that it breaks."""

EXPECTED = re.compile(r"# E: (?P<mypy>\S+) / (?P<pyright>\S+)$")
MYPY_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: .*\[(?P<rule>[a-z-]+)\]$")
EXAMPLE = re.compile(r"<!-- example:(\w+) -->\n```python\n(.*?)```", re.DOTALL)

STUB = "from spec_store import InMemoryStoreBackend\n\nclass MyBackend(InMemoryStoreBackend): ...\n"
"""The backend that the README's example of a suite imports."""


def main() -> None:
    wrong = []
    for tool in TOOLS:
        with tempfile.TemporaryDirectory() as directory:
            reason = reason_against(tool)
            wrong += [f"{tool}: {reason}"] if reason else differences(tool, Path(directory))
    print("\n".join(wrong) or "mypy and pyright say what they should")
    sys.exit(1 if wrong else 0)


def reason_against(tool: str) -> str:
    """Why a tool cannot run here, or "". When pyright first runs, it comes from npm, and node too if there is none."""
    done = _run([sys.executable, "-m", tool, "--version"], HERE)
    said = (done.stdout + done.stderr).strip().splitlines() or [f"exit status {done.returncode}"]
    return "" if done.returncode == 0 else said[-1]


def differences(tool: str, directory: Path) -> list[str]:
    """What a tool says and should not, or should say and does not, in words.

    Args:
        tool: mypy or pyright.
        directory: an empty one, for the files: no configuration above it is in force there.
    """
    _fill(directory)
    actual = TOOLS[tool](directory)
    expected = {
        ("wrong_uses.py", number, found[tool])
        for number, line in enumerate((HERE / "wrong_uses.py").read_text("utf-8").splitlines(), 1)
        if (found := EXPECTED.search(line))
    }
    return [f"{tool} should say, and does not: {_told(one)}" for one in sorted(expected - actual)] + [
        f"{tool} says, and should not: {_told(one)}" for one in sorted(actual - expected)
    ]


def _told(one: Complaint) -> str:
    file, line, rule = one
    return f"{file}:{line}: {rule}"


def _fill(directory: Path) -> None:
    for name in ("right_uses.py", "wrong_uses.py"):
        (directory / name).write_text((HERE / name).read_text("utf-8"), "utf-8")
    for name, source in EXAMPLE.findall((ROOT / "README.md").read_text("utf-8")):
        (directory / f"readme_{name}.py").write_text(f"# pyright: standard\n{source}", "utf-8")
    (directory / "my_package").mkdir()
    (directory / "my_package" / "stores.py").write_text(STUB, "utf-8")


def _run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool that finds both packages where installed ones are found, so that it asks for their py.typed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def _by_mypy(directory: Path) -> set[Complaint]:
    options = ["--strict", "--config-file=", f"--cache-dir={directory / 'cache'}", "--no-error-summary"]
    done = _run([sys.executable, "-m", "mypy", *options, *_names(directory)], directory)
    lines = [line for line in done.stdout.splitlines() if ": note: " not in line]
    found = [MYPY_LINE.match(line) for line in lines]
    if done.stderr or not all(found):
        raise RuntimeError(f"mypy ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return {(one["file"], int(one["line"]), one["rule"]) for one in found if one is not None}


def _by_pyright(directory: Path) -> set[Complaint]:
    (directory / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', "utf-8")
    options = ["--outputjson", "--level", "error", "--pythonpath", sys.executable]
    done = _run([sys.executable, "-m", "pyright", *options, *_names(directory)], directory)
    try:
        said: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    except (ValueError, KeyError):
        raise RuntimeError(f"pyright ended with status {done.returncode}:\n{done.stdout}{done.stderr}") from None
    return {(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one.get("rule", "syntax")) for one in said}


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("*.py"))


TOOLS: Mapping[str, Callable[[Path], set[Complaint]]] = {"mypy": _by_mypy, "pyright": _by_pyright}

if __name__ == "__main__":
    main()
