#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff a428c8180ea3cdd195bc09982da76a289a829358
git checkout a428c8180ea3cdd195bc09982da76a289a829358 tests/test_inline.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_inline.py b/tests/test_inline.py
index 0d460ca..4a04258 100644
--- a/tests/test_inline.py
+++ b/tests/test_inline.py
@@ -26,3 +26,38 @@ def test_link():
 
 def test_escaping():
     assert render_inline("a < b & `c > d`") == "a &lt; b &amp; <code>c &gt; d</code>"
+
+
+def test_stars_inside_code_are_kept():
+    assert render_inline("`a *b* c`") == "<code>a *b* c</code>"
+    assert render_inline("`**kwargs` and `**more`") == (
+        "<code>**kwargs</code> and <code>**more</code>"
+    )
+
+
+def test_markup_between_code_spans():
+    assert render_inline("`x*` *y* `*z`") == (
+        "<code>x*</code> <em>y</em> <code>*z</code>"
+    )
+
+
+def test_code_inside_strong():
+    assert render_inline("**see `a*b*c`**") == (
+        "<strong>see <code>a*b*c</code></strong>"
+    )
+
+
+def test_link_inside_code_is_not_a_link():
+    assert render_inline("`[a](https://example.org)`") == (
+        "<code>[a](https://example.org)</code>"
+    )
+
+
+def test_many_code_spans_keep_their_order():
+    line = " ".join(f"`*{n}*`" for n in range(12))
+    expected = " ".join(f"<code>*{n}*</code>" for n in range(12))
+    assert render_inline(line) == expected
+
+
+def test_digits_in_the_text_are_untouched():
+    assert render_inline("0 `a` 1 `b` 2") == "0 <code>a</code> 1 <code>b</code> 2"
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_inline.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout a428c8180ea3cdd195bc09982da76a289a829358 tests/test_inline.py
