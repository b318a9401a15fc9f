import pytest

from layered import Settings

DEFAULTS = {"server": {"host": "localhost", "port": 80}, "debug": False}


def test_layers():
    settings = Settings(DEFAULTS, {"server": {"port": 8080}}, {"debug": True})
    assert settings.get("server.port") == 8080
    assert settings.get("server.host") == "localhost"
    assert settings.get("debug") is True


def test_missing():
    settings = Settings(DEFAULTS)
    assert settings.get("server.tls", "off") == "off"
    with pytest.raises(KeyError, match="server.tls"):
        settings.require("server.tls")


def test_set():
    settings = Settings({})
    settings.set("a.b.c", 1)
    assert settings.as_dict() == {"a": {"b": {"c": 1}}}


def test_with_layer():
    settings = Settings(DEFAULTS)
    assert settings.with_layer({"debug": True}).get("debug") is True
    assert settings.get("debug") is False
