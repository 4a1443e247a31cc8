/** How every file that the agent writes begins: whatever begins otherwise is somebody else's. */
export const OWN_HEADER = "# Written by spacegate.";
