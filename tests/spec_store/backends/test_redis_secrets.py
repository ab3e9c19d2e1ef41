"""Redis's passwords: by URL or by parts, right or wrong, and shown nowhere."""

import importlib
import json
import logging
import traceback
from typing import Any
from urllib.parse import quote

import pytest

from spec_store import StoreBackendError
from spec_store.backends import RedisStoreBackend
from spec_store.backends._redis_target import target_of, url_of
from spec_store.backends._secret import checked_url, revealed
from tests.redis_servers import redis_server, talking
from tests.servers import free_port
from tests.spec_store.backends.slow_servers import silent

try:
    YAML_DUMP: Any = importlib.import_module("yaml").dump
except ModuleNotFoundError:
    YAML_DUMP = None

MARKER = "hunter2Zq"
HARD = f"{MARKER}/@#?:%& é'\"{MARKER}"
"""A password with every character that means something in a URL."""

REFUSED_URLS = {
    "scheme": f"reddis://user:{MARKER}@127.0.0.1:6379/0",
    "no scheme": f"user:{MARKER}@127.0.0.1:6379/0",
    "scheme of another engine": f"postgresql://user:{MARKER}@127.0.0.1/db",
    "port": f"redis://user:{MARKER}@127.0.0.1:{MARKER}/0",
    "port, too large": f"redis://user:{MARKER}@127.0.0.1:99999/0",
    "host left out": f"redis://:{MARKER}",
    "host in brackets": f"redis://user:{MARKER}@[{MARKER}/0",
    "database": f"redis://user:{MARKER}@127.0.0.1:6379/{MARKER}",
    "option": f"redis://user:{MARKER}@127.0.0.1:6379/0?{MARKER}={MARKER}",
    "option's value": f"redis://user:{MARKER}@127.0.0.1:6379/0?db={MARKER}",
    "options of TLS": f"rediss://user:{MARKER}@127.0.0.1:6379/0?ssl_cert_reqs={MARKER}",
    "connections": f"redis://user:{MARKER}@127.0.0.1:6379/0?max_connections=0",
    "service left out": f"redis+sentinel://user:{MARKER}@127.0.0.1",
    "database of a cluster": f"redis+cluster://user:{MARKER}@127.0.0.1/1",
    "masked": "redis://user:***@127.0.0.1:6379/0",
    **{
        f"not encoded, {user}{character}": f"redis://{user}:{MARKER}{character}{MARKER}@127.0.0.1:6379/0"
        for character in "/@#?"
        for user in ("", "user")
    },
}

REFUSED_CREDENTIALS = {
    "scheme": {"scheme": MARKER},
    "port": {"port": MARKER},
    "database": {"database": MARKER},
    "host": {"host": f"user:{MARKER}@host"},
    "name": {MARKER: MARKER},
    "both names of a user": {"user": "a", "username": "a"},
    "service left out": {"scheme": "redis+sentinel"},
    "masked": {"password": "***"},
}


@pytest.fixture
def shown(capfd, caplog):
    """Everything that was printed and logged, the errors and backends given with all that they show."""
    caplog.set_level(logging.DEBUG)

    def told(error=None, backend=None):
        out, err = capfd.readouterr()
        texts = [out, err, caplog.text]
        if error is not None:
            texts += traceback.format_exception(error)
        while error is not None:
            texts += [str(error), repr(error), repr(error.args), *getattr(error, "__notes__", ())]
            error = error.__cause__ or error.__context__
        if backend is not None:
            config = backend.config
            texts += [repr(backend), str(backend), repr(config), json.dumps(config)]
            texts += [YAML_DUMP(config)] if YAML_DUMP else []
            texts += [str(value) for value in config.values()]
            texts.append(repr(vars(backend)))
        return "\n".join(texts)

    return told


@pytest.mark.parametrize("url", REFUSED_URLS.values(), ids=REFUSED_URLS)
def test_a_url_that_cannot_be_read_is_refused_without_a_word_of_it(url, shown):
    with pytest.raises(ValueError) as refused:
        RedisStoreBackend(url)
    assert MARKER not in shown(refused.value)


@pytest.mark.parametrize("credentials", REFUSED_CREDENTIALS.values(), ids=REFUSED_CREDENTIALS)
def test_credentials_that_cannot_be_read_are_refused_without_a_word_of_them(credentials, shown):
    with pytest.raises(ValueError) as refused:
        RedisStoreBackend(credentials={"host": "127.0.0.1", "password": MARKER, **credentials})
    assert MARKER not in shown(refused.value)


def failing(given, shown):
    """What a store whose server does not take it shows."""
    backend = RedisStoreBackend(**given, timeout=2)
    with pytest.raises(StoreBackendError) as failed:
        backend.set(("a",), "1")
    assert "\n" not in str(failed.value)
    return shown(failed.value, backend)


def both(host, port, user="user"):
    """A URL and the same by parts."""
    by_parts = {"host": host, "port": port, "user": user, "password": HARD}
    return [{"url": f"redis://{user}:{quote(HARD, '')}@{host}:{port}/0"}, {"credentials": by_parts}]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70, "127.0.0.1"])
def test_a_server_that_cannot_be_reached_is_named_without_the_password(host, shown):
    for given in both(host, free_port()):
        assert MARKER not in failing(given, shown)


