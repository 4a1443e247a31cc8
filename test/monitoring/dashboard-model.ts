import * as z from "zod";

/**
 * Grafana's dashboard JSON model, as far as the dashboard uses it, and no key more: a key that Grafana would ignore is refused.
 * Source: grafana.com/docs, "Dashboard JSON model", and the JSON schema of Grafana's foundation SDK (dashboard, stat,
 * timeseries, state-timeline, prometheus).
 */

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is Grafana's variable.
const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });

const gridPos = z
  .strictObject({ x: z.int().min(0).max(23), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) })
  .refine(({ x, w }) => x + w <= 24, "a panel must end within the 24 columns");

const valueMapping = z.strictObject({
  type: z.literal("value"),
  options: z.record(z.string(), z.strictObject({ text: z.string(), color: z.string().min(1), index: z.int() })),
});

const thresholds = z.strictObject({
  mode: z.enum(["absolute", "percentage"]),
  steps: z
    .array(z.strictObject({ color: z.string().min(1), value: z.number().nullable() }))
    .min(1)
    .refine((steps) => steps[0]?.value === null, "the first step begins at null, which stands for minus infinity"),
});

const fieldConfig = z.strictObject({
  defaults: z.strictObject({
    color: z.strictObject({ mode: z.enum(["thresholds", "palette-classic"]) }),
    mappings: z.array(valueMapping),
    thresholds,
    unit: z.enum(["none", "s", "percentunit", "Bps", "pps"]),
    min: z.number().optional(),
  }),
  overrides: z.array(z.never()),
});

const legend = z.strictObject({
  calcs: z.array(z.string()),
  displayMode: z.enum(["list", "table", "hidden"]),
  placement: z.enum(["bottom", "right"]),
  showLegend: z.boolean(),
});

const tooltip = z.strictObject({ mode: z.enum(["single", "multi", "none"]), sort: z.enum(["none", "asc", "desc"]) });

const statOptions = z.strictObject({
  colorMode: z.enum(["value", "background", "background_solid", "none"]),
  graphMode: z.enum(["none", "line", "area"]),
  justifyMode: z.enum(["auto", "center"]),
  orientation: z.enum(["auto", "vertical", "horizontal"]),
  percentChangeColorMode: z.enum(["standard", "inverted", "same_as_value"]),
  reduceOptions: z.strictObject({ calcs: z.array(z.string()).min(1), fields: z.string(), values: z.boolean() }),
  showPercentChange: z.boolean(),
  textMode: z.enum(["auto", "value", "value_and_name", "name", "none"]),
  wideLayout: z.boolean(),
});

const timelineOptions = z.strictObject({
  alignValue: z.enum(["left", "center", "right"]),
  legend,
  mergeValues: z.boolean(),
  rowHeight: z.number().min(0).max(1),
  showValue: z.enum(["auto", "always", "never"]),
  tooltip,
});

const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  range: z.literal(true),
});

const panelOf = <Type extends string, Options extends z.ZodType>(type: Type, options: Options) =>
  z.strictObject({
    id: z.int().positive(),
    type: z.literal(type),
    title: z.string().min(1),
    description: z.string().min(1),
    datasource,
    gridPos,
    fieldConfig,
    options,
    targets: z.array(target).min(1),
  });

const row = z.strictObject({
  id: z.int().positive(),
  type: z.literal("row"),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos,
  panels: z.array(z.never()),
});

const panel = z.discriminatedUnion("type", [
  row,
  panelOf("stat", statOptions),
  panelOf("state-timeline", timelineOptions),
  panelOf("timeseries", z.strictObject({ legend, tooltip })),
]);

const queryVariable = z.strictObject({
  name: z.string().regex(/^\w+$/),
  label: z.string().min(1),
  type: z.literal("query"),
  datasource,
  query: z.string().regex(/^label_values\(.+, \w+\)$/),
  /** 1: when the dashboard is loaded, 2: when its time range changes. */
  refresh: z.union([z.literal(1), z.literal(2)]),
  sort: z.int().min(0).max(8),
  hide: z.int().min(0).max(2),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string(),
  current: z.strictObject({ text: z.array(z.string()), value: z.array(z.string()) }),
});

const datasourceVariable = z.strictObject({
  name: z.literal("datasource"),
  label: z.string().min(1),
  type: z.literal("datasource"),
  query: z.literal("prometheus"),
  refresh: z.literal(1),
  hide: z.int().min(0).max(2),
  multi: z.literal(false),
  includeAll: z.literal(false),
});

export const dashboardSchema = z.strictObject({
  /** null lets Grafana choose: what is provisioned must not bring a number of its own. */
  id: z.null(),
  uid: z.string().regex(/^[\w-]{1,40}$/),
  title: z.string().min(1),
  description: z.string(),
  tags: z.array(z.string()),
  timezone: z.enum(["browser", "utc"]),
  editable: z.boolean(),
  graphTooltip: z.int().min(0).max(2),
  schemaVersion: z.int().min(36),
  version: z.int().min(1),
  refresh: z.string().regex(/^\d+[smh]$/),
  time: z.strictObject({ from: z.string().regex(/^now-\d+[mhd]$/), to: z.literal("now") }),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  links: z.array(z.never()),
  templating: z.strictObject({ list: z.array(z.discriminatedUnion("type", [datasourceVariable, queryVariable])) }),
  panels: z.array(panel).min(1),
});

export type Dashboard = z.output<typeof dashboardSchema>;
