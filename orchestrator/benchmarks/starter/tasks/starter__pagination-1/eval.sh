#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff b9472b043c8ced7f1ead9dff041f615ee56444bf
git checkout b9472b043c8ced7f1ead9dff041f615ee56444bf tests/test_navigation.py tests/test_paginator.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_navigation.py b/tests/test_navigation.py
index e3bc5fa..4ceb8ee 100644
--- a/tests/test_navigation.py
+++ b/tests/test_navigation.py
@@ -18,3 +18,8 @@ def test_text():
     assert render_text(paginator.page(1)) == "[1] 2 3 >"
     assert render_text(paginator.page(2)) == "< 1 [2] 3 >"
     assert render_text(paginator.page(3)) == "< 1 2 [3]"
+
+
+def test_navigation_ends_with_the_last_full_page():
+    paginator = Paginator(range(60), size=10)
+    assert navigation(paginator.page(1)) == [1, 2, "...", 6]
diff --git a/tests/test_paginator.py b/tests/test_paginator.py
index 7f10168..8bc07f5 100644
--- a/tests/test_paginator.py
+++ b/tests/test_paginator.py
@@ -33,3 +33,21 @@ def test_page_of():
 def test_bad_size():
     with pytest.raises(ValueError):
         Paginator("abc", size=0)
+
+
+def test_full_last_page():
+    paginator = Paginator(range(20), size=10)
+    assert paginator.page_count == 2
+    assert [page.describe() for page in paginator] == ["1-10", "11-20"]
+    assert not paginator.page(2).has_next
+    with pytest.raises(PageNotFound):
+        paginator.page(3)
+
+
+def test_page_count():
+    counts = [Paginator(range(n), size=3).page_count for n in range(8)]
+    assert counts == [1, 1, 1, 1, 2, 2, 2, 3]
+
+
+def test_pages_of_one_item():
+    assert [page.items for page in Paginator("abc", size=1)] == [("a",), ("b",), ("c",)]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_navigation.py tests/test_paginator.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout b9472b043c8ced7f1ead9dff041f615ee56444bf tests/test_navigation.py tests/test_paginator.py
