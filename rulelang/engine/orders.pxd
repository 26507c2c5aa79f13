cimport cython
from libc.math cimport fabs
from rulelang.engine.arena cimport at, bound
from rulelang.engine.sums cimport KNOWN, MISSING, PASSED, SLOT, finite, has_value, turn

cdef long long TRUE, BEST, BODY
cdef int PREVIOUS, DIFFERENCE, CHANGE, HIGHEST, LOWEST, DRAWDOWN, COUNT, SINCE
cdef double NOTHING

cpdef long long words(int op, long long n) noexcept nogil
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
cdef long long _known(double *x, long long lo, long long m) noexcept nogil
cdef void _run_past(int op, double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long hi) noexcept nogil
cdef void _run_extremes(int op, double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
