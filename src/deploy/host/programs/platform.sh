# shellcheck shell=sh
# Prints system, machine and C library.
uname -s; uname -m
{ getconf GNU_LIBC_VERSION || ldd --version; } 2>&1 | head -n 1
