#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 125390efd2c3b46149c5b98027e4987b95d2434b
git checkout 125390efd2c3b46149c5b98027e4987b95d2434b tests/test_intervalset.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_intervalset.py b/tests/test_intervalset.py
index deeb539..f2ed40d 100644
--- a/tests/test_intervalset.py
+++ b/tests/test_intervalset.py
@@ -37,3 +37,29 @@ def test_gaps_and_total():
     free = IntervalSet([(0, 4), (6, 8)])
     assert free.gaps() == [(4, 6)]
     assert free.total() == 6
+
+
+def test_remove_middle_splits():
+    free = IntervalSet([(9, 17)])
+    free.remove(12, 13)
+    assert free.pairs() == [(9, 12), (13, 17)]
+
+
+def test_remove_middle_of_one_of_several():
+    free = IntervalSet([(0, 4), (10, 20), (30, 31)])
+    free.remove(11, 19)
+    assert free.pairs() == [(0, 4), (10, 11), (19, 20), (30, 31)]
+
+
+def test_removing_twice_from_the_middle():
+    free = IntervalSet([(0, 10)])
+    free.remove(2, 3)
+    free.remove(5, 6)
+    assert free.pairs() == [(0, 2), (3, 5), (6, 10)]
+    assert 2 not in free and 9 in free
+
+
+def test_remove_exact_interval():
+    free = IntervalSet([(0, 4), (6, 8)])
+    free.remove(6, 8)
+    assert free.pairs() == [(0, 4)]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_intervalset.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 125390efd2c3b46149c5b98027e4987b95d2434b tests/test_intervalset.py
