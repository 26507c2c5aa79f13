cimport cython
from rulelang.engine.arena cimport KNOWN, MISSING, SLOT, at, bound, has_value, turn, window_is_sound
from rulelang.engine.trees cimport below, insert, is_whole, not_above, remove, select
from rulelang.engine.vectors cimport count_below, count_twice, median_each, move, rank_each, replace, run_of_known

cdef enum:
    MEDIAN = 0
    PERCENTILE = 1
    RANK = 2

cdef enum:
    BODY = 3
    BLOCK = 256
    COUNTED = 64
    SCANNED = 256
    SORTED = 4096

cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef bint _ascends(double *d, long long first, long long known) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double f, double x) noexcept nogil
@cython.locals(whole=bint)
cdef void run(int op, double *d, long long *q, long long o, long long n, double f, double *x, double *out, long long lo, long long hi) noexcept nogil

cdef double _result(int op, double *d, long long *q, long long o, long long n, double f, double x) noexcept nogil
cdef double _place(double *d, long long *q, long long o, long long n, long long index) noexcept nogil
@cython.locals(index=cython.longlong)
cdef double _percentile(double *d, long long *q, long long o, long long n, double part) noexcept nogil
cdef double _median(double low, double high) noexcept nogil
cdef double _between(double low, double high, double part) noexcept nogil
cdef double _rank(double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef long long _bisected(double *d, long long first, long long known, double x) noexcept nogil
cdef long long _bisected_after(double *d, long long first, long long known, double x) noexcept nogil
cdef void _exchange(double *d, long long first, long long known, double gone, double x) noexcept nogil
cdef void _change(double *d, long long first, long long known, long long leaves, double gone, double x) noexcept nogil
cdef void _run_medians(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
cdef void _run_ranks(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
