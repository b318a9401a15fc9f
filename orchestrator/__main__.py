"""`python -m orchestrator` is `ramp`."""

from orchestrator.cli import main

if __name__ == "__main__":
    main()
