"""Where repository code runs: engines behind one Protocol, and the running of repository tests on top of them.

bubblewrap    BubblewrapEngine: namespaces, no image, no daemon; a fresh one for every command
docker        DockerEngine: one hardened container a command, from the task's image (docker_* are its parts)
unsafe_local  UnsafeLocalEngine: no isolation at all, for --unsafe-local; results are stamped
scripted      ScriptedEngine: answers from a function, for tests
testrun       run_tests, run_script: per-test outcomes that a patch cannot print
"""
