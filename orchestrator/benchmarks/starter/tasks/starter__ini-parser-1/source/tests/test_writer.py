from inifile import dumps, loads


def test_round_trip():
    text = "a = 1\n\n[s]\nb = two words\n"
    assert dumps(loads(text)) == text


def test_empty_value_is_quoted():
    assert dumps(loads('k = ""\n')) == 'k = ""\n'
