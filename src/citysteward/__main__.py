"""`python -m citysteward` is the command `citysteward`."""

from citysteward.config.cli import main

if __name__ == "__main__":
    main()
