"""Replay: one instance again, from the ledger alone; on for real from any point; and new prompts on recorded inputs.

drive    the machine again, step by step      compare  recorded and now, field by field
bench    tools that only remember             branch   a new run that goes on from a recorded point
live     branches driven for real             trial    another prompt set on what a run recorded
"""
