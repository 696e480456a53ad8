# shellcheck shell=sh
# PATH N BASE KEEP COMES LINE ARG...: takes the archive of release N from standard input: its
# manifest, and in `tree` what release BASE does not have. With COMES=files they lie in .hostout/arriving
# already, unpacked. Status 4: some of it is not as the manifest says. A whole release is put in place
# by put-in-place.sh or put-aside.sh, which comes behind, takes the ARGs and notes LINE. The functions
# come first.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "receiving release $2"
number=$2 base=$3 keep=$4 comes=$5 line=$6; shift 6
new=$r/$number.tmp
trap 'rm -rf "$new" "$t"; flock -u 8' EXIT
rm -rf "$t" "$new"; mkdir -p "$t" "$new"
# For `place`, which keeps what is in the way.
# shellcheck disable=SC2034
replaced=$t/dropped
if [ "$comes" = files ]; then mkdir -p "$s/arriving/tree"; mv "$s/arriving" "$new/arrived"
else
  mkdir -p "$new/arrived/tree"
  # A release that comes whole is kept as it comes: unpacking it twice would take twice the time. The
  # archive holds files that are for nobody else.
  if [ -z "$base" ]; then archive=$new/whole.tgz; else archive=/dev/null; fi
  # A pipe tells only its last program's status, so the others leave a mark.
  { (umask 077; tee "$archive") || : > "$t/torn"; } | { gzip -dc || : > "$t/torn"; } |
    tar -xof - -C "$new/arrived" || : > "$t/torn"
  if [ -e "$t/torn" ]; then echo 'the release did not arrive whole' >&2; exit 1; fi
fi
mv "$new/arrived/manifest" "$new/manifest"
entries < "$new/manifest" > "$t/wanted"
if [ -n "$base" ]; then
  entries < "$r/$base/manifest" > "$t/base"
  unfold "$base"
  cp -RPl "$r/$base/tree" "$new/tree" 2>/dev/null || { rm -rf "$new/tree"; cp -RPp "$r/$base/tree" "$new/tree"; }
  cd "$new/tree"
  beside "$t/wanted" < "$t/base" | paths > "$t/gone"
  remove "$t/gone" "$t/wanted"
  place "$new/arrived/tree" > /dev/null
elif [ -e "$new/whole.tgz" ]; then mv "$new/arrived/tree" "$t/stage"; cd "$t/stage"
else mv "$new/arrived/tree" "$new/tree"; cd "$new/tree"
fi
rm -rf "$new/arrived"
paths_of directory < "$t/wanted" | each mkdir -p
# A file that two releases share is read once.
trusted=
if [ -n "$base" ]; then trusted=$r/$base/seen
elif [ "$comes" = stream ]; then trusted=arrived
fi
when=%y
differences "$t/wanted" "$trusted" > "$t/damaged"
if [ -n "$base" ] && ! [ -s "$t/damaged" ]; then look "$t/wanted" > "$new/seen"; fi
when=%z
cd "$s/.."
if [ -s "$t/damaged" ]; then
  sed -n 's/^[a-z]* //p' "$t/damaged" > "$t/names"
  only "$t/names" < "$t/wanted" >> "$s/damaged"
  sed 's/^/damaged /' "$t/names"
  exit 4
fi
# Releases share files by hard links, and so a damage: each gets the whole file.
if [ -s "$s/damaged" ]; then
  LC_ALL=C sort -u "$s/damaged" | among "$t/wanted" > "$t/mended"
  from=$PWD/.hostout/incoming/stage
  [ -d "$from" ] || from=$new/tree
  mend "$from"
  rm -f "$s/damaged"
fi
rm -rf "${r:?}/$number"; mv "$new" "$r/$number"
printf '%s %s\n' "$number" "$(date +%s)" > "$s/attempt"
