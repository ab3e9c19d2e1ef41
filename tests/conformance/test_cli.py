"""The shell's face from outside, as processes: what a user types, sees, and gets as exit status."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from spec_store.requirements import requirement

pytestmark = pytest.mark.slow

BAD = "tests.conformance.bad_subjects"
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def conformance(*arguments, timeout=120, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


def here(*arguments):
    """The same in this process, for what starts no other: the exit status, and all that is printed."""
    done = CliRunner().invoke(main, arguments)
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def run(name, *arguments, **more):
    """A short run on a bad subject: the worker process, which imports it, shortens its campaign then."""
    more.setdefault("SHORT_CAMPAIGNS", "yes")
    return conformance("run", f"{BAD}:{name}", "--seed", "1", "--examples", "2", *arguments, **more)


def report(name, *arguments, **more):
    done = run(name, *arguments, "--json", "-", **more)
    return done, json.loads(done.stdout)


def verdicts(found):
    return {one["id"]: one["verdict"] for one in found["requirements"]}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A run on the reference: how it ended, and its report."""
    path = tmp_path_factory.mktemp("reference") / "report.json"
    target = "spec_store:InMemoryStoreBackend"
    done = conformance("run", target, "--seed", "1", "--examples", "20", "--json", str(path))
    return done, json.loads(path.read_text("utf-8"))


def test_the_reference_is_conformant(reference):
    done, _ = reference
    assert done.returncode == 0
    assert "InMemoryStoreBackend is conformant" in done.stdout


def test_every_requirement_that_applies_to_the_reference_is_exercised(reference):
    _, found = reference
    assert (found["format"], found["spec"], found["verdict"]) == (1, "1.1", "conformant")
    assert {verdict for name, verdict in verdicts(found).items() if name != "URL-2"} == {"passed", "not claimed"}
    assert all(one["exercised"] > 0 for one in found["requirements"] if one["verdict"] == "passed")


def test_the_command_that_repeats_a_run_has_every_option_that_decides_what_is_run():
    options = "--seed 3 --examples 2 --budget 50.0 --limit 4.0 --spec 1.0 --classes surface,concurrent --claim durable"
    done = conformance("run", "spec_store:InMemoryStoreBackend", *options.split())
    repeated = done.stdout.splitlines()[-1].removeprefix("the same again: ")
    assert repeated == f"conformance run spec_store:InMemoryStoreBackend {options}"
    again = conformance(*repeated.split()[1:])
    assert again.stdout.splitlines()[-1] == f"the same again: {repeated}"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("no_such_module:Backend", "there is no module no_such_module"),
        ("spec_store.nothing:Backend", "there is no module spec_store.nothing"),
        ("spec_store:InMemoryStoreBackends", "did you mean InMemoryStoreBackend?"),
        ("spec_store", "is no target: give module:name"),
        ("no_such_file.py:Backend", "there is no file no_such_file.py"),
        (f"{BAD}:number", "number is a int: neither a Subject"),
        (f"{BAD}:NeedsArguments", "needs arguments (url, table): write a Subject"),
        (f"{BAD}:RaisesOnOpen", "does not open: ConnectionError: no server there"),
        (f"{BAD}:ExitsOnOpen", "ended the Python process (exit status 3)"),
        (f"{BAD}:full", "is not empty: it holds 1 keys, ('already', 'there') among them"),
        (f"{BAD}:placeless", "does not open: OSError: no such bucket"),
        ("builtins:dict", "which is no store backend: it has no set, move"),
    ],
)
def test_a_bad_target_is_one_clear_line_and_exit_status_2(target, told):
    done = conformance("run", target)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / 0", "fails to import: ZeroDivisionError: division by zero"),
        ("import not_installed_at_all", "imports not_installed_at_all, which is not installed"),
        ("import sys; sys.exit(5)", "fails to import: SystemExit: 5"),
        ("def broken(:", "fails to import: SyntaxError"),
        ("import os; os._exit(6)", "ended the Python process (exit status 6)"),
    ],
)
def test_a_module_that_fails_to_import_is_one_clear_line_and_exit_status_2(tmp_path, text, told):
    (tmp_path / "broken.py").write_text(text, "utf-8")
    done = conformance("run", f"{tmp_path / 'broken.py'}:Backend")
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "spec_store:InMemoryStoreBackend", "--classes", "cor"], "no class is called cor"),
        (["run", "spec_store:InMemoryStoreBackend", "--no-such-option"], "No such option"),
        (["run", "spec_store:InMemoryStoreBackend", "--json", "/no/such/dir/x"], "cannot write /no/such/dir/x"),
        (["run", "spec_store:InMemoryStoreBackend", "--examples", "-1"], "-1"),
        (["spec", "MOVE-33"], "no requirement has the id 'MOVE-33'"),
        (["selftest", "--generated", "0"], "0"),
        (["selftest", "--generated", "some"], "some"),
        (["selftest", "--generated", "5", "--least", "101"], "101"),
        (["selftest", "--least", "90"], "--least is about generated faults: say how many by --generated"),
        (
            ["selftest", "--generated", "5", "Generated5"],
            "no generated store is called Generated5; there are Generated0 to Generated4 and Odd0 to Odd0",
        ),
        (["selftest", "--generated", "5", "--json", "/no/such/dir/x"], "cannot write /no/such/dir/x"),
    ],
)
def test_a_bad_option_is_told_and_exit_status_2(arguments, told):
    status, printed = here(*arguments)
    assert status == 2
    assert told in printed


