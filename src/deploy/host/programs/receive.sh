# shellcheck shell=sh
# PATH N BASE KEEP COMES LINE SEEN REST SHARED REMOVED DONE ARG...: receives the archive of release N, which follows
# these words on standard input (read-words.sh): its manifest and, in `tree`, the files that release BASE lacks. COMES is
# the form: tgz (a gzipped tar archive), tar, or files (already unpacked in .hostout/arriving). SEEN=yes: everything in
# place was as recorded a moment ago, and recorded is release BASE. Status 4: some files do not match the manifest.
# put-in-place.sh or put-aside.sh comes after this program: it puts the release in place, takes the ARGs and logs LINE.
# With REST=yes, put-in-place.sh makes it the current one if it needs no build; SHARED, REMOVED and DONE are for
# make_current. Needs the functions before it.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "receiving release $2"
number=$2 base=$3 keep=$4 comes=$5 line=$6 seen=$7 rest=$8 shared=$9 removed=${10} done=${11}; shift 11
new=$r/$number.tmp
trap 'rm -rf "$new" "$t"; flock -u 8' EXIT
clear_away "$t" "$new"
# `place` moves there what is in the way.
# shellcheck disable=SC2034
replaced=$t/dropped
if [ "$comes" = files ]; then mkdir -p "$t" "$r" "$s/arriving/tree"; mv "$s/arriving" "$new"
else
  mkdir -p "$t" "$new/tree"
  # A complete release is kept as an archive: unpacking it twice would take twice as long. Only its owner may read
  # the archive, since it contains private files.
  if [ -z "$base" ]; then archive=$new/whole.$comes; else archive=/dev/null; fi
  # A pipeline returns only the status of its last program, so the others create a file if they fail.
  unpacked() { tar -xof - -C "$new" || : > "$t/torn"; }
  if [ "$comes$archive" = tar/dev/null ]; then unpacked
  else
    { (umask 077; tee "$archive") || : > "$t/torn"; } |
      { if [ "$comes" = tgz ]; then gzip -dc; else cat; fi || : > "$t/torn"; } | unpacked
  fi
  if [ -e "$t/torn" ]; then echo 'the release did not arrive whole' >&2; exit 1; fi
fi
if [ -z "$base" ]; then
  come=$t/wanted
  entries < "$new/manifest" > "$come"
else
  come=$new/brought
  : > "$t/wanted"; : > "$come"; : > "$t/shared"; : > "$t/recorded"
  # The shared entries are lines of the new manifest: nothing in the base is trusted.
  COME=$come TO=$t/ LC_ALL=C awk "$is_entry"'
    BEGIN { to = ENVIRON["TO"]; come = ENVIRON["COME"] }
    listed { names[$0]; next }
    is_entry() {
      print > (to "wanted")
      if ($0 in names) { delete names[$0]; print > (to "shared") } else print > come
    }
    END { for (name in names) { $0 = name; if (is_entry()) print > (to "recorded") } }
    ' listed=1 "$r/$base/manifest" listed=0 "$new/manifest"
fi
if [ -z "$base" ] && [ "$comes" != files ]; then mv "$new/tree" "$t/stage"; cd "$t/stage"; else cd "$new/tree"; fi
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
  sharing=$(holders "$base" "$t/shared")
  # shellcheck disable=SC2086
  intact $sharing || for k in $sharing; do
    ! intact "$k" || continue
    harmed "$k" > "$t/harmed"
    if [ -s "$t/harmed" ]; then rm -f "$r/$k/seen"; else view "$k" > "$r/$k/seen"; fi
    among "$t/shared" < "$t/harmed" >> "$t/bad"
  done
  [ ! -s "$t/lacking" ] || cat "$t/lacking" >> "$t/bad"
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
if [ "$seen" = yes ] && is_recorded "$base"; then
  survey "$keep" "$r/$number/brought"
  : > "$t/decided"
  if [ -s "$t/not" ] || [ -s "$t/left" ]; then gather "$number"; else cp -a "$r/$number/tree" "$t/stage"; fi
fi
printf '%s %s\n' "$number" "$(date +%s)" > "$s/attempt"
