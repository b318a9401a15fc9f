#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 6b6cebcc32c961c38ef83438b7955d34d2358296
git checkout 6b6cebcc32c961c38ef83438b7955d34d2358296 tests/test_schedule.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_schedule.py b/tests/test_schedule.py
index ff449e5..d965ec2 100644
--- a/tests/test_schedule.py
+++ b/tests/test_schedule.py
@@ -37,3 +37,28 @@ def test_shortcut():
 def test_number_of_fields():
     with pytest.raises(CronError):
         Schedule("* * * *")
+
+
+def test_either_day_is_enough_when_both_are_restricted():
+    schedule = Schedule("0 6 1,15 * mon")
+    assert schedule.matches(datetime(2024, 3, 1, 6))  # a Friday, the first
+    assert schedule.matches(datetime(2024, 3, 4, 6))  # a Monday
+    assert schedule.matches(datetime(2024, 3, 15, 6))  # a Friday, the fifteenth
+    assert schedule.matches(datetime(2024, 4, 1, 6))  # both
+    assert not schedule.matches(datetime(2024, 3, 5, 6))
+    assert not schedule.matches(datetime(2024, 3, 4, 7))
+
+
+def test_only_one_restricted():
+    assert not Schedule("0 6 1 * *").matches(datetime(2024, 3, 4, 6))
+    assert not Schedule("0 6 * * mon").matches(datetime(2024, 3, 1, 6))
+    assert Schedule("0 6 * * *").matches(datetime(2024, 3, 1, 6))
+
+
+def test_next_after_with_both_restricted():
+    schedule = Schedule("0 0 10 * sun")
+    moments = [datetime(2024, 3, 1)]
+    for _ in range(4):
+        moments.append(schedule.next_after(moments[-1]))
+    assert [m.day for m in moments[1:]] == [3, 10, 17, 24]
+    assert schedule.next_after(datetime(2024, 4, 7)) == datetime(2024, 4, 10)
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_schedule.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 6b6cebcc32c961c38ef83438b7955d34d2358296 tests/test_schedule.py
