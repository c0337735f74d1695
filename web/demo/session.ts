/** The demo's part of a market's backend: it gives this browser's buyer a token. */

export interface Session {
  readonly token: string;
  readonly people_hours: number;
  readonly fittings_days: number;
}

/** The key that the link of `./vf up` holds behind #; it is taken out of the address at once. */
export function keyOfAddress(): string {
  const key = new URLSearchParams(location.hash.slice(1)).get("key") ?? "";
  if (key) history.replaceState(null, "", location.pathname);
  return key;
}

/**
 * A token for this browser's buyer.
 *
 * @param key the local key; empty: the cookie of an earlier visit tells who it is.
 * @returns null: neither is good.
 */
export async function startSession(key = ""): Promise<Session | null> {
  const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
  const answer = await fetch("/demo/session", { method: "POST", headers });
  if (answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new TypeError(`HTTP ${answer.status}`);
  return (await answer.json()) as Session;
}
