/** A scrape configuration with everything in force that it offers in comments; `##` begins a comment that is none. */
export const uncommented = (text: string): string => text.replace(/^ {4}# /gm, "    ");
