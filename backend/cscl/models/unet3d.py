"""UNet3D: the 3-D U-Net of the paper's baseline, narrow at full resolution."""

from __future__ import annotations

import torch
from torch import nn

from cscl.models.masked import MaskedConv
from cscl.models.time_heads import AttentionTimeHead, LinearTimeHead
from cscl.models.unet3df import TimeHead, UNet3Df


class UNet3D(UNet3Df):
    """Features of an image time series from a 3-D U-Net with 64-128-256 features.

    Structure after Rustowicz et al. 2019 ("Semantic segmentation of crop type in Africa") as
    Tarasiou et al. 2022 (arXiv 2104.04310) released it: UNet3Df with 64 and 32 features in the last
    stage, whose last 3 x 3 x 3 convolution makes the class scores. Here that convolution makes the
    `outputs` features of the map, by default as many as UNet3Df has; with the classes as `outputs`,
    `time_head="linear"` and `extra_inputs=False` it is the released network.
    """

    def __init__(
        self,
        bands: int,
        *,
        width: float = 1.0,
        time_head: TimeHead = "attention",
        dates: int | None = None,
        extra_inputs: bool = True,
        outputs: int | None = None,
    ) -> None:
        super().__init__(
            bands, width=width, time_head=time_head, dates=dates, extra_inputs=extra_inputs
        )
        full = self.channels
        narrow = full // 4
        self.channels = outputs or full
        self.decoder_1 = nn.ModuleList([MaskedConv(full, full // 2), MaskedConv(full // 2, narrow)])
        self.time = (
            LinearTimeHead(narrow, dates)
            if time_head == "linear" and dates is not None
            else AttentionTimeHead(narrow)
        )
        _set_outputs(self.time.final, self.channels)


def _set_outputs(convolution: nn.Module, outputs: int) -> None:
    """Give a time head's last convolution, which keeps the number of channels, `outputs`."""
    shape = convolution.weight.shape
    convolution.weight = nn.Parameter(torch.empty(outputs, *shape[1:]))
    convolution.bias = nn.Parameter(torch.zeros(outputs))
    nn.init.kaiming_uniform_(convolution.weight, a=5**0.5)
