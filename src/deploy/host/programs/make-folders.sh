# shellcheck shell=sh
# USER GROUP PATH..., run as root: creates the directories PATH and gives them to USER and, unless it is empty, to
# GROUP. Needs root-functions.sh before it.
set -e; umask 022
user=$1 group=$2; shift 2
for path; do (
  enter "$path" 0 make
  chown "$user:$group" .; chmod 750 .
  # If it is not the user's primary group, new files in the directory get the group, too.
  [ -z "$group" ] || [ "$(id -gn "$user")" = "$group" ] || chmod g+s .
) done
