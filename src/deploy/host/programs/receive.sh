# shellcheck shell=sh
# PATH N BASE KEEP COMES LINE ARG...: receives the archive of release N on standard input: its manifest and,
# in `tree`, the files that release BASE lacks. COMES is the form: tgz (a gzipped tar archive), tar, or files
# (already unpacked in .hostout/arriving). Status 4: some files do not match the manifest. put-in-place.sh or
# put-aside.sh comes after this program: it puts the release in place, takes the ARGs and logs LINE. Needs the
# functions before it.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "receiving release $2"
number=$2 base=$3 keep=$4 comes=$5 line=$6; shift 6
new=$r/$number.tmp
trap 'rm -rf "$new" "$t"; flock -u 8' EXIT
rm -rf "$t" "$new"; mkdir -p "$t" "$new"
# `place` moves there what is in the way.
# shellcheck disable=SC2034
replaced=$t/dropped
if [ "$comes" = files ]; then mkdir -p "$s/arriving/tree"; mv "$s/arriving" "$new/arrived"
else
  mkdir -p "$new/arrived/tree"
  # A complete release is kept as an archive: unpacking it twice would take twice as long. Only its owner may read
  # the archive, since it contains private files.
  if [ -z "$base" ]; then archive=$new/whole.$comes; else archive=/dev/null; fi
  # A pipeline returns only the status of its last program, so the others create a file if they fail.
  { (umask 077; tee "$archive") || : > "$t/torn"; } | { if [ "$comes" = tgz ]; then gzip -dc; else cat; fi || : > "$t/torn"; } |
    tar -xof - -C "$new/arrived" || : > "$t/torn"
  if [ -e "$t/torn" ]; then echo 'the release did not arrive whole' >&2; exit 1; fi
fi
mv "$new/arrived/manifest" "$new/manifest"
entries < "$new/manifest" > "$t/wanted"
come=$t/wanted
if [ -n "$base" ]; then
  come=$new/brought
  : > "$come"; : > "$t/shared"
  # The shared entries are lines of `wanted`: nothing in the base is trusted.
  COME=$come SHARED=$t/shared LC_ALL=C awk '
    listed { names[$0]; next }
    { print > (ENVIRON[$0 in names ? "SHARED" : "COME"]) }' listed=1 "$r/$base/manifest" listed=0 "$t/wanted"
fi
if [ -z "$base" ] && [ "$comes" != files ]; then mv "$new/arrived/tree" "$t/stage"; cd "$t/stage"
else mv "$new/arrived/tree" "$new/tree"; cd "$new/tree"
fi
rm -rf "$new/arrived"
empty_directories "$come"
trusted=
[ "$comes" = files ] || trusted=arrived
differences "$come" "$trusted" > "$t/damaged"
cd "$s/.."
: > "$t/bad"
if [ -s "$t/damaged" ]; then
  sed -n 's/^[a-z]* //p' "$t/damaged" > "$t/names"
  only "$t/names" < "$t/wanted" > "$t/bad"
fi
if [ -n "$base" ]; then
  # Files shared with other releases are read only if stat(1) shows a change.
  for k in $(holders "$base" "$t/shared"); do
    intact "$k" && continue
    harmed "$k" > "$t/harmed"
    if [ -s "$t/harmed" ]; then rm -f "$r/$k/seen"; else view "$k" > "$r/$k/seen"; fi
    among "$t/shared" < "$t/harmed" >> "$t/bad"
  done
  cat "$t/lacking" >> "$t/bad"
fi
if [ -s "$t/bad" ]; then
  cat "$t/bad" >> "$s/damaged"
  paths < "$t/bad" | sed 's/^/damaged /'
  exit 4
fi
# Replaces damaged files that other releases keep with those of this release.
if [ -s "$s/damaged" ]; then
  LC_ALL=C sort -u "$s/damaged" | among "$come" > "$t/mended"
  from=$t/stage
  [ -d "$from" ] || from=$new/tree
  mend "$from"
  rm -f "$s/damaged"
fi
view "$number.tmp" > "$new/seen"
[ ! -e "$r/$number" ] || retire "$number"
mv "$new" "$r/$number"
printf '%s %s\n' "$number" "$(date +%s)" > "$s/attempt"
