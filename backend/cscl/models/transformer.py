"""Transformer layers that leave invalid tokens out."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

EXPANSION = 4


class Layer(nn.Module):
    """Self-attention and two linear layers, each normalised first and added to its input."""

    def __init__(self, size: int, heads: int, head_size: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * head_size
        self.attention_norm = nn.LayerNorm(size)
        self.queries_keys_values = nn.Linear(size, 3 * inner, bias=False)
        self.joined = nn.Linear(inner, size)
        self.norm = nn.LayerNorm(size)
        self.expand = nn.Linear(size, EXPANSION * size)
        self.contract = nn.Linear(EXPANSION * size, size)

    def forward(self, tokens: Tensor, known: Tensor) -> Tensor:
        """Return (N, L, size); tokens are not looked at where `known` (N, L) bool is false."""
        tokens = tokens + self._attend(self.attention_norm(tokens), known)
        inside = functional.gelu(self.expand(self.norm(tokens)))
        result: Tensor = tokens + self.contract(inside)
        return result

    def _attend(self, tokens: Tensor, known: Tensor) -> Tensor:
        parts = self.queries_keys_values(tokens).unflatten(-1, (3, self.heads, -1))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=known[:, None, None, :]
        )
        result: Tensor = self.joined(found.transpose(1, 2).flatten(2))
        return result


class Transformer(nn.Module):
    """A row of layers and a last normalisation (Vaswani et al. 2017, normalised first)."""

    def __init__(self, size: int, *, depth: int, heads: int, head_size: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(size, heads, head_size) for _ in range(depth))
        self.norm = nn.LayerNorm(size)

    def forward(self, tokens: Tensor, known: Tensor) -> Tensor:
        """Return (N, L, size); at least one token of each row of `known` (N, L) must be true."""
        for layer in self.layers:
            tokens = layer(tokens, known)
        result: Tensor = self.norm(tokens)
        return result
