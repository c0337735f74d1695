/** The script that a market's page loads: it defines `<vf-fitting-room>` and `<vf-garment-check>`. */
export { VfFittingRoom } from "./fitting-room.js";
export { VfGarmentCheck } from "./garment-check.js";
export type { Example, Listing } from "./state/listing.js";
