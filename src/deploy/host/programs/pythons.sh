# shellcheck shell=sh
# BUILDS NAME...: prints version and path of each Python that has what a virtual environment needs:
# of those built in folders of BUILDS, where it is not empty, then of each NAME, a path or on PATH.
builds=$1; shift
[ -z "$builds" ] || set -- "$builds"/*/bin/python3 "$@"
ask="import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3], sys.executable)"
for p; do
  p=$(command -v "$p") && "$p" -c "$ask" 2>/dev/null
done
:
