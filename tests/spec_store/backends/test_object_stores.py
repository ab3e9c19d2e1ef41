"""Object stores that are servers: S3 as seaweedfs really stores it, S3 as moto plays it, Azure as Azurite does."""

import contextlib
import sys
import threading
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import obstore
import pytest
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import from_url

from conformance import check
from conformance.report.verdicts import NOT_CLAIMED, PASSED, WORKS_NOT_CLAIMED
from conformance.run.run import TOO_LATE
from spec_store import STORE_BACKEND_ID_KEY, InvalidKeyError, StoreBackendError
from spec_store.backends import ObjectStoreBackend
from tests.servers import AZURE_KEY, azure_config, azurite, moto, new_bucket, new_container, s3_config, seaweedfs
from tests.spec_store.backends.subjects import DURABLE, OBJECTS, in_objects

BUDGETS: dict[str, dict[str, Any]] = {
    "seaweedfs": {"examples": 0, "budget": 20.0},  # a request takes it 1 ms, a new bucket's directory more
    "moto": {"examples": 5, "classes": ["extended"], "budget": 5.0},  # a request takes it 6 ms
    "azurite": {"examples": 0, "budget": 30.0},  # one takes it 3 ms, and more the more it holds
}
CLAIMS = {"seaweedfs": OBJECTS, "moto": DURABLE, "azurite": OBJECTS}
"""What is claimed on them; moto looks at a condition and stores in two steps."""

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
    return in_objects(url, config, name, CLAIMS[name])


@pytest.mark.usefixtures("short_programs")
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


def test_of_movers_and_removers_at_once_one_succeeds(server, subject):
    if server[0] == "moto":
        pytest.skip("moto looks at a condition and stores in two steps")
    with subject.place() as place:
        for _ in range(3):
            backend = subject.open(place)
            backend.set(("source",), "1")
            ended = at_once(
                lambda: subject.open(place).move(("source",), ("first",)),
                lambda: subject.open(place).move(("source",), ("second",)),
                lambda: subject.open(place).remove_key(("source",)) or refuse(),
                lambda: subject.open(place).remove_key(("source",)) or refuse(),
            )
            targets = [key for key in (("first",), ("second",)) if backend.remove_key(key)]

            assert len(ended) == 1
            assert len(targets) == (ended[0] < 2)
            assert backend.has_key(("source",)) is False


def refuse():
    raise InvalidKeyError("it was not there")


def at_once(*calls):
    """The numbers of the calls that do not raise InvalidKeyError, made by threads at the same moment."""
    barrier, ended = threading.Barrier(len(calls)), []

    def call(number):
        barrier.wait(60)
        with contextlib.suppress(InvalidKeyError):
            calls[number]()
            ended.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_what_was_removed_and_moved_leaves_no_object_where_a_server_deletes_by_etag(server, subject):
    with subject.place() as place:
        backend = subject.open(place)
        for key in (("removed",), ("moved",)):
            backend.set(key, "1")
        backend.remove_key(("removed",))
        backend.move(("moved",), ("target",))

        objects = [one["path"] for page in obstore.list(backend._requests.store) for one in page]
        left = sorted(path.partition("/")[0] for path in objects if not path.startswith("%2E"))
        assert left == (["moved", "removed", "target"] if server[0] == "azurite" else ["target"])
        assert sorted(backend.list_keys()) == sorted([STORE_BACKEND_ID_KEY, ("target",)])
        assert backend.get_all() == ["1"]
        backend.add(("removed",), "2")
        backend.set(("moved",), "3")
        assert sorted(backend.get_all()) == ["1", "2", "3"]


def test_conditional_requests_are_honoured_as_the_table_says(server):
    _, url, config = server
    client: Any = {"allow_http": True}
    given: Any = {name: value for name, value in config.items() if name != "allow_http"}
    store: Any = from_url(f"{url}/conditions", config=given, client_options=client)
    first: Any = obstore.put(store, "a", b"1", mode="create")
    with pytest.raises(AlreadyExistsError):
        obstore.put(store, "a", b"2", mode="create")
    second: Any = obstore.put(store, "a", b"2", mode={"e_tag": first["e_tag"]})
    with pytest.raises(PreconditionError):
        obstore.put(store, "a", b"3", mode={"e_tag": first["e_tag"]})
    assert bytes(obstore.get(store, "a").bytes()) == b"2"

    assert _deletion(store, first["e_tag"]) == 412
    assert bytes(obstore.get(store, "a").bytes()) == b"2"
    assert _deletion(store, second["e_tag"]) in (202, 204)
    with pytest.raises(FileNotFoundError):
        obstore.head(store, "a")


def _deletion(store, e_tag):
    """What a server answers to a request to delete the object if it has that ETag."""
    url = obstore.sign(store, "DELETE", "a", timedelta(minutes=5))
    request = urllib.request.Request(url, method="DELETE", headers={"If-Match": e_tag})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_many_values_are_read_at_once(server, subject):
    with subject.place() as place:
        backend = subject.open(place)
        for number in range(40):
            backend.set(("many", str(number)), str(number))
        backend.remove_key(("many", "0"))

        assert sorted(backend.get_all(), key=int) == [str(number) for number in range(1, 40)]


def test_a_bucket_that_is_not_there_is_told_without_its_credentials(server):
    _, url, config = server
    scheme = url.partition("://")[0]
    backend = ObjectStoreBackend(f"{scheme}://no-such-bucket", config, suppress_store_backend_id=True)

    with pytest.raises(StoreBackendError) as refused:
        backend.set(("a",), "1")
    assert "secret" not in str(refused.value)
    assert AZURE_KEY not in str(refused.value)
