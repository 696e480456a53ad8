import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Sources of distributions in terms of an installer. */
export interface Search {
  /** URL; undefined: the user's own settings. */
  index: string | undefined;
  noIndex: boolean;
  /** URLs. */
  findLinks: string[];
}

export interface SearchRequest {
  index: string | undefined;
  findLinks: readonly string[];
  installFromCache: boolean;
  downloadCache: string | undefined;
  directory: string;
}

/** A URL, or a path as the URL of a file. */
function toUrl(place: string, directory: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place)
    ? place
    : pathToFileURL(resolve(directory, place)).href;
}

/** The directory for distributions in a download cache. */
export function distributionCache(downloadCache: string | undefined): string | undefined {
  return downloadCache && join(downloadCache, "dist");
}

/** zc.buildout's rules: the cache comes first, and is the only source with `install-from-cache`. */
export function searchPlaces(request: SearchRequest): Search {
  const { index, findLinks, installFromCache, downloadCache, directory } = request;
  const dist = distributionCache(downloadCache);
  const links = installFromCache ? [] : findLinks;
  return {
    index: installFromCache || index === undefined ? undefined : toUrl(index, directory),
    noIndex: installFromCache,
    findLinks: [...(dist ? [dist] : []), ...links].map((place) => toUrl(place, directory)),
  };
}
