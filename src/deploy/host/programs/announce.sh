# shellcheck shell=sh
# PATH BUNDLES: takes the lists of what unpack.sh shall change, and makes the folder for bundles.
# lock-functions.sh comes first.
set -e; umask 027; mkdir -p "$2"; cd "$1"; s=.hostout
working "preparing a release"
rm -rf $s/stage $s/previous.tmp $s/incoming; mkdir -p $s/stage $s/incoming
cat > $s/incoming/lists
for pair in '=:files' '+:added' '~:replaced' '-:stale' '/:folders'; do
  t=${pair%%:*}; sed -n "s|^$t ||p" $s/incoming/lists > $s/incoming/"${pair#*:}"
done
