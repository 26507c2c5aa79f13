from libc.math cimport copysign, exp, floor, ceil, log, sqrt
from rulelang.engine.store cimport Store, whole
from rulelang.engine.ops cimport *

cdef double _finite(double value, double nan) noexcept nogil
cdef bint truths(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef bint values(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil

cdef double YEAR, LARGEST_POWER
cdef int SHORT

cdef void add(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void subtract(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void multiply(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void divide(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void negate(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void scale(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void convert(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void absolute(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void least(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void most(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void root(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void logarithm(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void power(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void rounded(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void floored(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void raised(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void clamped(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void chosen(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void premium(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void a_year(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void numbered(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void above(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void at_least(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void below(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void at_most(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _truths(Store m, long long o, long long lo, long long hi) noexcept nogil
cdef void both(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void either(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void inverted(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void known(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void missing(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void sure(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void unsure(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void equal(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void moved(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef double _floor(double x, double nan) noexcept nogil
cdef int moved_by(long long verb, double value, double amount, double base) noexcept nogil
