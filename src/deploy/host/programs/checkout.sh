# shellcheck shell=sh
# PATH N KEEP LINE ARG...: puts release N in place, which the host has, by put-in-place.sh or put-aside.sh,
# which comes behind, takes the ARGs and notes LINE. Status 4: it is damaged. The functions come first.
# shellcheck disable=SC2034,SC2154
set -e; umask 027; begin "$1"; working "checking out release $2"
number=$2 keep=$3 line=$4; shift 4
trap 'rm -rf "$t"; flock -u 8' EXIT
rm -rf "$t"; mkdir -p "$t"
entries < "$r/$number/manifest" > "$t/wanted"
all_there "$r/$number/manifest" || { echo 'damaged manifest'; exit 4; }
unfold "$number"
(cd "$r/$number/tree" && differences "$t/wanted") > "$t/damaged"
if [ -s "$t/damaged" ]; then
  sed 's/^[a-z]* /damaged /' "$t/damaged"
  sed -n 's/^[a-z]* //p' "$t/damaged" > "$t/names"
  only "$t/names" < "$t/wanted" >> "$s/damaged"
  exit 4
fi
printf '%s %s\n' "$number" "$(date +%s)" > "$s/attempt"
