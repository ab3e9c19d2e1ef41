"""Passwords: shown nowhere, and there for whoever opens a connection."""

import copy
import json
import pickle

import pytest

from spec_store.backends._secret import (
    Secret,
    SecretURL,
    checked_url,
    revealed,
    with_real,
    with_secrets,
    without_secrets,
)

URLS = {
    "redis://user:hunter2@host:1/0": "redis://user:***@host:1/0",
    "redis://:hunter2@host": "redis://:***@host",
    "postgresql+psycopg://u:hunter2@host/db?password=hunter2": "postgresql+psycopg://u:***@host/db?***",
    "mysql://u:hun:ter2@host/db": "mysql://u:***@host/db",
    "mysql://u:hun%40ter2@host/db": "mysql://u:***@host/db",
    "s3://bucket/a@b": "s3://bucket/a@b",
    "unix:///run/redis@1.sock": "unix:///run/redis@1.sock",
    "sqlite:///C:/a@b": "sqlite:///C:/a@b",
    "no url": "no url",
}


@pytest.mark.parametrize(("url", "shown"), URLS.items())
def test_a_url_is_shown_without_its_password_and_revealed_with_it(url, shown):
    secret = checked_url(url)
    for text in (str(secret), f"{secret}", "%s" % secret, repr(secret)[1:-1], json.loads(json.dumps(secret))):  # noqa: UP031
        assert text == shown
    assert "hunter2" not in repr(pickle.dumps(secret))
    assert revealed(secret) == revealed(copy.deepcopy(secret)) == url


@pytest.mark.parametrize("character", "@/?#")
def test_a_password_that_ends_early_in_its_url_is_refused_and_not_shown(character):
    url = f"redis://user:abcdef{character}ghijkl@host/0"
    with pytest.raises(ValueError, match="password") as refused:
        checked_url(url)
    assert "abcdef" not in str(refused.value)
    assert "ghijkl" not in str(refused.value)
    assert "abcdef" not in SecretURL(url)
    assert "ghijkl" not in SecretURL(url)


def test_what_stands_for_a_password_is_not_taken_for_one():
    with pytest.raises(ValueError, match="give that"):
        checked_url(str(SecretURL("redis://u:hunter2@host")))
    with pytest.raises(ValueError, match="give that"):
        with_real(json.loads(json.dumps(with_secrets({"password": "hunter2"}))))


def test_a_secret_is_equal_to_what_it_hides_and_to_nothing_else():
    assert Secret("a") == Secret("a") == "a"
    assert Secret("a") != Secret("b")
    assert Secret("a") != "***"
    assert hash(Secret("a")) == hash("a")
    assert revealed(Secret(Secret("a"))) == "a"


OPTIONS = {
    "secret_access_key": "hunter2",
    "aws_session_token": "hunter2",
    "account_key": "hunter2",
    "sas_token": "hunter2",
    "password": "hunter2",
    "connection_string": "hunter2",
    "sse_customer_encryption_key_base64": "hunter2",
    "default_headers": {"x-api-key": "hunter2"},
}


def test_options_that_are_secret_are_kept_and_not_shown():
    kept = with_secrets(OPTIONS)
    assert "hunter2" not in f"{kept} {json.dumps(kept)} {kept!r}"
    assert kept == OPTIONS
    assert with_real(kept) == OPTIONS
    assert all(type(value) is not Secret for value in with_real(kept).values())


def test_options_that_are_not_secret_are_shown():
    plain = {
        "access_key_id": "AK",
        "sse_kms_key_id": "arn:1",
        "region": "eu",
        "allow_http": True,
        "endpoint": "http://h",
    }
    assert json.loads(json.dumps(with_secrets(plain))) == plain


def test_secrets_are_taken_out_of_a_text():
    assert without_secrets("no such host 'b@c' in a:b@c", Secret("b"), Secret("b@c"), Secret("")) == (
        "no such host '***' in a:***"
    )
