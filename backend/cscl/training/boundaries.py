"""Which boundary strength a fine-tuned model maps: of its projections or its probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from cscl.context import JobContext
from cscl.evaluation.edges import EdgeScore, parcel_edges
from cscl.losses import WindowLoss
from cscl.mapping.layers import boundary_strength, softmax
from cscl.models.boundary import (
    NEIGHBOURHOOD,
    NEIGHBOURS,
    PROBABILITIES,
    BoundaryStrength,
    both_seen,
    compares_neighbours,
    neighbour_similarity,
)
from cscl.models.card_checks import BOUNDARY_SOURCES
from cscl.models.network import observed
from cscl.training.batches import Batch, labels_at, parcels_at, plain_batches
from cscl.training.classification import ClassificationTask
from cscl.training.projections import MOST_STEPS, Blocks, fit_projections, pair_labels

STAGE = "boundary"
# Chips of each split, at even steps: enough for a few thousand numbers and one choice.
MOST_CHIPS = 64

Record = dict[str, dict[str, Any]]


class Boundaries:
    """Fits the projections of a trained task's network and chooses between the strengths.

    `losses` are by scale, `record` is what the card keeps: by scale the `source` chosen on
    validation, its and the others' `average_precision` there, and the `offsets` of the
    similarity (`cscl.models.boundary`). A fit takes no more steps than training did, `steps`.
    """

    def __init__(
        self,
        task: ClassificationTask,
        temperatures: Mapping[str, float],
        steps: int,
        ctx: JobContext,
    ) -> None:
        self.task, self.session, self.ctx = task, task.session, ctx
        self.temperatures = temperatures
        self.steps = min(steps, MOST_STEPS)
        self.scales = task.network.heads
        self.losses: dict[int, WindowLoss] = {}
        self.record: Record = {}
        self._done = 0

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def run(self, joint: Mapping[int, WindowLoss]) -> None:
        """Fit and choose; projections of `joint` losses that compare neighbours are kept."""
        self.task.module.eval()
        kept = {scale: loss for scale, loss in joint.items() if compares_neighbours(loss)}
        self._fit(kept)
        offsets = self._offsets()
        self.record = {str(scale): {"offsets": found} for scale, found in offsets.items()}
        self.losses = {scale: self.losses[scale] for scale in offsets}
        scores = self._scores()
        for scale in self.scales:
            self._choose(scale, scores[scale])

    def _fit(self, kept: Mapping[int, WindowLoss]) -> None:
        """Fit the projections of all scales but those that are kept."""
        self.losses = dict(kept)
        missing = [scale for scale in self.scales if scale not in kept]
        blocks = {scale: Blocks() for scale in missing}
        for batch, maps in self._maps("training") if missing else ():
            for scale in missing:
                blocks[scale].add(maps[scale], *pair_labels(batch, scale))
        for scale in missing:
            if len(blocks[scale]):
                with torch.enable_grad():
                    self.losses[scale] = fit_projections(
                        *blocks[scale].tensors(),
                        steps=self.steps,
                        seed=self.session.job.seed,
                        device=self.task.device,
                    )
            self._step()
        if missing:
            self.ctx.note(
                "The projections of the boundary strength were fitted to the features of the "
                "fine-tuned network."
            )

    def _maps(self, split: str) -> Iterator[tuple[Batch, dict[int, Tensor]]]:
        """Yield batches of a split's chips with the network's maps."""
        session = self.session
        indices = session.dataset.chips(split)
        indices = indices[:: max(1, -(-len(indices) // MOST_CHIPS))]
        store = session.training if split == "training" else session.validation
        for batch in plain_batches(session.dataset, store, indices, self.task.chips):
            self.ctx.check()
            moved = batch.to(self.task.device)
            maps = self.task.maps(moved, self.task.narrow, self.scales)
            yield moved, {scale: item.float() for scale, item in maps.items()}
            self._step()

    def _offsets(self) -> dict[int, list[float]]:
        """Return the mean similarity with each neighbour inside the parcels, by scale.

        Of the validation split, or of the training split where that has none.
        """
        split = "validation" if self.session.dataset.chips("validation") else "training"
        sums = {scale: torch.zeros(8, 2, dtype=torch.float64) for scale in self.losses}
        for batch, maps in self._maps(split) if self.losses else ():
            for scale, loss in self.losses.items():
                _, parcels = pair_labels(batch, scale)
                others = NEIGHBOURHOOD.gather(parcels, fill=0)[:, NEIGHBOURS]
                inside = (others == parcels[:, None]) & (parcels > 0)[:, None]
                inside &= both_seen(_seen(batch, scale))
                similarity = torch.where(inside, neighbour_similarity(loss, maps[scale]), 0.0)
                for place, item in enumerate((similarity, inside)):
                    sums[scale][:, place] += item.double().sum((0, 2, 3)).cpu()
        return {
            scale: [round(float(value), 6) for value in total[:, 0] / total[:, 1]]
            for scale, total in sums.items()
            if bool((total[:, 1] > 0).all())
        }

    def _scores(self) -> dict[int, dict[str, EdgeScore]]:
        """Return how well each strength finds the edges of the validation chips, by scale."""
        strengths = BoundaryStrength.of(self.losses, self.record)
        scores: dict[int, dict[str, EdgeScore]] = {scale: {} for scale in self.scales}
        for batch, maps in self._maps("validation"):
            logits = self.task.network.classify(
                {scale: maps[scale] for scale in self.scales}, observed(batch.valid)
            )
            for scale in self.scales:
                seen = _seen(batch, scale).cpu().numpy()
                found = strengths.strengths(maps, _seen(batch, 1), scale, BOUNDARY_SOURCES)
                labels = labels_at(batch, scale).cpu().numpy()
                parcels = parcels_at(batch, scale).cpu().numpy()
                temperature = self.temperatures.get(str(scale), 1.0)
                for at, values in enumerate(logits[scale].float().cpu().numpy()):
                    edges, known = parcel_edges(parcels[at], labels[at])
                    own = {name: item[at].cpu().numpy() for name, item in found.items()}
                    shares = softmax(values, temperature)
                    own[PROBABILITIES] = boundary_strength(shares, seen[at])
                    for name, strength in own.items():
                        score = scores[scale].setdefault(name, EdgeScore())
                        score.add(strength, edges, known & seen[at])
        return scores

    def _choose(self, scale: int, scores: Mapping[str, EdgeScore]) -> None:
        """Record the strength of the best average precision; probabilities where none is known."""
        found = {name: score.average_precision for name, score in scores.items()}
        known = {name: round(item, 6) for name, item in found.items() if item is not None}
        names = [name for name in BOUNDARY_SOURCES if name in known]
        # The first of equals: what has been there longer.
        source = max(names, key=known.__getitem__, default=PROBABILITIES)
        ordered = {name: known[name] for name in names}
        entry = self.record.setdefault(str(scale), {})
        entry.update(source=source, average_precision=ordered)
        told = ", ".join(f"{name} {value:.3f}" for name, value in ordered.items())
        self.ctx.note(
            f"Boundary strength at {10 / scale:g} m is that of the {source}"
            + (f": average precision against parcel edges on validation is {told}." if told
               else ": there is no validation parcel to choose by.")
        )  # fmt: skip

    def _step(self) -> None:
        self._done += 1
        self.ctx.progress(STAGE, self._done, max(self._done, self._total()))

    def _total(self) -> int:
        """Return how many batches and fits there are in all."""
        chips = [len(self.session.dataset.chips(split)) for split in ("training", "validation")]
        batches = [-(-min(number, MOST_CHIPS) // self.task.chips) for number in chips]
        return batches[0] + 2 * batches[1] + len(self.scales)


def _seen(batch: Batch, scale: int) -> Tensor:
    """Return where anything was observed, bool (B, H * scale, W * scale)."""
    seen = batch.valid.any(1)
    return seen.repeat_interleave(scale, 1).repeat_interleave(scale, 2)