def test_a_server_that_says_nothing_is_named_without_the_password(shown):
    with silent() as port:
        for given in both("127.0.0.1", port):
            assert MARKER not in failing(given, shown)


@pytest.mark.parametrize("user", ["user", ""])
def test_a_password_that_is_wrong_is_not_shown(user, shown):
    with redis_server("--requirepass", "another") as server:
        for given in both("127.0.0.1", server.port, user):
            assert MARKER not in failing(given, shown)


def test_a_server_that_has_another_name_for_auth_shows_no_password(shown):
    with redis_server(config="rename-command AUTH LOGIN\n") as server:  # it repeats what it does not know
        for given in both("127.0.0.1", server.port):
            assert MARKER not in failing(given, shown)


@pytest.mark.parametrize("begin", [b"-ERR you said ", b"$", b"*", b":", b"!", b"-", b"+"])
def test_a_server_that_repeats_what_it_was_told_shows_no_password(begin, shown):
    def repeat(connection, received):
        connection.sendall(begin + received.replace(b"\r\n", b" ") + b"\r\n")

    with talking(repeat) as port:
        for given in both("127.0.0.1", port):
            assert MARKER not in failing(given, shown)


@pytest.mark.parametrize("kind", ["redis+sentinel", "redis+cluster"])
def test_sentinels_and_clusters_that_cannot_be_reached_show_no_password(kind, shown):
    path = f"/service/0?sentinel_password={MARKER}" if "sentinel" in kind else ""
    host = f"127.0.0.1:{free_port()},127.0.0.1:{free_port()}"
    assert MARKER not in failing({"url": f"{kind}://user:{MARKER}@{host}{path}"}, shown)
    by_parts = {"scheme": kind, "host": host, "service": "service", "password": MARKER}
    by_parts = {name: value for name, value in by_parts.items() if name != "service" or "sentinel" in kind}
    assert MARKER not in failing({"credentials": by_parts}, shown)


@pytest.mark.parametrize("user", ["user", ""])
def test_the_right_password_opens_and_is_kept_but_not_shown(user, shown):
    with redis_server() as server:
        with server.client() as client:
            client.acl_setuser(user or "default", enabled=True, passwords=[f"+{HARD}"], keys="*", commands=["+@all"])
            if not user:
                client.execute_command("ACL", "SETUSER", "default", "resetpass", f">{HARD}")
        for given in both("127.0.0.1", server.port, user):
            with RedisStoreBackend(**given) as backend:
                backend.set(("a",), "1")
                assert backend.get(("a",)) == "1"
            assert MARKER not in shown(None, backend)
            arguments = backend.config
            del arguments["class_name"], arguments["module_name"]
            assert RedisStoreBackend(**arguments).get(("a",)) == "1"
            with pytest.raises(ValueError, match="give that"):
                RedisStoreBackend(**json.loads(json.dumps(arguments)))


def test_either_a_url_or_credentials_are_given():
    neither: dict[str, Any] = {}
    for given in (neither, {"url": "redis://127.0.0.1", "credentials": {"host": "127.0.0.1"}}):
        with pytest.raises(ValueError, match="one of both"):
            RedisStoreBackend(**given)


@pytest.mark.parametrize(
    ("credentials", "url"),
    [
        ({"host": "h"}, "redis://h/"),
        ({"host": "h", "port": 1, "database": 2}, "redis://h:1/2"),
        ({"host": "h", "port": "1", "database": "2", "user": "u"}, "redis://u:@h:1/2"),
        ({"host": "::1", "username": "u", "password": "p@/"}, "redis://u:p%40%2F@[::1]/"),
        ({"host": "a:1,b", "scheme": "rediss+sentinel", "service": "s"}, "rediss+sentinel://a:1,b/s"),
        ({"host": "a:1,b:2", "scheme": "redis+cluster"}, "redis+cluster://a:1,b:2/"),
    ],
)
def test_credentials_come_to_a_url(credentials, url):
    assert revealed(url_of(credentials)) == url


@pytest.mark.parametrize(
    ("url", "addresses", "options"),
    [
        ("redis://", (("localhost", 6379),), {}),
        ("redis://u:p%40@h:1/2", (("h", 1),), {"username": "u", "password": "p@", "db": 2}),
        ("redis://h?db=3&socket_timeout=9", (("h", 6379),), {"db": 3}),
        ("redis://[::1]:2", (("::1", 2),), {}),
        ("unix://:p@/run/redis.sock?db=1", (("/run/redis.sock", 0),), {"password": "p", "db": 1}),
        ("redis+sentinel://:p@a,b:3/service/4", (("a", 26379), ("b", 3)), {"password": "p", "db": 4}),
        ("redis+cluster://a,b:3/0?client_name=x", (("a", 6379), ("b", 3)), {"client_name": "x"}),
    ],
)
def test_a_url_means_servers_and_options(url, addresses, options):
    target = target_of(checked_url(url))
    found = {name: value for name, value in target.options.items() if name != "connection_class"}
    assert target.addresses == addresses
    assert {name: value for name, value in found.items() if value or name != "db"} == options


def test_sentinels_have_credentials_of_their_own():
    target = target_of(checked_url("redis+sentinel://u:p@a/s/1?sentinel_username=v&sentinel_password=q"))
    assert target.service == "s"
    assert (target.options["username"], target.options["password"], target.options["db"]) == ("u", "p", 1)
    assert target.asking == {"username": "v", "password": "q"}
