/**
 * The shell programs that run on the host. They need a POSIX shell with the
 * usual tools (cp -l, gzip, tar, xargs -0), which Debian's minbase and BusyBox have.
 * Paths come in as quoted words; file lists come in on standard input.
 */
import { basename, dirname, join } from "node:path/posix";
import { quote, quoteAll } from "../../ssh/quote.ts";
import { STATE } from "./probe.ts";

/** What a buildout makes and a failed one may have spoilt, beside the files of a release. */
export interface BuildoutFolders {
  /** Small ones that programs may rewrite in place: kept as copies. */
  copied: string[];
  /** Large ones: kept as hard links. */
  linked: string[];
}

/**
 * Puts back what `previous` holds. It can be cut off and run again: `entries`
 * says what there was, and what has gone from `previous` is back already.
 */
const RESTORE = `restore() {
  p=${STATE}/previous
  [ -d $p ] || return 0
  mkdir -p ${STATE}/failed
  while IFS= read -r e; do
    if grep -Fxq -- "$e" $p/entries; then
      [ -e "$p/kept/$e" ] || continue
      rm -rf "${STATE}/failed/$e"
      if [ -e "$e" ]; then mkdir -p "$(dirname "${STATE}/failed/$e")"; mv -f "$e" "${STATE}/failed/$e"; fi
      mkdir -p "$(dirname "$e")"; mv -f "$p/kept/$e" "$e"
    elif [ -e "$e" ]; then
      rm -rf "${STATE}/failed/$e"; mkdir -p "$(dirname "${STATE}/failed/$e")"; mv -f "$e" "${STATE}/failed/$e"
    fi
  done < $p/folders
  tr '\\n' '\\0' < $p/added | xargs -0 rm -f --
  [ ! -s $p/replaced ] || tar -xf $p/files.tar
  cp $p/files ${STATE}/files.tmp && mv -f ${STATE}/files.tmp ${STATE}/files
  cp $p/unpacked ${STATE}/unpacked.tmp && mv -f ${STATE}/unpacked.tmp ${STATE}/unpacked
  rm -rf $p
}`;

/** What a release changes in the buildout folder. */
export interface ChangeLists {
  /** All files of the release, as `manifest` writes them. */
  manifest: string;
  added: string[];
  replaced: string[];
  stale: string[];
  staleFolders: string[];
}

/** Standard input of `announceScript`. Paths start with `./`, one on a line. */
export function announceInput(lists: ChangeLists): string {
  const tagged = (tag: string, lines: string[]) => lines.map((line) => `${tag} ${line}\n`).join("");
  const dotted = (paths: string[]) => paths.map((path) => `./${path}`);
  return [
    tagged(
      "=",
      lists.manifest.split("\n").filter((line) => line !== ""),
    ),
    tagged("+", dotted(lists.added)),
    tagged("~", dotted(lists.replaced)),
    tagged("-", dotted(lists.stale)),
    tagged("/", dotted(lists.staleFolders)),
  ].join("");
}

/** Takes the lists of what `unpackScript` shall change, and makes the folder for bundles. */
export function announceScript(path: string, bundleFolder: string): string {
  return `set -e; umask 027; mkdir -p ${quote(bundleFolder)}; cd ${quote(path)}; s=${STATE}
rm -rf $s/stage $s/previous.tmp $s/incoming; mkdir -p $s/stage $s/incoming
cat > $s/incoming/lists
for pair in '=:files' '+:added' '~:replaced' '-:stale' '/:folders'; do
  t=\${pair%%:*}; sed -n "s|^$t ||p" $s/incoming/lists > $s/incoming/\${pair#*:}
done`;
}

/**
 * Unpacks a bundle over the buildout folder `path`, after noting everything that the
 * release may change, so that `buildScript` can put it back. New files are made beside
 * and linked into place; a file that is in use is never half written. The bundle is the
 * file `bundle`, or comes on standard input (`arrives`) and is kept there when it is whole.
 */
