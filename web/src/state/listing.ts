/** What a market offers, as its page tells the fitting room. */
import type { Category, Fitting, Photo } from "../api/documents.js";

export interface Listing {
  /** The market's own name for it, at most 200 characters. */
  readonly id: string;
  readonly title: string;
  /** Address of the garment's photo. */
  readonly image: string;
  /** Id of the garment where the market's backend has uploaded it already; otherwise the photo is sent when it is tried on. */
  readonly garment?: string;
  /** What is sold; it wins over what the photo seems to show. */
  readonly category?: Category;
}

/** Somebody to try things on without a photo of one's own. */
export interface Example {
  readonly name: string;
  readonly image: string;
}

/** The listing of a garment: by its id, or by the name under which its photo was sent. */
export function listingOf(
  fitting: Fitting,
  listings: readonly Listing[],
  garments: readonly Photo[],
): Listing | undefined {
  const garment = garments.find((each) => each.id === fitting.garment_id);
  return listings.find((each) => each.garment === fitting.garment_id || each.id === garment?.reference);
}

/** The garment that a listing's photo has become, if it can still be used. */
export function garmentOf(listing: Listing, garments: readonly Photo[]): string | undefined {
  if (listing.garment) return listing.garment;
  const category = listing.category ?? "auto";
  return garments.find((each) => each.reference === listing.id && each.category === category && each.state !== "failed")
    ?.id;
}
