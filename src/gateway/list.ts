import { z } from "zod";
import type { Dashboard } from "./dashboard.ts";

/** Describes dashboards for those who may read them: sections, parameters, times. */
export function listDashboards(dashboards: readonly Dashboard[]): object {
  return {
    dashboards: dashboards.map(({ name, sections, params, deadlineMs, isPublic }, index) => ({
      name,
      default: index === 0,
      public: isPublic,
      deadline_ms: deadlineMs,
      sections: Object.entries(sections).map(([sectionName, section]) => ({
        name: sectionName,
        required: section.required,
        requires: section.requires ?? null,
        timeout_ms: section.timeoutMs,
        cached: section.cache !== undefined,
        needs: section.needs,
      })),
      // What a client may send: before defaults and conversions.
      params: z.toJSONSchema(params, { io: "input", unrepresentable: "any" }),
    })),
  };
}
