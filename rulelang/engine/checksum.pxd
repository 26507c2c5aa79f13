cimport cython
from libc.string cimport memcpy

cdef inline unsigned long long word_at(const unsigned char[::1] memory, Py_ssize_t at) noexcept nogil:
    cdef unsigned long long word
    memcpy(&word, &memory[at], 8)
    return word

cdef inline unsigned long long mixed(unsigned long long total, unsigned long long word) noexcept nogil:
    total = (total ^ word) * 0x9E3779B97F4A7C15ULL
    return total << 29 | total >> 35

@cython.locals(length=Py_ssize_t, whole=Py_ssize_t, at=Py_ssize_t, a=cython.ulonglong, b=cython.ulonglong, c=cython.ulonglong, d=cython.ulonglong)
cpdef unsigned long long checksum(const unsigned char[::1] memory)
