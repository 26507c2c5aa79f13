"""The engine: checked rules as a flat program, and the machine that runs it a block of bars at a time.

Its native modules are built twice where that can be: for every x86-64 processor, and beside them, in `avx2`, for those
that have AVX2; the bits they give are the same. Which are imported is chosen here, once. `machine.BUILD` says which
they are; to get the plain ones, call `prefer_plain()` before any module of the engine is imported.
"""

from rulelang.engine.cpu import has_avx2

_QUICK = __path__[0] + "/avx2"
if has_avx2():
    __path__.insert(0, _QUICK)


def prefer_plain() -> None:
    """Let the modules that are imported from now on be those for every processor."""
    if _QUICK in __path__:
        __path__.remove(_QUICK)
