from rulelang.engine.functions cimport PROFILES, RECURSIONS, skip
from rulelang.engine.store cimport Store
from rulelang.engine.ops cimport *

cdef void imagine(Store m, double *d, long long *q, long long first, long long last) noexcept nogil
cdef void forget(int op, Store m, long long *blank, long long first, long long last, long long count) noexcept nogil
cdef void _forget_values(Store m, long long *blank, long long first, long long last, long long count) noexcept nogil
cdef void _forget_past(Store m, long long first, long long last, long long count) noexcept nogil
cdef void settle(Store m, long long first, long long last, long long count) noexcept nogil
cdef void _settle_some(Store m, long long state, long long n, int truth, long long count) noexcept nogil
