"""A hint to the processor to fetch a cache line that will be read soon, for code that numba compiles.

A trace reads memory at random; told some nodes ahead, it waits half as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray


def _typed(_: Any, array: Any, index: Any) -> tuple[Any, Any]:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        record = context.make_array(signature.args[0])(context, builder, value=values[0])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        name = "llvm.prefetch.p0"
        hint = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        address = builder.bitcast(builder.gep(record.data, [values[1]]), byte)
        builder.call(hint, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Final = cast(Callable[[NDArray[Any], int], None], intrinsic(_typed))
"""``prefetch(array, index)``: the line that holds item ``index`` of the array's memory will be read. Any is safe."""
