"""The training loop of both stages: steps, validation, checkpoints, the best weights."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from cscl.context import JobContext
from cscl.contract.errors import Cancelled, UserError
from cscl.training.batches import Batch, Sampler
from cscl.training.checkpoints import (
    Checkpoint,
    CheckpointFolder,
    optimizer_tensors,
    restore_optimizer,
)
from cscl.training.precision import kept_buffers
from cscl.training.presets import Plan
from cscl.training.records import Records

CHECKPOINT_SECONDS = 20.0
# Epochs may take less than writing a checkpoint does.
LEAST_CHECKPOINT_SECONDS = 2.0


class Task(Protocol):
    """What one stage trains and how it is judged.

    `score` names the validation figure whose best weights are kept; `narrow` says whether
    convolutions run in bfloat16.
    """

    module: nn.Module
    score: str
    narrow: bool

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return the loss of a batch that is on the device, a scalar in float32."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Return the figures on the validation split; empty where it has no chips."""
        ...


@dataclass
class Progress:
    """Where a run stands; with the tensors, all that a checkpoint holds."""

    step: int = 0
    seconds: float = 0.0
    best_step: int = -1
    best_score: float = -math.inf
    recent: list[float] = field(default_factory=list)
    records: Records = field(default_factory=Records)

    def to_json(self) -> dict[str, Any]:
        """Return plain values; a missing best score is None."""
        return {
            "step": self.step,
            "seconds": self.seconds,
            "best_step": self.best_step,
            "best_score": self.best_score if self.best_step >= 0 else None,
            "recent": self.recent,
            "records": self.records.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Progress:
        """Return the progress that `to_json` wrote."""
        best = value["best_score"]
        return cls(
            int(value["step"]),
            float(value["seconds"]),
            int(value["best_step"]),
            -math.inf if best is None else float(best),
            [float(item) for item in value["recent"]],
            Records.from_json(value["records"]),
        )


class Loop:
    """Trains a task to its plan's end, or until the person asks to finish or cancel.

    The weights kept are those of the best validation score, the last ones where there is no
    validation. Everything random comes from the sampler, so that a resumed run on the processor
    equals one that was never interrupted, bit for bit.
    """

    def __init__(
        self,
        task: Task,
        plan: Plan,
        sampler: Sampler,
        checkpoints: CheckpointFolder,
        ctx: JobContext,
        device: torch.device,
    ) -> None:
        self.task, self.plan, self.sampler = task, plan, sampler
        self.checkpoints, self.ctx, self.device = checkpoints, ctx, device
        self.progress = Progress()
        self.parameters = dict(task.module.named_parameters())
        self.optimizer = _optimizer(self.parameters, plan)
        self.best: dict[str, Tensor] = {}

    def run(self) -> Progress:
        """Train, load the kept weights into the task's module and return how it went."""
        self._resume()
        saved_at = started = time.monotonic()
        before = self.progress.seconds
        try:
            self._report()
            if self.progress.step:
                self._validate_if_due()
            while self.progress.step < self.plan.steps and not self.ctx.finish_requested:
                self._step()
                self._validate_if_due()
                now = time.monotonic()
                self.progress.seconds = before + now - started
                epoch_ended = self.progress.step % self.plan.steps_per_epoch == 0
                waited = LEAST_CHECKPOINT_SECONDS if epoch_ended else CHECKPOINT_SECONDS
                if now - saved_at >= waited:
                    self.save()
                    saved_at = time.monotonic()
                self._report()
        except Cancelled:
            self.save()
            raise
        if self.ctx.finish_requested and self.progress.step < self.plan.steps:
            self.ctx.note(
                f"Training was asked to finish at step {self.progress.step} of {self.plan.steps}."
            )
        self._finish()
        return self.progress

    def _report(self) -> None:
        self.ctx.progress(self.plan.stage, self.progress.step, self.plan.steps)

    def _step(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate(self.progress.step)
        self.task.module.train()
        batch = self.sampler.next().to(self.device)
        with kept_buffers(self.task.module) as restore:
            value, norm = self._slopes(batch, self.task.narrow)
            if self.task.narrow and not math.isfinite(value + norm):
                # Some processors' bfloat16 convolutions return NaN now and then.
                restore()
                value, norm = self._slopes(batch, False)
                self.ctx.note("Some steps were repeated in float32, as bfloat16 failed on them.")
        if not math.isfinite(value):
            raise self._diverged("the loss is not a finite number")
        if not math.isfinite(norm):
            raise self._diverged("the gradient is not finite")
        self.optimizer.step()
        self.progress.step += 1
        self.progress.recent.append(value)

    def _slopes(self, batch: Batch, narrow: bool) -> tuple[float, float]:
        """Compute loss and gradients; return the loss and the gradients' norm before cutting."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.task.loss(batch, narrow)
        loss.backward()
        limit = self.plan.preset.clip_norm
        norm = nn.utils.clip_grad_norm_(self.parameters.values(), limit or math.inf)
        return float(loss.detach()), float(norm)

    def _check_weights(self) -> None:
        if not all(bool(item.isfinite().all()) for item in self.parameters.values()):
            raise self._diverged("the weights are not finite")

    def _diverged(self, what: str) -> UserError:
        step = self.progress.step
        rate = self.plan.rate(max(0, step - 1))
        return UserError(
            "training_diverged",
            f"{self.plan.stage}, after step {step}",
            f"{what}: the network diverged at the learning rate {rate:.2g}",
            "Use another seed or preset, or a smaller width. The last checkpoint is kept.",
        )

    def _validate_if_due(self) -> None:
        """Validate where it is due and has not been done."""
        progress, plan = self.progress, self.plan
        if progress.step in plan.validation_steps and not progress.records.has(progress.step):
            self._validate()

    def _validate(self) -> None:
        """Record the figures of this step and keep the weights if they are the best so far."""
        progress = self.progress
        self._check_weights()
        self.task.module.eval()
        with torch.no_grad():
            figures = self.task.validate()
        mean_loss = sum(progress.recent) / max(1, len(progress.recent))
        rate = self.plan.rate(progress.step - 1)
        progress.recent.clear()
        progress.records.add(progress.step, "training", {"loss": mean_loss, "rate": rate})
        progress.records.add(progress.step, "validation", figures)
        score = figures.get(self.task.score, math.nan)
        if score > progress.best_score:
            progress.best_score, progress.best_step = score, progress.step
            self.best = {
                name: value.detach().cpu().clone()
                for name, value in self.task.module.state_dict().items()
            }
        # Reported last: a person's cancelling, heard here, finds everything in order.
        progress.records.publish(self.ctx, progress.step)

    def _finish(self) -> None:
        """Leave the module with the weights to keep, in evaluation mode."""
        # Asked to finish between two validations: the latest weights have not been judged yet.
        if self.progress.step and not self.progress.records.has(self.progress.step):
            self._validate()
        if self.best:
            self.task.module.load_state_dict(self.best)
        else:
            self.progress.best_step = self.progress.step
        self.task.module.eval()

    def save(self) -> None:
        """Write a checkpoint of the present state."""
        self._check_weights()
        tensors = {f"module|{k}": v for k, v in self.task.module.state_dict().items()}
        tensors |= {f"best|{k}": v for k, v in self.best.items()}
        moments = optimizer_tensors(self.optimizer, self.parameters)
        tensors |= {f"optimizer|{k}": v for k, v in moments.items()}
        # safetensors refuses tensors that share memory.
        tensors = {k: v.detach().cpu().clone() for k, v in tensors.items()}
        state = {
            "progress": self.progress.to_json(),
            "sampler": self.sampler.state(),
            "narrow": self.task.narrow,
        }
        self.checkpoints.save(Checkpoint(self.progress.step, tensors, state))

    def _resume(self) -> None:
        checkpoint = self.checkpoints.load_newest(self.ctx)
        if checkpoint is None:
            return
        parts: dict[str, dict[str, Tensor]] = {"module": {}, "best": {}, "optimizer": {}}
        for full_name, value in checkpoint.tensors.items():
            kind, name = full_name.split("|", 1)
            parts[kind][name] = value
        self.task.module.load_state_dict(parts["module"])
        self.best = parts["best"]
        restore_optimizer(self.optimizer, self.parameters, parts["optimizer"])
        self.progress = Progress.from_json(checkpoint.state["progress"])
        self.sampler.restore(checkpoint.state["sampler"])
        # A new probe may decide otherwise, and the run would no longer equal an unbroken one.
        self.task.narrow = bool(checkpoint.state["narrow"])
        self.ctx.note(f"Training resumed at step {checkpoint.step} of {self.plan.steps}.")


def _optimizer(parameters: Mapping[str, nn.Parameter], plan: Plan) -> torch.optim.Optimizer:
    """Return Adam with decoupled weight decay on everything but biases and normalisations."""
    weights = [item for item in parameters.values() if item.ndim > 1]
    others = [item for item in parameters.values() if item.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": plan.preset.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.rate(0))
