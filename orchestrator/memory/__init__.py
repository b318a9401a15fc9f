"""What a run remembers beside its transitions: records as JSON, recorded models, sandboxes and tests, grades, copies, the lock."""
