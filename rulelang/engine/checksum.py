# cython: language_level=3, infer_types=True, annotation_typing=False
# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""A checksum of many bytes in little time, against damage: whatever one word becomes, the sum becomes another.

Four sums go side by side, each over every fourth word: it is turned about by a step that can be undone.
"""

try:
    import cython
except ImportError:
    from rulelang.engine import shadow as cython  # type: ignore[no-redef]
if not cython.compiled:

    def word_at(memory, at):
        return int.from_bytes(memory[at : at + 8], "little")

    def mixed(total, word):
        total = (total ^ word) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        return (total << 29 | total >> 35) & 0xFFFFFFFFFFFFFFFF


def checksum(memory):
    """Return the checksum of bytes, 64 bits."""
    length = len(memory)
    whole = length - length % 32
    a = b = c = d = mixed(0, length)
    for at in range(0, whole, 32):
        a = mixed(a, word_at(memory, at))
        b = mixed(b, word_at(memory, at + 8))
        c = mixed(c, word_at(memory, at + 16))
        d = mixed(d, word_at(memory, at + 24))
    for at in range(whole, length):
        a = mixed(a, memory[at])
    return mixed(mixed(mixed(a, b), c), d)
