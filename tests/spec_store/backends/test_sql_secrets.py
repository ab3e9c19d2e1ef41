"""A database's password is in nothing that anybody sees, whatever goes wrong; tried with one that is easily found."""

import copy
import json
import logging
import pickle
import pprint
import traceback
import warnings

import pytest

from spec_store import StoreError
from spec_store.backends import SQLStoreBackend
from tests.servers import PORTS, require
from tests.spec_store.backends.slow_servers import silent

MARKER = "xyzzyPLUGH"
"""What is looked for. A password begins and ends with half of it each, so that parts of one are found too."""

PLAIN = MARKER + MARKER
PASSWORDS = {"plain": PLAIN} | {
    f"with {name}": f"{MARKER}{character}{MARKER}"
    for name, character in {
        "a slash": "/",
        "an at sign": "@",
        "a number sign": "#",
        "a colon": ":",
        "a question mark": "?",
        "a percent sign": "%",
        "a space": " ",
        "a bracket": "[",
        "a line end": "\n",
        "slash and at sign": "/x@",
        "at sign and slash": "@x/",
        "backslash and quote": "\\'",
        "an ampersand": "&a=",
    }.items()
}

DRIVERS = {"PostgreSQL": "postgresql+psycopg", "MariaDB": "mysql+pymysql"}
TIMEOUT = 0.3