def test_a_place_that_is_not_empty_is_not_written_to(tmp_path):
    (tmp_path / "kept.py").write_text(
        "from spec_store import InMemoryStoreBackend\n"
        "class Full(InMemoryStoreBackend):\n"
        "    def __init__(self, **options):\n"
        "        super().__init__(**options)\n"
        "        self._values[('a',)] = '1'\n"
        "    def _set(self, key, value, **kwargs):\n"
        f"        open({str(tmp_path / 'written')!r}, 'w') if key != self.STORE_BACKEND_ID_KEY else None\n"
        "        return super()._set(key, value)\n",
        "utf-8",
    )
    assert conformance("run", f"{tmp_path / 'kept.py'}:Full").returncode == 2
    assert not (tmp_path / "written").exists()


@POSIX
def test_a_hang_is_a_violation_and_the_run_goes_on():
    done, found = report("Hangs", "--limit", "0.5")
    assert done.returncode == 1
    hung = [one for one in found["requirements"] if one["verdict"] == "violated"]
    assert [one["id"] for one in hung] in (["MOVE-4"], ["MOVE-3"])
    assert "did not return within 0.5 s" in hung[0]["counterexample"]["message"]
    assert verdicts(found)["LIST-1"] == "passed"
    assert verdicts(found)["MOVE-1"] == "passed"


@POSIX
def test_a_hang_in_native_code_is_ended_from_outside():
    done, found = report("HangsInNativeCode", "--limit", "0.5")
    assert done.returncode == 1
    assert verdicts(found)["REMOVE-1"] == "violated"
    assert verdicts(found)["LIST-1"] == "passed"


@pytest.mark.parametrize(
    ("name", "requirement", "other", "classes"),
    [
        ("Exits", "MOVE-4", "GET-1", "core"),
        ("Crashes", "HAS-1", "GET-1", "core"),
        ("ExitsInACheck", "IGNORE-1", "CONFIG-1", "surface"),
    ],
)
def test_an_operation_that_ends_the_process_is_a_violation_and_the_run_goes_on(name, requirement, other, classes):
    done, found = report(name, "--classes", classes)
    assert done.returncode == 1
    assert verdicts(found)[requirement] == "violated"
    assert verdicts(found)[other] == "passed"
    shown = next(one for one in found["requirements"] if one["id"] == requirement)
    assert "ended" in shown["counterexample"]["message"]


def test_what_a_backend_prints_does_not_spoil_the_report():
    done, found = report("Prints")
    assert done.returncode == 0
    assert any("bytes to standard output" in note for note in found["notes"])


