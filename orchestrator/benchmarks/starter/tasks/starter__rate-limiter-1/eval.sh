#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff f95e35db584ba646f1eade9740596883d3428466
git checkout f95e35db584ba646f1eade9740596883d3428466 tests/test_bucket.py tests/test_limiter.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_bucket.py b/tests/test_bucket.py
index 8bc1713..c439f29 100644
--- a/tests/test_bucket.py
+++ b/tests/test_bucket.py
@@ -34,3 +34,23 @@ def test_clock_that_goes_back():
 def test_bad_arguments():
     with pytest.raises(ValueError):
         TokenBucket(0, 1, now=0)
+
+
+def test_never_holds_more_than_its_capacity():
+    bucket = TokenBucket(3, 10, now=0)
+    assert bucket.available(1000) == 3
+    bucket.take(1000, 2)
+    assert bucket.available(1000.05) == pytest.approx(1.5)
+    assert bucket.available(5000) == 3
+
+
+def test_burst_after_a_long_pause():
+    bucket = TokenBucket(3, 1, now=0)
+    bucket.take(0, 3)
+    assert [bucket.take(3600) for _ in range(5)] == [True, True, True, False, False]
+
+
+def test_wait_time_after_a_long_pause():
+    bucket = TokenBucket(2, 0.5, now=0)
+    bucket.take(500, 2)
+    assert bucket.wait_time(500) == 2
diff --git a/tests/test_limiter.py b/tests/test_limiter.py
index 4373d65..cbf1f3e 100644
--- a/tests/test_limiter.py
+++ b/tests/test_limiter.py
@@ -33,3 +33,11 @@ def test_forget_idle():
     limiter.check("b")
     clock.now += 0.25
     assert limiter.forget_idle() == 1
+
+
+def test_idle_client_gets_its_burst_only():
+    clock = FakeClock()
+    limiter = RateLimiter(Rate(10, 60), clock=clock)
+    limiter.check("a")
+    clock.now += 8 * 3600
+    assert sum(limiter.check("a").allowed for _ in range(50)) == 10
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_bucket.py tests/test_limiter.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout f95e35db584ba646f1eade9740596883d3428466 tests/test_bucket.py tests/test_limiter.py
