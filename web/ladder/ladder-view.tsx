/**
 * The ladder of a finding: who said what when, the silence as a broken axis, and what ended the
 * connection. A box is drawn where both sides were seen or where something was made in the middle.
 */
import { useMemo, useState } from 'preact/hooks';
import type { Ladder, LadderRow } from '../../src/report/ladder/schema.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { count } from '../../src/report/text/quantity.ts';
import { useWidth } from '../base/measured.ts';
import { duration, endpoint } from '../base/wording.ts';
import { type Arrow, arrowOf, type LadderLayout, layOutLadder, type Step } from './layout.ts';
import { between, exactOffset, fieldsOf, rowLabel } from './words.ts';

interface Drawing {
  readonly finding: FindingReport;
  readonly ladder: Ladder;
  readonly layout: LadderLayout;
}

function Lifelines({ finding, layout }: Drawing) {
  const { lines, height, width } = layout;
  const narrow = isNarrow(width);
  const { originator, responder } = finding.flow;
  const name = (x: number, who: string, what: string, anchor: 'start' | 'middle' | 'end') => (
    <text x={x} y={14} text-anchor={anchor}>
      <tspan class="who">{who}</tspan>
      <tspan x={x} dy={14} class="what">
        {what}
      </tspan>
    </text>
  );
  return (
    <g class="lifelines">
      <line x1={lines.originator} x2={lines.originator} y1={34} y2={height} />
      <line x1={lines.responder} x2={lines.responder} y1={34} y2={height} />
      {lines.box === null ? null : (
        <line class="box" x1={lines.box} x2={lines.box} y1={34} y2={height} />
      )}
      {name(
        narrow ? 0 : lines.originator,
        'client',
        endpoint(originator),
        narrow ? 'start' : 'middle',
      )}
      {name(
        narrow ? width : lines.responder,
        'server',
        endpoint(responder),
        narrow ? 'end' : 'middle',
      )}
      {lines.box === null
        ? null
        : name(lines.box, 'box', narrow ? '' : 'NAT, firewall or balancer', 'middle')}
    </g>
  );
}

/** A head at its end, or a cross where it got lost. */
function arrowPath({ from, to, lost }: Arrow, y: number): string {
  const sign = to > from ? 1 : -1;
  const end = lost ? to - sign * 16 : to - sign * 2;
  const tip = lost
    ? `M${end - 5} ${y - 5}l10 10m0 -10l-10 10`
    : `M${end - sign * 8} ${y - 5}L${end} ${y}L${end - sign * 8} ${y + 5}`;
  return `M${from + sign * 2} ${y}H${end}${tip}`;
}

const isNarrow = (width: number): boolean => width < 520;

/** Beside the box's lifeline, not on it, where there is room. */
const labelX = ({ from, to }: Arrow, { lines, width }: LadderLayout): number =>
  lines.box === null || isNarrow(width) || from === lines.box || to === lines.box
    ? (from + to) / 2
    : (from + lines.box) / 2;

const roleClass = (row: LadderRow): string =>
  row.role === 'ending'
    ? 'ending'
    : row.role === 'trigger' || row.role === 'retransmission'
      ? 'trigger'
      : 'plain';

function Row({
  step,
  drawing,
  selected,
  onSelect,
}: {
  step: Step & { kind: 'row' };
  drawing: Drawing;
  selected: boolean;
  onSelect: (index: number) => void;
}) {
  const { finding, ladder, layout } = drawing;
  const { row, index } = step;
  const arrow = arrowOf(row, finding, ladder, layout.lines);
  const y = step.y + 22;
  return (
    <g
      class={`packet ${roleClass(row)} ${selected ? 'selected' : ''}`}
      onPointerEnter={() => onSelect(index)}
      onClick={() => onSelect(index)}
    >
      <rect class="packet-reach" x={0} y={step.y} width={layout.width} height={34} />
      <text class="offset" x={layout.timeWidth - 8} y={y + 4} text-anchor="end">
        {step.time}
      </text>
      <text class="packet-label" x={labelX(arrow, layout)} y={y - 7} text-anchor="middle">
        {rowLabel(row, finding, isNarrow(layout.width))}
      </text>
      <path class="arrow" d={arrowPath(arrow, y)} />
    </g>
  );
}

