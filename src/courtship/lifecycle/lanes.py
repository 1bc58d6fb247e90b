"""Eight numbers at once in compiled code: what the compiler does not find by itself.

Written out eight times, or as a loop of eight, LLVM made 56 instructions of what is five where the processor
has registers of 512 bits (and ten where it has such of 256).
"""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES: Final = 8
"""So many gauges that are kept by their newest end are brought up at once: numbers side by side."""


def _put_off(typing: Any, m: Any, place: Any, add: Any, moment: Any, end: Any) -> Any:
    """``m[place + i] = max(m[place + i], min(end, moment + m[add + i]))`` for each of the ``LANES``."""
    number = ir.IntType(64)
    numbers = ir.VectorType(number, LANES)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, given[0])

        def several(address: Any) -> Any:
            return builder.bitcast(builder.gep(array.data, [address]), numbers.as_pointer())

        def each(one: Any) -> Any:
            first = builder.insert_element(ir.Constant(numbers, ir.Undefined), one, ir.IntType(32)(0))
            nowhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            return builder.shuffle_vector(first, ir.Constant(numbers, ir.Undefined), nowhere)

        held = builder.load(several(given[1]), align=8)
        until = builder.add(each(given[3]), builder.load(several(given[2]), align=8))
        last = each(given[4])
        until = builder.select(builder.icmp_signed("<", until, last), until, last)
        later = builder.select(builder.icmp_signed(">", until, held), until, held)
        builder.store(later, several(given[1]), align=8)
        return context.get_dummy_value()

    return types.void(m, types.int64, types.int64, types.int64, types.int64), code


put_off: Any = intrinsic(_put_off)
