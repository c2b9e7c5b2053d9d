"""Kernels that begin with everything imported, forked from one preloaded process."""