function Silence({ y, height, drawing }: { y: number; height: number; drawing: Drawing }) {
  const { layout, finding } = drawing;
  const { lines } = layout;
  const middle = y + height / 2;
  const xs = [lines.originator, lines.responder, ...(lines.box === null ? [] : [lines.box])];
  const centre = (lines.originator + lines.responder) / 2;
  const width = Math.min(280, lines.responder - lines.originator - 20);
  return (
    <g class="silence">
      {xs.map((x) => (
        <g key={x}>
          <rect class="break" x={x - 9} y={y + 10} width={18} height={height - 20} />
          <path
            class="zigzag"
            d={`M${x} ${y + 4}v8l-7 5 14 8-14 8 7 5M${x} ${y + height - 4}v-8l7 -5 -14 -8 14 -8 -7 -5`}
          />
        </g>
      ))}
      <rect
        class="silence-card"
        x={centre - width / 2}
        y={middle - 30}
        width={width}
        height={60}
        rx={8}
      />
      <text class="silence-length" x={centre} y={middle + 2} text-anchor="middle">
        {duration(finding.silence.seconds)}
      </text>
      <text class="silence-note" x={centre} y={middle + 20} text-anchor="middle">
        {finding.silence.clock === 'payload' ? 'without payload' : 'of silence'}
      </text>
    </g>
  );
}

function Note({ y, layout, text }: { y: number; layout: LadderLayout; text: string }) {
  const { originator, responder } = layout.lines;
  return (
    <text class="ladder-note" x={(originator + responder) / 2} y={y + 20} text-anchor="middle">
      {text}
    </text>
  );
}

function Steps({
  drawing,
  selected,
  onSelect,
}: {
  drawing: Drawing;
  selected: number;
  onSelect: (i: number) => void;
}) {
  const { layout } = drawing;
  return (
    <>
      {layout.steps.map((step) => {
        if (step.kind === 'row') {
          return (
            <Row
              key={step.y}
              step={step}
              drawing={drawing}
              selected={step.index === selected}
              onSelect={onSelect}
            />
          );
        }
        if (step.kind === 'silence')
          return <Silence key={step.y} y={step.y} height={step.height} drawing={drawing} />;
        const text =
          step.kind === 'omitted'
            ? `${count(step.packets, 'packet')} not shown`
            : `the client connected again after ${duration(step.afterSeconds)}`;
        return <Note key={step.y} y={step.y} layout={layout} text={text} />;
      })}
    </>
  );
}

function Details({
  row,
  sources,
  endedAt,
}: {
  row: LadderRow | undefined;
  sources: readonly string[];
  endedAt: string;
}) {
  if (row === undefined) return null;
  return (
    <dl class="packet-fields" aria-live="polite">
      {fieldsOf(row, sources, endedAt).map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const MOVES: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

export function LadderView({
  finding,
  ladder,
  sources,
}: {
  finding: FindingReport;
  ladder: Ladder;
  sources: readonly string[];
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const trigger = ladder.rows.findIndex(({ role }) => role === 'ending' || role === 'trigger');
  const [selected, select] = useState(Math.max(0, trigger));
  const layout = useMemo(
    () => layOutLadder(finding, ladder, Math.max(300, width || 640)),
    [finding, ladder, width],
  );
  const drawing = { finding, ladder, layout };
  const key = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    select(Math.min(Math.max(0, selected + move), ladder.rows.length - 1));
  };
  const row = ladder.rows[selected];
  return (
    <figure class="ladder">
      <div class="ladder-drawing" ref={box}>
        <svg
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          role="slider"
          tabindex={0}
          aria-label="Packets of this connection, up and down to go through them"
          aria-valuemin={1}
          aria-valuemax={ladder.rows.length}
          aria-valuenow={selected + 1}
          aria-valuetext={
            row === undefined
              ? ''
              : `${rowLabel(row, finding)}, ${exactOffset(between(finding.silence.endedAt, row.at))}`
          }
          onKeyDown={key}
        >
          <g aria-hidden="true">
            <Lifelines {...drawing} />
            <Steps drawing={drawing} selected={selected} onSelect={select} />
          </g>
        </svg>
      </div>
      <figcaption class="note">
        Times count from the end of the silence; those with ↓ from the packet above.
      </figcaption>
      <Details row={row} sources={sources} endedAt={finding.silence.endedAt} />
    </figure>
  );
}
