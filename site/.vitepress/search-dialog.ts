/**
 * VitePress's search is a button that contains a text field, and its options contain links, which
 * screen readers cannot reach. Here it is a dialog, and the links are the options.
 */

const CHANGES: readonly [from: RegExp, to: string][] = [
  [
    /role="button"\s+:aria-owns="[^"]*"\s+aria-expanded="true"\s+aria-haspopup="listbox"\s+aria-labelledby="localsearch-label"/,
    'role="dialog" aria-modal="true" :aria-label="buttonText"',
  ],
  [
    /aria-autocomplete="both"/,
    'role="combobox" aria-haspopup="listbox" :aria-expanded="results?.length ? \'true\' : \'false\'" aria-autocomplete="list"',
  ],
  [
    /:id="('localsearch-item-' \+ index)"\s+:aria-selected="([^"]*)"\s+role="option"\s*>\s*<a\s/,
    'role="presentation"><a :id="$1" :aria-selected="$2" role="option" ',
  ],
  // The name of a result is what it shows.
  [/:aria-label="\[\.\.\.p\.titles, p\.title\]\.join\(' > '\)"/, ""],
  [/<span class="title-icon">/, '<span class="title-icon" aria-hidden="true">'],
  // Only what has a role can have a label.
  [/<kbd :aria-label=/g, '<kbd role="img" :aria-label='],
];

export const searchDialog = {
  name: "search-dialog",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    if (!id.endsWith("/VPLocalSearchBox.vue")) return;
    return CHANGES.reduce((text, [from, to]) => {
      if (text.search(from) < 0) throw new Error(`VitePress's search has no ${from} any more.`);
      return text.replace(from, to);
    }, code);
  },
};
