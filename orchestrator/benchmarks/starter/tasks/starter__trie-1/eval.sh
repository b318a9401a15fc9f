#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 1722e0193bd619b6ca37b0dabd4708971429b551
git checkout 1722e0193bd619b6ca37b0dabd4708971429b551 tests/test_trie.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_trie.py b/tests/test_trie.py
index e938fd1..60ac4ad 100644
--- a/tests/test_trie.py
+++ b/tests/test_trie.py
@@ -39,3 +39,50 @@ def test_remove_unknown_word():
 def test_empty_word():
     with pytest.raises(ValueError):
         Trie([""])
+
+
+def test_remove_keeps_longer_words():
+    trie = Trie(["car", "cart", "carton"])
+    trie.remove("car")
+    assert list(trie) == ["cart", "carton"]
+    assert "car" not in trie
+
+
+def test_remove_keeps_shorter_words():
+    trie = Trie(["car", "cart", "carton", "dog"])
+    trie.remove("carton")
+    assert list(trie) == ["car", "cart", "dog"]
+    trie.remove("cart")
+    assert list(trie) == ["car", "dog"]
+    assert len(trie) == 2
+
+
+def test_remove_from_the_middle():
+    trie = Trie(["a", "ab", "abc", "abd"])
+    trie.remove("ab")
+    assert list(trie) == ["a", "abc", "abd"]
+    trie.remove("abd")
+    assert list(trie) == ["a", "abc"]
+
+
+def test_removed_nodes_are_freed():
+    trie = Trie(["car", "carton"])
+    trie.remove("carton")
+    assert trie.count_nodes() == Trie(["car"]).count_nodes()
+
+
+def test_remove_twice():
+    trie = Trie(["car", "cart"])
+    trie.remove("car")
+    with pytest.raises(KeyError):
+        trie.remove("car")
+
+
+def test_removed_word_can_be_added_again():
+    trie = Trie()
+    trie.add("car", 5)
+    trie.add("cart", 1)
+    trie.remove("car")
+    trie.add("car", 2)
+    assert trie.find("car").weight == 2
+    assert len(trie) == 2
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_trie.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 1722e0193bd619b6ca37b0dabd4708971429b551 tests/test_trie.py
