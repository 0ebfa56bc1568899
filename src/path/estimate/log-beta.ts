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

/** Chosen: pages have few silences; beyond this it is computed each time. */
const REMEMBERED = 8192;

/** … of a, a + 1, a + 2 …: the small ones are remembered, in as much memory as the largest asked for needs. */
function logGammaFrom(a: number): (n: number) => number {
  let known = new Float64Array(64);
  return (n) => {
    if (n >= REMEMBERED) return logGamma(a + n);
    if (n >= known.length) {
      const shorter = known;
      known = new Float64Array(2 ** Math.ceil(Math.log2(n + 1)));
      known.set(shorter);
    }
    if (known[n] === 0) known[n] = logGamma(a + n);
    return known[n] as number;
  };
}

export const logBeta = (a: number, b: number): number =>
  logGamma(a) + logGamma(b) - logGamma(a + b);

/** logBeta(a + n, b + m) of counts n and m: asked for at every rung of every ladder, of few different counts. */
export function logBetaOfCounts(a: number, b: number): (n: number, m: number) => number {
  const [first, second, both] = [logGammaFrom(a), logGammaFrom(b), logGammaFrom(a + b)];
  return (n, m) => first(n) + second(m) - both(n + m);
}
