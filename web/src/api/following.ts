/** Follows a fitting by its event stream until it has ended; where no stream comes, it is asked for now and then. */
import type { Client } from "./client.js";
import { type Fitting, hasEnded, type Stage, type StageDocument } from "./documents.js";
import { Trouble } from "./trouble.js";

const ASK_AGAIN_MS = 1500;

export interface Following {
  stop(): void;
}

type StageEvent = StageDocument & { readonly stage: Stage };

/** A fitting after one event of its stream. */
export function advanced(fitting: Fitting, event: string, data: unknown): Fitting {
  if (event === "running") return { ...fitting, state: "running" };
  if (event !== "stage") return fitting;
  const { stage, ...told } = data as StageEvent;
  return { ...fitting, stages: { ...fitting.stages, [stage]: told } };
}

/**
 * @param onChange is given the fitting after each change, at last the ended one.
 * @param onGone is told that the fitting is no longer there.
 */
export function follow(
  client: Client,
  first: Fitting,
  onChange: (fitting: Fitting) => void,
  onGone: () => void,
): Following {
  let stopped = false;
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = first;

  const stop = () => {
    stopped = true;
    stream?.close();
    clearTimeout(timer);
  };

  /** The fitting as the gateway has it; this ends the following when it has ended. */
  const look = async () => {
    try {
      const fitting = await client.fitting(first.id);
      if (stopped) return;
      current = fitting;
      if (hasEnded(fitting)) stop();
      onChange(fitting);
    } catch (error) {
      if (stopped) return;
      if (error instanceof Trouble && error.code === "not_found") {
        stop();
        onGone();
      }
    }
  };

  const ask = async () => {
    await look();
    if (!stopped) timer = setTimeout(ask, ASK_AGAIN_MS);
  };

  const listen = async () => {
    let path: string;
    try {
      path = (await client.links(first.id)).events;
    } catch {
      return ask();
    }
    if (stopped) return;
    stream = new EventSource(client.base + path);
    for (const name of ["running", "stage"]) {
      stream.addEventListener(name, (event) => {
        current = advanced(current, name, JSON.parse((event as MessageEvent<string>).data));
        onChange(current);
      });
    }
    for (const name of ["succeeded", "failed", "cancelled"]) {
      stream.addEventListener(name, () => {
        stream?.close();
        void ask();
      });
    }
    // A connection that breaks off is made again by the browser; one that is refused is not.
    stream.onerror = () => {
      if (stream?.readyState === EventSource.CLOSED && !stopped) void ask();
    };
  };

  void listen();
  return { stop };
}
