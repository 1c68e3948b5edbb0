"""A run of channels as one value of the compiled loops, so that sums over rows stay in registers.

The compiler splits a run into the vectors that the machine has. Rows are given by the address of
their first channel, whatever array they lie in.
"""

# The annotations would have to be numba's own, which carry no types.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator, misc"

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 32
FLOAT_BYTES = 4


class Run(types.Type):
    """The type of `LANES` float32 channels."""

    def __init__(self) -> None:
        super().__init__(name=f"run_of_{LANES}_channels")


RUN = Run()
VECTOR = ir.VectorType(ir.FloatType(), LANES)


@register_model(Run)
class _RunModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


def _pointer(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, VECTOR.as_pointer())


def _spread(builder: Any, number: Any) -> Any:
    """Return a vector of one number."""
    index = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, index)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), None)
    return builder.shuffle_vector(first, first, everywhere)


@intrinsic
def load(typing_context, address):
    """Return the run of channels at an address."""

    def generate(context, builder, signature, arguments):
        return builder.load(_pointer(builder, arguments[0]), align=FLOAT_BYTES)

    return RUN(types.int64), generate


@intrinsic
def store(typing_context, run, address):
    """Write a run of channels to an address."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[0], _pointer(builder, arguments[1]), align=FLOAT_BYTES)
        return context.get_dummy_value()

    return types.void(RUN, types.int64), generate


@intrinsic
def spread(typing_context, number):
    """Return a run of one number."""

    def generate(context, builder, signature, arguments):
        return _spread(builder, arguments[0])

    return RUN(types.float32), generate


@intrinsic
def add_product(typing_context, total, one, other):
    """Return total + one * other, channel by channel."""

    def generate(context, builder, signature, arguments):
        total, one, other = arguments
        # One instruction where the machine has it.
        product = builder.fmul(one, other, flags=("contract",))
        return builder.fadd(total, product, flags=("contract",))

    return RUN(RUN, RUN, RUN), generate


@intrinsic
def add(typing_context, one, other):
    """Return one + other, channel by channel."""

    def generate(context, builder, signature, arguments):
        return builder.fadd(*arguments)

    return RUN(RUN, RUN), generate


def _folded(builder, one, other, parts):
    """Return the parts of one run, and of another where given, folded to half their width."""
    width = one.type.count
    size = width // parts
    sources = (0,) if other is None else (0, width)
    starts = [source + part * size for source in sources for part in range(parts)]
    low = [start + i for start in starts for i in range(size // 2)]
    kind = ir.VectorType(ir.IntType(32), len(low))
    halves = (
        builder.shuffle_vector(
            one, other or one, ir.Constant(kind, [place + step for place in low])
        )
        for step in (0, size // 2)
    )
    return builder.fadd(*halves)


@intrinsic
def sums_of_four(typing_context, a, b, c, d):
    """Return the sums of four runs, which share the steps from many channels to few."""

    def generate(context, builder, signature, arguments):
        pairs = [_folded(builder, *arguments[i : i + 2], parts=1) for i in (0, 2)]
        four = _folded(builder, *pairs, parts=2)
        while four.type.count > 4:
            four = _folded(builder, four, None, parts=4)
        numbers = [builder.extract_element(four, ir.Constant(ir.IntType(32), i)) for i in range(4)]
        return cgutils.pack_array(builder, numbers)

    return types.UniTuple(types.float32, 4)(RUN, RUN, RUN, RUN), generate
