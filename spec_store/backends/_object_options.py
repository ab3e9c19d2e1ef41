"""How obstore opens a store by a URL and the options that a caller gives, in one mapping, for all that it takes."""

import importlib
import math
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from spec_store.backends._object_library import Library
from spec_store.backends._object_requests import reason_of, secrets_of
from spec_store.backends._secret import SecretURL, revealed, with_real

CLIENT_OPTIONS = frozenset(
    {
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "default_content_type",
        "default_headers",
        "http1_only",
        "http2_keep_alive_interval",
        "http2_keep_alive_timeout",
        "http2_keep_alive_while_idle",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "randomize_addresses",
        "read_timeout",
        "root_certificate",
        "timeout",
        "user_agent",
    }
)
"""What obstore takes as options of its HTTP client, not of the store."""

SWITCHES = frozenset({"allow_http", "allow_invalid_certificates", "http1_only", "http2_only", "randomize_addresses"})
"""Of these, those that are on or off; YAML and the environment may have them as text."""

RETRY_OPTIONS = frozenset({"backoff", "max_retries", "retry_timeout"})
"""What it takes as options of retrying; times in seconds, or as `timedelta`."""

REQUEST, RETRY, BACKOFF = 0.6, 0.3, 0.1
"""Shares of the timeout: the longest request, how long one that fails is sent again, the longest pause before that.

obstore looks at the time before it pauses and sends again, so the longest of all is the sum.
"""

S3_SCHEMES = ("s3", "s3a")
PREFIXES = {"s3": "AWS_", "s3a": "AWS_", "gs": "GOOGLE_"}
"""How the variables of the environment begin that have options; those of other schemes begin with AZURE_."""

REFRESHED = timedelta(minutes=5)
"""How long credentials of a profile are used before boto3 is asked again, which gets new ones in time."""

KEYS = ("access_key_id", "aws_access_key_id", "account_key", "azure_storage_account_key", "connection_string")
"""Options by which a request is signed without anything being asked for."""

CREDENTIALS = ("access_key_id", "aws_access_key_id", "skip_signature", "aws_skip_signature")


def scheme_of(url: str) -> str:
    """The scheme of a URL, in small letters."""
    return revealed(url).partition("://")[0].lower()


def opened(
    own: Library, url: SecretURL, config: Mapping[str, Any], timeout: float, headers: Mapping[str, str] | None = None
) -> Any:
    """What obstore opens.

    Args:
        own: obstore, as this process has it.
        url: as obstore reads it.
        config: the options, those that are secret as `Secret`.
        timeout: seconds that an operation may take; an option that says otherwise of a part of it wins.
        headers: what is sent with every request, besides.

    Raises:
        ImportError: the profile needs boto3, and it is not installed.
        ValueError: obstore cannot read the URL or the options.
    """
    try:
        store, client, retry = _parted(with_real(config), timeout, _environment(url))
        if headers is not None:
            client["default_headers"] = {**client.get("default_headers", {}), **headers}
        provider = _provider(url, store, timeout)
        named: dict[str, Any] = {"config": store or None}
        if provider is not None:
            named["credential_provider"] = provider
        if scheme_of(url) not in ("file", "memory"):
            named |= {"client_options": client, "retry_config": retry}
        return own.api.store.from_url(revealed(url), **named)
    except own.failures as error:
        reason = reason_of(error, secrets_of(config))
    raise ValueError(f"obstore cannot open {url} with such a config: {reason}")


def longest_of(url: SecretURL, config: Mapping[str, Any], timeout: float) -> float:
    """The seconds that a request may take by the client's own limits, sent again and all; `inf` where nobody knows.

    That is where an option says otherwise, and where credentials may have to be asked for before.
    """
    if scheme_of(url) in ("file", "memory"):
        return 0.0
    limits = {*RETRY_OPTIONS, "timeout"} & {*config, *_environment(url)}
    has_keys = any(config.get(name) for name in KEYS)
    if scheme_of(url) in S3_SCHEMES:
        has_keys = has_keys or bool(os.environ.get("AWS_ACCESS_KEY_ID"))
    return timeout if has_keys and not limits and "profile" not in config else math.inf


def host_of(url: SecretURL, config: Mapping[str, Any]) -> str:
    """The host and port that requests go to, as far as the options tell; "" for a directory and memory."""
    if scheme_of(url) in ("file", "memory"):
        return ""
    parts = _connection(config) if "connection_string" in config else {}
    endpoint = revealed(next((str(config[name]) for name in _ENDPOINTS if config.get(name)), ""))
    endpoint = endpoint or str(parts.get("endpoint", "")) or os.environ.get("AWS_ENDPOINT_URL_S3", "")
    endpoint = endpoint or os.environ.get("AWS_ENDPOINT", "") or os.environ.get("AWS_ENDPOINT_URL", "")
    return urlsplit(endpoint).netloc.rpartition("@")[2] or urlsplit(revealed(url)).netloc.rpartition("@")[2]


_ENDPOINTS = ("aws_endpoint_url_s3", "endpoint", "aws_endpoint", "endpoint_url", "aws_endpoint_url", "azure_endpoint")


