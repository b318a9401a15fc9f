#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff b173f0f67dc9266d7b8d8979e802612cebfc6ee9
git checkout b173f0f67dc9266d7b8d8979e802612cebfc6ee9 tests/test_cache.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_cache.py b/tests/test_cache.py
index 01262ce..5fd355d 100644
--- a/tests/test_cache.py
+++ b/tests/test_cache.py
@@ -68,3 +68,32 @@ def test_hit_ratio():
     cache.get("a")
     cache.get("b")
     assert cache.stats.hit_ratio == 0.5
+
+
+def test_overwriting_protects_from_eviction():
+    cache = LRUCache(2)
+    cache.put("a", 1)
+    cache.put("b", 2)
+    cache.put("a", 3)
+    cache.put("c", 4)
+    assert cache.get("a") == 3
+    assert "b" not in cache
+
+
+def test_overwriting_makes_key_most_recent():
+    cache = LRUCache(3)
+    for key in "xyz":
+        cache.put(key, key)
+    cache.put("y", "new")
+    assert cache.keys() == ["x", "z", "y"]
+    assert cache.stats.evictions == 0
+
+
+def test_overwriting_restarts_expiry():
+    clock = FakeClock()
+    cache = LRUCache(2, ttl_s=10, clock=clock)
+    cache.put("a", 1)
+    clock.now = 8.0
+    cache.put("a", 2)
+    clock.now = 15.0
+    assert cache.get("a") == 2
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_cache.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout b173f0f67dc9266d7b8d8979e802612cebfc6ee9 tests/test_cache.py
