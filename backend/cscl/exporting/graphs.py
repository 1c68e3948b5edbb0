"""Networks as ONNX graphs for any batch, number of dates, height and width."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cscl.exporting.likeness import shared_answers_by_rows
from cscl.exporting.parts import DateEncoder, Heads, MemoryStep, WholeNetwork
from cscl.models.clstm import UNet2DCLSTM
from cscl.models.inputs import Normalisation
from cscl.models.network import CropNetwork
from cscl.models.registry import architecture

INPUTS = ("images", "days", "valid")
# Which axes may have any length, by input: batch, dates, height, width.
FREE = {"images": (0, 1, 3, 4), "days": (0, 1), "valid": (0, 1, 2, 3)}
PICTURE = (0, 2, 3)
STATES = ("hidden", "cell", "total")


def output_names(network: CropNetwork) -> tuple[str, ...]:
    """Return the names of the graph's outputs, one a head."""
    return tuple(f"logits_{scale}x" for scale in network.heads)


def network_graph(network: CropNetwork, name: str, card: Normalisation) -> Any:
    """Return the `onnx.ModelProto` of a network in evaluation mode.

    Its inputs are `INPUTS`: reflectance (B, T, C, H, W), days since the season's start (B, T) and
    which pixels are valid (B, T, H, W); its outputs `output_names`, (B, K, H * scale, W * scale).
    The axes B, T, H and W are free; height and width must be multiples of the pooling stride.
    """
    bands = len(card.mean)
    # Sides of two lengths, both beyond a window: a graph from equal ones takes them for one.
    side = architecture(name).window or architecture(name).stride * 2
    sizes = (2, 6, side + architecture(name).stride, side + 2 * architecture(name).stride)
    example = _example(bands, *sizes)
    with torch.no_grad(), _quietly(), _sharing_by_rows(network):
        if isinstance(network.backbone, UNet2DCLSTM):
            return _recurrent(network, network.backbone, card, example)
        return _graph(
            WholeNetwork(network, card),
            example,
            dict(zip(INPUTS, FREE.values(), strict=True)),
            output_names(network),
        )


def _example(bands: int, batch: int, dates: int, height: int, width: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand((batch, dates, bands, height, width), generator=generator)
    days = torch.arange(dates, dtype=torch.float32).mul(20).repeat(batch, 1)
    valid = torch.rand((batch, dates, height, width), generator=generator) > 0.3
    return images, days, valid


def _graph(
    module: nn.Module,
    example: Sequence[Tensor],
    free: dict[str, Sequence[int]],
    outputs: Sequence[str],
) -> Any:
    dynamic = tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for axes in free.values())
    program = torch.onnx.export(
        module.eval(),
        tuple(example),
        dynamo=True,
        dynamic_shapes=dynamic,
        input_names=list(free),
        output_names=list(outputs),
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch made no graph")
    return program.model_proto


def _recurrent(
    network: CropNetwork,
    backbone: UNet2DCLSTM,
    card: Normalisation,
    example: Sequence[Tensor],
) -> Any:
    """Return the graph of a network with a memory, whose step is the body of a Scan over dates.

    Unrolled, its loop over the dates would hold for one number of them only.
    """
    from onnx import checker, compose, helper

    encoder = DateEncoder(backbone, card)
    features, masks, zeros, counts = encoder(*example)
    whole = _graph(encoder, example, dict(FREE), ("features", "masks", "zeros", "counts"))
    # Values of their own: the exporter takes one tensor given twice for one input.
    states = {name: torch.randn_like(zeros) for name in STATES}
    step = _graph(
        MemoryStep(backbone),
        (*states.values(), features[:, 0].contiguous(), masks[:, 0].contiguous()),
        dict.fromkeys((*STATES, "values", "known"), PICTURE),
        tuple(f"next_{name}" for name in STATES),
    )
    heads = _graph(
        Heads(network),
        (torch.randn_like(zeros), counts),
        dict.fromkeys(("sum_of_states", "number_of_dates"), PICTURE),
        output_names(network),
    )
    # Names of values and nodes must differ between the three.
    step, heads = compose.add_prefix(step, "step/"), compose.add_prefix(heads, "heads/")
    graph, last = whole.graph, heads.graph
    graph.node.append(
        helper.make_node(
            "Scan",
            ["zeros", "zeros", "zeros", "features", "masks"],
            [f"last_{name}" for name in STATES],
            name="memory",
            body=step.graph,
            num_scan_inputs=2,
            scan_input_axes=[1, 1],
        )
    )
    _rename(last, {"heads/sum_of_states": "last_total", "heads/number_of_dates": "counts"})
    _rename(last, {f"heads/{name}": name for name in output_names(network)})
    graph.node.extend(last.node)
    graph.initializer.extend(last.initializer)
    del graph.output[:]
    graph.output.extend(last.output)
    checker.check_model(whole)
    return whole


def _rename(graph: Any, names: dict[str, str]) -> None:
    """Give values of a graph other names."""
    for node in graph.node:
        for values in (node.input, node.output):
            for place, value in enumerate(values):
                values[place] = names.get(value, value)
    for value in graph.output:
        value.name = names.get(value.name, value.name)


@contextlib.contextmanager
def _sharing_by_rows(network: CropNetwork) -> Iterator[None]:
    """Let a network share answers in the form that makes small graphs."""
    usual = network.share
    network.share = shared_answers_by_rows
    try:
        yield
    finally:
        network.share = usual


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep the exporter's remarks on packages that are not needed out of the log."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
