cimport cython
from cpython.ref cimport PyObject
from rulelang.engine.store cimport as_double, doubles, wholes

cdef enum:
    ROWS = 64

cdef extern from "Python.h":
    bint PyDict_Next(dict values, Py_ssize_t *place, PyObject **name, PyObject **value)
    PyObject *PyTuple_GET_ITEM(tuple names, Py_ssize_t at)
    Py_ssize_t PyTuple_GET_SIZE(tuple names)
    PyObject *nothing "Py_None"
    bint is_text "PyUnicode_CheckExact"(PyObject *name)
    int text_order "PyUnicode_Compare"(PyObject *one, PyObject *other)
    Py_ssize_t PyDict_GET_SIZE(dict values)
    bint is_double "PyFloat_CheckExact"(PyObject *value)
    bint is_float "PyFloat_Check"(PyObject *value)
    double float_of "PyFloat_AS_DOUBLE"(PyObject *value)
    bint is_whole "PyLong_CheckExact"(PyObject *value)
    long long whole_of "PyLong_AsLongLongAndOverflow"(PyObject *value, int *overflow)

cdef double NAN

cdef inline bint is_named(PyObject *name, PyObject *known):
    return name == known or (is_text(name) and text_order(name, known) == 0)

cdef inline bint number_of(PyObject *value, double *x):
    cdef long long number
    cdef int overflow = 0
    if is_float(value):
        x[0] = float_of(value)
    elif value == nothing:
        x[0] = NAN
    elif is_whole(value):
        number = whole_of(value, &overflow)
        x[0] = <double> number
        return overflow == 0 and -9007199254740992 <= number <= 9007199254740992
    else:
        return False
    return True

# Read a dict whose names are those of the row and in its order, as they are where a host makes all dicts in one way.
cdef inline bint in_order(dict values, tuple names, double *numbers, long long at):
    cdef Py_ssize_t place = 0, count, most = PyTuple_GET_SIZE(names)
    cdef PyObject *name
    cdef PyObject *value
    if PyDict_GET_SIZE(values) != most:
        return False
    for count in range(most):
        PyDict_Next(values, &place, &name, &value)
        if not is_named(name, PyTuple_GET_ITEM(names, count)):
            return False
        if is_double(value):
            numbers[at + 1 + count] = float_of(value)
        elif not number_of(value, &numbers[at + 1 + count]):
            return False
    return True

cdef class Given:
    cdef readonly long long most, count, place, width
    cdef long long at
    cdef double *numbers
    cdef long long *inlets
    cdef bytearray table
    cdef tuple wanted, names
    cdef dict places
    cdef readonly dict whole
    cdef list blocks, widths

    cpdef want(self, object names)
    cdef _point(self)
    cdef bint read(self, dict values)
    cdef bint _read(self, dict values)
    cdef bint _widened(self, list names)
    cdef void keep(self, double time)
    cpdef keep_whole(self, object time, object values)
    cdef void _next(self)
    cdef void _open(self)
    cdef _forget(self)
    @cython.locals(before=bytearray, rows=list)
    cdef _widen(self, long long block)
