# shellcheck shell=sh
# PATH BUNDLE PART RELEASE COPIED FOLDER...: unpacks BUNDLE over the buildout folder PATH, after
# noting everything that the release may change. Where PART is not empty the bundle comes on
# standard input, through PART. The first COPIED of the folders are kept as copies, others as links.
# lock-functions.sh comes first.
set -e; umask 027; cd "$1"; s=.hostout
bundle=$2 part=$3 release=$4 copied=$5; shift 5
working "unpacking release $release"
# Where no release lies yet there is nothing to disturb.
if [ -f $s/files ]; then d=$s/stage; else d=.; fi
if [ -n "$part" ]; then
  # A pipe tells only its last program's status, so the others leave a mark.
  # The archive holds files that are for nobody else.
  { (umask 077; tee "$part") || : > $s/incoming/torn; } | { gzip -dc || : > $s/incoming/torn; } | tar -xof - -C "$d" || : > $s/incoming/torn
  [ ! -e $s/incoming/torn ] || { rm -f "$part"; echo 'the archive did not arrive whole' >&2; exit 1; }
  mv -f "$part" "$bundle"
else tar -xzof "$bundle" -C "$d"
fi
if [ -f $s/current ] && [ -f $s/files ] && [ ! -d $s/previous ]; then
  p=$s/previous.tmp; mkdir -p $p/kept
  printf '%s\n' "$@" > $p/folders; : > $p/entries
  for e; do
    copied=$((copied - 1))
    [ -e "$e" ] || continue
    mkdir -p "$(dirname "$p/kept/$e")"
    if [ "$copied" -ge 0 ]; then cp -a "$e" "$p/kept/$e"
    else cp -al "$e" "$p/kept/$e" 2>/dev/null || { rm -rf "$p/kept/$e"; cp -a "$e" "$p/kept/$e"; }
    fi
    printf '%s\n' "$e" >> $p/entries
  done
  cp $s/files $s/unpacked $p/
  cp $s/incoming/added $p/added
  cat $s/incoming/replaced $s/incoming/stale > $p/replaced
  [ ! -s $p/replaced ] || (umask 077; tar -cf $p/files.tar -T $p/replaced) || [ -s $p/files.tar ]
  mv $p $s/previous
fi
tr '\n' '\0' < $s/incoming/stale | xargs -0 rm -f --
tr '\n' '\0' < $s/incoming/folders | xargs -0 rmdir -- 2>/dev/null || :
[ $d = . ] || cp -Rlf $s/stage/. . 2>/dev/null || {
  # Without hard links, files are written over and keep their permissions: private ones first lose
  # those of others.
  sed -n 's/^[0-9a-f]* [67]00 //p' $s/incoming/files | tr '\n' '\0' | xargs -0 chmod go= -- 2>/dev/null || :
  cp -Rf $s/stage/. .
}
mv -f $s/incoming/files $s/files
printf '%s\n' "$release" > $s/unpacked.tmp; mv -f $s/unpacked.tmp $s/unpacked
rm -rf $s/stage $s/incoming
