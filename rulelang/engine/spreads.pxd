cimport cython
from libc.math cimport log, sqrt
from rulelang.engine.arena cimport KNOWN, MISSING, PRODUCT_LARGEST, SLOT, SMALLEST
from rulelang.engine.arena cimport at, bound, extreme, fabs, finite, has_value, span, turn, two_sum, window_is_sound
from rulelang.engine.sums cimport scale_of
from rulelang.engine.vectors cimport add_distances, run_of_plain

cdef enum:
    STDEV = 0
    ZSCORE = 1
    VOLATILITY = 2
    CORRELATION = 3
    BETA = 4

cdef enum:
    ODD = 3
    ANCHORED = 4
    ANCHOR = 5
    ANCHOR_Y = 6
    BEFORE = 7
    FIRST = 8
    SQUARE = 10
    BODY = 12
    PAIR_BODY = 18

cdef enum:
    Y = 1
    XX = 2
    YY = 3
    XY = 4

cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double f, double x0, double x1) noexcept nogil
@cython.locals(whole=bint)
cdef void run(int op, double *d, long long *q, long long o, long long n, double f, double *in0, double *in1, double *out, long long lo, long long hi) noexcept nogil

cdef double _push_spread(int op, double *d, long long *q, long long o, long long n, double f, double x) noexcept nogil
cdef double _result(int op, double now, double first, double square, double known, long long n, double f) noexcept nogil
cdef void _add(double *d, long long o, double x) noexcept nogil
cdef long long _newest(double *d, long long raw, long long slot) noexcept nogil
cdef void _lay(double *d, long long *q, long long o, long long n) noexcept nogil
cdef void _anchor_anew(double *d, long long *q, long long o, long long n, long long slot) noexcept nogil
cdef double _careful(int op, double *d, long long *q, long long o, long long n, double f) noexcept nogil
cdef double _return(double before, double now) noexcept nogil
cdef double _largest(double *d, long long raw, long long n) noexcept nogil
cdef double _push_pair(int op, double *d, long long *q, long long o, long long n, double x, double y) noexcept nogil
cdef double _together(int op, double x, double y, double xx, double yy, double xy, double known) noexcept nogil
cdef bint _is_odd(double x, double y) noexcept nogil
cdef double _sum(double *d, long long o, long long suffix, long long kind, long long n, long long slot) noexcept nogil
cdef void _add_pair(double *d, long long o, double x, double y) noexcept nogil
cdef void _add_one(double *d, long long to, double x) noexcept nogil
cdef void _clear(double *d, long long o, long long kinds) noexcept nogil
cdef void _lay_pairs(double *d, long long *q, long long o, long long n) noexcept nogil
cdef void _anchor_pairs_anew(double *d, long long *q, long long o, long long n, long long slot) noexcept nogil
cdef double _careful_pair(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef void _run_spreads(int op, double *d, long long *q, long long o, long long n, double f, double *x, double *out, long long lo, long long m) noexcept nogil
cdef double _spread(double first, double square, double known) noexcept nogil
