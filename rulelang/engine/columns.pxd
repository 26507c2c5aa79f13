from libc.math cimport ceil, copysign, exp, floor, log, sqrt
from rulelang.engine.ops cimport *
from rulelang.engine.sides cimport sides, sides_of_rows
from rulelang.engine.store cimport Store, doubles_on, octets_on

cdef double YEAR, LARGEST_POWER

cdef void values(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void truths(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef int moved_by(long long verb, double value, double amount, double base) noexcept nogil
cdef inline double _finite(double value, double nan) noexcept nogil
cdef inline double _two(int op, double x, double y, double nan) noexcept nogil
cdef inline double _one(int op, double x, double times, double by, double nan) noexcept nogil
cdef inline double _rounded(double x) noexcept nogil
cdef inline unsigned char _join(int op, unsigned char p, unsigned char r) noexcept nogil
cdef inline unsigned char _turn(int op, unsigned char p) noexcept nogil
cdef inline void _of_two(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline void _of_one(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline void _compared(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline void _seen(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline void _joined(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef inline void _turned(int op, Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _clamped(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _chosen(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _numbered(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _equal(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _moved(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
