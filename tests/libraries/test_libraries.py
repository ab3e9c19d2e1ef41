"""The kit on stores over real libraries: it comes to a verdict, and finds nothing wrong with what they do well.

These are skipped where a library is absent, as it is in CI: `stores` says how to install them all.
"""

import pytest

from conformance import check
from tests.libraries.subjects import EVERY

pytestmark = pytest.mark.slow

BESIDES = {"diskcache": {"GET-1"}, "zict": {"KEY-5"}}
"""What is truly wrong. diskcache writes a long text to a file in text mode, so that a CR in it comes back as LF; zict's
files have the names of the keys, and a name that is too long raises OSError."""


@pytest.mark.parametrize("name", EVERY)
def test_a_store_over_a_library_is_judged_by_the_core_alone(name):
    pytest.importorskip(name, exc_type=ImportError)
    report = check(EVERY[name], examples=3, seed=1, classes=["core"])
    assert (report.invalid, set(report.violated)) == ("", BESIDES.get(name, set()))
