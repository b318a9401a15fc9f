#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 5397430f9942a48f4f247ada0def5673ffae2d0f
git checkout 5397430f9942a48f4f247ada0def5673ffae2d0f tests/test_order.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_order.py b/tests/test_order.py
index b2f107e..42083a0 100644
--- a/tests/test_order.py
+++ b/tests/test_order.py
@@ -46,3 +46,25 @@ def test_cycle():
 def test_needed_by():
     assert needed_by(PACKAGES, "http") == ["app", "tool", "web"]
     assert needed_by(PACKAGES, "app") == []
+
+
+def test_cycle_entered_from_outside():
+    packages = {"app": ["auth"], "auth": ["models"], "models": ["fields"], "fields": ["models"]}
+    with pytest.raises(CycleError) as info:
+        install_order(packages)
+    assert info.value.cycle[0] == info.value.cycle[-1]
+    assert set(info.value.cycle) == {"models", "fields"}
+    assert len(info.value.cycle) == 3
+
+
+def test_cycle_message_names_only_its_members():
+    packages = {"a": ["b"], "b": ["c"], "c": ["d"], "d": ["b"]}
+    with pytest.raises(CycleError) as info:
+        install_order(packages, ["a"])
+    assert str(info.value) == "dependency cycle: b -> c -> d -> b"
+
+
+def test_package_that_needs_itself():
+    with pytest.raises(CycleError) as info:
+        install_order({"a": ["x"], "x": ["x"]})
+    assert info.value.cycle == ["x", "x"]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_order.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 5397430f9942a48f4f247ada0def5673ffae2d0f tests/test_order.py
