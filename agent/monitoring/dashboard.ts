import { quoted } from "./fill.ts";
import type { Panel, PanelKind, Row } from "./panel.ts";
import { ROWS } from "./panels.ts";

const COLUMNS = 24;

/** Grafana's options for each kind of panel. */
const OPTIONS: Readonly<Record<PanelKind, object>> = {
  stat: {
    colorMode: "background",
    graphMode: "none",
    justifyMode: "auto",
    orientation: "auto",
    percentChangeColorMode: "standard",
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    showPercentChange: false,
    textMode: "auto",
    wideLayout: true,
  },
  "state-timeline": {
    alignValue: "left",
    legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: false },
    mergeValues: true,
    rowHeight: 0.9,
    showValue: "auto",
    tooltip: { mode: "single", sort: "none" },
  },
  timeseries: {
    legend: { calcs: ["lastNotNull"], displayMode: "table", placement: "bottom", showLegend: true },
    tooltip: { mode: "multi", sort: "desc" },
  },
};

const GOOD = "green";
const BAD = "red";
const PLAIN = "blue";

const mappings = ({ words }: Panel): object[] => {
  if (!words) return [];
  const colour = (value: 0 | 1): string => (words.bad === undefined ? PLAIN : words.bad === value ? BAD : GOOD);
  const word = (value: 0 | 1): string => (value === 0 ? words.zero : words.one);
  const named = ([0, 1] as const).map((value) => [value, { text: word(value), color: colour(value), index: value }] as const);
  return [{ type: "value", options: Object.fromEntries(named) }];
};

/** A count of warnings is red from the first one on; other figures are neither good nor bad. */
const thresholds = ({ kind, words }: Panel): object => {
  const first = { color: kind === "stat" ? GOOD : PLAIN, value: null };
  return { mode: "absolute", steps: kind === "stat" && !words ? [first, { color: BAD, value: 1 }] : [first] };
};

const fieldConfig = (panel: Panel): object => ({
  defaults: {
    color: { mode: panel.kind === "timeseries" ? "palette-classic" : "thresholds" },
    mappings: mappings(panel),
    thresholds: thresholds(panel),
    unit: panel.unit,
    ...(panel.kind === "timeseries" ? { min: 0 } : {}),
  },
  overrides: [],
});

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Puts a row's panels beside each other, and below each other where they do not fit. Returns where the next row begins. */
const placed = (row: Row, top: number): { readonly places: readonly Place[]; readonly next: number } => {
  let [x, y] = [0, top + 1];
  const places = row.panels.map(({ width }): Place => {
    if (x + width > COLUMNS) [x, y] = [0, y + row.height];
    const place = { x, y, w: width, h: row.height };
    x += width;
    return place;
  });
  return { places, next: y + row.height };
};

const REF_IDS = "ABCDEFGH";

const panelView = (panel: Panel, place: Place, id: number) => ({
  isRow: false,
  id: quoted(id),
  type: quoted(panel.kind),
  title: quoted(panel.title),
  description: quoted(panel.description),
  gridPos: quoted(place),
  fieldConfig: quoted(fieldConfig(panel)),
  options: quoted(OPTIONS[panel.kind]),
  targets: panel.queries.map(({ expr, legend }, index) => ({
    refId: quoted(REF_IDS[index]),
    expr: quoted(expr),
    legend: quoted(legend),
  })),
});

const rowView = (row: Row, top: number, id: number) => ({
  isRow: true,
  id: quoted(id),
  title: quoted(row.title),
  gridPos: quoted({ x: 0, y: top, w: COLUMNS, h: 1 }),
});

/** What the dashboard's template sees: every value is JSON already. */
export const dashboardView = () => {
  const panels: (ReturnType<typeof panelView> | ReturnType<typeof rowView>)[] = [];
  let top = 0;
  for (const row of ROWS) {
    panels.push(rowView(row, top, panels.length + 1));
    const { places, next } = placed(row, top);
    for (const [index, place] of places.entries()) {
      const panel = row.panels[index];
      if (panel) panels.push(panelView(panel, place, panels.length + 1));
    }
    top = next;
  }
  return { panels };
};
