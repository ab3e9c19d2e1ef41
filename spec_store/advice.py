"""What to do about an error, in plain words; errors are known by what servers, drivers and the system say."""

import re

_ADVICE: dict[str, tuple[str, ...]] = {
    "upgrade: pip install --upgrade spec-store": ("later version of spec-store",),
    "write postgresql+psycopg:// and install the extra: pip install 'spec-store[postgresql]'": ("needs psycopg2",),
    "write mysql+pymysql:// and install the extra: pip install 'spec-store[mariadb]'": ("needs MySQLdb",),
    "install what it names, with the Python that runs spec-store": ("install the extra", "No module named"),
    "the user or the password is wrong, or missing: give the password by the option for a variable or a file": (
        "WRONGPASS",
        "NOAUTH",
        "invalid username-password",
        "called without any password",
        r"Access denied for user .*\(using password",
        "password authentication failed",
        "no password supplied",
        r"\b1045\b",
        'role "[^"]*" does not exist',
        "Authentication required",
    ),
    "create the database first, or correct its name in the URL; spec-store makes its table itself": (
        'database "[^"]*" does not exist',
        "Unknown database",
        r"\b1049\b",
    ),
    "create the schema first, or correct its name after #NAME?schema=": ("no such schema", 'schema "[^"]*" does not'),
    "this Redis has no database of that number: correct the number after the host": (
        "DB index is out of range",
        "invalid DB index",
    ),
    "no credentials were found: set those of the object store in the environment, such as AWS_ACCESS_KEY_ID": (
        r"169\.254\.169\.254",
        "[Nn]o credential",
        "Missing (?:Access|Secret)Key",
        "Could not find a (?:storage )?credential",
    ),
    "the user lacks a right: let an administrator grant it to read, write and remove, and to create the table": (
        "NOPERM",
        "permission denied for",
        "command denied to user",
        "Access denied for user",
        r"\b114[24]\b",
        "AccessDenied",
        "AuthorizationPermissionMismatch",
        r"\b403\b",
    ),
    "this is a replica that is only read: give the primary": ("READONLY", "read-only transaction", "hot standby"),
    "Redis refuses writes: see its log about the disk or maxmemory": ("MISCONF", "OOM command"),
    "the server is starting: try again in a moment": ("LOADING", "starting up", "recovery mode"),
    "the server has no connection left: end some, or let it have more": (
        "too many clients",
        "[Tt]oo many connections",
        "max number of clients",
    ),
    "create the bucket first, or correct its name": ("NoSuchBucket", "ContainerNotFound", "bucket does not exist"),
    "the object store does not take the credentials in the environment: correct or renew them": (
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "AuthenticationFailed",
        r"\b401\b",
    ),
    "nobody knows that host name: see whether it is spelt right, and can be reached from here": (
        "could not translate host name",
        "failed to resolve host",
        "Name or service not known",
        "getaddrinfo",
        "nodename nor servname",
        "name resolution",
        "No address associated",
        "dns error",
        "failed to lookup address",
    ),
    "nothing listens there: see whether the server runs, and whether host and port are right": (
        "[Cc]onnection refused",
        "actively refused",
    ),
    "it does not answer in time: see host and port, a firewall between, how busy it is; --timeout gives it longer": (
        "timed? ?out",
        "[Tt]imeout",
        "did not answer",
    ),
    "there is no way to that host from here: see the network, a VPN, the address": (
        "No route to host",
        "Network is unreachable",
    ),
    "what answers there ends the connection: see whether it is a server of that kind, and its log": (
        "server closed the connection",
        "Connection reset",
        "Lost connection",
        "Broken pipe",
        "Connection closed",
        "received invalid response",
        "Protocol Error",
        "InvalidResponse",
    ),
    "the two do not agree on encryption: see the certificates, and the options for SSL in the URL": (
        "certificate",
        r"\bSSL",
        r"\bTLS",
    ),
    "that file is no SQLite database, or is damaged": ("not a database", "disk image is malformed"),
    "another program holds the database: end it, or try again": ("database is locked",),
    "this user may not do that there: see the owner and the rights (ls -ld)": ("Permission denied",),
    "it cannot be written or opened: see whether its directory exists, and whether this user may write there": (
        "[Rr]ead-only file system",
        "readonly database",
        "unable to open database file",
    ),
    "the disk is full: make room": ("No space left", "disk is full", "Disk quota"),
    "correct the path; what is new is made by its first write": (
        "(?<!SOURCE: )there is no (?:directory|database file) (?!.*: make it)",
    ),
}
"""What to do, and by which texts it is known that this is it; the first that fits is right."""


def advice_on(error: str) -> str:
    """What to do about an error, by its text; "" where nothing is known."""
    return next((words for words, texts in _ADVICE.items() if re.search("|".join(texts), error)), "")
