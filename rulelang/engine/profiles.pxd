cimport cython
from rulelang.engine.arena cimport MISSING, PASSED, SLOT, at, bound, has_value, turn, two_sum, window_is_sound

cdef extern from *:
    double SHARE "0.7"
    double NOISE "1e-12"
    double FADED "0x1p-30"
    double SMALLER "0x1p-24"

cdef enum:
    CONTROL = 0
    AREA_HIGH = 1
    AREA_LOW = 2

cdef enum:
    ROWS = 24
    LAID = 3
    AT_TOP = 4
    AT_BOTTOM = 5
    HEAVY = 6
    AGE = 7
    BOTTOM = 8
    TOP = 9
    PEAK = 10
    EDGES = 11
    VOLUMES = 36
    SHARES = 84
    BODY = 108

cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(double *d, long long *q, long long o, long long n) noexcept nogil
@cython.locals(complete=bint, held=bint)
cdef double push(int op, double *d, long long *q, long long o, long long n, double high, double low, double volume) noexcept nogil
cdef void run(int op, double *d, long long *q, long long o, long long n, double *in0, double *in1, double *in2, double *out, long long lo, long long hi) noexcept nogil

cdef void _leave(double *d, long long *q, long long o, double high, double low, double volume) noexcept nogil
cdef void _enter(double *d, long long *q, long long o, double high, double low, double volume) noexcept nogil
cdef void _spread(double *d, long long o, double high, double low, double volume) noexcept nogil
cdef void _add(double *d, long long o, long long row, double volume) noexcept nogil
cdef long long _row(double *d, long long edges, double price) noexcept nogil
cdef void _measure(double *d, long long *q, long long o, long long n) noexcept nogil
cdef void _lay(double *d, long long *q, long long o, long long n) noexcept nogil
cdef double _total(double *d, long long o) noexcept nogil
cdef double _value(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef double _price(int op, double *d, long long o) noexcept nogil
cdef long long _fullest(double *d, long long shares) noexcept nogil
cdef (long long, long long) _area(double *d, long long shares) noexcept nogil
