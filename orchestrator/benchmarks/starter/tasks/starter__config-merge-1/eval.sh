#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff cab21e8bc5c3c9bb7dce98e8b775c9da029c34bb
git checkout cab21e8bc5c3c9bb7dce98e8b775c9da029c34bb tests/test_merge.py tests/test_settings.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_merge.py b/tests/test_merge.py
index bcbc81f..b89693f 100644
--- a/tests/test_merge.py
+++ b/tests/test_merge.py
@@ -22,3 +22,19 @@ def test_lists_are_replaced():
 
 def test_delete():
     assert deep_merge({"a": 1, "b": 2}, {"a": DELETE}) == {"b": 2}
+
+
+def test_result_is_independent_of_the_base():
+    base = {"a": {"x": {"y": 1}}, "tags": ["p"]}
+    result = deep_merge(base, {"b": 2})
+    result["a"]["x"]["y"] = 5
+    result["tags"].append("q")
+    assert base == {"a": {"x": {"y": 1}}, "tags": ["p"]}
+
+
+def test_result_is_independent_of_the_override():
+    override = {"a": {"x": {"y": 1}}, "tags": ["p"]}
+    result = deep_merge({"a": {"z": 0}}, override)
+    result["a"]["x"]["y"] = 5
+    result["tags"].append("q")
+    assert override == {"a": {"x": {"y": 1}}, "tags": ["p"]}
diff --git a/tests/test_settings.py b/tests/test_settings.py
index ef79bcf..8431fa8 100644
--- a/tests/test_settings.py
+++ b/tests/test_settings.py
@@ -29,3 +29,48 @@ def test_with_layer():
     settings = Settings(DEFAULTS)
     assert settings.with_layer({"debug": True}).get("debug") is True
     assert settings.get("debug") is False
+
+
+def test_set_does_not_reach_the_defaults():
+    defaults = {"mail": {"sender": "a"}}
+    Settings(defaults).set("mail.sender", "b")
+    assert defaults == {"mail": {"sender": "a"}}
+
+
+def test_set_does_not_reach_a_layer():
+    layer = {"mail": {"sender": "a"}}
+    settings = Settings({}, layer)
+    settings.set("mail.sender", "b")
+    assert layer == {"mail": {"sender": "a"}}
+    assert settings.get("mail.sender") == "b"
+
+
+def test_two_objects_from_the_same_defaults():
+    defaults = {"a": {"b": {"c": 1}}}
+    one, two = Settings(defaults), Settings(defaults, {"x": 1})
+    one.set("a.b.c", 2)
+    two.set("a.b.d", 3)
+    assert one.as_dict() == {"a": {"b": {"c": 2}}}
+    assert two.as_dict() == {"a": {"b": {"c": 1, "d": 3}}, "x": 1}
+
+
+def test_with_layer_is_independent():
+    settings = Settings({"a": {"b": 1}})
+    settings.with_layer({"z": 1}).set("a.b", 2)
+    assert settings.get("a.b") == 1
+
+
+def test_as_dict_may_be_changed():
+    settings = Settings({"a": {"b": 1}, "tags": ["x"]})
+    copy = settings.as_dict()
+    copy["a"]["b"] = 2
+    copy["tags"].append("y")
+    assert settings.get("a.b") == 1
+    assert settings.get("tags") == ["x"]
+
+
+def test_delete_still_works_in_layers():
+    from layered.merge import DELETE
+
+    settings = Settings({"a": {"b": 1, "c": 2}}, {"a": {"b": DELETE}})
+    assert settings.as_dict() == {"a": {"c": 2}}
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_merge.py tests/test_settings.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout cab21e8bc5c3c9bb7dce98e8b775c9da029c34bb tests/test_merge.py tests/test_settings.py
