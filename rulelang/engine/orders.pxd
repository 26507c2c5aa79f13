cimport cython
from rulelang.engine.arena cimport KNOWN, MISSING, PASSED, SLOT
from rulelang.engine.arena cimport at, bound, finite, has_value, ring_is_sound, span, turn, window_is_sound
from rulelang.engine.vectors cimport run_of_known

cdef extern from *:
    long long MOST "(1LL << 53)"
    double NOTHING "((double)-INFINITY)"

cdef enum:
    PREVIOUS = 0
    DIFFERENCE = 1
    CHANGE = 2
    HIGHEST = 3
    LOWEST = 4
    DRAWDOWN = 5
    COUNT = 6
    SINCE = 7

cdef enum:
    TRUE = 3
    BEST = 3
    BODY = 4

cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double x) noexcept nogil
@cython.locals(whole=bint)
cdef void run(int op, double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long hi) noexcept nogil
cdef void skip_since(long long *q, long long o, long long k) noexcept nogil

cdef double _push_past(int op, double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef double _compared(int op, double before, double now) noexcept nogil
cdef double _push_since(long long *q, long long o, double x) noexcept nogil
cdef double _push_count(double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef double _push_extreme(int op, double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef double _result(int op, double best, double x) noexcept nogil
cdef void _lay(double *d, long long o, long long n, double sign) noexcept nogil
cdef void _run_past(int op, double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long hi) noexcept nogil
cdef void _run_extremes(int op, double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