class Seen:
    """All that a program which uses a store could show."""

    def __init__(self):
        self.texts: list[str] = []

    def run(self, open_it):
        """Open a store, use it, look at it, and note what is said."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                backend = open_it()
            except Exception as error:
                self.note(error)
                backend = None
            else:
                self.look(backend)
        self.texts += [str(one.message) for one in warned]
        return backend

    def look(self, backend):
        """What a store shows of itself, and what its operations raise."""
        config = backend.config
        self.texts += [repr(backend), repr(config), str(config), json.dumps(config), str(pickle.dumps(config))]
        self.texts += [pprint.pformat(config), *(f"{value}" for value in config.values())]
        for operation in (lambda: backend.get(("a",)), lambda: backend.set(("a",), "1"), backend.list_keys):
            try:
                operation()
            except StoreError as error:
                self.note(error)
        backend.close()

    def note(self, error):
        """An error and all that hangs on it."""
        self.texts += traceback.format_exception(error)
        seen: set[int] = set()
        waiting: list[BaseException | None] = [error]
        while waiting:
            one = waiting.pop()
            if one is not None and id(one) not in seen:
                seen.add(id(one))
                self.texts += [str(one), repr(one), str(one.args), *getattr(one, "__notes__", ())]
                waiting += [one.__cause__, one.__context__]


@pytest.fixture
def seen(caplog):
    """What was shown; in the end, the marker is in none of it."""
    noted = Seen()
    with caplog.at_level(logging.DEBUG):
        for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "psycopg", "psycopg.pool"):
            caplog.set_level(logging.DEBUG, logger=name)
        yield noted
    noted.texts.append(caplog.text)
    noted.texts += [repr(one.__dict__) for one in caplog.records]
    assert len(noted.texts) > 2
    assert [text for text in noted.texts if MARKER in text] == []


def troubles(port):
    """URLs that do not work, by what is wrong with them, with `{password}` in them."""
    return {
        "bad host": "{driver}://u:{password}@no-such-host.invalid/test",
        "bad password": "{driver}://spec-store-nobody:{password}@127.0.0.1:{real}/test",
        "bad database": "{driver}://spec-store-nobody:{password}@127.0.0.1:{real}/spec-store-none",
        "bad scheme": "nonsense://u:{password}@127.0.0.1:{real}/test",
        "bad driver": "{driver}nonsense://u:{password}@127.0.0.1:{real}/test",
        "asynchronous driver": "postgresql+asyncpg://u:{password}@127.0.0.1:{real}/test",
        "no scheme": "u:{password}@127.0.0.1:{real}/test",
        "port that is no number": "{driver}://u:{password}@127.0.0.1:port/test",
        "port out of range": "{driver}://u:{password}@127.0.0.1:99999/test",
        "refused": "{driver}://u:{password}@127.0.0.1:1/test",
        "timeout": f"{{driver}}://u:{{password}}@127.0.0.1:{port}/test",
        "unknown option": "{driver}://u:{password}@127.0.0.1:{real}/test?nonsense={password}",
        "password as an option": "{driver}://u@127.0.0.1:1/test?password={password}",
        "password as the user": "{driver}://:{password}@127.0.0.1:1/test",
    }


BY_ALL = ("no scheme", "bad scheme", "refused", "password as an option")
"""What every password is tried with. For the others the text of the URL is the same, so that two will do."""

TRIED = [
    (trouble, password)
    for trouble in troubles(0)
    for password in PASSWORDS
    if trouble in BY_ALL or password in ("plain", "with a colon")
]


@pytest.mark.parametrize(("trouble", "password"), TRIED)
@pytest.mark.parametrize("server", DRIVERS)
def test_a_password_in_a_url_is_never_shown_encoded_or_not(server, trouble, password, seen):
    require(server)
    with silent() as port:
        shape = troubles(port)[trouble]
        url = shape.format(driver=DRIVERS[server], password=PASSWORDS[password], real=PORTS[server])
        seen.run(lambda: SQLStoreBackend(url, timeout=TIMEOUT))


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("server", DRIVERS)
def test_a_password_among_credentials_is_never_shown_and_needs_no_encoding(server, password, seen):
    real = PASSWORDS[password]
    given = {"drivername": DRIVERS[server], "host": "127.0.0.1", "port": 1, "user": "u", "password": real}

    backend = seen.run(lambda: SQLStoreBackend(credentials=given, timeout=TIMEOUT))

    assert backend._address.url.password == real
    assert pickle.loads(pickle.dumps(backend))._address == copy.deepcopy(backend)._address == backend._address
    assert backend.config["credentials"]["password"] == real
    assert str(backend.config["credentials"]["password"]) == "***"
    arguments = {name: value for name, value in backend.config.items() if name not in ("class_name", "module_name")}
    assert SQLStoreBackend(**arguments).config == backend.config


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": "x"},
        {"port": PLAIN},
        {"drivername": "nonsense"},
        {"drivername": None},
        {"nonsense": "1"},
        {"username": "v"},
        {"query": [PLAIN]},
        {"query": {"password": PLAIN, "nonsense": "1"}},
        {"host": "no-such-host.invalid"},
        {"host": 5.5},
        {"database": 1.5},
        {"password": "***"},
        {"password": [PLAIN]},
    ],
    ids=str,
)
@pytest.mark.parametrize("server", DRIVERS)
def test_credentials_that_are_wrong_are_refused_or_fail_without_showing_the_password(server, wrong, seen):
    given = {"drivername": DRIVERS[server], "host": "127.0.0.1", "port": 1, "user": "u", "password": PLAIN}
    seen.run(lambda: SQLStoreBackend(credentials={**given, **wrong}, timeout=TIMEOUT))
    assert (
        "StoreBackendError" in "".join(seen.texts)
        or "Error" in seen.texts[-1]
        or any("Error" in text for text in seen.texts)
    )


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{place}/none/db?password={password}",
        "sqlite:///{place}/db?uri=true&password={password}",
        "sqlite://u:{password}@host/{place}/db",
        "sqlite+nonsense://u:{password}@/{place}/db",
        "sqlite:///:memory:?password={password}",
    ],
)
def test_a_password_in_the_url_of_sqlite_is_never_shown(url, tmp_path, seen):
    seen.run(lambda: SQLStoreBackend(url.format(place=tmp_path, password=PLAIN), timeout=TIMEOUT))


def test_a_password_that_a_driver_puts_into_its_error_is_taken_out_of_it(tmp_path, seen, monkeypatch):
    url = f"postgresql+psycopg://u:{PLAIN}@127.0.0.1:1/test"

    def connect(*_arguments, **options):
        raise RuntimeError(f"cannot connect with {options}")

    def open_it():
        backend = SQLStoreBackend(url, suppress_store_backend_id=True)
        monkeypatch.setattr(type(backend._database().driver.dialect), "connect", connect)
        return backend

    seen.run(open_it)
    assert any("cannot connect with" in text for text in seen.texts)


@pytest.mark.parametrize("given", [{}, {"url": "sqlite://", "credentials": {"drivername": "sqlite"}}])
def test_a_database_is_given_by_its_url_or_by_credentials(given):
    with pytest.raises(ValueError, match="one of the two"):
        SQLStoreBackend(**given)


def test_credentials_lead_where_the_url_does(tmp_path):
    by_url = SQLStoreBackend(f"sqlite:///{tmp_path / 'db'}")
    by_parts = SQLStoreBackend(credentials={"drivername": "sqlite", "database": str(tmp_path / "db")})
    by_url.set(("a",), "1")

    assert by_parts.get(("a",)) == "1"
    assert by_parts.store_backend_id == by_url.store_backend_id


def test_credentials_reach_a_server():
    require("PostgreSQL")
    where = {"drivername": "postgresql+psycopg", "host": "127.0.0.1", "port": "5432", "database": "test"}
    given = {**where, "username": "postgres", "password": 12345, "query": {"application_name": "spec-store"}}
    with SQLStoreBackend(credentials=given, name="by-parts") as backend:
        backend.set(("a",), "1")
        assert backend.get(("a",)) == "1"
        assert backend.config["credentials"]["password"] == "12345"
        assert "12345" not in repr(backend.config)
