# cython: language_level=3, annotation_typing=False
"""What this processor can do; asked once, before the engine's modules are imported."""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython  # type: ignore[no-redef]


def has_avx2():
    """Say whether this processor, and the system on it, has AVX2; not where this module isn't compiled."""
    return bool(supported()) if cython.compiled else False
