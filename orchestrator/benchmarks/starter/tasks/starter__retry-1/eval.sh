#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff a806c68411d9183990b2f6584253433257b68394
git checkout a806c68411d9183990b2f6584253433257b68394 tests/test_policy.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_policy.py b/tests/test_policy.py
index b17d591..e3079f6 100644
--- a/tests/test_policy.py
+++ b/tests/test_policy.py
@@ -73,3 +73,32 @@ def test_decorator():
 
     assert shaky(5) == 5
     assert shaky.__doc__ == "Docs."
+
+
+def test_list_of_classes():
+    flaky = Flaky(KeyError("x"), OSError())
+    assert policy(on=[OSError, KeyError]).call(flaky) == "ok"
+
+
+def test_set_and_frozenset_of_classes():
+    for kind in (set, frozenset):
+        flaky = Flaky(OSError())
+        assert policy(on=kind([OSError, KeyError])).call(flaky) == "ok"
+
+
+def test_list_does_not_cover_others():
+    flaky = Flaky(ValueError("x"))
+    with pytest.raises(ValueError):
+        policy(on=[OSError, KeyError]).call(flaky)
+    assert flaky.calls == 1
+
+
+def test_empty_list_covers_nothing():
+    with pytest.raises(OSError):
+        policy(on=[]).call(Flaky(OSError()))
+
+
+def test_without_of_a_list():
+    smaller = policy(on=[OSError, KeyError]).without(KeyError)
+    assert smaller.should_retry(OSError())
+    assert not smaller.should_retry(KeyError())
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_policy.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout a806c68411d9183990b2f6584253433257b68394 tests/test_policy.py
