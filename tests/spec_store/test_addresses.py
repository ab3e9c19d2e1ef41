"""Addresses: what each leads to, what is none, and passwords, which are to be seen nowhere."""

import json

import pytest

from spec_store.addresses import Address, AddressError, opened, parsed
from spec_store.backends._secret import revealed
from tests.spec_store.shell import MARKER, refused, run

__all__ = ["run"]

ODD = f"{MARKER}/@#:?%&"
"""A password with what ends one in a URL."""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("store", Address("files", "store", options={"suffix": ".txt"})),
        ("store#.json", Address("files", "store", options={"suffix": ".json"})),
        ("/a/b c", Address("files", "/a/b c", options={"suffix": ".txt"})),
        ("gx:old", Address("gx", "old", options={"suffix": ".json"})),
        ("gx:/a/old#.yml", Address("gx", "/a/old", options={"suffix": ".yml"})),
        ("sqlite:///all.db", Address("sql", "sqlite:///all.db")),
        ("sqlite:////a/all.db#x y", Address("sql", "sqlite:////a/all.db", "x y")),
        ("sqlite:///all.db#x?table=T", Address("sql", "sqlite:///all.db", "x", {"table": "T"})),
        (
            "postgresql://h/d#?schema=s&table=T",
            Address("sql", "postgresql://h/d", options={"schema": "s", "table": "T"}),
        ),
        ("mysql+pymysql://u@h/d?ssl=1#a@b", Address("sql", "mysql+pymysql://u@h/d?ssl=1", "a@b")),
        ("redis://h:1/2#x?", Address("redis", "redis://h:1/2", "x?")),
        ("s3://b/p", Address("objects", "s3://b/p")),
        ("stores.old:make", Address("callable", "stores.old:make")),
    ],
)
def test_an_address_says_where_a_store_is(text, address):
    assert parsed(text) == address


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("store#json", "suffix"),
        ("store#.JSON", "suffix"),
        ("postgres://h/d", r"write postgresql\+psycopg://"),
        ("gcs://b", "write gs://"),
        ("redis:/host", "comes ://"),
        ("ftp://h", "no engine"),
        ("sqlite:///a.db#x?tabel=T", "takes table=... and schema=..."),
        ("sqlite:///a.db#x?table=", "takes table"),
        ("redis://h#x?table=T", "takes no options"),
    ],
)
def test_what_is_no_address_is_told_with_what_would_be(text, words):
    with pytest.raises(AddressError, match=words):
        parsed(text)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u:{}@h/d"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://:{}@h/d"),
        ("redis://h:1/0", "redis://:{}@h:1/0"),
        ("mysql+pymysql://u:@h/d", "mysql+pymysql://u:{}@h/d"),
        ("redis+sentinel://u@h1:1,h2:2/name", "redis+sentinel://u:{}@h1:1,h2:2/name"),
    ],
)
def test_a_password_is_put_into_the_url_as_it_is_written_there(url, whole):
    address = parsed(f"{url}#x", ODD)

    assert revealed(address.where) == whole.format(f"{MARKER}%2F%40%23%3A%3F%25%26")
    assert address.name == "x"
    assert ODD in address.secrets
    for shown in (str(address), repr(address), f"{address.where}", json.dumps(address.where)):
        assert MARKER not in shown


def test_a_password_in_an_address_is_known_as_it_is_and_as_it_is_written():
    assert set(parsed("redis://u:a%40b@h").secrets) == {"a%40b", "a@b"}
    assert parsed("redis://u@h").secrets == parsed("store").secrets == ()


@pytest.mark.parametrize("text", ["sqlite:///a.db", "s3://b", "store", "gx:store", "m:c"])
def test_a_password_for_what_takes_none_is_refused(text):
    with pytest.raises(AddressError, match="password"):
        parsed(text, MARKER)


def test_two_passwords_are_refused():
    with pytest.raises(AddressError, match="has a password already"):
        parsed("redis://u:other@h", MARKER)


def test_the_timeout_is_handed_on(tmp_path):
    assert opened(parsed(str(tmp_path)), 7.0).config["timeout"] == 7.0


# The marker, over the ways in which things go wrong

PASSWORDS = {
    "in the URL": lambda scheme, rest: ([f"{scheme}://u:{MARKER}@{rest}"], None),
    "unencoded": lambda scheme, rest: ([f"{scheme}://u:{ODD}@{rest}"], None),
    "unencoded, alone": lambda scheme, rest: ([f"{scheme}://:x#{MARKER}@{rest}"], None),
    "no scheme": lambda scheme, rest: ([f"{scheme}:u:{MARKER}@{rest}"], None),
    "one slash": lambda scheme, rest: ([f"{scheme}:/u:{MARKER}@{rest}"], None),
    "bad port": lambda scheme, rest: ([f"{scheme}://u:{MARKER}@127.0.0.1:port/x"], None),
    "in the query": lambda scheme, rest: ([f"{scheme}://u@{rest}?password={MARKER}"], None),
    "by a variable": lambda scheme, rest: ([f"{scheme}://u@{rest}"], ODD),
    "twice": lambda scheme, rest: ([f"{scheme}://u:{MARKER}@{rest}"], MARKER),
}


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql+pymysql", "redis", "s3", "nonsense", "nonsense+x"])
@pytest.mark.parametrize("command", ["source", "dest", "doctor"])
def test_a_password_is_in_nothing_that_is_printed(run, tmp_path, monkeypatch, command, scheme, password):
    if scheme == "s3" and password in ("in the URL", "in the query", "bad port"):
        pytest.skip("a bucket of that name is looked for where there are credentials")
    (tmp_path / "store").mkdir()
    addresses, variable = PASSWORDS[password](scheme, "127.0.0.1:1/x")
    option = "--password-env" if command == "doctor" else f"--{command}-password-env"
    monkeypatch.setenv("THE_PASSWORD", variable or "")
    stores = {"source": [*addresses, "other"], "dest": ["store", *addresses], "doctor": addresses}[command]
    name = "doctor" if command == "doctor" else "copy"
    done = run(name, *stores, "--timeout", "5", *([option, "THE_PASSWORD"] if variable else []))

    assert done.status in (1, 2)
    if name == "copy":
        refused(done)


@pytest.mark.parametrize(
    "arguments",
    [
        (f"redis://u:{MARKER}@h",),
        ("doctor", "x", f"redis://u:{MARKER}@h"),
        ("copy", "x", "y", f"redis://u:{MARKER}@h/#x"),
        ("copy", f"--timeout=redis://:{MARKER}@h", "x", "y"),
    ],
)
def test_a_password_in_a_wrong_place_of_the_command_is_not_printed(run, arguments):
    assert run(*arguments).status == 2


def test_a_password_is_read_from_a_file(run, tmp_path):
    (tmp_path / "password").write_text(f"{MARKER}\nof the server\n")
    done = run("doctor", "redis://127.0.0.1:1", "--password-file", "password")

    assert done.status == 1
    assert "redis://:***@127.0.0.1:1" in done.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--password-env", "NOT_SET"], "environment variable NOT_SET: it is not set, or empty"),
        (["--password-file", "nowhere"], "the file nowhere: No such file"),
        (["--password-file", "empty"], "the file empty: it is not set, or empty"),
        (["--password-file", "bytes"], "no text in UTF-8"),
        (["--password-file", "."], "Is a directory"),
    ],
)
def test_a_password_that_is_not_there_is_told(run, tmp_path, options, words):
    (tmp_path / "empty").write_text("")
    (tmp_path / "bytes").write_bytes(b"\xff")

    assert words in refused(run("doctor", "redis://127.0.0.1:1", *options))
