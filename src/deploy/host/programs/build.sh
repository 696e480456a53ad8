# shellcheck shell=sh
# PATH BUNDLES KEPT CONFIGURATION RELEASE SHARED ARG...: runs bin/buildout. When it succeeds the
# release is current, and with SHARED=yes the group may write what was made in var; all but KEPT
# bundles go. When it fails the folder is put back as it was. lock-functions.sh and
# restore-function.sh come first.
trap '' HUP PIPE; umask 027; cd "$1" || exit 1
bundles=$2 kept=$3 configuration=$4 release=$5 shared=$6; shift 6
s=.hostout
working "a build of release $release"
# The program keeps the process that sh is: who ends it, lets this one put things back.
# shellcheck disable=SC2016
/bin/sh -c 'echo "pid=$$" >> .hostout/working; exec bin/buildout -c "$@"' sh "$configuration" "$@"
status=$?
if [ $status -eq 0 ]; then
  printf '%s\n' "$release" > $s/current.tmp && mv -f $s/current.tmp $s/current
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$release" >> $s/releases
  rm -rf $s/previous $s/failed
  if [ "$shared" = yes ] && [ -d var ]; then
    find var -user "$(id -un)" ! -type l ! -perm -020 -exec chmod g+w {} +
  fi
  # The names of bundles have no special characters, and their age counts.
  # shellcheck disable=SC2010,SC2012
  cd "$bundles" && ls -t | grep '^deploy_' | tail -n +$((kept + 1)) | xargs rm -f
else
  restore
fi
exit $status
