"""The training loop of both stages: steps, validation, checkpoints, the best weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cscl import processes
from cscl.context import JobContext
from cscl.contract.errors import Cancelled, UserError
from cscl.device import clock_of, describe_device
from cscl.training import failures, memory
from cscl.training.batches import Batch, Sampler
from cscl.training.checkpoints import Checkpoint, CheckpointFolder, pack, unpack
from cscl.training.optimizer import adam, optimizer_tensors, restore_optimizer
from cscl.training.pictures import Pictures
from cscl.training.precision import kept_buffers
from cscl.training.presets import Plan
from cscl.training.progress import Progress

CHECKPOINT_SECONDS = 20.0
# Epochs may take less than writing a checkpoint does.
LEAST_CHECKPOINT_SECONDS = 2.0
# So many steps, or an epoch, may pass by chance without a label that counts.
IDLE_STEPS = 20

Result = TypeVar("Result")


class Task(Protocol):
    """What one stage trains and how it is judged.

    `score` names the validation figure whose best weights are kept; `narrow` says whether
    convolutions run in bfloat16; `chips` is how many validation chips are computed at once.
    """

    module: nn.Module
    score: str
    narrow: bool
    chips: int
    device: torch.device

    def move(self, device: torch.device) -> None:
        """Put everything on another device."""
        ...

    def train(self) -> None:
        """Make the modules ready for a training step."""
        ...

    def loss(self, batch: Batch, narrow: bool) -> Tensor:
        """Return the loss of a batch that is on the device, a scalar in float32.

        Where several processes train together it is this one's share of their loss.
        """
        ...

    def validate(self) -> Mapping[str, float]:
        """Return the figures on the validation split; empty where it has no chips."""
        ...

    def picture(self) -> NDArray[np.uint8] | None:
        """Return how the network does on one validation chip, (H, W, 4), if that can be drawn."""
        ...


class Loop:
    """Trains a task to its plan's end, or until the person asks to finish or cancel.

    The weights kept are those of the best validation score, the last ones where there is no
    validation; after `patience` validations without a better one training stops. Everything
    random comes from the sampler, so that a resumed run on the processor equals one that was
    never interrupted, bit for bit. Where memory does not hold a step, the batch is computed in
    smaller parts, and where it does not hold one chip, on the processor if it `may_move`.

    Several processes add up their gradients; number 0 validates, decides and writes.
    """

    def __init__(
        self,
        task: Task,
        plan: Plan,
        sampler: Sampler,
        checkpoints: CheckpointFolder,
        ctx: JobContext,
        *,
        patience: int | None = None,
        may_move: bool = False,
        pictures: Pictures | None = None,
    ) -> None:
        self.task, self.plan, self.sampler = task, plan, sampler
        self.checkpoints, self.ctx, self._pictures = checkpoints, ctx, pictures
        self._patience, self._may_move = patience, may_move
        self.progress = Progress()
        named = task.module.named_parameters()
        self.parameters = {name: item for name, item in named if item.requires_grad}
        self.optimizer = adam(self.parameters, plan.preset.weight_decay, plan.rate(0))
        self.best: dict[str, Tensor] = {}
        most = max(IDLE_STEPS, plan.steps_per_epoch)
        self._most_idle = most if plan.steps is None else min(most, plan.steps)

    def run(self) -> Progress:
        """Train, load the kept weights into the task's module and return how it went."""
        self._resume()
        saved_at = started = time.monotonic()
        before = self.progress.seconds
        try:
            self._report()
            if self.progress.step:
                self._validate_if_due()
            while not self._ended():
                self._timed_step()
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
        self._finish()
        return self.progress

    def _ended(self) -> bool:
        """Tell whether to stop, and say why if it is before the plan's end."""
        progress, plan = self.progress, self.plan
        if plan.share(progress.step, progress.step_seconds) >= 1:
            return True
        stale = self._patience is not None and progress.stale >= self._patience
        finish, stale = processes.agreed([self.ctx.finish_requested, stale], self.task.device)
        planned = "" if plan.steps is None else f" of {plan.steps}"
        if stale:
            self.ctx.note(
                f"Training stopped early at step {progress.step}{planned}: "
                f"{progress.stale} validations without improvement."
            )
        elif finish:
            self.ctx.note(f"Training was asked to finish at step {progress.step}{planned}.")
        return bool(finish or stale)

    def _report(self) -> None:
        progress, plan = self.progress, self.plan
        if plan.steps is not None:
            self.ctx.progress(plan.stage, progress.step, plan.steps)
        else:
            share = plan.share(progress.step, progress.step_seconds)
            self.ctx.progress(plan.stage, int(1000 * share), 1000)

    def _timed_step(self) -> None:
        clock = clock_of(self.task.device)
        started = clock()
        self._step()
        spent = self.progress.step_seconds + clock() - started
        # One clock for all: the length and the rate may follow from it.
        (self.progress.step_seconds,) = processes.agreed([spent], self.task.device)

    def _step(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate(self.progress.step, self.progress.step_seconds)
        batch = self.sampler.next()
        value, norm = self._within_memory(lambda: self._checked_slopes(batch))
        if not math.isfinite(value):
            raise self._diverged("the loss is not a finite number")
        if not math.isfinite(norm):
            raise self._diverged("the gradient is not finite")
        self.progress.idle = self.progress.idle + 1 if value == norm == 0 else 0
        if self.progress.idle >= self._most_idle:
            raise failures.nothing_to_learn(self.plan.stage, self.progress.step, self._most_idle)
        self.optimizer.step()
        self.progress.step += 1
        self.progress.recent.append(value)

    def _checked_slopes(self, batch: Batch) -> tuple[float, float]:
        """Return the loss and the gradients' norm, of a second try where bfloat16 failed."""
        batch = batch.to(self.task.device)
        self.task.train()
        with kept_buffers(self.task.module) as restore:
            try:
                value, norm = self._slopes(batch, self.task.narrow)
            except RuntimeError:
                restore()
                raise
            if self.task.narrow and not math.isfinite(value + norm):
                # Some processors' bfloat16 convolutions return NaN now and then.
                restore()
                value, norm = self._slopes(batch, False)
                self.ctx.note("Some steps were repeated in float32, as bfloat16 failed on them.")
        return value, norm

    def _slopes(self, batch: Batch, narrow: bool) -> tuple[float, float]:
        """Compute loss and gradients; return the loss and the gradients' norm before cutting.

        The loss of a batch in parts is the mean of the parts' losses, by their chips.
        """
        self.optimizer.zero_grad(set_to_none=True)
        value = torch.zeros((), device=self.task.device)
        for part in batch.split(self.progress.parts):
            loss = self.task.loss(part, narrow) * (len(part) / len(batch))
            loss.backward()
            value += loss.detach()
        parameters = list(self.parameters.values())
        processes.sum_gradients(parameters)
        limit = self.plan.preset.clip_norm
        norm = nn.utils.clip_grad_norm_(parameters, limit or math.inf)
        return float(processes.summed(value)), float(norm)

    def _within_memory(self, work: Callable[[], Result]) -> Result:
        """Return the result of `work`, tried again with less memory as long as that is possible."""
        while True:
            try:
                return work()
            except RuntimeError as error:
                if memory.is_device_lost(error):
                    stage, step = self.plan.stage, self.progress.step
                    raise failures.device_lost(stage, step, error) from None
                if not memory.is_out_of_memory(error):
                    raise
            self._use_less_memory()

    def _use_less_memory(self) -> None:
        progress, task = self.progress, self.task
        self.optimizer.zero_grad(set_to_none=True)
        if task.device.type == "cuda":
            torch.cuda.empty_cache()
        where = describe_device(task.device)
        parts = memory.next_parts(progress.parts, self.plan.batch)
        if parts is not None:
            progress.parts = parts
            task.chips = max(1, self.plan.batch // parts)
            self.ctx.note(
                f"The memory of {where} did not hold the step after step {progress.step}: batches "
                f"are computed in {parts} parts from there on."
            )
        elif self._may_move and task.device.type != "cpu" and processes.count() == 1:
            self._move_to_processor()
            self.ctx.note(
                f"The memory of {where} did not hold a single chip: from step {progress.step} on "
                "training runs on the processor."
            )
        else:
            raise failures.out_of_memory(self.plan.stage, progress.step, task.device)

    def _move_to_processor(self) -> None:
        moments = optimizer_tensors(self.optimizer, self.parameters)
        kept = {name: value.detach().cpu() for name, value in moments.items()}
        self.task.move(torch.device("cpu"))
        self.task.narrow = False
        restore_optimizer(self.optimizer, self.parameters, kept)

    def _check_weights(self) -> None:
        if not all(bool(item.isfinite().all()) for item in self.parameters.values()):
            raise self._diverged("the weights are not finite")

    def _diverged(self, what: str) -> UserError:
        step = self.progress.step
        rate = self.plan.rate(max(0, step - 1), self.progress.step_seconds)
        return failures.diverged(self.plan.stage, step, rate, what)

    def _validate_if_due(self) -> None:
        """Validate where it is due and has not been done."""
        progress = self.progress
        due = self.plan.validation_is_due(
            progress.step, progress.step_seconds, progress.validations
        )
        if due and not progress.records.has(progress.step):
            self._validate()

    def _validate(self) -> None:
        """Record the figures of this step and keep the weights if they are the best so far."""
        progress = self.progress
        self._check_weights()
        self.task.module.eval()
        figures: Mapping[str, float] = {}
        if processes.number() == 0:
            with torch.no_grad():
                figures = self._within_memory(self.task.validate)
        mean_loss = sum(progress.recent) / max(1, len(progress.recent))
        rate = self.plan.rate(progress.step - 1, progress.step_seconds)
        progress.recent.clear()
        progress.records.add(progress.step, "training", {"loss": mean_loss, "rate": rate})
        progress.records.add(progress.step, "validation", figures)
        if progress.judge(figures.get(self.task.score, math.nan)):
            self.best = {
                name: value.detach().cpu().clone()
                for name, value in self.task.module.state_dict().items()
            }
        # Reported last: a person's cancelling, heard here, finds everything in order.
        progress.records.publish(self.ctx, progress.step)
        self._draw(progress.step)

    def _draw(self, step: int, *, last: bool = False) -> None:
        """Show how the network does; that of a run in several processes is the first one's."""
        if self._pictures is None or processes.number() != 0:
            return
        with torch.no_grad():
            self._pictures.show(step, lambda: self._within_memory(self.task.picture), last=last)

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
        self._draw(self.progress.best_step, last=True)
        self.ctx.heed_finish()

    def save(self) -> None:
        """Write a checkpoint of the present state."""
        self._check_weights()
        if processes.number() != 0:
            return
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
        found = self.checkpoints.load_newest(self.ctx) if processes.number() == 0 else None
        checkpoint = unpack(processes.share_bytes(pack(found), self.task.device))
        if checkpoint is None:
            processes.share_tensors(list(self.task.module.state_dict().values()))
            return
        parts: dict[str, dict[str, Tensor]] = {"module": {}, "best": {}, "optimizer": {}}
        for full_name, value in checkpoint.tensors.items():
            kind, name = full_name.split("|", 1)
            parts[kind][name] = value
        self.task.module.load_state_dict(parts["module"])
        self.best = parts["best"]
        restore_optimizer(self.optimizer, self.parameters, parts["optimizer"])
        self.progress = Progress.from_json(checkpoint.state["progress"])
        self.task.chips = max(1, self.plan.batch // self.progress.parts)
        self.sampler.restore(checkpoint.state["sampler"])
        # A new probe may decide otherwise, and the run would no longer equal an unbroken one.
        self.task.narrow = bool(checkpoint.state["narrow"])
        planned = "" if self.plan.steps is None else f" of {self.plan.steps}"
        self.ctx.note(f"Training resumed at step {checkpoint.step}{planned}.")
