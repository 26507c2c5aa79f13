from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.float cimport PyFloat_AS_DOUBLE
from rulelang.engine.ops cimport *

cdef inline double* doubles(object memory):
    return <double*> PyByteArray_AS_STRING(memory)

cdef inline long long* wholes(object memory):
    return <long long*> PyByteArray_AS_STRING(memory)

cdef inline unsigned char* octets(object memory):
    return <unsigned char*> PyByteArray_AS_STRING(memory)

cdef inline double as_double(object number):
    return PyFloat_AS_DOUBLE(number)

cdef inline int* places(object memory):
    return <int*> PyByteArray_AS_STRING(memory)

cdef inline double* doubles_at(long long address) noexcept nogil:
    return <double*> address

cdef inline unsigned char* octets_at(long long address) noexcept nogil:
    return <unsigned char*> address

cdef inline double* doubles_on(double *column, long long bars) noexcept nogil:
    return column + bars

cdef inline unsigned char* octets_on(unsigned char *column, long long bars) noexcept nogil:
    return column + bars

cdef inline long long whole(double value) noexcept nogil:
    return <long long> value

cdef class Store:
    cdef readonly Py_ssize_t stride
    cdef public bint virtual
    cdef public object kept
    cdef bytearray memory, truth_memory
    cdef long long *code
    cdef long long *extra
    cdef double *numbers
    cdef double *dates
    cdef double *d
    cdef long long *q
    cdef unsigned char *b
    cdef double *v
    cdef long long *w
    cdef unsigned char *t
    cdef int *hot
    cdef unsigned char *bits
    cdef long long *noted
    cdef double *noted_values
    cdef double nan, level, low, high
    cdef long long scratch, flags, word

    cdef void _fill_hot(self, Py_ssize_t rows)
    cpdef bytes bank(self)
    cpdef bytes truths(self)
    cpdef double value(self, Py_ssize_t register, Py_ssize_t bar)
    cpdef long long whole(self, Py_ssize_t register, Py_ssize_t bar)
    cpdef int truth(self, Py_ssize_t register, Py_ssize_t bar)
    cpdef void fill(self, Py_ssize_t register, double value)
    cpdef void fill_truth(self, Py_ssize_t register, int truth)
