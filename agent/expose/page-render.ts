import Handlebars from "handlebars";
import type { PageView } from "./page-view.ts";

/** Fills the page's template in; everything in the view is escaped for HTML. */
export type Render = (view: PageView) => string;

/** Compiles the template. Throws for one that is broken. */
export const createRender = (template: string): Render => {
  const own = Handlebars.create();
  const compiled = own.compile<PageView>(template, { strict: true });
  return (view) => compiled(view);
};
