cimport cython
from rulelang.engine.blanks cimport forget, imagine, settle
from rulelang.engine.clocks cimport period_of
from rulelang.engine.given cimport Given
from rulelang.engine.memories cimport start
from rulelang.engine.rules cimport execute
from rulelang.engine.store cimport Store, as_double, doubles, doubles_at, octets_at, whole, wholes
from rulelang.engine.ops cimport *

cdef extern from *:
    """
    #ifdef __AVX2__
    #define RULELANG_HAS_AVX2 1
    #else
    #define RULELANG_HAS_AVX2 0
    #endif
    """
    int has_avx2 "RULELANG_HAS_AVX2"

cdef int BLOCK, STRIDE
cdef double NAN

cdef class Machine:
    cdef readonly object program, arena, numbers
    cdef object tables, limits
    cdef bytearray blank
    cdef tuple names
    cdef double *ends
    cdef readonly Store live
    cdef Store _block
    cdef long long *stages
    cdef long long *inlets
    cdef double *bounds
    cdef long long *counting
    cdef long long main, count, counters, stage_count
    cdef readonly long long bars, longest
    cdef public long long still, blank_after

    cpdef Store block(self)
    cpdef watch(self, object names, object bounds)
    cpdef bint supplied(self, double time, dict values)
    cdef bint fed(self, double time, Given given)
    cdef bint _followed(self, double time)
    cpdef one(self, double time, list values)
    cpdef list many(self, long long count, list table, long long values, long long truths)
    cdef void work(self, Store m, long long lo, long long hi) noexcept nogil
    cdef void missing_bars(self, Store m, double time) noexcept nogil
    cdef long long _missing(self, Store m, double time) noexcept nogil
    cdef void _pass_at_once(self, Store m, long long count) noexcept nogil
    cdef long long* _blanks(self) noexcept with gil
    cdef void _count_on(self, Store m, double time, long long skipped) noexcept nogil
    cdef void _virtual(self, Store m, double time, long long count) noexcept nogil
    cdef void step(self, Store m, double time) noexcept nogil
    cdef long long _rows(self, Store m, long long at, long long count, long long *table, long long values, long long truths, long long *refused) noexcept nogil
    @cython.locals(without=cython.longlong)
    cdef void _take(self, Store m, long long at, long long size, long long *table, long long *refused) noexcept nogil
    cdef void _give(self, Store m, long long at, long long size, long long *table, long long values, long long truths) noexcept nogil
    @cython.locals(odd=cython.longlong)
    cdef long long _together(self, double *times, long long at, long long count) noexcept nogil
