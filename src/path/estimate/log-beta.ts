/** Logarithm of the beta function: what integrates an unknown error rate out of a likelihood. */

/** Lanczos approximation, g = 7, n = 9 (Numerical Recipes §6.1 gives the method); 15 digits for x > 0. */
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const base = z + 7.5;
  const sum = LANCZOS.reduce((all, c, i) => all + c / (z + i + 1), 0.9999999999998099);
  return HALF_LOG_TWO_PI + (z + 0.5) * Math.log(base) - base + Math.log(sum);
}

export const logBeta = (a: number, b: number): number =>
  logGamma(a) + logGamma(b) - logGamma(a + b);
