# shellcheck shell=sh
# PROGRAM...: prints those that cannot be run.
for p; do
  [ -x "$p" ] || echo "$p"
done
