from libc.math cimport fabs, pow
from rulelang.engine.arena cimport at, bound, two_sum
from rulelang.engine.sums cimport LARGEST, MISSING, mean

cdef long long SILENT, COUNT, VALUE, SEED, CLOSE, BEGUN, UP, DOWN, STILL, SEED_UP, SEED_DOWN
cdef int EMA, WILDER, ATR, RSI
cdef double FINER, COARSER

cpdef long long words(int op, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double x0, double x1, double x2) noexcept nogil
cdef void run(int op, double *d, long long *q, long long o, long long n, double *in0, double *in1, double *in2, double *out, long long lo, long long hi) noexcept nogil
cdef void skip(long long *q, long long o, long long n, long long k) noexcept nogil

cdef double _weight(int op, long long n) noexcept nogil
cdef double _towards(double old, double new, long long n, double weight) noexcept nogil
cdef void _sow(double *d, long long *q, long long seed, double x) noexcept nogil
cdef double _grown(double *d, long long *q, long long seed, long long n) noexcept nogil
cdef void _average(double *d, long long *q, long long o, long long n, double weight, double x) noexcept nogil
cdef double _push_average(double *d, long long *q, long long o, long long n, double weight, double x) noexcept nogil
cdef double _reach(double before, double high, double low) noexcept nogil
cdef double _push_range(double *d, long long *q, long long o, long long n, double high, double low, double close) noexcept nogil
cdef double _push_strength(double *d, long long *q, long long o, long long n, double x) noexcept nogil
cdef void _move(double *d, long long *q, long long o, long long n, double change) noexcept nogil
cdef double _strength(double up, double down) noexcept nogil
cdef void _run_averages(double *d, long long *q, long long o, long long n, double weight, double *x, double *out, long long lo, long long hi) noexcept nogil
cdef void _run_ranges(double *d, long long *q, long long o, long long n, double *high, double *low, double *close, double *out, long long lo, long long hi) noexcept nogil
cdef void _run_strengths(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long hi) noexcept nogil