def test_a_backend_that_calls_sys_exit_is_judged():
    done, found = report("SysExits")
    assert done.returncode == 1
    assert verdicts(found)["HAS-1"] == "violated"


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(1200):
        if path.exists() or process.poll() is not None:
            return
        time.sleep(0.05)


@POSIX
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_reports_what_it_has_and_leaves_nothing_behind(tmp_path, stop):
    marker, temporary = tmp_path / "marker", tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "run", f"{BAD}:Interruptible", "--examples", "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TEST_MARKER": str(marker), "TMPDIR": str(temporary)},
    )
    wait_for(marker, process)
    process.send_signal(stop)
    out, error = process.communicate(timeout=60)
    assert "Traceback" not in out + error
    assert list(temporary.iterdir()) == []
    if stop is signal.SIGINT:
        assert process.returncode == 1
        assert "interrupted: this is the report so far" in out
    else:
        assert process.returncode == 128 + signal.SIGTERM


def test_scripts_are_written_and_fail_when_they_are_run(tmp_path):
    module = tmp_path / "mine.py"
    module.write_text(
        "from spec_store import InMemoryStoreBackend\n"
        "class Mine(InMemoryStoreBackend):\n"
        "    def get_url_for_key(self, key, protocol=None):\n"
        "        return 7\n"
        "    def is_ignored_key(self, key):\n"
        "        return False\n",
        "utf-8",
    )
    scripts = tmp_path / "scripts"
    done = conformance("run", f"{module}:Mine", "--scripts", str(scripts), "--classes", "surface")
    assert done.returncode == 1
    written = sorted(path.name for path in scripts.iterdir())
    assert {"IGNORE-1.py", "URL-1.py"} <= set(written)
    for name in ("IGNORE-1.py", "URL-1.py"):
        ended = subprocess.run([sys.executable, str(scripts / name)], capture_output=True, text=True, check=False)
        assert ended.returncode == 1, ended.stderr
        assert f"{name.removesuffix('.py')} is violated" in ended.stderr


def test_reports_are_written_as_json_junit_and_html(tmp_path):
    files = {form: tmp_path / f"report.{form}" for form in ("json", "junit", "html")}
    options = [text for form, path in files.items() for text in (f"--{form}", str(path))]
    done = run("NamesNoModule", "--classes", "surface", *options)
    assert done.returncode == 1
    assert json.loads(files["json"].read_text())["verdict"] == "nonconformant"
    assert 'testcase name="CONFIG-1"' in files["junit"].read_text()
    assert "CONFIG-1" in files["html"].read_text()


def test_spec_of_one_requirement_says_why_and_shows_an_example():
    _, printed = here("spec", "MOVE-3")
    assert requirement("MOVE-3").why in " ".join(printed.split())
    assert '        backend.move(("a",), ("a",))\n' in printed


def test_spec_of_one_says_what_a_later_version_says_more_clearly():
    assert "As 1.1 says more clearly: A prefix that `set` would refuse" in here("spec", "LIST-3")[1]


def test_spec_of_one_that_takes_several_processes_says_how_it_is_tested():
    _, printed = here("spec", "LIN-2")
    assert "        process 1: " in printed
    assert f"Put to the test with: {requirement('LIN-2').staging}." in " ".join(printed.split())


def test_spec_prints_requirements_in_words_and_as_json():
    assert "Moving a key onto itself changes nothing." in conformance("spec", "MOVE-3").stdout
    _, every = here("spec")
    assert "Why:" not in every
    assert "MOVE-3 (MUST, since 1.0)" in every
    found = json.loads(here("spec", "--json")[1])
    assert found["spec"] == "1.1"
    assert len(found["requirements"]) > 60


def test_only_the_classes_asked_for_are_judged():
    options = ("--classes", "surface,concurrent", "--examples", "0", "--json", "-")
    done = conformance("run", "spec_store:InMemoryStoreBackend", *options)
    assert {one["class"] for one in json.loads(done.stdout)["requirements"]} == {"surface", "concurrent"}
