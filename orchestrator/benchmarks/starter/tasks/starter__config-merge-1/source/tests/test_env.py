from layered import from_environment


def test_from_environment():
    environ = {
        "APP_SERVER__PORT": "8080",
        "APP_DEBUG": "true",
        "APP_NAME": "shop",
        "APP_SERVER__RATIO": "0.5",
        "OTHER_X": "1",
    }
    assert from_environment(environ, "APP") == {
        "debug": True,
        "name": "shop",
        "server": {"port": 8080, "ratio": 0.5},
    }
