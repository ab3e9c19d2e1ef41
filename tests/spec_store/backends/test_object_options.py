"""What an object store is opened with: credentials from profiles and connection strings, encryption, a timeout."""

import copy
import json
import logging
import os
import pickle
import sys
import time
import traceback

import pytest

from spec_store import InvalidKeyError, StoreBackendError
from spec_store.backends import ObjectStoreBackend
from tests.servers import AZURE_KEY, free_port
from tests.spec_store.backends.recording import recording, silent_url

MARKER = "MARKER/secret+1"
LONGEST = 10.0
"""Seconds in which an operation with a timeout of one ends, on a busy machine too."""

A, B = ("a",), ("b",)

OPERATIONS = {
    "get": lambda backend: backend.get(A),
    "get_all": lambda backend: backend.get_all(),
    "has_key": lambda backend: backend.has_key(A),
    "list_keys": lambda backend: backend.list_keys(),
    "set": lambda backend: backend.set(A, "1"),
    "add": lambda backend: backend.add(A, "1"),
    "move": lambda backend: backend.move(A, B),
    "remove_key": lambda backend: backend.remove_key(A),
}


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch):
    for name in os.environ:
        if name.startswith(("AWS_", "AZURE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def server():
    with recording() as notes:
        yield notes


def s3(endpoint, **config):
    given = {"access_key_id": "AKID", "secret_access_key": MARKER, **config} if "profile" not in config else config
    return {"endpoint": endpoint, "region": "us-east-1", "allow_http": "true", **given}


def opened(config, url="s3://bucket/prefix", **options):
    return ObjectStoreBackend(url, config, suppress_store_backend_id=True, **options)


# Credentials


@pytest.fixture
def profiles(tmp_path, monkeypatch, server):
    """A file of profiles: one with keys, one with a role."""
    file = tmp_path / "credentials"
    file.write_text(
        "[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = work-secret\n"
        "[role]\nrole_arn = arn:aws:iam::123456789012:role/own\nsource_profile = work\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("profiles")
def test_a_profile_gives_the_credentials(server):
    opened(s3(server.url, profile="work")).set(A, "1")

    assert set(server.keys()) == {"WORKKEY"}


@pytest.mark.usefixtures("profiles")
def test_the_profile_of_the_environment_is_meant_where_no_credentials_are_given(server, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "work")
    config = s3(server.url)
    opened(config).set(A, "1")
    assert set(server.keys()) == {"AKID"}

    del config["access_key_id"], config["secret_access_key"]
    opened(config).set(A, "1")
    assert server.keys()[-1] == "WORKKEY"


@pytest.mark.usefixtures("profiles")
def test_a_role_is_assumed_with_a_token(server):
    opened(s3(server.url, profile="role")).set(A, "1")

    path, headers = server.of("PUT")[-1]
    assert "Credential=ROLEKEY1/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "role-token"
    assert path == "/bucket/prefix/a/value.txt"


@pytest.mark.usefixtures("profiles")
def test_a_role_whose_credentials_are_over_is_assumed_anew(server):
    server.expiry = "2020-01-01T00:00:00Z"
    backend = opened(s3(server.url, profile="role"))
    with pytest.raises(StoreBackendError, match="credentials"):
        backend.set(A, "1")
    server.expiry = "2099-01-01T00:00:00Z"
    backend.set(A, "1")

    assert server.keys()[-1] == f"ROLEKEY{server.roles}"
    assert server.roles > 1


@pytest.mark.usefixtures("profiles")
def test_a_role_that_nobody_gives_ends_in_its_time(server, monkeypatch):
    with silent_url() as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts)
        backend = opened(s3(server.url, profile="role"), timeout=1)
        begin = time.monotonic()
        with pytest.raises(StoreBackendError, match="timeout 1 s"):
            backend.set(A, "1")
        assert time.monotonic() - begin < LONGEST


@pytest.mark.usefixtures("profiles")
def test_a_profile_that_is_not_there_is_an_error_that_names_it(server):
    with pytest.raises(ValueError, match="the AWS profile 'none' gives no credentials"):
        opened(s3(server.url, profile="none"))


def test_a_profile_without_boto3_names_the_extra(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match=r"spec-store\[aws\]"):
        opened(s3(server.url, profile="work"))


def test_keys_of_kms_are_sent_with_what_is_stored(server):
    key = "arn:aws:kms:us-east-1:123456789012:key/own"
    backend = opened(
        s3(server.url, server_side_encryption="aws:kms", sse_kms_key_id=key, sse_bucket_key_enabled="true")
    )
    backend.set(A, "1")

    headers = server.of("PUT")[-1][1]
    assert headers["x-amz-server-side-encryption"] == "aws:kms"
    assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == key
    assert headers["x-amz-server-side-encryption-bucket-key-enabled"] == "true"
    assert backend.config["config"]["sse_kms_key_id"] == key


def test_a_connection_string_of_azure_gives_account_key_and_endpoint(server):
    string = f"DefaultEndpointsProtocol=http;AccountName=own;AccountKey={AZURE_KEY};BlobEndpoint={server.url}/own;"
    backend = opened({"connection_string": string}, "az://container/prefix")
    backend.set(A, "1")

    path, headers = server.of("PUT")[-1]
    assert path == "/own/container/prefix/a/value.txt"
    assert headers["authorization"].startswith("SharedKey own:")
    assert AZURE_KEY not in str(backend.config)


def test_a_connection_string_of_azure_gives_a_shared_access_signature(server):
    string = f"BlobEndpoint={server.url}/own;SharedAccessSignature=sv=2024&sig=MARKERsig%3D"
    opened({"connection_string": string}, "az://container/prefix").set(A, "1")

    path, headers = server.of("PUT")[-1]
    assert path.startswith("/own/container/prefix/a/value.txt?")
    assert "sig=MARKERsig%3D" in path
    assert "authorization" not in headers


@pytest.mark.parametrize("string", ["AccountName=own", "nothing", "AccountKey=MARKER", ""])
def test_a_connection_string_that_lacks_something_is_refused(string):
    with pytest.raises(ValueError, match="a connection string of Azure has") as refused:
        opened({"connection_string": string}, "az://container")
    assert "MARKER" not in str(refused.value)


# Time


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_ends_in_its_time_where_the_server_is_silent(operation):
    with silent_url() as endpoint:
        backend = opened(s3(endpoint), timeout=1)
        begin = time.monotonic()
        with pytest.raises(StoreBackendError) as late:
            OPERATIONS[operation](backend)
        assert time.monotonic() - begin < LONGEST
    assert f"(host {endpoint.removeprefix('http://')}, timeout 1 s)" in str(late.value)


def test_a_constructor_that_is_not_answered_waits_once_and_says_so_once(caplog):
    with silent_url() as endpoint:
        begin = time.monotonic()
        ObjectStoreBackend("s3://bucket", s3(endpoint), timeout=1)
        assert time.monotonic() - begin < LONGEST
    assert len(caplog.records) == 1
    assert "timeout 1 s" in caplog.text


def test_where_nobody_listens_an_operation_ends_in_its_time():
    backend = opened(s3(f"http://127.0.0.1:{free_port()}"), timeout=1)
    begin = time.monotonic()
    with pytest.raises(StoreBackendError, match="timeout 1 s"):
        backend.get(A)
    assert time.monotonic() - begin < LONGEST


def test_the_clients_own_options_win(server):
    config = s3(server.url, timeout="7s", max_retries=3, retry_timeout=2)
    store = opened(config, timeout=1)._requests.store
    assert store.client_options["timeout"] == "7s"
    assert store.retry_config["max_retries"] == 3
    assert store.retry_config["retry_timeout"].total_seconds() == 2
    assert opened(s3(server.url), timeout=10)._requests.store.retry_config["retry_timeout"].total_seconds() == 3


def test_options_of_the_client_are_taken_from_the_environment_where_they_are_left_out(server, monkeypatch):
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_TIMEOUT", "8s")
    config = s3(server.url)
    del config["allow_http"]
    backend = opened(config, timeout=1)
    backend.set(A, "1")
    assert backend._requests.store.client_options["timeout"] == "8s"
    assert opened({**config, "timeout": "9s"})._requests.store.client_options["timeout"] == "9s"

    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    with pytest.raises(StoreBackendError):
        opened(config, timeout=1).set(A, "1")


# Secrets


def everything(error):
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__) + repr(error.__context__)


BAD = {
    "refused": lambda url: s3(f"http://127.0.0.1:{free_port()}"),
    "bad host": lambda url: s3("http://no-such-host.invalid"),
    "no answer": lambda url: s3(url, timeout="100ms", max_retries=0),
    "a proxy": lambda url: s3(url, proxy_url=f"http://user:{MARKER.replace('/', '%2F')}@127.0.0.1:{free_port()}"),
    "headers": lambda url: s3(url, default_headers={"Authorization": MARKER}, timeout="100ms", max_retries=0),
    "a bad option": lambda url: s3(url, no_such_option=MARKER),
    "a bad time": lambda url: s3(url, timeout="soon"),
    "a bad key": lambda url: s3(url, sse_customer_key_base64=MARKER, server_side_encryption="sse-c"),
}


@pytest.mark.parametrize("bad", BAD)
def test_no_secret_is_in_what_is_raised_logged_and_shown(bad, caplog):
    caplog.set_level(logging.DEBUG)
    shown = []
    with silent_url() as url:
        config = BAD[bad](url)
        try:
            backend = ObjectStoreBackend("s3://bucket", config, timeout=0.3)
        except ValueError as error:
            shown.append(everything(error))
        else:
            shown += [repr(backend), str(backend.config), json.dumps(backend.config)]
            for operation in OPERATIONS.values():
                with pytest.raises((StoreBackendError, InvalidKeyError)) as failed:
                    operation(backend)
                shown.append(everything(failed.value))
    text = "".join(shown) + caplog.text
    assert "MARKER" not in text
    assert MARKER.partition("/")[2] not in text


def test_no_signature_of_azure_is_in_an_error():
    string = f"BlobEndpoint=http://127.0.0.1:{free_port()}/own;SharedAccessSignature=sv=2024&sig=MARKERsig%3D"
    backend = opened({"connection_string": string}, "az://container", timeout=0.5)
    for operation in OPERATIONS.values():
        with pytest.raises((StoreBackendError, InvalidKeyError)) as failed:
            operation(backend)
        assert "MARKER" not in everything(failed.value)


# Copies, layouts, many at once


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_what_is_in_memory_is_not_copied(copied):
    with pytest.raises(TypeError, match="cannot be pickled or copied: what it stores is in its own memory alone"):
        copied(ObjectStoreBackend("memory:///"))


def test_what_is_in_memory_is_there_after_the_context():
    with ObjectStoreBackend("memory:///") as backend:
        backend.set(A, "1")
    assert backend.get(A) == "1"


@pytest.mark.parametrize(("number", "told"), [("2", "layout 2"), ("17\n", "layout 17"), ("?", "layout 2")])
def test_a_store_of_a_later_version_is_refused(tmp_path, number, told):
    (tmp_path / "layout.txt").write_text(number)
    message = rf"written by a later version of spec-store \({told}; this one knows up to 1\): upgrade"
    with pytest.raises(StoreBackendError, match=message):
        ObjectStoreBackend(f"file://{tmp_path}")
    backend = ObjectStoreBackend(f"file://{tmp_path}", suppress_store_backend_id=True)
    for operation in OPERATIONS.values():
        with pytest.raises(StoreBackendError, match=message):
            operation(backend)


@pytest.mark.parametrize("content", [{}, {"layout.txt": "1"}])
def test_a_store_of_this_layout_opens(tmp_path, content):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    backend = opened(None, f"file://{tmp_path}")
    backend.set(A, "1")
    assert (backend.list_keys(), backend.get_all()) == ([A], ["1"])
