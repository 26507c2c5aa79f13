"""What the native modules read of Cython's module of that name, for machines that have no Cython."""

compiled = False
