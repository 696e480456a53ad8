# shellcheck shell=sh
# PATH N ID SHARED REMOVED DONE LATER: points `current` to the directory of release N, which is built. Removes the
# releases REMOVED, logs DONE with the seconds since the directory was begun, and with SHARED=yes lets the group
# write to what was created in var. Prints `switched` after the switch, `stays M` for a directory that cannot be
# removed, `stays crontab` if entries of other releases cannot be, and `crontab PART` for each part that has to
# write its entry now. Until settle.sh runs, `aside` says that such entries are still to be written, or with
# LATER=yes that something else is still to be done. Needs the functions before it.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "switching to release $2"
number=$2 id=$3 shared=$4 removed=$5 done=$6 later=$7
cd "releases/$number"; cd "$s/.."
# First the files: after a power failure, the link must not lead to incomplete ones.
sync -f "releases/$number" 2>/dev/null || sync
echo built > "$r/$number/directory.tmp"; replace "$r/$number/directory"
if [ "$(aside_number)" != "$number" ] && [ "$(aside_number)" = "$(live)" ]; then clear_aside; fi
# The parts with entries in the crontab.
installed=releases/$number/.installed.cfg
parts=$([ ! -f "$installed" ] || sed -n '/^\[.*\]$/{s/^\[\(.*\)\]$/\1/;h;}; /^recipe = z3c\.recipe\.usercrontab$/{g;p;}' "$installed")
[ -z "$parts" ] || later=yes
point "releases/$number"
if [ "$later" = yes ] && [ "$(aside_number)" != "$number" ]; then clear_aside; mark built "$number" "$id"; fi
echo switched
printf '%s %s\n' "$number" "$id" > "$s/current.tmp"; replace "$s/current"
[ -z "$done" ] || note "$done" "$(took "$number")"
[ "$shared" != yes ] || share_var
settle_crontab "releases/$number"
[ -z "$parts" ] || printf '%s\n' "$parts" | sed 's/^/crontab /'
if [ "$later" != yes ] && [ "$(aside_number)" = "$number" ]; then rm -f "$s/aside"; fi
for n in $removed; do drop "$n"; done
[ -z "$removed" ] || sweep || :
