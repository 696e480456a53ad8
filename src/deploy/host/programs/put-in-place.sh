# shellcheck shell=sh
# COPIED FOLDER...: puts release $number, which is complete, into the buildout directory, and logs $line. The end of
# checkout.sh and receive.sh. With $rest = yes, makes it the current release as well, and prints `current`, if what a
# build depends on has not changed since the last one: see make-current.sh. Status 95: only that failed.
# shellcheck disable=SC2154
[ "$rest" = yes ] || keep_parts "$@"
[ -z "$line" ] || note "$line"
checkout "$number" "$keep" yes
# Not before: a link that leads out of the buildout directory may lead back to one of the files.
if [ "$rest" = yes ] && settled; then
  trap '' HUP PIPE
  read -r _ id < "$r/$number/manifest"
  set +e
  (set -e; make_current; settle_again "$id")
  # shellcheck disable=SC2181
  [ $? -eq 0 ] || exit 95
  echo current
else
  [ "$rest" != yes ] || keep_parts "$@"
  # So that less is left to wait for when the release becomes the current one.
  sync -f . >/dev/null 2>&1 8>&- &
fi