def _parted(
    config: Mapping[str, Any], timeout: float, environment: Mapping[str, str]
) -> tuple[dict[str, Any], Any, Any]:
    """The options of the store, of the client and of retrying."""
    if "connection_string" in config:
        rest = {name: value for name, value in config.items() if name != "connection_string"}
        config = {**_connection(config), **rest}
    client: dict[str, Any] = {
        "timeout": timedelta(seconds=timeout * REQUEST),
        "connect_timeout": timedelta(seconds=min(5.0, timeout * REQUEST)),
        **environment,
    }
    pause = timedelta(seconds=timeout * BACKOFF)
    retry: dict[str, Any] = {
        "retry_timeout": timedelta(seconds=timeout * RETRY),
        "backoff": {"init_backoff": min(pause, timedelta(seconds=0.1)), "max_backoff": pause, "base": 2},
    }
    client.update({name: value for name, value in config.items() if name in CLIENT_OPTIONS})
    retry.update({name: _as_time(name, value) for name, value in config.items() if name in RETRY_OPTIONS})
    for name in SWITCHES & client.keys():
        if isinstance(client[name], str):
            client[name] = client[name].lower() in ("true", "1", "yes", "on")
    store = {name: value for name, value in config.items() if name not in CLIENT_OPTIONS | RETRY_OPTIONS}
    return store, client, retry


def _environment(url: str) -> dict[str, str]:
    """The client's options in the environment, which obstore reads only where it is given none."""
    prefix = PREFIXES.get(scheme_of(url), "AZURE_")
    return {name: os.environ[prefix + name.upper()] for name in CLIENT_OPTIONS if prefix + name.upper() in os.environ}


def _as_time(name: str, value: Any) -> Any:
    return timedelta(seconds=float(value)) if name == "retry_timeout" and not isinstance(value, timedelta) else value


def _provider(url: str, store: dict[str, Any], timeout: float) -> Any:
    """What gets credentials by a profile, roles and all, and gets them anew; None if obstore does it by itself.

    Takes `profile` out of the options.
    """
    profile = store.pop("profile", None)
    if scheme_of(url) not in S3_SCHEMES or (profile is None and not _profile_is_meant(store)):
        return None
    try:
        importlib.import_module("boto3")
        auth = importlib.import_module("obstore.auth.boto3")
        refused = importlib.import_module("botocore.exceptions").BotoCoreError
    except ModuleNotFoundError as error:
        raise ImportError("AWS profiles need boto3: install the extra, pip install 'spec-store[aws]'") from error
    region = next((store[name] for name in ("region", "aws_region") if name in store), None)
    try:
        provider = auth.Boto3CredentialProvider(_session(profile, region, timeout), ttl=REFRESHED)
    except (refused, ValueError) as error:
        name = profile or os.environ.get("AWS_PROFILE")
        reason = f"the AWS profile {name!r} gives no credentials: {type(error).__name__}: {error}"
    else:
        if region is not None:
            provider.config.pop("region", None)  # which would be said twice
        return provider
    raise ValueError(reason)


def _session(profile: str | None, region: str | None, timeout: float) -> Any:
    """A session of boto3's, which has no types, that waits no longer than the requests do."""
    session = importlib.import_module("botocore.session").Session(profile=profile)
    options = {"connect_timeout": timeout * RETRY, "read_timeout": timeout * RETRY, "retries": {"max_attempts": 0}}
    session.set_default_client_config(importlib.import_module("botocore.config").Config(**options))
    return importlib.import_module("boto3").Session(botocore_session=session, region_name=region)


def _profile_is_meant(store: Mapping[str, Any]) -> bool:
    """Whether AWS_PROFILE tells where the credentials are, and nothing before it does."""
    named = any(store.get(name) for name in CREDENTIALS) or os.environ.get("AWS_ACCESS_KEY_ID")
    return bool(os.environ.get("AWS_PROFILE")) and not named


def _connection(config: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are in a connection string of Azure's.

    Raises:
        ValueError: it is none.
    """
    text = revealed(config["connection_string"])
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    found = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if found.get("usedevelopmentstorage", "").lower() == "true":
        return {"use_emulator": "true", "allow_http": "true"}
    account, suffix = found.get("accountname", ""), found.get("endpointsuffix", "core.windows.net")
    protocol = found.get("defaultendpointsprotocol", "https")
    endpoint = found.get("blobendpoint", f"{protocol}://{account}.blob.{suffix}" if account else "")
    if not endpoint or not ("accountkey" in found or "sharedaccesssignature" in found):
        raise ValueError(
            "a connection string of Azure has AccountName or BlobEndpoint, and AccountKey or SharedAccessSignature"
        )
    parts = {
        "account_name": account or _account_of(endpoint),
        "account_key": found.get("accountkey"),
        "sas_key": found.get("sharedaccesssignature"),
        "endpoint": endpoint.rstrip("/"),
        "allow_http": "true" if endpoint.startswith("http://") else None,
    }
    return {name: value for name, value in parts.items() if value}


def _account_of(endpoint: str) -> str:
    """The account that a blob endpoint is of: the first label of its host, or its path on a server of one's own."""
    parts = urlsplit(endpoint)
    return parts.path.strip("/") or (parts.hostname or "").partition(".")[0]
