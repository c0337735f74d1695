/** What every view is given. Views are functions of it: they keep nothing themselves. */
import type { Client } from "../api/client.js";
import type { Fitting } from "../api/documents.js";
import type { Example, Listing } from "../state/listing.js";
import type { Room, RoomState } from "../state/room.js";
import type { Texts, UiKey } from "../text/index.js";

export type Tab = "single" | "compare";
export type Dialog = "camera" | "full" | "twelve" | "forget" | null;

/** What only concerns how it is looked at. */
export interface Looking {
  readonly tab: Tab;
  readonly dialog: Dialog;
  readonly zoom: number;
  readonly onlyFavourites: boolean;
  /** Another photo of oneself is being chosen, though there is one. */
  readonly isChangingPhoto: boolean;
}

export interface View {
  readonly room: Room;
  readonly state: RoomState;
  readonly client: Client;
  readonly texts: Texts;
  readonly t: (key: UiKey, values?: Record<string, string | number>) => string;
  readonly listings: readonly Listing[];
  readonly examples: readonly Example[];
  readonly photoHours: number;
  readonly fittingDays: number;
  readonly looking: Looking;
  readonly look: (change: Partial<Looking>) => void;
  /** Seconds since the shown fitting was first seen here; 0: it has ended. */
  readonly elapsed: number;
  readonly listingOf: (fitting: Fitting) => Listing | undefined;
  readonly titleOf: (fitting: Fitting) => string;
}
