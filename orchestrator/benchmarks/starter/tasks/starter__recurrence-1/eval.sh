#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 7645e9d6dbe0d09370b4d087f2ed38e99a3cd8c2
git checkout 7645e9d6dbe0d09370b4d087f2ed38e99a3cd8c2 tests/test_agenda.py tests/test_rules.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_agenda.py b/tests/test_agenda.py
index 2b8df44..d62cb3d 100644
--- a/tests/test_agenda.py
+++ b/tests/test_agenda.py
@@ -39,3 +39,11 @@ def test_render():
     )
     text = agenda.render(date(2023, 1, 1), date(2023, 1, 4))
     assert text == "2023-01-01: a, b\n2023-01-03: a"
+
+
+def test_month_end_in_the_agenda():
+    agenda = Agenda([Entry("salary", date(2023, 1, 31), Rule("month"))])
+    assert agenda.due(date(2023, 3, 1), date(2023, 4, 30)) == [
+        (date(2023, 3, 31), "salary"),
+        (date(2023, 4, 30), "salary"),
+    ]
diff --git a/tests/test_rules.py b/tests/test_rules.py
index 1c914c0..111c435 100644
--- a/tests/test_rules.py
+++ b/tests/test_rules.py
@@ -33,3 +33,40 @@ def test_monthly():
 def test_endless_series_is_refused():
     with pytest.raises(ValueError):
         occurrences(date(2023, 1, 1), Rule("day"))
+
+
+def test_month_end_comes_back_after_february():
+    days = occurrences(date(2023, 1, 31), Rule("month"), count=4)
+    assert days == [date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 30)]
+
+
+def test_the_thirtieth():
+    days = occurrences(date(2023, 12, 30), Rule("month"), until=date(2024, 4, 30))
+    assert days == [
+        date(2023, 12, 30),
+        date(2024, 1, 30),
+        date(2024, 2, 29),
+        date(2024, 3, 30),
+        date(2024, 4, 30),
+    ]
+
+
+def test_every_two_months_from_the_end():
+    days = occurrences(date(2023, 8, 31), Rule("month", 3), count=4)
+    assert days == [date(2023, 8, 31), date(2023, 11, 30), date(2024, 2, 29), date(2024, 5, 31)]
+
+
+def test_leap_day_every_year():
+    days = occurrences(date(2020, 2, 29), Rule("year"), count=5)
+    assert days == [
+        date(2020, 2, 29),
+        date(2021, 2, 28),
+        date(2022, 2, 28),
+        date(2023, 2, 28),
+        date(2024, 2, 29),
+    ]
+
+
+def test_following_moves_one_interval():
+    assert Rule("month").following(date(2023, 1, 31)) == date(2023, 2, 28)
+    assert Rule("week", 2).following(date(2023, 1, 1)) == date(2023, 1, 15)
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_agenda.py tests/test_rules.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 7645e9d6dbe0d09370b4d087f2ed38e99a3cd8c2 tests/test_agenda.py tests/test_rules.py
