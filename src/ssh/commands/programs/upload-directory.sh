# shellcheck shell=sh
# PART TARGET: unpacks the archive on standard input under the name PART. Then that becomes TARGET,
# or its files are put into a TARGET that is there.
set -e
part=$1 target=$2
trap 'rm -rf -- "$part"' EXIT
trap 'exit 143' HUP INT TERM
mkdir -p -- "$part"
tar -xzf - -C "$part"
if [ -d "$target" ]; then cp -a -- "$part/." "$target/"
else mv -- "$part" "$target"
fi
