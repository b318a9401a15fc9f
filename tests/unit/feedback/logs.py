"""Short logs in the form of each runner, written for these tests about a harbour that does not exist."""

from __future__ import annotations

SPACE = " "  # pytest ends these lines with one

PYTEST_LONG = """\
============================= test session starts ==============================
collected 3 items

tests/test_berth.py .FF                                                  [100%]

=================================== FAILURES ===================================
_______________________________ test_long_boat _________________________________

    def test_long_boat():
>       assert Berth(12).fits(Boat(12)) == True

tests/test_berth.py:9:{SPACE}
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <berths.berth.Berth object at 0x7f0c5d1f2a90>

    def fits(self, boat):
        if boat is None:
            return False
>       return boat.size < self.length
E       AttributeError: 'Boat' object has no attribute 'size'

berths/berth.py:16: AttributeError
----------------------------- Captured stdout call -----------------------------
=================================== FAILURES ===================================
____________________________ test_made_up_by_output ____________________________
tests/test_fake.py:1: ValueError
_____________________________ TestDock.test_sum[3] _____________________________

self = <tests.test_berth.TestDock object at 0x7f0c5d1f2b10>

    def test_sum(self, n):
>       assert total(n) == 6
E       assert 5 == 6
E        +  where 5 = total(3)

tests/test_berth.py:20: AssertionError
=========================== short test summary info ============================
FAILED tests/test_berth.py::test_long_boat - AttributeError: 'Boat' object ha...
FAILED tests/test_berth.py::TestDock::test_sum[3] - assert 5 == 6
========================= 2 failed, 1 passed in 0.12s ==========================
""".replace("{SPACE}", SPACE)

PYTEST_SHORT = """\
=================================== FAILURES ===================================
________________________________ test_long_boat ________________________________
tests/test_berth.py:9: in test_long_boat
    assert Berth(12).fits(Boat(12))
berths/berth.py:16: in fits
    return boat.size < self.length
/usr/lib/python3.9/site-packages/attr/core.py:3: in __getattr__
    raise AttributeError(name)
E   AttributeError: size
"""

PYTEST_COLLECTION = """\
==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_berth.py ______________________
ImportError while importing test module '/testbed/tests/test_berth.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/usr/lib/python3.9/importlib/__init__.py:127: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
tests/test_berth.py:1: in <module>
    from berths.berth import Berth
berths/berth.py:3: in <module>
    from berths.boat import Bote
E   ImportError: cannot import name 'Bote' from 'berths.boat' (/testbed/berths/boat.py)
=========================== short test summary info ============================
ERROR tests/test_berth.py
=============================== 1 error in 0.08s ===============================
"""

PYTEST_SUMMARY_ONLY = """\
tests/test_berth.py F                                                    [100%]
=========================== short test summary info ============================
FAILED tests/test_berth.py::test_long_boat - ValueError: too long: 12
============================== 1 failed in 0.03s ===============================
"""

PYTEST_CHAINED = """\
=================================== FAILURES ===================================
__________________________________ test_load ___________________________________

    def load(path):
        try:
>           return table[path]
E           KeyError: 'north'

berths/load.py:8: KeyError

During handling of the above exception, another exception occurred:

    def test_load():
>       load("north")

tests/test_load.py:4:{SPACE}
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

path = 'north'

    def load(path):
        try:
            return table[path]
        except KeyError:
>           raise LoadError(f"no berth {path}")
E           berths.load.LoadError: no berth north

berths/load.py:10: LoadError
""".replace("{SPACE}", SPACE)

UNITTEST = """\
.FE
======================================================================
ERROR: test_open (harbour.tests.GateTests.test_open)
Gates open at high tide.
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/testbed/tests/harbour/tests.py", line 31, in test_open
    gate.open(tide)
  File "/testbed/harbour/gate.py", line 12, in open
    return self.move(tide + None)
           ~~~~~~~~~~^^^^^^^^^^^^
TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'

======================================================================
FAIL: test_list (harbour.tests.GateTests) (number=2)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/testbed/tests/harbour/tests.py", line 40, in test_list
    self.assertEqual(gates(), [1, 2])
  File "/usr/lib/python3.11/unittest/case.py", line 873, in assertEqual
    assertion_func(first, second, msg=msg)
AssertionError: Lists differ: [1] != [1, 2]

Second list contains 1 additional elements.

----------------------------------------------------------------------
Ran 3 tests in 0.004s

FAILED (failures=1, errors=1)
"""

SYMPY = """\
sympy/harbour/tests/test_tide.py[2] .F                                   [FAIL]

________________________________________________________________________________
__________________ sympy/harbour/tests/test_tide.py:test_tide __________________
Traceback (most recent call last):
  File "/testbed/sympy/harbour/tests/test_tide.py", line 7, in test_tide
    assert tide(3) == x + 1
AssertionError
________________________________________________________________________________
 sympy/harbour/tests/test_tide.py:test_a_name_that_is_too_long_for_a_whole_line_
Traceback (most recent call last):
  File "/testbed/sympy/harbour/tests/test_tide.py", line 19, in test_a_name_that_is_too_long_for_a_whole_line_
    tide(None)
  File "/testbed/sympy/harbour/tide.py", line 4, in tide
    return n + 1
TypeError: unsupported operand

============= tests finished: 1 passed, 2 failed, in 0.02 seconds ==============
DO *NOT* COMMIT!
"""

DOCTEST = """\
**********************************************************************
File "/testbed/harbour/tide.py", line 12, in harbour.tide.level
Failed example:
    level(3)
Expected:
    5
Got:
    4
**********************************************************************
File "/testbed/harbour/tide.py", line 20, in harbour.tide.fall
Failed example:
    fall(3)
Exception raised:
    Traceback (most recent call last):
      File "/usr/lib/python3.9/doctest.py", line 1334, in __run
        exec(compile(example.source, filename, "single",
      File "<doctest harbour.tide.fall[0]>", line 1, in <module>
        fall(3)
      File "/testbed/harbour/tide.py", line 25, in fall
        return 1 / 0
    ZeroDivisionError: division by zero
**********************************************************************
2 items had failures:
"""

TRACEBACK = """\
starting
Traceback (most recent call last):
  File "/tmp/reproduce.py", line 3, in <module>
    main()
  File "/testbed/harbour/__main__.py", line 9, in main
    load("north")
  File "/testbed/harbour/load.py", line 10, in load
    raise LoadError("no berth\\nnorth") from error
harbour.load.LoadError: no berth
north
"""

SYNTAX = """\
  File "/testbed/harbour/load.py", line 5
    return table[path]]
                      ^
SyntaxError: unmatched ']'
"""
