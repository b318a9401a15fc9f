"""Replies written by hand, as small models write them; each says what a person would do with it."""

# ruff: noqa: E501  (a row of a table is one case)

from __future__ import annotations

from tests.bench.corpus.generate import Case
from tests.bench.corpus.sources import INVENTORY, TWINS

PATH = "shop/inventory.py"
FILES = {PATH: INVENTORY.encode(), "shop/readers.py": TWINS.encode(), "README.md": b"# Shop\n"}

_ADD_OLD = '            logger.warning("shelf %s is full", self.name)\n            raise StockError(self.name)\n'
_ADD_NEW = '            logger.error("shelf %s is full", self.name)\n            raise StockError(self.name)\n'
_TOTAL = "def total(warehouse):\n    return sum(len(shelf.items) for shelf in warehouse.shelves.values())\n"
_TOTAL_OLD = "def total(warehouse):\n    count = 0\n    for shelf in warehouse.shelves.values():\n        count += len(shelf.items)\n    return count\n"
_REMOVE = (
    "    def remove(self, item):\n        try:\n            self._items.remove(item)\n        except ValueError:\n"
    "            return False\n        else:\n            return True\n"
)
_REMOVE_OLD = (
    "    def remove(self, item):\n        try:\n            self._items.remove(item)\n        except ValueError:\n"
    "            return False\n        return True\n"
)


def _search(old: str, new: str, path: str = PATH) -> str:
    return f"{path}\n```python\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n```\n"


def _flat(code: str) -> str:
    return "".join(line.removeprefix("    ") + "\n" for line in code.split("\n")[:-1])


