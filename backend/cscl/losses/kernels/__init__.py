"""Similarity of windows and the linear loss on it, by the fastest kernel that the machine has."""

from cscl.losses.kernels.dispatch import Choice, available_kernels, chosen_kernel
from cscl.losses.kernels.functions import compile_ahead, linear_loss, window_similarity
from cscl.losses.kernels.projection import project

__all__ = [
    "Choice",
    "available_kernels",
    "chosen_kernel",
    "compile_ahead",
    "linear_loss",
    "project",
    "window_similarity",
]
