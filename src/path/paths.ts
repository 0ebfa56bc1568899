/**
 * Findings and survivors of the same path put together, the box's timeout estimated for each, and the findings judged
 * again in its light.
 */
import type { Finding } from '../judge/finding.ts';
import { priorFor } from './estimate/change-point.ts';
import type { PathFacts, PathMember } from './facts.ts';
import type { FirstBytes } from './first-bytes.ts';
import { type Group, mergePages } from './merge.ts';
import { observedOn, undecidedIn } from './observed.ts';
import { type Naming, type Page, pageKeyOf, pagesOf } from './page.ts';
import { probeRhythm } from './probe-rhythm.ts';
import { responderKey } from './responder.ts';
import { settle } from './settle.ts';
import { gather } from './rows.ts';
import type { Survivors } from './survivors.ts';
import type { UndecidedBin } from './undecided.ts';

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

const survivedOn = ({ survivors }: Page): number => sum(survivors, ({ total }) => total);

const memberOf = (page: Page): PathMember => ({
  id: page.id,
  responderAddress: page.responder.address,
  responderPort: page.responder.port,
  firstSpeaker: page.firstSpeaker,
  killed: page.kills.length,
  survived: survivedOn(page),
});

const least = (all: readonly bigint[]): bigint | null =>
  all.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null);
const most = (all: readonly bigint[]): bigint | null =>
  all.reduce<bigint | null>((a, b) => (a === null || b > a ? b : a), null);

/** A path and what was found on it. */
export interface OnPath {
  readonly path: PathFacts;
  readonly findings: readonly Finding[];
}

function factsOf(group: Group, { firstBytes, undecided }: Known): OnPath {
  const { pages } = group;
  const [{ id, responder, firstSpeaker, tcpState }] = pages;
  const { address, port, ...place } = responder;
  const findings = pages.flatMap((page) => page.findings);
  const asked = new Asked(group, findings);
  const path: PathFacts = {
    id,
    ...place,
    responderAddress: address,
    responderPort: port,
    firstSpeaker,
    tcpState,
    killed: sum(pages, ({ kills }) => kills.length),
    get survived() {
      return sum(asked.members, ({ survived }) => survived);
    },
    get survivedByKeepalive() {
      return sum(asked.survivors, ({ totalKeepalives }) => totalKeepalives);
    },
    get longestSurvivedNs() {
      return asked.longestSurvivedNs;
    },
    get shortestKilledNs() {
      return least(pages.flatMap(({ kills }) => kills.map(({ silenceNs }) => silenceNs)));
    },
    get probedEverySeconds() {
      return asked.probedEverySeconds;
    },
    get findingIds() {
      return asked.findingIds;
    },
    get timeout() {
      return group.estimate.timeout;
    },
    get significant() {
      return group.estimate.significant;
    },
    get stepsSeconds() {
      return group.estimate.stepsSeconds;
    },
    get endpointTimerSeconds() {
      return group.estimate.endpointTimerSeconds;
    },
    get observations() {
      return asked.observations;
    },
    // To draw alone.
    get undecided() {
      return undecidedIn(pages.flatMap(({ key }) => undecided(key)));
    },
    get members() {
      return asked.members;
    },
    firstBytes: [...new Set(pages.map((page) => responderKey(page.responder)))].flatMap(
      (key) => firstBytes.get(key) ?? [],
    ),
  };
  return { path, findings };
}

/** What is made when somebody asks: a report in text names few paths, and tells of few findings. */
class Asked {
  readonly #pages: Group['pages'];
  readonly #findings: readonly Finding[];
  readonly #made: {
    survivors?: readonly Survivors[];
    members?: readonly PathMember[];
    findingIds?: readonly string[];
    observations?: PathFacts['observations'];
    longestSurvivedNs?: bigint | null;
    probedEverySeconds?: number | null;
  } = {};

  constructor({ pages }: Group, findings: readonly Finding[]) {
    this.#pages = pages;
    this.#findings = findings;
  }

  get survivors(): readonly Survivors[] {
    return (this.#made.survivors ??= this.#pages.flatMap(({ survivors }) => survivors));
  }

  get members(): readonly PathMember[] {
    return (this.#made.members ??= this.#pages.map(memberOf));
  }

  get findingIds(): readonly string[] {
    return (this.#made.findingIds ??= this.#findings.map(({ id }) => id));
  }

  get observations(): PathFacts['observations'] {
    return (this.#made.observations ??= observedOn(this.#pages));
  }

  get longestSurvivedNs(): bigint | null {
    if (this.#made.longestSurvivedNs === undefined) {
      this.#made.longestSurvivedNs = most(this.survivors.map(({ longestNs }) => longestNs));
    }
    return this.#made.longestSurvivedNs;
  }

  get probedEverySeconds(): number | null {
    if (this.#made.probedEverySeconds === undefined) {
      this.#made.probedEverySeconds = probeRhythm(this.survivors);
    }
    return this.#made.probedEverySeconds;
  }
}

type FirstBytesOf = ReadonlyMap<string, readonly FirstBytes[]>;

/** What a path shows and is not estimated from; `undecided` by the key of a page. */
interface Known {
  readonly firstBytes: FirstBytesOf;
  readonly undecided: (key: string) => readonly UndecidedBin[];
}

/** Paths with the most kills first, then by their key. */
const inOrder = (a: Group, b: Group): number =>
  b.evidence.kills.length - a.evidence.kills.length || (a.pages[0].key < b.pages[0].key ? -1 : 1);

export interface Paths {
  readonly paths: readonly PathFacts[];
  /** In their order; verdict and confidence are now final. */
  readonly findings: readonly Finding[];
}

export interface PathQuestion {
  readonly placeName: Naming['placeName'];
  /** Default: nobody saw more than the packets. */
  readonly isProven?: Naming['isProven'] | undefined;
  readonly shortestSeconds: number;
  /** By responderKey. */
  readonly firstBytes?: FirstBytesOf;
  /** Drawn where there is a path; they make none and say nothing of T. Made when somebody draws. */
  readonly undecided?: () => readonly UndecidedBin[];
}

function byPage(bins: () => readonly UndecidedBin[]): Known['undecided'] {
  let found: Map<string, UndecidedBin[]> | undefined;
  return (key) => {
    if (found === undefined) {
      found = new Map();
      for (const bin of bins()) gather(found, pageKeyOf(bin), bin);
    }
    return found.get(key) ?? [];
  };
}

export function findPaths(
  findings: readonly Finding[],
  survivors: readonly Survivors[],
  {
    placeName,
    shortestSeconds,
    firstBytes = new Map(),
    undecided = () => [],
    ...more
  }: PathQuestion,
): Paths {
  const prior = priorFor(shortestSeconds);
  const pages = pagesOf(findings, survivors, {
    placeName,
    isProven: more.isProven ?? (() => false),
  });
  const groups = [...mergePages(pages, prior)].sort(inOrder);
  const known = { firstBytes, undecided: byPage(undecided) };
  const told = groups.map((group) => factsOf(group, known));
  return { paths: told.map(({ path }) => path), findings: settle(findings, told) };
}
