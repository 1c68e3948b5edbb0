"""The command line: one command a job, its options made from the job's fields."""

from __future__ import annotations

import os
import sys

from cscl.memory import use_one_heap


def main() -> None:
    """Run the command line and exit: 0 when done, 2 for wrong usage, 1 for anything else."""
    # Threads that wait by spinning make a busy machine ten times slower than one thread alone;
    # must be said before the numerical libraries load.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    use_one_heap()
    speaks = "--protocol" in sys.argv[1:] or sys.argv[1:2] == ["serve"]
    events = reserve_stdout() if speaks else None
    from cscl.commands import application

    sys.exit(application(events))


def reserve_stdout() -> int:
    """Set standard output aside for events; whatever else is printed goes to standard error.

    Called before any heavy import, for some libraries print while they are imported.
    """
    events = os.dup(1)
    os.set_inheritable(events, False)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return events


if __name__ == "__main__":
    main()
