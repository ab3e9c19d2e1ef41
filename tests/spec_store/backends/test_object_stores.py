"""Object stores that are servers: S3 as seaweedfs really stores it, S3 as moto plays it, Azure as Azurite does."""

import contextlib
import sys
import threading
from typing import Any

import pytest

from conformance import check
from conformance.report.verdicts import NOT_CLAIMED, PASSED, WORKS_NOT_CLAIMED
from conformance.run.run import TOO_LATE
from spec_store import STORE_BACKEND_ID_KEY, StoreBackendError
from spec_store.backends import ObjectStoreBackend
from tests.servers import AZURE_KEY, azure_config, azurite, moto, new_bucket, new_container, s3_config, seaweedfs
from tests.spec_store.backends.subjects import in_objects

BUDGETS: dict[str, dict[str, Any]] = {
    "seaweedfs": {"examples": 0, "budget": 20.0},  # a request takes it 1 ms, a new bucket's directory more
    "moto": {"examples": 5, "classes": ["extended"], "budget": 5.0},  # a request takes it 6 ms
    "azurite": {"examples": 0, "budget": 30.0},  # one takes it 3 ms, and more the more it holds
}
PAST_A_PAGE = {"seaweedfs": 1100, "moto": 1100, "azurite": 5001}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the servers are started on Linux alone"),
]


@pytest.fixture(scope="module", params=["seaweedfs", "moto", "azurite"])
def server(request):
    """The name of a server, the URL of a bucket on it, and the config to reach it."""
    with {"seaweedfs": seaweedfs, "moto": moto, "azurite": azurite}[request.param]() as endpoint:
        if request.param == "azurite":
            yield request.param, f"az://{new_container(endpoint)}", azure_config(endpoint)
        else:
            yield request.param, f"s3://{new_bucket(endpoint)}", s3_config(endpoint)


@pytest.fixture
def subject(server):
    name, url, config = server
    return in_objects(url, config, name)


def test_it_meets_every_requirement_that_it_claims(server, subject):
    report = check(subject, seed=0, **BUDGETS[server[0]])

    found = [one.counterexample.message for one in report.results if one.counterexample]
    assert found == []
    # Of a slow server, what a busy machine leaves no time for is not put to the test; all else is.
    late = {one.requirement.id for one in report.results if one.reason.startswith(TOO_LATE)}
    assert not late or "budget" in BUDGETS[server[0]]
    open_ = [one for one in report.results if one.verdict not in (PASSED, NOT_CLAIMED, WORKS_NOT_CLAIMED)]
    must = {one.requirement.id: one.verdict for one in open_ if one.requirement.level == "MUST"}
    assert must.keys() <= late, must
    assert report.verdict == ("incomplete" if must else "conformant")


def test_a_key_whose_url_would_be_too_long_is_refused_in_a_line(subject):
    with subject.place() as place:
        backend = subject.open(place)
        with pytest.raises(StoreBackendError, match="in a URL has 32,768 bytes; this has 66,559"):
            backend.set(("n" * 64,) * 1024, "1")

        assert backend.list_keys() == [STORE_BACKEND_ID_KEY]


def test_more_keys_than_a_page_are_listed(server, subject):
    with subject.place() as place:
        backend = subject.open(place)
        keys = [("page", f"{number:04}") for number in range(PAST_A_PAGE[server[0]])]
        for key in keys:
            backend.set(key, "1")

        assert sorted(backend.list_keys()) == sorted([STORE_BACKEND_ID_KEY, *keys])
        assert sorted(backend.list_keys(("page",))) == keys


def test_of_ten_threads_that_add_a_key_one_succeeds(subject):
    with subject.place() as place:
        backend = subject.open(place)
        barrier, added = threading.Barrier(10), []

        def add(value):
            barrier.wait(60)
            with contextlib.suppress(StoreBackendError):
                backend.add(("a",), value)
                added.append(value)

        threads = [threading.Thread(target=add, args=(str(number),)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert added == [backend.get(("a",))]


def test_a_bucket_that_is_not_there_is_told_without_its_credentials(server):
    _, url, config = server
    scheme = url.partition("://")[0]
    backend = ObjectStoreBackend(f"{scheme}://no-such-bucket", config, suppress_store_backend_id=True)

    with pytest.raises(StoreBackendError) as refused:
        backend.set(("a",), "1")
    assert "secret" not in str(refused.value)
    assert AZURE_KEY not in str(refused.value)
