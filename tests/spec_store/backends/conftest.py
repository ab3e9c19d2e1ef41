"""Databases for the tests of SQL: one in a file, and one on each server."""

import uuid

import pytest

from spec_store.backends import SQLStoreBackend
from tests.servers import MARIADB, POSTGRESQL, require

SERVERS = {"PostgreSQL": POSTGRESQL, "MariaDB": MARIADB}


@pytest.fixture(params=["SQLite", *SERVERS])
def url(request, tmp_path):
    """The URL of a database of each kind."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'db'}"
    require(request.param)
    return SERVERS[request.param]


@pytest.fixture
def backend(url):
    """A store of its own in a database of each kind."""
    with SQLStoreBackend(url, uuid.uuid4().hex, suppress_store_backend_id=True) as made:
        yield made
        for key in made.list_keys():
            made.remove_key(key)
