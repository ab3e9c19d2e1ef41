"""Which Redis a URL or credentials mean: one server, one that sentinels name, or a cluster.

| URL                                                     | what it means                                            |
|---------------------------------------------------------|----------------------------------------------------------|
| `redis://user:password@host:port/database`              | one server                                               |
| `unix://user:password@/path?db=0`                       | one server, by a socket in the file system               |
| `redis+sentinel://user:password@host,host/service/0`    | the server that sentinels name as master of the service  |
| `redis+cluster://user:password@host:port,host:port`     | a cluster, some of whose servers are named               |

With `rediss` in place of `redis` all connections are encrypted; options of redis-py's follow after `?`.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

import attrs
from redis import connection as redis_connection
from redis.exceptions import RedisError

from spec_store.backends._secret import SecretURL, checked_url, revealed, with_real

Address: TypeAlias = tuple[str, int]
"""A host and a port; of a socket in the file system, its path and 0."""

OF_HOSTS = ("redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
SCHEMES = (*OF_HOSTS, "unix")
CREDENTIALS = ("host", "port", "username", "user", "password", "database", "scheme", "service")
CONNECTIONS = 50
"""How many connections a process has to a server at most, where `max_connections` says nothing else."""

SENTINEL_PORT = 26379

# Options of redis-py's that are about what is done here: how long is waited, what is repeated, how replies are read.
IGNORED = (
    "socket_timeout", "socket_connect_timeout", "socket_read_size", "retry_on_timeout", "retry_on_error",
    "health_check_interval", "decode_responses", "encoding", "encoding_errors", "protocol", "legacy_responses",
    "timeout",
)  # fmt: skip

_URL = re.compile(
    r"(?P<scheme>[a-z+]+)://(?P<user>[^/?#]*@)?(?P<hosts>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?.*)?", re.DOTALL
)
_HOSTS = re.compile(r"[\w.,:\[\]%-]+")


@attrs.frozen
class Target:
    """Where to connect, and how.

    Args:
        kind: "server", "sentinel" or "cluster".
        addresses: of the server, of the sentinels, or of servers of the cluster.
        options: of connections, as redis-py takes them.
        asking: the same of connections to sentinels.
        service: that the sentinels are asked for.
        most: how many connections a process has to a server.
    """

    kind: str
    addresses: tuple[Address, ...]
    options: dict[str, Any] = attrs.field(repr=False)
    asking: dict[str, Any] = attrs.field(repr=False)
    service: str
    most: int


def target_of(url: SecretURL) -> Target:
    """What a URL means.

    Raises:
        ValueError: it cannot be read; the message shows nothing of it.
    """
    found = _URL.fullmatch(revealed(url))
    if not found or found["scheme"] not in SCHEMES:
        raise ValueError(f"a URL of Redis begins with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    scheme, _, kind = found["scheme"].partition("+")
    service, database = _path(scheme, kind, found["path"])
    hosts = found["hosts"].split(",") if kind else [found["hosts"]]
    tail = (found["path"] if scheme == "unix" else f"/{database}") + (found["query"] or "")
    read = [_read(f"{scheme}://{found['user'] or ''}{host}{tail}") for host in hosts]
    options = read[0]
    addresses = tuple(_address(scheme, one, SENTINEL_PORT if kind == "sentinel" else 6379) for one in read)
    most = options.pop("max_connections", CONNECTIONS)
    for name in (*IGNORED, "host", "port", "path"):
        options.pop(name, None)
    asking = {name: value for name, value in options.items() if name not in ("username", "password", "db")}
    for name in ("username", "password"):
        if value := options.pop(f"sentinel_{name}", None):
            asking[name] = value
        asking.pop(f"sentinel_{name}", None)
    if not _known(options) or most < 1:
        raise ValueError(
            "the URL has an option after its '?' that redis-py's connections do not have, or a wrong value"
        )
    return Target(kind or "server", addresses, options, asking, service, most)


def _path(scheme: str, kind: str, path: str) -> tuple[str, str]:
    """The service and the database that the path of a URL names."""
    if scheme == "unix":
        return "", ""
    service, _, database = path.strip("/").partition("/") if kind == "sentinel" else ("", "", path.strip("/"))
    if kind == "sentinel" and not service:
        raise ValueError("a URL of sentinels names the service after the hosts: redis+sentinel://host,host/service/0")
    if database and not (database.isascii() and database.isdigit()):
        raise ValueError("what follows the host in a URL of Redis is the number of a database")
    if kind == "cluster" and database.strip("0"):
        raise ValueError("a cluster has one database, 0")
    return service, database


def _read(url: str) -> dict[str, Any]:
    options = _parsed(url)
    if options is None:  # raised here, where no error that shows the URL is at hand
        raise ValueError(
            "the URL of Redis cannot be read: it is scheme://user:password@host:port/database?option=value"
        )
    return options


def _parsed(url: str) -> dict[str, Any] | None:
    parse: Any = redis_connection.parse_url  # which has no annotations
    try:
        return dict(parse(url))
    except ValueError:
        return None


def _address(scheme: str, options: Mapping[str, Any], port: int) -> Address:
    if scheme == "unix":
        return options.get("path", ""), 0
    return options.get("host", "localhost"), options.get("port", port)


def _known(options: Mapping[str, Any]) -> bool:
    given = dict(options)
    connect: Any = given.pop("connection_class", redis_connection.Connection)
    try:
        connect(**given)  # which opens nothing yet
    except (TypeError, ValueError, RedisError):
        return False
    return True


def url_of(credentials: Mapping[str, Any]) -> SecretURL:
    """The URL that credentials given by parts come to.

    Args:
        credentials: `host` (of sentinels and clusters several, `host:port,host:port`), `port`, `username` or `user`,
            `password`, `database` (its number), `scheme` (`redis` by default), `service` (of sentinels).

    Raises:
        ValueError: one of them is not known or cannot be; the message shows nothing of them.
    """
    given = with_real(credentials)
    if not set(given) <= set(CREDENTIALS) or ("user" in given and "username" in given):
        raise ValueError(f"credentials of Redis have the names {', '.join(CREDENTIALS)}, user or username")
    if given.get("scheme", "redis") not in SCHEMES or given.get("scheme") == "unix":
        raise ValueError(
            "the scheme among the credentials is one of " + ", ".join(one for one in SCHEMES if one != "unix")
        )
    for name in ("port", "database"):
        if not re.fullmatch(r"[0-9]{0,5}", str(given.get(name) or "")):
            raise ValueError(f"the {name} among the credentials is a number")
    host = str(given.get("host") or "localhost")
    if not _HOSTS.fullmatch(host):
        raise ValueError("the host among the credentials is a name or an address")
    user, password = _quoted(given.get("user") or given.get("username")), _quoted(given.get("password"))
    login = f"{user}:{password}@" if user or password else ""
    port = f":{given['port']}" if given.get("port") else ""
    path = "/".join(_quoted(given[name]) for name in ("service", "database") if given.get(name))
    return checked_url(f"{given.get('scheme', 'redis')}://{login}{_bracketed(host)}{port}/{path}")


def _quoted(text: object) -> str:
    return quote(str(text or "").encode("utf-8", "surrogateescape"), "")


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
