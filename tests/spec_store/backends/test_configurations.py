"""Engines that are configured: what config tells, what must not be told, and what is refused."""

import json
import logging
import subprocess
import sys

import pytest

from spec_store import StoreBackendError, backends
from spec_store.backends import FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend

SECRET = "hunter2"


UNREACHABLE = {
    "PostgreSQL": (SQLStoreBackend, f"postgresql+psycopg://u:{SECRET}@127.0.0.1:1/db?password={SECRET}"),
    "MariaDB": (SQLStoreBackend, f"mysql+pymysql://u:{SECRET}@127.0.0.1:1/db"),
    "Redis": (RedisStoreBackend, f"redis://u:{SECRET}@127.0.0.1:1/0"),
}
"""Backends whose servers are not there, with a password each."""


@pytest.mark.parametrize(("cls", "url"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_password_is_shown_nowhere_but_kept_for_building_the_like(cls, url, caplog):
    with caplog.at_level(logging.DEBUG):
        backend = cls(url)
        with pytest.raises(StoreBackendError) as refused:
            backend.get(("a",))

    chain = []
    error: BaseException | None = refused.value
    while error is not None:
        chain.append(f"{error} {error!r}")
        error = error.__cause__ or error.__context__
    config = backend.config
    for text in (repr(backend), repr(config), str(config["url"]), json.dumps(config), caplog.text, *chain):
        assert SECRET not in text
    arguments = {name: value for name, value in config.items() if name not in ("class_name", "module_name")}
    assert cls(**arguments).config["url"] == url


def test_the_secrets_of_an_object_stores_config_are_not_in_its_repr():
    backend = ObjectStoreBackend("memory:///")
    backend._config = {"secret_access_key": SECRET}

    assert SECRET not in repr(backend)


@pytest.mark.parametrize("url", ["", "nonsense", 5])
def test_a_url_that_sqlalchemy_cannot_read_is_refused(url):
    with pytest.raises((ValueError, TypeError)):
        SQLStoreBackend(url)


@pytest.mark.parametrize("url", ["nonsense://x", "file:///no/such/directory", "s3://"])
def test_a_url_that_obstore_cannot_read_is_refused(url):
    with pytest.raises(ValueError, match="obstore cannot open"):
        ObjectStoreBackend(url)


def test_an_option_that_obstore_does_not_know_is_refused():
    with pytest.raises(ValueError, match="nonsense"):
        ObjectStoreBackend("s3://bucket", {"nonsense": "1"})


def test_the_name_of_a_store_is_limited():
    with pytest.raises(ValueError, match="200 bytes"):
        SQLStoreBackend("sqlite://", "n" * 201)


def test_stores_in_one_database_are_told_apart_by_their_names(tmp_path):
    url = f"sqlite:///{tmp_path}/db"
    one, other = SQLStoreBackend(url, "one"), SQLStoreBackend(url, "ONE")
    one.set(("a",), "1")

    assert other.has_key(("a",)) is False
    assert one.store_backend_id != other.store_backend_id


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("SQLStoreBackend", "sqlalchemy", "sql"),
        ("ObjectStoreBackend", "obstore", "objects"),
        ("RedisStoreBackend", "redis", "redis"),
    ],
)
def test_without_its_library_an_engine_names_the_extra(name, module, extra):
    program = f"""
import sys
sys.modules[{module!r}] = None
try:
    from spec_store.backends import {name}
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert f"spec-store[{extra}]" in done.stdout


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)

    with pytest.raises(ImportError, match="mariadb"):
        SQLStoreBackend("mysql+pymysql://root@127.0.0.1/test")


def test_every_engine_is_in_the_package():
    assert set(backends.__all__) == {
        cls.__name__ for cls in (FilesystemStoreBackend, ObjectStoreBackend, RedisStoreBackend, SQLStoreBackend)
    }
    assert not hasattr(backends, "NoSuchBackend")