export function unpackScript(
  path: string,
  bundle: { file: string; arrives: boolean },
  release: string,
  folders: BuildoutFolders,
): string {
  const part = quote(join(dirname(bundle.file), `.incoming-${basename(path)}.tgz`));
  // A pipe tells only its last program's status, so the others leave a mark.
  const unpack = (into: string) =>
    bundle.arrives
      ? `{ tee ${part} || : > $s/incoming/torn; } | { gzip -dc || : > $s/incoming/torn; } | tar -xof - -C ${into} || : > $s/incoming/torn
[ ! -e $s/incoming/torn ] || { rm -f ${part}; echo 'the archive did not arrive whole' >&2; exit 1; }
mv -f ${part} ${quote(bundle.file)}`
      : `tar -xzof ${quote(bundle.file)} -C ${into}`;
  return `set -e; umask 027; cd ${quote(path)}; s=${STATE}
# Where no release lies yet there is nothing to disturb.
if [ -f $s/files ]; then d=$s/stage; else d=.; fi
${unpack('"$d"')}
if [ -f $s/current ] && [ -f $s/files ] && [ ! -d $s/previous ]; then
  p=$s/previous.tmp; mkdir -p $p/kept
  printf '%s\\n' ${quoteAll([...folders.copied, ...folders.linked])} > $p/folders; : > $p/entries
  for e in ${quoteAll(folders.copied)}; do
    [ -e "$e" ] || continue
    mkdir -p "$(dirname "$p/kept/$e")"; cp -a "$e" "$p/kept/$e"; printf '%s\\n' "$e" >> $p/entries
  done
  for e in ${quoteAll(folders.linked)}; do
    [ -e "$e" ] || continue
    mkdir -p "$(dirname "$p/kept/$e")"
    cp -al "$e" "$p/kept/$e" 2>/dev/null || { rm -rf "$p/kept/$e"; cp -a "$e" "$p/kept/$e"; }
    printf '%s\\n' "$e" >> $p/entries
  done
  cp $s/files $s/unpacked $p/
  cp $s/incoming/added $p/added
  cat $s/incoming/replaced $s/incoming/stale > $p/replaced
  [ ! -s $p/replaced ] || tar -cf $p/files.tar -T $p/replaced || [ -s $p/files.tar ]
  mv $p $s/previous
fi
tr '\\n' '\\0' < $s/incoming/stale | xargs -0 rm -f --
tr '\\n' '\\0' < $s/incoming/folders | xargs -0 rmdir -- 2>/dev/null || :
[ $d = . ] || cp -Rlf $s/stage/. . 2>/dev/null || cp -Rf $s/stage/. .
mv -f $s/incoming/files $s/files
printf '%s\\n' ${quote(release)} > $s/unpacked.tmp; mv -f $s/unpacked.tmp $s/unpacked
rm -rf $s/stage $s/incoming`;
}

/** Bundles kept in the cache. One that has gone is sent again when its release is wanted. */
const KEPT_BUNDLES = 10;

/**
 * Runs \`bin/buildout -c CONFIGURATION ARGS\`. When it succeeds the release is marked
 * as current and `after` runs; when it fails the folder is put back as it was, and the status is
 * kept.
 */
export function buildScript(
  path: string,
  bundleFolder: string,
  configuration: string,
  release: string,
  args: readonly string[],
  after = ":",
): string {
  return `trap '' HUP PIPE; umask 027; cd ${quote(path)} || exit 1
${RESTORE}
bin/buildout -c ${quote(configuration)} ${quoteAll(args)}
status=$?
if [ $status -eq 0 ]; then
  printf '%s\\n' ${quote(release)} > ${STATE}/current.tmp && mv -f ${STATE}/current.tmp ${STATE}/current
  printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${quote(release)} >> ${STATE}/releases
  rm -rf ${STATE}/previous ${STATE}/failed
  ${after}
  cd ${quote(bundleFolder)} && ls -t | grep '^deploy_' | tail -n +${KEPT_BUNDLES + 1} | xargs rm -f
else
  restore
fi
exit $status`;
}

/** Puts back what an interrupted deployment left half done. */
export function restoreScript(path: string): string {
  return `set -e; cd ${quote(path)}
${RESTORE}
restore`;
}
