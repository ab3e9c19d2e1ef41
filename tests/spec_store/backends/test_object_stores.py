"""Object stores that are servers: S3 as seaweedfs really stores it, and as moto plays it."""

import contextlib
import sys
import threading

import pytest

from conformance import check
from spec_store import STORE_BACKEND_ID_KEY, StoreBackendError
from spec_store.backends import ObjectStoreBackend
from tests.servers import moto, new_bucket, s3_config, seaweedfs
from tests.spec_store.backends.subjects import on_s3

BUDGET = 5.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the servers are started on Linux alone")


@pytest.fixture(scope="module", params=["seaweedfs", "moto"])
def server(request):
    """The name of a server, its endpoint and a bucket on it."""
    with {"seaweedfs": seaweedfs, "moto": moto}[request.param]() as endpoint:
        yield request.param, endpoint, new_bucket(endpoint)


@pytest.fixture
def subject(server):
    name, endpoint, bucket = server
    return on_s3(endpoint, bucket, name)


def test_it_meets_every_requirement_that_it_claims(server, subject):
    if server[0] == "moto":
        report = check(subject, examples=5, seed=0, classes=["extended"], budget=BUDGET)  # a request takes it 6 ms
    else:
        report = check(subject, examples=0, seed=0)

    found = [one.counterexample.message for one in report.results if one.counterexample]
    assert (report.verdict, found) == ("conformant", [])


def test_more_keys_than_a_page_are_listed(subject):
    with subject.place() as place:
        backend = subject.open(place)
        keys = [("page", f"{number:04}") for number in range(1100)]
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
    backend = ObjectStoreBackend("s3://no-such-bucket", s3_config(server[1]), suppress_store_backend_id=True)

    with pytest.raises(StoreBackendError) as refused:
        backend.set(("a",), "1")
    assert "secret" not in str(refused.value)
