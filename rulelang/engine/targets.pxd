cimport cython
from rulelang.engine.store cimport Store
from rulelang.engine.ops cimport *

cdef double MOST
cdef int LISTS, WIDE, BEFORE, DESIRED, AFTER, UNTIL, WORD, HELD_BY, FROZEN, OTHERWISE, CLOSE, CHANGED, DOINGS, WATCHED, VARYING
cdef int FIXED, BLIND, AT_ONCE

cdef void targets(Store m, long long first, long long last, long long lo, long long hi) noexcept nogil
cdef void _target(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef void _changes(Store m, long long i, long long lo, long long hi) noexcept nogil
cdef void _repeat(Store m, long long at, long long j) noexcept nogil
@cython.locals(up=cython.bint, free=cython.bint)
cdef void _step(Store m, long long i, long long j) noexcept nogil
cdef void _level(Store m, long long i, long long j) noexcept nogil
cdef void _apply(Store m, long long i, long long doing, long long j) noexcept nogil
cdef bint _limits(Store m, long long doing, long long j) noexcept nogil
cdef double _limited(Store m, long long i, double value, long long j) noexcept nogil
cdef double _bounded(Store m, long long i, double value) noexcept nogil
cdef int _held(Store m, long long i, double desired, double time) noexcept nogil
cdef bint _passes_band(Store m, long long i, double desired) noexcept nogil
cdef double _size(double value) noexcept nogil
