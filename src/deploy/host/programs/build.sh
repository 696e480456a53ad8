# shellcheck shell=sh
# PATH BUNDLES KEPT CONFIGURATION RELEASE SHARED ARG...: runs bin/buildout. When it succeeds the
# release is current, and with SHARED=yes the group may write what was made in var; all but KEPT
# bundles go. When it fails the folder is put back as it was. restore-function.sh comes first.
trap '' HUP PIPE; umask 027; cd "$1" || exit 1
bundles=$2 kept=$3 configuration=$4 release=$5 shared=$6; shift 6
s=.hostout
# The buildout has the lock too, and keeps it for as long as it runs, whatever becomes of the deployer.
if command -v flock >/dev/null; then
  exec 8>> $s/building
  flock -n 8 || { echo "another build is running in $PWD" >&2; exit 75; }
  printf 'pid=%s\nwhat=%s\nsince=%s\n' $$ "$release" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > $s/build
fi
bin/buildout -c "$configuration" "$@"
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
