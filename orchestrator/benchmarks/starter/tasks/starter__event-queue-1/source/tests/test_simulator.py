import pytest

from eventq import Simulator


def test_run_until():
    simulator = Simulator()
    seen = []
    for time in (1, 5, 9):
        simulator.at(time, lambda: seen.append(simulator.now))
    simulator.run(until=5)
    assert seen == [1, 5]
    assert simulator.now == 5


def test_past_is_refused():
    simulator = Simulator()
    simulator.at(3, lambda: None)
    simulator.run()
    with pytest.raises(ValueError):
        simulator.at(2, lambda: None)


def test_every():
    simulator = Simulator()
    seen = []
    simulator.every(10, lambda: seen.append(simulator.now), until=35)
    simulator.run()
    assert seen == [10, 20, 30]
    assert simulator.processed == 3
