cimport cython
from libc.math cimport fabs, log, sqrt
from rulelang.engine.arena cimport at, bound, two_sum
from rulelang.engine.sums cimport KNOWN, MISSING, PASSED, PRODUCT_LARGEST, SLOT, SMALLEST, extreme, finite, has_value, scale_of, turn

cdef long long ODD, ANCHORED, ANCHOR, ANCHOR_Y, BEFORE, FIRST, SQUARE, BODY, Y, XX, YY, XY, PAIR_BODY
cdef int STDEV, ZSCORE, VOLATILITY, CORRELATION, BETA

cpdef long long words(int op, long long n) noexcept nogil
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
cdef double _sum(double *d, long long o, long long suffix, long long kind, long long n, long long slot) noexcept nogil
cdef void _add_pair(double *d, long long o, double x, double y) noexcept nogil
cdef void _add_one(double *d, long long to, double x) noexcept nogil
cdef void _clear(double *d, long long o, long long kinds) noexcept nogil
cdef void _lay_pairs(double *d, long long *q, long long o, long long n) noexcept nogil
cdef void _anchor_pairs_anew(double *d, long long *q, long long o, long long n, long long slot) noexcept nogil
cdef double _careful_pair(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef long long _plain(double *x, long long lo, long long m) noexcept nogil
cdef void _run_spreads(int op, double *d, long long *q, long long o, long long n, double f, double *x, double *out, long long lo, long long m) noexcept nogil
cdef double _spread(double first, double square, double known) noexcept nogil
