# shellcheck shell=sh
# PART FOLDER: completes the copy of Node and npm in PART, and moves it to FOLDER.
set -e; umask 027; cd "$1"; chmod -R g+rX,o-rwx .
ln -s ../lib/node_modules/npm/bin/npm-cli.js bin/npm; ln -s ../lib/node_modules/npm/bin/npx-cli.js bin/npx
rm -rf "$2"; mv "$1" "$2"
