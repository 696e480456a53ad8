# shellcheck shell=sh
# RUN UNITS SCRIPTS SERVICE, run as root: undoes install-service.sh, and prints the paths of the removed files.
# Succeeds if there is nothing to undo.
PATH=$PATH:/usr/sbin:/sbin
run=$1 units=$2 scripts=$3 service=$4
if [ -e "$units/$service.service" ]; then
  systemctl disable --quiet "$service.service"
  rm -f "$units/$service.service"
  if [ -d "$run" ]; then systemctl daemon-reload; fi
  echo "$units/$service.service"
fi
if [ -e "$scripts/$service" ]; then
  if command -v chkconfig >/dev/null; then chkconfig --del "$service"
  elif command -v rc-update >/dev/null; then rc-update -q del "$service" default; fi
  rm -f "$scripts/$service"
  if command -v update-rc.d >/dev/null; then update-rc.d "$service" remove >/dev/null; fi
  echo "$scripts/$service"
fi
exit 0
