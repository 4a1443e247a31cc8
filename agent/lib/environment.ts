/** A process's variables, as far as somebody looks at them. */
export type Environment = Readonly<Record<string, string | undefined>>;
