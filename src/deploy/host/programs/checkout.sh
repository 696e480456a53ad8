# shellcheck shell=sh
# PATH N KEEP LINE PLACE ARG...: puts release N, which the host already has, in place. put-in-place.sh or, with
# PLACE=aside, put-aside.sh comes after this program: it takes the ARGs and logs LINE. Status 4: the release is
# damaged. Needs the functions before it.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "checking out release $2"
number=$2 keep=$3 line=$4 where=$5; shift 5
trap 'rm -rf "$t"; flock -u 8' EXIT
rm -rf "$t"; mkdir -p "$t"
entries < "$r/$number/manifest" > "$t/wanted"
all_there "$r/$number/manifest" || { echo 'damaged manifest'; exit 4; }
if [ "$where" = aside ]; then cp "$t/wanted" "$t/put"; else survey "$keep"; : > "$t/decided"; fi
gather "$number"
(cd "$t/stage" && differences "$t/put") > "$t/damaged"
if [ -s "$t/damaged" ]; then
  sed 's/^[a-z]* /damaged /' "$t/damaged"
  sed -n 's/^[a-z]* //p' "$t/damaged" > "$t/names"
  only "$t/names" < "$t/put" >> "$s/damaged"
  for f in "$t/of"/*; do rm -f "$r/${f##*/}/seen"; done
  exit 4
fi
printf '%s %s\n' "$number" "$(date +%s)" > "$s/attempt"
