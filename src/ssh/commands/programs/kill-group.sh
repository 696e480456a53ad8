# shellcheck shell=sh
# GROUP: ends the processes of a group.
kill -TERM "-$1"
sleep 1
kill -KILL "-$1"
