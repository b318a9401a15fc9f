#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 38813903c50077d6dac59cdea8e08f400c958c93
git checkout 38813903c50077d6dac59cdea8e08f400c958c93 tests/test_allocate.py tests/test_invoice.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_allocate.py b/tests/test_allocate.py
index 585de98..10281a1 100644
--- a/tests/test_allocate.py
+++ b/tests/test_allocate.py
@@ -22,3 +22,39 @@ def test_bad_arguments():
         allocate(Money(1), [2, -1])
     with pytest.raises(ValueError):
         split(Money(1), 0)
+
+
+def check(amount, weights):
+    shares = allocate(Money(amount), weights)
+    assert sum(share.cents for share in shares) == amount
+    for share, weight in zip(shares, weights):
+        assert abs(share.cents - amount * weight / sum(weights)) <= 1
+    return [share.cents for share in shares]
+
+
+def test_split_adds_up():
+    for amount in (1, 2, 100, 9999, 10000):
+        for parts in (1, 2, 3, 6, 7):
+            cents = check(amount, [1] * parts)
+            assert max(cents) - min(cents) <= 1
+
+
+def test_weighted_shares_add_up():
+    check(101, [1, 2, 3])
+    check(10, [3, 3, 3, 1])
+    check(9999, [70, 25, 4, 1])
+
+
+def test_zero_weight_gets_nothing():
+    assert check(101, [0, 1, 1])[0] == 0
+    assert check(5, [3, 0, 3])[1] == 0
+
+
+def test_refund_adds_up():
+    cents = check(-10000, [1, 1, 1])
+    assert sorted(cents) == [-3334, -3333, -3333]
+    check(-7, [5, 1, 1])
+
+
+def test_currency_is_kept():
+    assert {share.currency for share in split(Money(100, "CHF"), 3)} == {"CHF"}
diff --git a/tests/test_invoice.py b/tests/test_invoice.py
index bac2fe3..21e28d0 100644
--- a/tests/test_invoice.py
+++ b/tests/test_invoice.py
@@ -10,3 +10,9 @@ def test_total():
 def test_discounts_per_line():
     invoice = Invoice([Line("a", Money(300)), Line("b", Money(100))], Money(40))
     assert invoice.discounts_per_line() == [Money(30), Money(10)]
+
+
+def test_discounts_per_line_add_up():
+    lines = [Line("a", Money(333)), Line("b", Money(333)), Line("c", Money(334), 2)]
+    invoice = Invoice(lines, Money(250))
+    assert sum(d.cents for d in invoice.discounts_per_line()) == 250
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_allocate.py tests/test_invoice.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 38813903c50077d6dac59cdea8e08f400c958c93 tests/test_allocate.py tests/test_invoice.py
