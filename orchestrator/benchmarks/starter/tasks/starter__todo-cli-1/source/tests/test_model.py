import pytest

from todo.model import TaskList, TaskNotFound


def test_numbers_count_up():
    tasks = TaskList()
    assert [tasks.add(text).number for text in "abc"] == [1, 2, 3]


def test_find():
    tasks = TaskList()
    tasks.add("a")
    assert tasks.find(1).text == "a"
    with pytest.raises(TaskNotFound):
        tasks.find(2)


def test_json_round_trip():
    tasks = TaskList()
    tasks.add("a")
    tasks.add("b")
    tasks.finish(2)
    again = TaskList.from_json(tasks.to_json())
    assert again.tasks == tasks.tasks
