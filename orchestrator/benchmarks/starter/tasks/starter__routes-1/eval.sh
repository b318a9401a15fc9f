#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 1ed668e2cba45b797353ef1b2d6439698d6b6f4b
git checkout 1ed668e2cba45b797353ef1b2d6439698d6b6f4b tests/test_search.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_search.py b/tests/test_search.py
index bc238ef..2ed91db 100644
--- a/tests/test_search.py
+++ b/tests/test_search.py
@@ -29,3 +29,41 @@ def test_unknown_place():
 def test_reachable():
     network = Network([("a", "b", 1), ("b", "c", 1), ("d", "a", 1)])
     assert reachable(network, "a") == {"a", "b", "c"}
+
+
+def test_detour_beats_direct_connection():
+    network = Network([("a", "z", 30), ("a", "b", 5), ("b", "z", 5)])
+    assert cheapest_route(network, "a", "z") == (10, ["a", "b", "z"])
+
+
+def test_late_improvement_in_the_middle():
+    network = Network(
+        [
+            ("s", "a", 9),
+            ("s", "b", 1),
+            ("b", "c", 1),
+            ("c", "a", 1),
+            ("a", "t", 2),
+            ("s", "t", 20),
+        ]
+    )
+    assert cheapest_route(network, "s", "t") == (5, ["s", "b", "c", "a", "t"])
+
+
+def test_grid_costs_match_exhaustive_search():
+    size = 4
+    places = {(x, y) for x in range(size) for y in range(size)}
+    network = Network()
+    for x, y in sorted(places):
+        for nx, ny in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)):
+            if (nx, ny) in places:
+                network.connect((x, y), (nx, ny), (7 * x + 5 * ny + 3 * nx * y) % 11)
+    best = {(0, 0): 0}
+    for _ in range(size * size):
+        for place in list(best):
+            for neighbour, step in network.neighbours(place):
+                best[neighbour] = min(best.get(neighbour, 10**6), best[place] + step)
+    for place, expected in best.items():
+        found, path = cheapest_route(network, (0, 0), place)
+        assert found == expected
+        assert network.cost(path) == expected
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_search.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 1ed668e2cba45b797353ef1b2d6439698d6b6f4b tests/test_search.py
