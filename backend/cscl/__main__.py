"""Lets `python -m cscl` do what the command `cscl` does."""

from cscl.cli import main

if __name__ == "__main__":
    main()
