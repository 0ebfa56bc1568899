/** 0.4 s, 8.1 s, 75 s, 7200 s: seconds stay seconds, as that is what the knobs take. */
export const secondsText = (value: number): string =>
  `${Number(value.toFixed(value < 100 ? 1 : 0))} s`;
