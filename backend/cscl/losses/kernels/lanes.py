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

# As many as the widest vectors have, and what takes all channels of a pixel in one go, so that sums
# stay in registers and nothing is loaded but the rows.
LANES = 16
WIDE_LANES = 128
FLOAT_BYTES = 4


class Run(types.Type):
    """The type of a number of float32 channels."""

    def __init__(self, lanes: int) -> None:
        super().__init__(name=f"run_of_{lanes}_channels")
        self.lanes = lanes

    @property
    def vector(self) -> Any:
        """The compiler's type of as many numbers."""
        return ir.VectorType(ir.FloatType(), self.lanes)


RUN, WIDE_RUN = Run(LANES), Run(WIDE_LANES)


@register_model(Run)
class _RunModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.vector)


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.vector.as_pointer())


def _spread(builder: Any, number: Any, kind: Any) -> Any:
    """Return a vector of one number."""
    index = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(ir.Constant(kind.vector, ir.Undefined), number, index)
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), kind.lanes), None)
    return builder.shuffle_vector(first, first, everywhere)


def _loading(kind: Run) -> Any:
    """Return the signature and code of what loads channels."""

    def generate(context, builder, signature, arguments):
        return builder.load(_pointer(builder, arguments[0], kind), align=FLOAT_BYTES)

    return kind(types.int64), generate


@intrinsic
def load(typing_context, address):
    """Return the run of channels at an address."""
    return _loading(RUN)


@intrinsic
def load_wide(typing_context, address):
    """Return the wide run of channels at an address."""
    return _loading(WIDE_RUN)


@intrinsic
def store(typing_context, run, address):
    """Write a run of channels to an address."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[0], _pointer(builder, arguments[1], run), align=FLOAT_BYTES)
        return context.get_dummy_value()

    return types.void(run, types.int64), generate


@intrinsic
def number_at(typing_context, address):
    """Return the float32 number at an address."""

    def generate(context, builder, signature, arguments):
        return builder.load(builder.inttoptr(arguments[0], ir.FloatType().as_pointer()))

    return types.float32(types.int64), generate


@intrinsic
def write_number(typing_context, number, address):
    """Write a float32 number to an address."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[0], builder.inttoptr(arguments[1], ir.FloatType().as_pointer()))
        return context.get_dummy_value()

    return types.void(types.float32, types.int64), generate


@intrinsic
def fetch(typing_context, address):
    """Ask for the memory around an address ahead of its use."""

    def generate(context, builder, signature, arguments):
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (byte,), kind)
        place = builder.inttoptr(arguments[0], byte)
        # To read, into all caches, as data.
        builder.call(prefetch, [place, *(ir.Constant(number, value) for value in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(types.int64), generate


def _zeros(kind: Run) -> Any:
    """Return the signature and code of what makes zeros."""

    def generate(context, builder, signature, arguments):
        return ir.Constant(kind.vector, None)

    return kind(), generate


@intrinsic
def nothing(typing_context):
    """Return a run of zeros."""
    return _zeros(RUN)


@intrinsic
def nothing_wide(typing_context):
    """Return a wide run of zeros."""
    return _zeros(WIDE_RUN)


@intrinsic
def add_scaled(typing_context, total, number, run):
    """Return total + number * run, channel by channel."""

    def generate(context, builder, signature, arguments):
        return _add_product(
            builder, arguments[0], _spread(builder, arguments[1], run), arguments[2]
        )

    return run(run, types.float32, run), generate


def _add_product(builder: Any, total: Any, one: Any, other: Any) -> Any:
    # One instruction where the machine has it.
    product = builder.fmul(one, other, flags=("contract",))
    return builder.fadd(total, product, flags=("contract",))


@intrinsic
def add_product(typing_context, total, one, other):
    """Return total + one * other, channel by channel."""

    def generate(context, builder, signature, arguments):
        return _add_product(builder, *arguments)

    return total(total, one, other), generate


@intrinsic
def add(typing_context, one, other):
    """Return one + other, channel by channel."""

    def generate(context, builder, signature, arguments):
        return builder.fadd(*arguments)

    return one(one, other), generate


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
def sums_of_eight(typing_context, a, b, c, d, e, f, g, h):
    """Return the sums of eight runs, which share the steps from many channels to one."""

    def generate(context, builder, signature, arguments):
        runs, parts = arguments, 1
        while len(runs) > 1:
            runs = [_folded(builder, runs[i], runs[i + 1], parts) for i in range(0, len(runs), 2)]
            parts *= 2
        (sums,) = runs
        while sums.type.count > parts:
            sums = _folded(builder, sums, None, parts)
        numbers = [builder.extract_element(sums, ir.Constant(ir.IntType(32), i)) for i in range(8)]
        return cgutils.pack_array(builder, numbers)

    return types.UniTuple(types.float32, 8)(a, b, c, d, e, f, g, h), generate
