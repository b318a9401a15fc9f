#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 9dd732be3aca039762ab3582b05a94dfd377a3e8
git checkout 9dd732be3aca039762ab3582b05a94dfd377a3e8 tests/test_elimination.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_elimination.py b/tests/test_elimination.py
index 7d59edb..0b3e52b 100644
--- a/tests/test_elimination.py
+++ b/tests/test_elimination.py
@@ -2,7 +2,7 @@ from fractions import Fraction
 
 import pytest
 
-from linalg import Matrix, determinant, inverse, rank, solve
+from linalg import Matrix, SingularMatrix, determinant, inverse, rank, solve
 
 
 def test_determinant():
@@ -30,3 +30,36 @@ def test_inverse():
     matrix = Matrix([[2, 1], [1, 3]])
     assert inverse(matrix)[0, 0] == Fraction(3, 5)
     assert matrix @ inverse(matrix) == Matrix.identity(2)
+
+
+def test_zero_in_the_corner():
+    matrix = Matrix([[0, 2], [3, 1]])
+    assert determinant(matrix) == -6
+    assert solve(matrix, [4, 5]) == [1, 2]
+
+
+def test_zero_turns_up_later():
+    matrix = Matrix([[1, 1, 0], [1, 1, 1], [0, 1, 0]])
+    assert determinant(matrix) == -1
+    assert matrix @ inverse(matrix) == Matrix.identity(3)
+
+
+def test_two_exchanges_keep_the_sign():
+    assert determinant(Matrix([[0, 1, 0], [0, 0, 1], [1, 0, 0]])) == 1
+
+
+def test_inverse_of_a_permutation():
+    matrix = Matrix([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
+    assert inverse(matrix) == matrix.transpose()
+
+
+def test_determinant_of_a_singular_matrix():
+    assert determinant(Matrix([[0, 1], [0, 5]])) == 0
+    assert determinant(Matrix([[1, 2, 3], [2, 4, 6], [1, 0, 1]])) == 0
+
+
+def test_singular_matrix_cannot_be_solved():
+    with pytest.raises(SingularMatrix):
+        solve(Matrix([[0, 1], [0, 5]]), [1, 1])
+    with pytest.raises(SingularMatrix):
+        inverse(Matrix([[1, 2], [2, 4]]))
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_elimination.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 9dd732be3aca039762ab3582b05a94dfd377a3e8 tests/test_elimination.py
