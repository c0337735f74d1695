/** The gateway's documents, by the names that this code uses. `schema.ts` is generated from gateway/openapi.json. */
import type { components } from "./schema.js";

type Schemas = components["schemas"];

export type Fitting = Schemas["FittingDocument"];
export type Photo = Schemas["PhotoDocument"];
export type Code = Schemas["Code"];
export type Category = Schemas["Category"];
export type Stage = Schemas["Stage"];
export type State = Schemas["State"];
export type StageDocument = Schemas["StageDocument"];
export type ProblemDocument = Schemas["ProblemDocument"];
export type Links = Schemas["LinksDocument"];

/** In the order in which a buyer hears of them. */
export const STAGES: readonly Stage[] = ["openpose", "parse", "densepose", "clothmask", "agnostic", "hrviton"];

/** Whether a person, a garment or a fitting changes no more. */
export function hasEnded(thing: { readonly state: State }): boolean {
  return thing.state === "succeeded" || thing.state === "failed" || thing.state === "cancelled";
}
