# cython: language_level=3, annotation_typing=False
"""What this processor can do; asked once, before the engine's modules are imported."""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython
if not cython.compiled:

    def supported() -> int:
        return 0


def has_avx2() -> bool:
    """Say whether this processor, and the system on it, has AVX2; no, where this module isn't compiled."""
    return bool(supported())
