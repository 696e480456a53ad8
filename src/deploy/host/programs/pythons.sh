# shellcheck shell=sh
# BUILDS NAME...: prints version and path of each Python that can make virtual environments: those built in
# directories of BUILDS, unless it is empty, then each NAME, a path or a program on PATH.
builds=$1; shift
[ -z "$builds" ] || set -- "$builds"/*/bin/python3 "$@"
ask="import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3], sys.executable)"
for p; do
  p=$(command -v "$p") && "$p" -c "$ask" 2>/dev/null
done
:
