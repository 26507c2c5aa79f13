cimport cython
from rulelang.engine.arena cimport at, bound, two_sum
from rulelang.engine.sums cimport KNOWN, MISSING, PASSED, SLOT, has_value, turn

cdef int CONTROL, AREA_HIGH, AREA_LOW
cdef long long ROWS, LAID, AT_TOP, AT_BOTTOM, HEAVY, AGE, BOTTOM, TOP, PEAK, EDGES, VOLUMES, SHARES, BODY
cdef double SHARE, NOISE, FADED, SMALLER

cpdef long long words(int op, long long n) noexcept nogil
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
