const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** "0 B", "999 B", "1.2 kB", "340.0 MB": for people, eight characters at most. */
export const formatBytes = (bytes: number): string => {
  // From 999.95 on, one digit after the point would make it 1000.0 of the smaller unit.
  const power = UNITS.findIndex((_, index) => bytes / 1000 ** index < (index === 0 ? 1000 : 999.95));
  const unit = power === -1 ? UNITS.length - 1 : power;
  return unit === 0 ? `${bytes} B` : `${(bytes / 1000 ** unit).toFixed(1)} ${UNITS[unit]}`;
};
