cimport cython
from rulelang.engine.arena cimport KNOWN, MISSING, PASSED, PRODUCT_LARGEST, SLOT, SMALLEST, SPLIT
from rulelang.engine.arena cimport at, bound, extreme, fabs, finite, has_value, mean, span, turn, two_sum, window_is_sound
from rulelang.engine.vectors cimport run_of_plain, sum_both_ways, sum_on

cdef extern from *:
    double LARGEST "0x1p900"
    double DOWN "0x1p-600"
    double UP "0x1p600"

cdef enum:
    SUM = 0
    SMA = 1
    WMA = 2
    VWAP = 3

cdef enum:
    ODD = 3
    HIGH = 4
    LOW = 5
    SECOND_HIGH = 6
    SECOND_LOW = 7
    WEIGHTS = 8
    BODY = 9
    BLOCK = 256

cdef (double, double) two_product(double a, double b) noexcept nogil
cdef (double, double) added(double a, double a_low, double b, double b_low) noexcept nogil
cdef (double, double) times(double high, double low, double k) noexcept nogil
cdef double divided(double high, double low, double k) noexcept nogil
cdef double scale_of(double largest) noexcept nogil
cdef void add(double *d, long long to, double x, double low) noexcept nogil


cpdef long long words(int op, long long n) noexcept nogil
cdef bint sound(int op, double *d, long long *q, long long o, long long n) noexcept nogil
cdef double push(int op, double *d, long long *q, long long o, long long n, double f, double g, double x0, double x1, double x2, double x3) noexcept nogil
@cython.locals(whole=bint)
cdef void run(int op, double *d, long long *q, long long o, long long n, double f, double g, double *in0, double *in1, double *in2, double *in3, double *out, long long lo, long long hi) noexcept nogil

cdef double _push_sum(int op, double *d, long long *q, long long o, long long n, double f, double g, double x) noexcept nogil
cdef double _push_weighted(double *d, long long *q, long long o, long long n, double x) noexcept nogil
@cython.locals(complete=bint)
cdef double _push_price(double *d, long long *q, long long o, long long n, double high, double low, double close, double volume) noexcept nogil
cdef double _result(int op, double high, double low, double known, double f, double g) noexcept nogil
cdef (double, double) _joined(double *d, long long prefix, long long suffix, long long n, long long slot) noexcept nogil
cdef void _lay(double *d, long long prefix, long long values, long long suffix, long long n, bint whole) noexcept nogil
cdef void _lay_weighted(double *d, long long prefix, long long values, long long suffix, long long n) noexcept nogil
cdef double _careful_sum(int op, double *d, long long raw, long long n, double known, double f, double g) noexcept nogil
cdef double _careful_weighted(double *d, long long raw, long long n, long long slot, double weights) noexcept nogil
cdef bint _is_odd(double high, double low, double close, double volume) noexcept nogil
cdef double _price(double total, double total_low, double size, double size_low) noexcept nogil
cdef (double, double) _traded(double high, double low, double close, double volume) noexcept nogil
cdef void _lay_prices(double *d, long long o, long long raw, long long n) noexcept nogil
cdef double _careful_price(double *d, long long raw, long long n) noexcept nogil
@cython.locals(lows="double[256]")
cdef long long _run_means(double *d, long long *q, long long o, long long n, double *x, double *out, long long lo, long long m) noexcept nogil
