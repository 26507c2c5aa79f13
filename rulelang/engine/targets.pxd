cimport cython
from rulelang.engine.store cimport Store, octets_on
from rulelang.engine.ops cimport *

cdef extern from *:
    """
    #ifdef __GNUC__
    #define rulelang_lowest(bits) __builtin_ctz(bits)
    #else
    static inline int rulelang_lowest(unsigned int bits) {
        int place = 0;
        for (; !(bits & 1); bits >>= 1) place++;
        return place;
    }
    #endif
    """
    int lowest "rulelang_lowest"(unsigned int bits) noexcept nogil

cdef double MOST
cdef inline long long unit() noexcept nogil:
    return 1


cdef void targets(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _target(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef inline long long _first(Store m, long long at) noexcept nogil
cdef void _gather_once(Store m, long long at, long long j) noexcept nogil
cdef void _gather(Store m, long long at, long long lo, long long hi) noexcept nogil
cdef void _changes(Store m, long long at, long long lo, long long hi) noexcept nogil
cdef inline void _repeat(Store m, long long at, long long j) noexcept nogil
@cython.locals(up=cython.bint, free=cython.bint)
cdef void _step(Store m, long long i, long long j) noexcept nogil
cdef inline void _level(Store m, long long i, long long j) noexcept nogil
@cython.locals(active=cython.longlong)
cdef inline long long _active(Store m, long long at, long long j) noexcept nogil
@cython.locals(mixed=cython.longlong)
cdef inline long long _slot(long long active, long long at) noexcept nogil
@cython.locals(left=cython.uint)
cdef void _reckon(Store m, long long i, long long j) noexcept nogil
cdef inline void _apply(Store m, long long doing, double before, long long j) noexcept nogil
cdef inline void _limit(Store m, long long what, double low, double high) noexcept nogil
cdef inline double _limited(Store m, double value) noexcept nogil
cdef inline double _bounded(Store m, long long i, double value) noexcept nogil
cdef inline int _held(Store m, long long i, double desired, double time) noexcept nogil
cdef bint _passes_band(Store m, long long i, double desired) noexcept nogil
cdef inline double _size(double value) noexcept nogil
