/** What is said of a tunnel whose own address this host no longer has, whoever finds it out. */
export const LOCAL_ADDRESS_GONE = {
  code: "local-address-gone",
  text: (local: string): string => `This host no longer has the address ${local}, which the tunnel starts from.`,
  fix: "Give the address back to the interface, or correct local.address in the settings.",
} as const;
