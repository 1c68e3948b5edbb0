"""The engine with a preset "quick" of a narrow network and few steps, for tests of the whole chain.

What is tested there is that the parts fit together, not what a network learns. Arguments are those
of the command line; options of Python and `-m cscl` before them are passed over, so that a script
that runs this file can stand where a Python of the engine is expected.
"""

from __future__ import annotations

import dataclasses
import sys

from cscl.training import presets

STEPS = {"pretrain": 10, "finetune": 60}


def shorten() -> None:
    """Replace the preset."""
    quick = presets.PRESETS["quick"]
    short = {
        name: dataclasses.replace(quick.stage(name), steps=steps) for name, steps in STEPS.items()
    }
    presets.PRESETS["quick"] = dataclasses.replace(quick, width=0.125, **short)


if __name__ == "__main__":
    if "-m" in sys.argv:
        del sys.argv[1 : sys.argv.index("-m") + 2]
    shorten()
    from cscl.cli import main

    main()
