cimport cython
from libc.math cimport pow
from rulelang.engine.arena cimport MISSING, at, bound, fabs, mean, two_sum

cdef extern from *:
    long long MOST "(1LL << 53)"
    double LARGEST "0x1p900"
    double FINER "0x1p64"
    double COARSER "0x1p-64"

cdef enum:
    EMA = 0
    WILDER = 1
    ATR = 2
    RSI = 3

cdef enum:
    SILENT = 0
    COUNT = 1
    VALUE = 2
    SEED = 3
    CLOSE = 6
    BEGUN = 7
    UP = 8
    DOWN = 9
    STILL = 10
    SEED_UP = 11
    SEED_DOWN = 14

cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(int op, long long *q, long long o, long long n) noexcept nogil
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
