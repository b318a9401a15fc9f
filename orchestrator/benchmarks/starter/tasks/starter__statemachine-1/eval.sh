#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 478710a343066440a83fb1387805f579c295a88b
git checkout 478710a343066440a83fb1387805f579c295a88b tests/test_definition.py tests/test_machine.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_definition.py b/tests/test_definition.py
index a346a84..7d0ce9e 100644
--- a/tests/test_definition.py
+++ b/tests/test_definition.py
@@ -17,3 +17,41 @@ def test_events():
         "a", ["a", "b"], [Transition("go", "a", "b"), Transition("back", ANY, "a")]
     )
     assert definition.events() == ["back", "go"]
+
+
+ORDER = Definition(
+    "new",
+    ["new", "shipped", "cancelled", "returning", "kept"],
+    [
+        Transition("cancel", ANY, "cancelled"),
+        Transition("cancel", ANY, "kept"),
+        Transition("ship", "new", "shipped"),
+        Transition("cancel", "shipped", "returning", guard=lambda c: not c.get("lost")),
+        Transition("cancel", "shipped", "kept"),
+    ],
+)
+
+
+def test_specific_transition_wins_over_any():
+    assert ORDER.choose("cancel", "shipped", {}).target == "returning"
+
+
+def test_guarded_specific_transition_gives_way_to_the_next_specific():
+    assert ORDER.choose("cancel", "shipped", {"lost": True}).target == "kept"
+
+
+def test_first_catch_all_wins_among_catch_alls():
+    assert ORDER.choose("cancel", "new", {}).target == "cancelled"
+
+
+def test_catch_all_when_the_guard_refuses():
+    definition = Definition(
+        "a",
+        ["a", "b", "c"],
+        [Transition("go", ANY, "b"), Transition("go", "a", "c", guard=lambda c: False)],
+    )
+    assert definition.choose("go", "a", {}).target == "b"
+
+
+def test_no_transition():
+    assert ORDER.choose("ship", "shipped", {}) is None
diff --git a/tests/test_machine.py b/tests/test_machine.py
index 96fad14..2a58c33 100644
--- a/tests/test_machine.py
+++ b/tests/test_machine.py
@@ -50,3 +50,20 @@ def test_listener():
     door.listen(lambda *args: seen.append(args))
     door.send("open")
     assert seen == [("closed", "open", "open")]
+
+
+def test_machine_prefers_the_specific_transition():
+    machine = Machine(
+        Definition(
+            "draft",
+            ["draft", "live", "archived", "deleted"],
+            [
+                Transition("drop", ANY, "deleted"),
+                Transition("publish", "draft", "live"),
+                Transition("drop", "live", "archived"),
+            ],
+        )
+    )
+    machine.send("publish")
+    assert machine.send("drop") == "archived"
+    assert machine.send("drop") == "deleted"
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_definition.py tests/test_machine.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 478710a343066440a83fb1387805f579c295a88b tests/test_definition.py tests/test_machine.py
