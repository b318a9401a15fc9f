from datetime import date

from recurrence import Agenda, Entry, Holidays, Rule, shift
from recurrence.workdays import workdays_between

CHRISTMAS = Holidays(yearly=[(12, 25), (12, 26)], dates=[date(2023, 12, 22)])


def test_shift():
    assert shift(date(2023, 12, 23), CHRISTMAS) == date(2023, 12, 27)
    assert shift(date(2023, 12, 23), CHRISTMAS, backwards=True) == date(2023, 12, 21)
    assert shift(date(2023, 12, 27), CHRISTMAS) == date(2023, 12, 27)


def test_workdays_between():
    assert workdays_between(date(2023, 12, 18), date(2023, 12, 29), CHRISTMAS) == 7


def test_due():
    agenda = Agenda(
        [
            Entry("rent", date(2023, 9, 3), Rule("month"), workdays_only=True),
            Entry("water plants", date(2023, 10, 1), Rule("week")),
        ]
    )
    assert agenda.due(date(2023, 10, 1), date(2023, 10, 8)) == [
        (date(2023, 10, 1), "water plants"),
        (date(2023, 10, 3), "rent"),
        (date(2023, 10, 8), "water plants"),
    ]


def test_render():
    agenda = Agenda(
        [
            Entry("a", date(2023, 1, 1), Rule("day", 2)),
            Entry("b", date(2023, 1, 1), Rule("week")),
        ]
    )
    text = agenda.render(date(2023, 1, 1), date(2023, 1, 4))
    assert text == "2023-01-01: a, b\n2023-01-03: a"
