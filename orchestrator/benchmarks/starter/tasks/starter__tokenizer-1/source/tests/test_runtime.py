from querylang import select

RECORDS = [
    {"host": "db 1", "level": 3, "message": "timeout"},
    {"host": "web", "level": 1},
]


def test_select():
    assert select(RECORDS, 'host = "db 1"') == RECORDS[:1]
    assert select(RECORDS, "level >= 1 and not message ~ out") == RECORDS[1:]


def test_missing_field_never_matches():
    assert select(RECORDS, 'message != "x"') == RECORDS[:1]
