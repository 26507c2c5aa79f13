cimport cython
from libc.math cimport floor
from rulelang.engine.memories cimport observe, start
from rulelang.engine.store cimport Store, whole
from rulelang.engine.ops cimport *

cdef long long period_of(double time, long long period) noexcept nogil
cdef void clocks(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void restart_ticked(Store m, long long i, long long j) noexcept nogil
cdef void restart_ends(Store m, long long i, long long j) noexcept nogil
cdef void ticks(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void stand(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void mask_values(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void mask_truths(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void ticked(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
@cython.locals(complete=cython.bint, open_=cython.bint)
cdef void _ticked(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef double _part(Store m, long long i, long long part, long long j) noexcept nogil
cdef double _take(Store m, long long i, long long j) noexcept nogil
cdef double _take_pending(Store m, long long i) noexcept nogil
cdef double _trial(Store m, long long i, long long j) noexcept nogil
cdef double _trial_pending(Store m, long long i) noexcept nogil
cdef void _copy(Store m, long long i) noexcept nogil
cdef void _put(Store m, long long i, long long register, long long j, double value) noexcept nogil
@cython.locals(complete=cython.bint)
cdef void published(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void valid(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void long_bars(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef double _together(long long how, double before, double value) noexcept nogil
cdef void long_times(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void firsts(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
@cython.locals(anew=cython.bint)
cdef void long_firsts(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
@cython.locals(after=cython.bint)
cdef void near(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef int _near(double *dates, long long start, long long count, bint after, double distance, double time) noexcept nogil
cdef int _near_one(double at, bint after, double distance, double time) noexcept nogil
cdef void ends(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
