"""The command, as ``python -m graphtracker``."""

from graphtracker.cli import main

if __name__ == "__main__":
    main()
