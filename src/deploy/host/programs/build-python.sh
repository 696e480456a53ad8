# shellcheck shell=sh
# WORK ARCHIVE UNPACK PREFIX: builds the Python in the archive WORK/ARCHIVE and installs it into PREFIX. UNPACK is
# the option of tar for that archive.
set -e; umask 027; cd "$1"; tar "$3" "$2"; cd ./*/
./configure --prefix="$4"
make -j"$(nproc 2>/dev/null || echo 1)"
make install
"$4/bin/python3" --version
