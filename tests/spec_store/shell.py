"""Running the command in this process, and the stores of a test that it leads to."""

import re
import sys
from collections.abc import Callable
from typing import TypeAlias

import attrs
import pytest

from spec_store.cli import main

MARKER = "hunter2"
"""The password of tests, which is to be seen nowhere."""


@attrs.frozen
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it said besides its result."""
        return self.err.splitlines()


Run: TypeAlias = Callable[..., Done]


@pytest.fixture
def run(tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `spec-store` with arguments, in the directory of the test; no output may have the marker in it."""
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])

    def call(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert MARKER not in out + err
        assert not re.search("Traceback", err)
        return Done(int(str(ended.value.code)), out, err)

    return call


def refused(done: Done) -> str:
    """The one line of a command that was refused, with status 2."""
    assert (done.status, len(done.lines)) == (2, 1), done
    assert done.err.startswith("spec-store: ")
    return done.err
