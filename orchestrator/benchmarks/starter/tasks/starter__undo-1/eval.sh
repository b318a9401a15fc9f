#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 403ca0cffe314b21d6b4ed9b510bf8526982299d
git checkout 403ca0cffe314b21d6b4ed9b510bf8526982299d tests/test_document.py tests/test_history.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_document.py b/tests/test_document.py
index 2f0e3a7..7dc5198 100644
--- a/tests/test_document.py
+++ b/tests/test_document.py
@@ -49,3 +49,33 @@ def test_positions_are_checked():
         Document("abc").insert(4, "x")
     with pytest.raises(IndexError):
         Document("abc").delete(2, 9)
+
+
+def test_no_redo_after_a_new_change():
+    document = Document("one")
+    document.append(" two")
+    document.undo()
+    document.append(" three")
+    assert not document.redo()
+    assert document.content == "one three"
+
+
+def test_no_redo_after_a_new_group():
+    document = Document("a-b")
+    document.delete(0, 1)
+    document.undo()
+    document.replace_all("-", "+")
+    assert not document.redo()
+    assert document.content == "a+b"
+    assert document.undo()
+    assert document.content == "a-b"
+
+
+def test_redo_still_works_after_undoing_the_new_change():
+    document = Document("a")
+    document.append("b")
+    document.undo()
+    document.append("c")
+    document.undo()
+    assert document.redo()
+    assert document.content == "ac"
diff --git a/tests/test_history.py b/tests/test_history.py
index 1f06fd2..8921a40 100644
--- a/tests/test_history.py
+++ b/tests/test_history.py
@@ -22,3 +22,15 @@ def test_clear():
 def test_limit_must_be_positive():
     with pytest.raises(ValueError):
         History(0)
+
+
+def test_record_empties_the_redo_stack():
+    history = History()
+    history.record("a")
+    history.record("b")
+    history.undo()
+    history.undo()
+    assert history.can_redo
+    history.record("c")
+    assert not history.can_redo
+    assert history.undo() == "c"
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_document.py tests/test_history.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 403ca0cffe314b21d6b4ed9b510bf8526982299d tests/test_document.py tests/test_history.py
