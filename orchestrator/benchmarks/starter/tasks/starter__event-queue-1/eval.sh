#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 449f35d5d2ec2292fc6de3daf61c57f9f8e452f6
git checkout 449f35d5d2ec2292fc6de3daf61c57f9f8e452f6 tests/test_queue.py tests/test_simulator.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_queue.py b/tests/test_queue.py
index a31642b..7fc5a6a 100644
--- a/tests/test_queue.py
+++ b/tests/test_queue.py
@@ -38,3 +38,29 @@ def test_pop_from_empty_queue():
 def test_negative_time():
     with pytest.raises(ValueError):
         Event(-1, nothing)
+
+
+def test_insertion_order_at_equal_time_and_priority():
+    queue = EventQueue()
+    for label in "abcdefgh":
+        queue.push(Event(4, nothing, label=label))
+    assert "".join(queue.pop().label for _ in range(8)) == "abcdefgh"
+
+
+def test_insertion_order_survives_other_events():
+    queue = EventQueue()
+    queue.push(Event(2, nothing, label="x"))
+    queue.push(Event(1, nothing, label="first"))
+    queue.push(Event(2, nothing, label="y"))
+    queue.push(Event(2, nothing, priority=-1, label="urgent"))
+    assert queue.pop().label == "first"
+    queue.push(Event(2, nothing, label="z"))
+    assert [queue.pop().label for _ in range(4)] == ["urgent", "x", "y", "z"]
+
+
+def test_cancel_among_equals():
+    queue = EventQueue()
+    events = [queue.push(Event(1, nothing, label=label)) for label in "abc"]
+    events[1].cancel()
+    assert [queue.pop().label, queue.pop().label] == ["a", "c"]
+    assert not queue
diff --git a/tests/test_simulator.py b/tests/test_simulator.py
index e2d0e0c..c87f97c 100644
--- a/tests/test_simulator.py
+++ b/tests/test_simulator.py
@@ -28,3 +28,12 @@ def test_every():
     simulator.run()
     assert seen == [10, 20, 30]
     assert simulator.processed == 3
+
+
+def test_simultaneous_events_run_in_order():
+    simulator = Simulator()
+    seen = []
+    for name in ("Ann", "Ben", "Cleo"):
+        simulator.at(5, lambda name=name: seen.append(name))
+    simulator.run()
+    assert seen == ["Ann", "Ben", "Cleo"]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_queue.py tests/test_simulator.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 449f35d5d2ec2292fc6de3daf61c57f9f8e452f6 tests/test_queue.py tests/test_simulator.py
