"""The repository at a commit, read from git objects; candidates laid over it; patches made by git itself.

    objects   GitRepository: files, history and tar of one commit
    overlay   Overlay: a tree with changes laid over it
    diff      make_patch, apply_patch: between changes and patch bytes
    sources   find_repository: local mirrors, then a cached partial clone
    seed      commit_tree: a deterministic one-commit repository from files in memory
    plumbing  the only place that starts git

There is never a working tree on the host, and no configuration, hook, attribute or ref of a repository that
somebody else made is ever read: git runs in a git directory of ours that borrows the other's objects.
"""
