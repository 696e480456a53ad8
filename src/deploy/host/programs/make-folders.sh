# shellcheck shell=sh
# USER GROUP PATH..., run as root: makes the directories PATH, which become USER's and, where it is
# not empty, GROUP's. root-functions.sh comes first.
set -e; umask 022
user=$1 group=$2; shift 2
for path; do (
  enter "$path" 0 make
  chown "$user:$group" .; chmod 750 .
  # Where it is not the user's first group, the directory gives the group to what is made in it.
  [ -z "$group" ] || [ "$(id -gn "$user")" = "$group" ] || chmod g+s .
) done
