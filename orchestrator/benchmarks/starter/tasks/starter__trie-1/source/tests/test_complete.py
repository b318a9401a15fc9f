from wordtrie import Trie, complete, longest_prefix


def test_heaviest_first():
    trie = Trie()
    trie.add("tea", 3)
    trie.add("ten", 12)
    trie.add("to", 7)
    trie.add("inn", 5)
    assert complete(trie, "t") == ["ten", "to", "tea"]
    assert complete(trie, "t", limit=1) == ["ten"]


def test_ties_are_alphabetical():
    assert complete(Trie(["b", "a", "c"]), "") == ["a", "b", "c"]


def test_nothing_found():
    assert complete(Trie(["a"]), "x") == []


def test_longest_prefix():
    trie = Trie(["in", "inter", "internet"])
    assert longest_prefix(trie, "international") == "inter"
    assert longest_prefix(trie, "out") == ""
