cimport cython
from libc.string cimport memcpy
from rulelang.engine.columns cimport moved_by
from rulelang.engine.functions cimport push, run
from rulelang.engine.store cimport Store, whole
from rulelang.engine.ops cimport *

cdef inline long long one() noexcept nogil:
    return 1

cdef double observe(Store m, long long i, long long state, double x0, double x1, double x2, double x3) noexcept nogil
cdef void restart(Store m, long long i) noexcept nogil
cdef void start(Store m, long long i, long long state) noexcept nogil
cdef int _cross(Store m, long long i, long long state, double left, double right) noexcept nogil
cdef int _past(Store m, long long i, long long state, double value, double amount) noexcept nogil
cdef int _hold(Store m, long long i, long long state, int truth) noexcept nogil
cdef inline int _hold_all(long long *q, long long state, long long n, int truth) noexcept nogil
@cython.locals(bits=cython.longlong)
cdef inline int _hold_short(long long *q, long long state, int truth) noexcept nogil
@cython.locals(false=cython.longlong, unknown=cython.longlong)
cdef inline int _hold_long(long long *q, long long state, long long n, int truth) noexcept nogil
cdef int _hold_some(Store m, long long state, long long n, long long count, int truth) noexcept nogil
cdef void crossings(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void moves(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void holds(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _side_by_side(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef void functions(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void memories(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
