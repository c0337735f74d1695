/** What the browser itself remembers: everything else is the gateway's, so that a reload loses nothing. */
export interface Remembered {
  readonly favourites: readonly string[];
  readonly personId: string | null;
}

export interface Memory {
  load(): Remembered;
  save(remembered: Remembered): void;
}

const NOTHING: Remembered = { favourites: [], personId: null };

/** Memory in the browser's storage; a browser that refuses storage remembers until the page is closed. */
export function browserMemory(name = "vf-fitting-room"): Memory {
  let kept = NOTHING;
  return {
    load() {
      try {
        return { ...NOTHING, ...(JSON.parse(localStorage.getItem(name) ?? "{}") as Partial<Remembered>) };
      } catch {
        return kept;
      }
    },
    save(remembered) {
      kept = remembered;
      try {
        localStorage.setItem(name, JSON.stringify(remembered));
      } catch {
        // Private windows of some browsers.
      }
    },
  };
}