_REPLIES: list[tuple[str, str, str, str | None, str]] = [
    # (name, format, reply, old text or None where it must be refused, new text)
    ("steps_then_code", "function", f"To fix this:\n\n1. Sum up.\n2. Return.\n\n### {PATH} :: total\n```python\n{_TOTAL}```\n\nLet me know!", _TOTAL_OLD, _TOTAL),
    ("bare_code", "function", _TOTAL, _TOTAL_OLD, _TOTAL),
    ("code_then_usage", "function", f"```python\n{_TOTAL}```\n\nYou can run it:\n\n```bash\npython -m shop\n```\n", _TOTAL_OLD, _TOTAL),
    ("example_block_first", "function", f"```\n>>> total(w)\n```\ngives an error. Fixed:\n```python\n{_TOTAL}```", _TOTAL_OLD, _TOTAL),
    ("duplicate_answers", "function", f"### {PATH} :: total\n```python\n{_TOTAL}```\n### {PATH} :: total\n```python\n{_TOTAL}```\n", _TOTAL_OLD, _TOTAL),
    ("method_with_class", "function", f"### {PATH} :: Shelf.remove\n```python\nclass Shelf:\n{_REMOVE}```", _REMOVE_OLD, _REMOVE),
    ("method_with_ellipses", "function", f"```python\nclass Shelf:\n    ...\n\n{_REMOVE}\n    ...\n```", _REMOVE_OLD, _REMOVE),
    ("method_at_margin", "function", f"### {PATH} :: Shelf.remove\n```python\n{_flat(_REMOVE)}```", _REMOVE_OLD, _REMOVE),
    ("two_classes_one_name", "function", f"```python\n{_flat(_REMOVE)}```", _REMOVE_OLD, _REMOVE),
    ("other_class_same_method", "function", f"### {PATH} :: add\n```python\ndef add(self, x):\n    pass\n```", None, ""),
    ("docstring_only_answer", "function", "The method looks right to me, no change is needed.", None, ""),
    ("json_answer", "function", '{"file": "shop/inventory.py", "patch": "return 1"}', None, ""),
    ("truncated_function", "function", f"### {PATH} :: Shelf.remove\n```python\n    def remove(self, item):\n        try:\n            self._items.remove(", None, ""),
    ("search_in_function_format", "function", _search(_ADD_OLD, _ADD_NEW), _ADD_OLD, _ADD_NEW),
    ("diff_in_function_format", "function", f"```diff\n--- a/{PATH}\n+++ b/{PATH}\n@@ -1 +1 @@\n-DEFAULT_LIMIT = 20\n+DEFAULT_LIMIT = 30\n```", "DEFAULT_LIMIT = 20", "DEFAULT_LIMIT = 30"),
    ("whole_file_in_function_format", "function", f"### {PATH} :: total\n```python\n{INVENTORY.replace(_TOTAL_OLD, _TOTAL)}```", _TOTAL_OLD, _TOTAL),
    ("renamed_method", "function", f"### {PATH} :: Shelf.remove\n```python\n    def remove_item(self, item):\n        return True\n```", None, ""),
    ("slip_in_the_name", "function", f"### {PATH} :: Shelf.remov\n```python\n    def remov(self, item):\n        return True\n```", None, ""),
    ("search_without_indentation", "search-replace", _search(_ADD_OLD.replace("            ", ""), _ADD_NEW.replace("            ", "")), _ADD_OLD, _ADD_NEW),
    ("search_other_quotes", "search-replace", _search(_ADD_OLD.replace('"', "'"), _ADD_NEW.replace('"', "'")), _ADD_OLD, _ADD_NEW),
    ("search_missing_line", "search-replace", _search("        if self.free <= 0 and not force:\n            raise StockError(self.name)\n        self._items.append(item)\n", "        if self.free <= 0 and not force:\n            raise StockError(self.name)\n        self._items.insert(0, item)\n"), "        self._items.append(item)\n", "        self._items.insert(0, item)\n"),
    ("search_old_name", "search-replace", _search(_REMOVE_OLD.replace("ValueError", "KeyError"), _REMOVE.replace("ValueError", "KeyError")), _REMOVE_OLD, _REMOVE),
    ("search_whole_class_elided", "search-replace", _search("class Shelf:\n...\n    def remove(self, item):\n...\n        return True\n", "class Shelf:\n...\n    def remove(self, item):\n...\n        return item\n"), "            return False\n        return True\n\n    @classmethod", "            return False\n        return item\n\n    @classmethod"),
    ("search_fragment_of_line", "search-replace", _search("len(shelf.items)} of {shelf.limit}\n", "len(shelf.items)}/{shelf.limit}\n"), "len(shelf.items)} of {shelf.limit}", "len(shelf.items)}/{shelf.limit}"),
    ("search_return_twice", "search-replace", _search("            return False\n", "            return None\n"), None, ""),
    ("search_twin_function", "search-replace", _search('    for row in rows:\n        if row.get("deleted"):\n            continue\n', "    for row in rows:\n", "shop/readers.py"), None, ""),
    ("search_invented_helper", "search-replace", _search("def get_total(self):\n    return self.total\n", "def get_total(self):\n    return 0\n"), None, ""),
    ("search_chat_around", "search-replace", f"Sure! I'd change `{PATH}` like so:\n\n{_search(_ADD_OLD, _ADD_NEW, '**' + PATH + '**')}\nThis logs an error.", _ADD_OLD, _ADD_NEW),
    ("search_class_header_only", "search-replace", _search("class Warehouse:\n", "class Warehouse(object):\n"), "class Warehouse:\n", "class Warehouse(object):\n"),
    ("search_prefix_of_line", "search-replace", _search("        return self.limit\n", "        return self.size\n"), None, ""),
    ("whole_with_rest", "whole-file", f"### {PATH}\n```python\n# ... existing code ...\n\n{_TOTAL}\n\n# ... rest of the file unchanged ...\n```", _TOTAL_OLD, _TOTAL),
    ("whole_one_function", "whole-file", f"### {PATH}\n```python\n{_TOTAL}```", _TOTAL_OLD, _TOTAL),
    ("whole_cut_off", "whole-file", f"### {PATH}\n```python\n{INVENTORY[:900]}", None, ""),
    ("diff_no_numbers", "unified-diff", f"--- a/{PATH}\n+++ b/{PATH}\n@@ def total @@\n def total(warehouse):\n-    count = 0\n+    count = 1\n", "(warehouse):\n    count = 0\n", "(warehouse):\n    count = 1\n"),
    ("diff_wrong_counts", "unified-diff", f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,9 +1,9 @@\n-    return count\n+    return 0\n", None, ""),
    ("existing_code_in_function", "function", f"### {PATH} :: Shelf.add\n```python\n    def add(self, item, *, force=False):\n        # existing code\n        return len(self.items)\n```", "        return len(self._items)\n\n    def remove", "        return len(self.items)\n\n    def remove"),
    ("omitted_for_brevity", "function", f"### {PATH} :: Shelf.remove\n```python\n    def remove(self, item):\n        # code omitted for brevity\n        return None\n```", None, ""),
    ("pass_existing_code", "function", f"### {PATH} :: Shelf.remove\n```python\n    def remove(self, item):\n        pass  # existing code\n```", None, ""),
    ("placeholder_for_what_is_shown", "search-replace", _search(_REMOVE_OLD, "    def remove(self, item):\n        # same as before\n        return None\n"), None, ""),
    ("placeholder_alone", "search-replace", _search(_REMOVE_OLD, "    # ... existing code ...\n"), None, ""),
    ("placeholder_before_new_code", "search-replace", _search(_ADD_OLD, "# unchanged lines\n" + _ADD_NEW), None, ""),
    ("divider_twice_deletes", "search-replace", _search('    logger.warning("shelf %s is full", self.name)\n', "=======\n"), '            logger.warning("shelf %s is full", self.name)\n', ""),
    ("line_hint", "search-replace", _search(":start_line:53\n-------\n" + _ADD_OLD, _ADD_NEW), _ADD_OLD, _ADD_NEW),
    ("two_answers", "search-replace", _search(_ADD_OLD, _ADD_NEW) + "\nor\n\n" + _search(_ADD_OLD, _ADD_NEW.replace("error", "info")), None, ""),
    ("two_versions", "function", f"### {PATH} :: total\n```python\n{_TOTAL}```\n\nAlternatively:\n\n### {PATH} :: total\n```python\ndef total(warehouse):\n    return 1\n```\n", None, ""),
    ("better_version", "function", f"### {PATH} :: total\n```python\ndef total(warehouse):\n    return 1\n```\nThat is wrong; here is a better version:\n\n### {PATH} :: total\n```python\n{_TOTAL}```\n", _TOTAL_OLD, _TOTAL),
    ("class_named_method_given", "function", f"### {PATH} :: Shelf\n```python\n{_flat(_REMOVE)}```", _REMOVE_OLD, _REMOVE),
    ("wrapper_with_attribute", "function", f"### {PATH} :: Shelf\n```python\nclass Shelf:\n    kind = 'shelf'\n\n{_REMOVE}```", None, ""),
    ("wrapper_with_base", "function", f"### {PATH} :: Shelf\n```python\nclass Shelf(Base):\n{_REMOVE}```", None, ""),
    ("function_as_diff", "function", f"### {PATH} :: total\n```python\n def total(warehouse):\n-    count = 0\n-    for shelf in warehouse.shelves.values():\n-        count += len(shelf.items)\n-    return count\n+    return sum(len(shelf.items) for shelf in warehouse.shelves.values())\n```", _TOTAL_OLD, _TOTAL),
    ("prose_in_open_fence", "function", f"### {PATH} :: total\n```python\n{_TOTAL}\nThis sums over all shelves at once, which is simpler.\n", _TOTAL_OLD, _TOTAL),
    ("escaped_brackets", "function", f"### {PATH} :: total\n```python\n{_TOTAL_OLD.replace('return count', 'return count if count &gt; 0 else 0')}```", "items)\n    return count\n", "items)\n    return count if count > 0 else 0\n"),
    ("blanks_of_the_web", "function", f"### {PATH} :: total\n```python\n{_TOTAL.replace('    ', chr(160) * 4)}```", _TOTAL_OLD, _TOTAL),
    ("names_from_elsewhere", "search-replace", _search("        shelf = self.shelf(label)\n        amount = shelf.add(item)\n", "        shelf = self.shelf(label)\n        amount = shelf.add(item, force=bool(label))\n"), None, ""),
    ("whole_without_its_tail", "whole-file", f"### {PATH}\n```python\n{INVENTORY[: INVENTORY.index('class Warehouse')].replace(_REMOVE_OLD, _REMOVE)}```", _REMOVE_OLD, _REMOVE),
    ("new_file_that_exists", "search-replace", f"```diff\n--- /dev/null\n+++ b/{PATH}\n@@ -0,0 +1 @@\n+x = 1\n```", None, ""),
]  # fmt: skip


def handwritten() -> list[Case]:
    """All of them."""
    cases = []
    for name, form, reply, old, new in _REPLIES:
        assert old is None or INVENTORY.count(old) == 1, name
        expected = None if old is None else INVENTORY.replace(old, new).encode()
        cases.append(Case(f"hand/{name}", form, FILES, PATH, reply, expected, (PATH,)))
    return cases
