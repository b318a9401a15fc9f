#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 9c97bdc6182c8281965efcfc441a01fa5c21e93e
git checkout 9c97bdc6182c8281965efcfc441a01fa5c21e93e tests/test_render.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_render.py b/tests/test_render.py
index 62d8be0..ecf46a9 100644
--- a/tests/test_render.py
+++ b/tests/test_render.py
@@ -1,4 +1,6 @@
-from stencil import Template, render
+import pytest
+
+from stencil import Template, TemplateError, render
 
 
 def test_values():
@@ -34,3 +36,36 @@ def test_caller_values_are_not_changed():
     values = {"xs": [1, 2]}
     render("{% for x in xs %}{{ x }}{% endfor %}", **values)
     assert values == {"xs": [1, 2]}
+
+
+def test_outer_counter_after_an_inner_loop():
+    text = (
+        "{% for c in chapters %}{% for s in c %}{{ loop }}{% endfor %}"
+        " end of {{ loop }};{% endfor %}"
+    )
+    assert render(text, chapters=["abc", "de"]) == "123 end of 1;12 end of 2;"
+
+
+def test_value_with_the_name_of_the_loop_variable():
+    text = "{{ name }}: {% for name in items %}{{ name }} {% endfor %}- {{ name }}"
+    assert render(text, name="Ann", items=["tea", "jam"]) == "Ann: tea jam - Ann"
+
+
+def test_loop_variable_is_unknown_afterwards():
+    with pytest.raises(TemplateError, match="unknown name: x"):
+        render("{% for x in xs %}{{ x }}{% endfor %}{{ x }}", xs=[1])
+
+
+def test_counter_is_unknown_outside_of_loops():
+    with pytest.raises(TemplateError, match="unknown name: loop"):
+        render("{% for x in xs %}{% endfor %}{{ loop }}", xs=[1, 2])
+
+
+def test_same_variable_in_nested_loops():
+    text = "{% for x in xs %}{% for x in x %}{{ x }}{% endfor %}={{ x }} {% endfor %}"
+    assert render(text, xs=["ab", "c"]) == "ab=ab c=c "
+
+
+def test_outer_values_are_visible_inside():
+    text = "{% for x in xs %}{{ greeting }} {{ x }}. {% endfor %}"
+    assert render(text, xs=["a", "b"], greeting="Hi") == "Hi a. Hi b. "
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_render.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 9c97bdc6182c8281965efcfc441a01fa5c21e93e tests/test_render.py
