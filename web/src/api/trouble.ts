/** What went wrong, as the views tell it: the gateway's codes, and those that only a browser meets. */
import type { Code, ProblemDocument } from "./documents.js";

export type LocalCode = "offline" | "camera_denied" | "camera_missing" | "picture_missing";
export type TroubleCode = Code | LocalCode;

export class Trouble extends Error {
  constructor(
    readonly code: TroubleCode,
    readonly detail = "",
    /** Seconds after which trying again makes sense; null: the gateway did not say. */
    readonly retryAfter: number | null = null,
  ) {
    super(`${code}: ${detail}`);
  }

  /** Whether the same thing may well work when it is tried again. */
  get passes(): boolean {
    return PASSING.has(this.code);
  }
}

const PASSING: ReadonlySet<TroubleCode> = new Set<TroubleCode>([
  "request_timeout",
  "stage_unavailable",
  "stage_failed",
  "overloaded",
  "deadline_exceeded",
  "cancelled",
  "not_ready",
  "rate_limited",
  "storage_full",
  "internal",
  "offline",
  "picture_missing",
]);

/** A problem document of a photo or a fitting. */
export function troubleOf(problem: ProblemDocument): Trouble {
  return new Trouble(problem.code, problem.detail);
}

/** An answer of the gateway that is no success. */
export function troubleOfAnswer(status: number, body: string, retryAfter: string | null): Trouble {
  const seconds = Number.parseInt(retryAfter ?? "", 10);
  const wait = Number.isNaN(seconds) ? null : seconds;
  try {
    const problem = JSON.parse(body) as ProblemDocument;
    if (typeof problem.code === "string") return new Trouble(problem.code, problem.detail, wait);
  } catch {
    // A proxy answered, not the gateway.
  }
  return new Trouble(status === 503 || status === 502 ? "stage_unavailable" : "internal", `HTTP ${status}`, wait);
}

/** Anything that was thrown. */
export function asTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (error instanceof TypeError || (error instanceof DOMException && error.name === "NetworkError")) {
    return new Trouble("offline", String(error)); // how fetch says that nobody answered
  }
  return new Trouble("internal", String(error));
}
