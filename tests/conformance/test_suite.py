"""The pytest face, run by pytest itself on small test modules."""

import sys

import pytest

from spec_store import REQUIREMENTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_programs_of_module")]

pytest_plugins = ("pytester",)

HEADER = """
import pytest
from conformance import Claims, StoreBackendSuite, Subject
from spec_store import InMemoryStoreBackend

def opened(cls):
    return Subject(open=lambda place, **options: cls(**options), name=cls.__name__)

class LosesOnSelfMove(InMemoryStoreBackend):
    def _move(self, source_key, dest_key, **kwargs):
        super()._move(source_key, dest_key)
        if source_key == dest_key:
            self.remove_key(source_key)
"""

CORRECT = """
class TestReference(StoreBackendSuite):
    subject = opened(InMemoryStoreBackend)
    examples = 1
"""

FAULTY = """
class TestFaulty(StoreBackendSuite):
    subject = opened(LosesOnSelfMove)
    examples = 1
"""

MISTOLD = """
class NamesNoModule(InMemoryStoreBackend):
    @property
    def config(self):
        return {**super().config, "module_name": "nowhere"}

class TestMistold(StoreBackendSuite):
    subject = opened(NamesNoModule)
    classes = ("surface",)  # which takes no programs
"""


@pytest.fixture
def run(pytester):
    def run(text, *arguments):
        pytester.makepyfile(test_it=HEADER + text)
        return pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "-p", "no:randomly", "--strict-markers", *arguments
        )

    return run


def test_a_correct_backend_passes_each_requirement_and_skips_what_it_does_not_claim(run):
    done = run(CORRECT, "-rs")
    outcomes = done.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert outcomes["passed"] > 50
    done.stdout.fnmatch_lines(["*not claimed: durable is not claimed*"])


def test_a_violation_fails_its_own_item_with_message_script_and_seed_and_without_a_traceback(run):
    done = run(FAULTY, "--hypothesis-seed=5")
    assert done.parseoutcomes()["failed"] == 1
    done.stdout.fnmatch_lines(
        [
            "*MOVE-3 (MUST): Moving a key onto itself changes nothing.*",
            "*backend.move(('a',), ('a',))*",
            "*--hypothesis-seed=5*",
            "*A script that shows it:*",
            "*from test_it import TestFaulty*",
            "*conformance: TestFaulty ran with seed 5*",
        ]
    )
    assert "suite.py" not in done.stdout.str()


def test_what_came_later_than_the_version_judged_by_is_skipped(run):
    done = run(CORRECT + '    spec = "1.0"\n', "-rs", "-k", "RES-1 or IGNORE-1")
    assert done.parseoutcomes() == {"passed": 1, "skipped": 1, "deselected": len(REQUIREMENTS) - 2}
    done.stdout.fnmatch_lines(["*version 1.0 of the specification, by which this suite judges, does not have it*"])


def test_one_item_can_be_chosen(run):
    done = run(FAULTY, "-k", "MOVE-3")
    assert done.parseoutcomes()["failed"] == 1


def test_a_deviation_is_an_expected_failure(run):
    done = run(FAULTY + "    deviations = {'MOVE-3': 'known'}\n")
    assert done.parseoutcomes()["xfailed"] == 1
    assert "failed" not in done.parseoutcomes()


def test_a_deviation_that_is_gone_fails(run):
    done = run(CORRECT + "    deviations = {'MOVE-3': 'known'}\n", "-k", "MOVE-3")
    assert done.parseoutcomes()["failed"] == 1
    done.stdout.fnmatch_lines(["*is listed as a deviation (known), but holds*"])


@pytest.mark.parametrize("scope", ["function", "class", "session"])
def test_the_subject_may_be_a_fixture_of_any_scope(run, scope):
    done = run(
        f"""
@pytest.fixture(scope="{scope}")
def server():
    return {{"up": True}}

@pytest.fixture(scope="{scope}")
def subject(server):
    assert server["up"]
    return opened(InMemoryStoreBackend)

class TestFixture(StoreBackendSuite):
    examples = 1
""",
    )
    assert set(done.parseoutcomes()) == {"passed", "skipped"}


def test_there_is_one_campaign_a_class(run):
    done = run(
        """
opened_times = []

class Counted(InMemoryStoreBackend):
    def __init__(self, **options):
        opened_times.append(1)
        super().__init__(**options)

class TestCounted(StoreBackendSuite):
    subject = opened(Counted)
    examples = 1

def test_count():
    before = len(opened_times)
    assert before > 0

class TestAgain(TestCounted):
    def test_requirement(self):
        pass
""",
        "-k",
        "Counted or count",
    )
    assert "failed" not in done.parseoutcomes()


def test_a_subject_that_cannot_be_judged_fails_in_one_line(run):
    done = run(
        """
class Broken(InMemoryStoreBackend):
    def __init__(self, **options):
        raise ConnectionError("no server")

class TestBroken(StoreBackendSuite):
    subject = opened(Broken)
""",
        "-k",
        "GET-1",
    )
    assert done.parseoutcomes()["failed"] == 1
    done.stdout.fnmatch_lines(["*Broken does not open: ConnectionError: no server*"])


def test_what_is_claimed_but_never_exercised_fails(run):
    done = run(
        """
class TestClaims(StoreBackendSuite):
    subject = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(crash_safe=True))
    examples = 1
""",
        "-k",
        "CRASH-1",
    )
    assert done.parseoutcomes()["failed"] == 1
    done.stdout.fnmatch_lines(["*CRASH-1 was not exercised*"])


def test_it_runs_under_xdist(run):
    pytest.importorskip("xdist")
    done = run(MISTOLD, "-n", "2")
    assert done.parseoutcomes()["failed"] == 1


def test_a_script_from_a_test_module_runs_on_its_own(run, pytester):
    done = run(FAULTY, "-k", "MOVE-3")
    text = done.stdout.str().split("A script that shows it:")[1]
    script = text[: text.index("holds here")].strip() + 'holds here")\n'
    ended = pytester.run(sys.executable, pytester.makepyfile(script=script))
    assert ended.ret == 1
    ended.stderr.fnmatch_lines(["MOVE-3 is violated*"])


def test_the_plug_in_imports_neither_hypothesis_nor_the_kit(pytester):
    pytester.makepyfile(
        test_cheap="""
import sys
def test_cheap():
    assert "conformance.campaign" not in sys.modules
"""
    )
    assert pytester.runpytest_subprocess("-p", "no:hypothesispytest").parseoutcomes() == {"passed": 1}
