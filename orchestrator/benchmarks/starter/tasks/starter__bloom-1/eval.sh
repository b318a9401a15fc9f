#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 8353974ab21df5acff52d46cf77ed644b3fcf6d3
git checkout 8353974ab21df5acff52d46cf77ed644b3fcf6d3 tests/test_bits.py tests/test_bloom.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_bits.py b/tests/test_bits.py
index 68d16f2..120becc 100644
--- a/tests/test_bits.py
+++ b/tests/test_bits.py
@@ -39,3 +39,33 @@ def test_bytes_round_trip():
 def test_wrong_number_of_bytes():
     with pytest.raises(ValueError):
         BitArray.from_bytes(16, b"abc")
+
+
+def test_every_bit_of_every_size():
+    for size in range(1, 40):
+        bits = BitArray(size)
+        for index in range(size):
+            assert not bits[index]
+            bits.set(index)
+            assert bits[index]
+        assert bits.count() == size == len(bits)
+
+
+def test_odd_sizes_round_trip():
+    for size in (1, 7, 9, 15, 17):
+        bits = BitArray(size)
+        bits.set(size - 1)
+        again = BitArray.from_bytes(size, bits.to_bytes())
+        assert again[size - 1] and again.count() == 1
+
+
+def test_no_spare_bytes():
+    assert len(BitArray(16).to_bytes()) == 2
+    assert len(BitArray(17).to_bytes()) == 3
+
+
+def test_union_of_odd_size():
+    a, b = BitArray(11), BitArray(11)
+    a.set(10)
+    b.set(2)
+    assert a.union(b).count() == 2
diff --git a/tests/test_bloom.py b/tests/test_bloom.py
index 4968a26..745d2dc 100644
--- a/tests/test_bloom.py
+++ b/tests/test_bloom.py
@@ -35,3 +35,11 @@ def test_union():
     b.add("y")
     both = a.union(b)
     assert "x" in both and "y" in both
+
+
+def test_filters_of_odd_size():
+    for bits in (101, 127, 250):
+        names = BloomFilter(bits, 4)
+        for number in range(30):
+            names.add(str(number))
+        assert all(str(number) in names for number in range(30))
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_bits.py tests/test_bloom.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 8353974ab21df5acff52d46cf77ed644b3fcf6d3 tests/test_bits.py tests/test_bloom.py
