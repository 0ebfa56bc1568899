/** About: the method and its limits, in the words of docs/method.md. */
import { FLOOR_SECONDS } from '../../src/path/catalogue-data.ts';
import { duration } from '../base/wording.ts';

export function AboutPage() {
  return (
    <article class="card prose">
      <h1>What this finds, and how sure it is</h1>
      <p>
        A client talks to a server through a box: a NAT, a firewall, a load balancer. The box keeps
        a row for every connection and throws it away after T seconds without a packet. Neither end
        is told. When one of them speaks again, it is reset, or nobody answers.
      </p>
      <h2>How T is found</h2>
      <ul>
        <li>
          A silence is a stretch of an established connection without a packet, at least 20 s long
          unless it was asked otherwise.
        </li>
        <li>
          Every silence says something of T: one that survived was shorter, one that was killed was
          not.
        </li>
        <li>
          T is estimated where both are there: a change-point with two error rates, given as its 95
          % interval.
        </li>
        <li>
          Where the data does not carry an estimate, a bound is given, or the reason why there is
          none.
        </li>
        <li>
          A box is blamed only with proof: a reset of another distance (TTL), an answer faster than
          the server could give, both sides of the box captured, or a path whose threshold chance
          does not make.
        </li>
      </ul>
      <h2>What it is not sure of</h2>
      <ul>
        <li>
          A single reset from the server’s own distance stays “possibly a box”: a restarted server
          looks the same.
        </li>
        <li>
          The name of a box is a hint by its default timeout, never a verdict: timeouts can be set.
        </li>
        <li>
          Keepalive does not help against timers of applications and proxies, which count payload.
        </li>
        <li>
          What the capture itself missed (drops, blind time) is called unobserved and never a kill.
        </li>
        <li>UDP and QUIC are not covered; IP fragments are not reassembled.</li>
      </ul>
      <p class="note">
        RFC 5382 (REQ-5) asks NATs to remember silent connections for {duration(FLOOR_SECONDS)} or
        longer.
      </p>
    </article>
  );
}
