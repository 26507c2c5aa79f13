cimport cython
from rulelang.engine.arena cimport MISSING
from rulelang.engine cimport orders, profiles, ranks, recursions, spreads, sums

cdef int SPREADS, ORDERS, RANKS, RECURSIONS, PROFILES, SINCE

cpdef long long words(int op, long long n) noexcept nogil
cdef void reset(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef bint sound(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double f, double g, double x0, double x1, double x2, double x3) noexcept nogil
cdef void run(int op, double *d, long long *q, long long o, long long n, double f, double g, double *in0, double *in1, double *in2, double *in3, double *out, long long lo, long long hi) noexcept nogil
cdef void skip(int op, double *d, long long *q, long long o, long long n, long long k) noexcept nogil

cpdef double push_values(int op, double[::1] d, long long[::1] q, long long o, long long n, double f, double g, double x0, double x1, double x2, double x3)
cpdef void run_columns(int op, double[::1] d, long long[::1] q, long long o, long long n, double f, double g, double[::1] in0, double[::1] in1, double[::1] in2, double[::1] in3, double[::1] out, long long lo, long long hi, long long block)
cpdef void skip_periods(int op, double[::1] d, long long[::1] q, long long o, long long n, long long k)
cpdef bint is_sound(int op, double[::1] d, long long[::1] q, long long o, long long n)
