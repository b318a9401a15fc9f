#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 2baf87008d9c34b154082bdad162bfa07813dbc1
git checkout 2baf87008d9c34b154082bdad162bfa07813dbc1 tests/test_accumulator.py tests/test_summary.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_accumulator.py b/tests/test_accumulator.py
index 647aed0..644e466 100644
--- a/tests/test_accumulator.py
+++ b/tests/test_accumulator.py
@@ -33,3 +33,28 @@ def test_merge_with_equal_means():
 
 def test_merge_of_nothing():
     assert Accumulator().merge(Accumulator()).count == 0
+
+
+def test_merge_with_different_means():
+    merged = Accumulator([1, 2]).merge(Accumulator([101, 102]))
+    assert merged.variance == pytest.approx(Accumulator([1, 2, 101, 102]).variance)
+
+
+def test_merge_of_unequal_sizes():
+    left, right = [3.5, 8.25, -1.0, 4.0, 4.5], [100.0]
+    merged = Accumulator(left).merge(Accumulator(right))
+    expected = Accumulator(left + right)
+    assert merged.sample_variance == pytest.approx(expected.sample_variance)
+    assert merged.mean == pytest.approx(expected.mean)
+
+
+def test_merge_with_nothing_changes_nothing():
+    acc = Accumulator([5, 7, 12])
+    assert acc.merge(Accumulator()).variance == pytest.approx(acc.variance)
+    assert Accumulator().merge(acc).variance == pytest.approx(acc.variance)
+
+
+def test_merged_can_go_on():
+    merged = Accumulator([1, 2]).merge(Accumulator([8, 9]))
+    merged.add(30)
+    assert merged.variance == pytest.approx(Accumulator([1, 2, 8, 9, 30]).variance)
diff --git a/tests/test_summary.py b/tests/test_summary.py
index 95f2cee..51a47aa 100644
--- a/tests/test_summary.py
+++ b/tests/test_summary.py
@@ -13,3 +13,10 @@ def test_one_chunk():
 
 def test_no_chunks():
     assert summarize([]) == {"count": 0}
+
+
+def test_slicing_does_not_matter():
+    values = [(n * n) % 37 + n for n in range(40)]
+    whole = summarize([values])
+    assert summarize([values[:10], values[10:20], values[20:]]) == whole
+    assert summarize([values[:1], [], values[1:]]) == whole
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_accumulator.py tests/test_summary.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 2baf87008d9c34b154082bdad162bfa07813dbc1 tests/test_accumulator.py tests/test_summary.py
