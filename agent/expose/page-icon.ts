import type { Status } from "../model/status.ts";

const ICONS: Readonly<Record<Status["status"], string>> = {
  ok: "<circle cx='8' cy='8' r='7' fill='#1a7a56'/><path d='m4.5 8 2.5 2.5 4.5-5' fill='none' stroke='#fff' stroke-width='2'/>",
  degraded: "<path d='M8 1 15.5 15H.5z' fill='#d98e04'/><path d='M8 6v4.5m0 1.200v1.800' stroke='#000' stroke-width='2'/>",
  down: "<path d='M5 1h6l4 4v6l-4 4H5l-4-4V5z' fill='#b3261e'/><path d='m5 5 6 6m0-6-6 6' stroke='#fff' stroke-width='2'/>",
  starting: "<circle cx='8' cy='8' r='6' fill='none' stroke='#5b6b7d' stroke-width='2' stroke-dasharray='3 2'/>",
};

/** The picture in the browser's tab: its shape tells the state too. */
export const icon = (status: Status["status"]): string =>
  `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${ICONS[status]}</svg>`;
