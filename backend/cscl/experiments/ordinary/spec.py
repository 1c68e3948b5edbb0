"""Which images and volumes the demonstration uses, and what every arm may spend on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cscl.experiments.arms import (
    RESTART,
    SCRATCH,
    WEIGHTED,
    joint,
    pretrained,
    weighted,
)
from cscl.experiments.ordinary.data import (
    Picture,
    read_nuclei,
    read_tissue,
    read_volume_membranes,
    read_volume_nuclei,
)
from cscl.experiments.spec import Arm, Budget

# Of the first stage: that of control (b), and those at which crops' pretraining does not collapse.
RATE = 2e-3
LOWER_RATES = {"cross-entropy": 1e-3, "released": 5e-4}


def _pretrained(loss: str) -> tuple[Arm, Arm]:
    """Return the arm that pretrains with a loss at the rate of control (b), and at a lower one."""
    arm, lower = pretrained(loss), LOWER_RATES[loss]
    return (
        replace(arm, first_rate=RATE),
        replace(
            arm, name=f"{arm.name}-slow", title=f"{arm.title}, rate {lower:g}", first_rate=lower
        ),
    )


ARMS = (
    SCRATCH,
    RESTART,
    *_pretrained("cross-entropy"),
    *_pretrained("released"),
    WEIGHTED,
    weighted(joint("cross-entropy")),
)
IMAGES, VOLUMES = "images", "volumes"


@dataclass(frozen=True)
class Cut:
    """Which picture, and how it becomes two: along `axis`, `guard` pixels between left out."""

    picture: str
    axis: int
    guard: int


@dataclass(frozen=True)
class Subject:
    """One picture with labels, and the arms that train on one side of it.

    It has what `Runner` wants of an experiment; its ground is the cut.
    """

    name: str
    title: str
    words: str
    read: Callable[[Path | None], Picture]
    ground: Cut
    budget: Budget
    arms: tuple[Arm, ...] = ARMS
    seeds: tuple[int, ...] = (1, 2, 3)

    def arm(self, name: str) -> Arm:
        """Return the arm of this name; `KeyError` where there is none."""
        return {arm.name: arm for arm in self.arms}[name]


@dataclass(frozen=True)
class Demonstration:
    """Several subjects, with the same arms and seeds, under one name of `cscl experiments`.

    `options` are what the command takes besides its name.
    """

    name: str
    title: str
    subjects: tuple[Subject, ...]
    options: str = ""

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms of every subject."""
        return self.subjects[0].arms

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every subject."""
        return self.subjects[0].seeds


# Guards are as wide as the widest nucleus, so that none is on both sides.
DEMONSTRATIONS: Mapping[str, Demonstration] = {
    IMAGES: Demonstration(
        IMAGES,
        "Nuclei in a microscope's image, 2-D",
        (
            Subject(
                "nuclei",
                "Nuclei in an image, 2-D",
                "The fluorescence image of nuclei that the package `stardist` ships (BSD 3-clause; "
                "from the 2018 Data Science Bowl, Caicedo et al. 2019): 512 x 512 pixels, 183 "
                "nuclei. Classes: inside, border, outside. Left part for training, right part for "
                "the test.",
                read_nuclei,
                Cut("stardist nuclei", axis=1, guard=40),
                Budget(steps=240, width=8, batch=4, side=48),
            ),
        ),
    ),
    VOLUMES: Demonstration(
        VOLUMES,
        "Nuclei, cells and brain tissue in volumes, 3-D",
        (
            Subject(
                "nuclei",
                "Nuclei in a volume, 3-D",
                "`1135_mini.h5` of PlantSeg's tests (MIT): 100 x 100 x 100 voxels, 54 nuclei. "
                "Classes: inside, border, outside. Lower slab for training, upper slab for the "
                "test; voxels are 2.2 times as tall as wide.",
                read_volume_nuclei,
                Cut("plantseg nuclei", axis=0, guard=22),
                Budget(steps=180, width=8, batch=2, side=20),
            ),
            Subject(
                "membranes",
                "Cells between membranes, 3-D",
                "`sample_ovule.h5` of PlantSeg's tests (MIT): 32 x 128 x 128 voxels full of cells. "
                "Classes: inside, border. Cells are as wide as a slab, so some lie in both.",
                read_volume_membranes,
                Cut("plantseg cells", axis=2, guard=24),
                Budget(steps=180, width=8, batch=2, side=20),
            ),
            Subject(
                "tissue",
                "Grey and white matter, 3-D",
                "The MNI ICBM152 2009a template as the package `nilearn` ships it (nilearn is BSD "
                "3-clause and calls the template's licence unknown): T1, and the larger of the "
                "maps of white matter, grey matter and what remains. The template is its own "
                "mirror image, so one half of the brain is used; posterior slab for training, "
                "anterior slab for the test. What is not brain is unknown.",
                read_tissue,
                Cut("nilearn tissue", axis=1, guard=16),
                Budget(steps=180, width=8, batch=2, side=20),
            ),
        ),
        options=" --data FOLDER",
    ),
}
