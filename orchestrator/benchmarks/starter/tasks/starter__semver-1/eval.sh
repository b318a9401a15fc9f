#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 56fdeeaf4070698f8d50f03707ae382706dada52
git checkout 56fdeeaf4070698f8d50f03707ae382706dada52 tests/test_select.py tests/test_version.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_select.py b/tests/test_select.py
index 0ccd1b1..ca8b56f 100644
--- a/tests/test_select.py
+++ b/tests/test_select.py
@@ -13,3 +13,13 @@ def test_best_match():
     assert best_match(RELEASES, "~1.9.0") == "1.9.3"
     assert best_match(RELEASES, ">=1.0.0 <=1.10.0") == "1.10.0"
     assert best_match(RELEASES, ">3.0.0") is None
+
+
+def test_latest_prerelease():
+    assert latest(["2.0.0-rc.9", "2.0.0-rc.10"], prereleases=True) == "2.0.0-rc.10"
+
+
+def test_best_match_with_prereleases():
+    candidates = ["2.0.0-rc.9", "2.0.0-rc.11", "2.0.0-rc.10"]
+    assert best_match(candidates, ">=2.0.0-rc.10 <2.0.0") == "2.0.0-rc.11"
+    assert best_match(candidates, "<2.0.0-rc.10") == "2.0.0-rc.9"
diff --git a/tests/test_version.py b/tests/test_version.py
index d724462..09922c1 100644
--- a/tests/test_version.py
+++ b/tests/test_version.py
@@ -33,3 +33,39 @@ def test_bump():
     assert str(version.bump("patch")) == "1.2.3"
     assert str(version.bump("minor")) == "1.3.0"
     assert str(version.bump("major")) == "2.0.0"
+
+
+def in_order(*texts):
+    versions = [Version.parse(text) for text in texts]
+    return versions == sorted(reversed(versions)) and len(set(versions)) == len(versions)
+
+
+def test_numeric_identifiers_are_compared_as_numbers():
+    assert in_order("2.0.0-rc.1", "2.0.0-rc.2", "2.0.0-rc.9", "2.0.0-rc.10", "2.0.0-rc.100")
+    assert in_order("1.0.0-9", "1.0.0-10")
+
+
+def test_numbers_come_before_words():
+    assert in_order("1.0.0-1", "1.0.0-200", "1.0.0--x", "1.0.0-alpha")
+    assert in_order("1.0.0-alpha.5", "1.0.0-alpha.-", "1.0.0-alpha.beta")
+
+
+def test_order_of_the_specification():
+    assert in_order(
+        "1.0.0-alpha",
+        "1.0.0-alpha.1",
+        "1.0.0-alpha.beta",
+        "1.0.0-beta",
+        "1.0.0-beta.2",
+        "1.0.0-beta.11",
+        "1.0.0-rc.1",
+        "1.0.0",
+    )
+
+
+def test_words_with_digits_stay_words():
+    assert in_order("1.0.0-rc10", "1.0.0-rc9")
+
+
+def test_prereleases_round_trip():
+    assert str(Version.parse("1.0.0-alpha.10")) == "1.0.0-alpha.10"
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_select.py tests/test_version.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 56fdeeaf4070698f8d50f03707ae382706dada52 tests/test_select.py tests/test_version.py
