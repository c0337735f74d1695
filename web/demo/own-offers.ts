/** What was put up for sale in this browser. A real market keeps it in its own database. */
import type { Offer } from "./catalogue.js";

const NAME = "vf-demo-offers";

export function ownOffers(): readonly Offer[] {
  try {
    return JSON.parse(localStorage.getItem(NAME) ?? "[]") as Offer[];
  } catch {
    return [];
  }
}

export function keepOffers(offers: readonly Offer[]): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(offers));
  } catch {
    // A browser without storage forgets them with the page.
  }
}
