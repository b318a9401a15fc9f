#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 9396470eca24309c4358ba9f2b13c5267142f09e
git checkout 9396470eca24309c4358ba9f2b13c5267142f09e tests/test_cli.py tests/test_model.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_cli.py b/tests/test_cli.py
index 371b2ce..4737ffc 100644
--- a/tests/test_cli.py
+++ b/tests/test_cli.py
@@ -30,3 +30,12 @@ def test_remove(tmp_path):
     run(tmp_path, "add", "a")
     assert run(tmp_path, "remove", "1") == (0, "removed: a\n")
     assert run(tmp_path, "list") == (0, "")
+
+
+def test_done_after_remove_and_add(tmp_path):
+    for text in ("a", "b", "c"):
+        run(tmp_path, "add", text)
+    run(tmp_path, "remove", "2")
+    _, output = run(tmp_path, "add", "d")
+    number = output.split()[1].rstrip(":")
+    assert run(tmp_path, "done", number) == (0, "done: d\n")
diff --git a/tests/test_model.py b/tests/test_model.py
index aa56e24..dbade5d 100644
--- a/tests/test_model.py
+++ b/tests/test_model.py
@@ -23,3 +23,38 @@ def test_json_round_trip():
     tasks.finish(2)
     again = TaskList.from_json(tasks.to_json())
     assert again.tasks == tasks.tasks
+
+
+def test_numbers_stay_unique_after_removing():
+    tasks = TaskList()
+    for text in "abc":
+        tasks.add(text)
+    tasks.remove(1)
+    new = tasks.add("d")
+    assert sorted({task.number for task in tasks.tasks}) == sorted(
+        task.number for task in tasks.tasks
+    )
+    assert tasks.find(new.number).text == "d"
+    assert tasks.find(3).text == "c"
+
+
+def test_numbers_stay_unique_after_many_changes():
+    tasks = TaskList()
+    for text in "abcdef":
+        tasks.add(text)
+    for number in (2, 3, 5):
+        tasks.remove(number)
+    for text in "xyz":
+        tasks.add(text)
+    numbers = [task.number for task in tasks.tasks]
+    assert len(set(numbers)) == 6
+
+
+def test_numbers_start_at_one():
+    assert TaskList().add("a").number == 1
+
+
+def test_old_files_still_load():
+    tasks = TaskList.from_json({"tasks": [{"number": 4, "text": "a", "done": False}]})
+    assert tasks.add("b").number != 4
+    assert tasks.find(4).text == "a"
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_cli.py tests/test_model.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 9396470eca24309c4358ba9f2b13c5267142f09e tests/test_cli.py tests/test_model.py
