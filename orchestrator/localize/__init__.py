"""Fault localization without a model, and the context a model is shown.

    index     facts of every blob, on disk, shared by runs        -> RepositoryIndex
    evidence  what the problem statement says outright             -> Clues
    signals   one score per file and per function for each reason  -> features
    walk      along calls from what the issue and its code name     (a signal of its own; snippet reads the code)
    nearby    a second search, of the best files alone              (likewise)
    rank      fitted fusion of the signals                         -> Localization
    context   the code worth showing, under a token budget         -> Context
    tests     which tests reach a function, within seconds
    tracer    runs in a sandbox and names the functions that ran   -> spectrum

Everything is deterministic and reads only what exists at base_commit.
"""
