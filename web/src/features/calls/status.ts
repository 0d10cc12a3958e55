// How far a call has come, in words.

import type { CallItem } from "@/api/queries";
import type { Tone } from "@/components/score";

export const STATUS: Record<CallItem["status"], { name: string; tone: Tone }> = {
  needs_sides: { name: "Who is who?", tone: "fair" },
  queued: { name: "Being coached", tone: "none" },
  analysed: { name: "Coached", tone: "good" },
  failed: { name: "Failed", tone: "poor" },
};

/** Why a call that is coached has no score; which of both it is, its page says. */
export const UNSCORED = "Too little could be judged, or a person has to look first";
