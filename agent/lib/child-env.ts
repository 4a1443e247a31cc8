/** What a child gets of the environment: no token reaches it, and it speaks English. */
export const childEnv = (): { readonly PATH: string; readonly LC_ALL: string } => ({
  PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
});
