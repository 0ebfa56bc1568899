/**
 * A record that stays packed: a field is read when somebody asks for it. Most records are looked at in a few fields and
 * forgotten, and a capture may bring a million of them. Little endian, as both languages run on one machine.
 */
export class Packed {
  readonly view: DataView;
  readonly at: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }
}

/** A u64 as the nearest number: exact below 2^53. */
export const numberAt = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);

/** 0 originator, 1 responder. */
export type SideIndex = 0 | 1;

export const sideAt = (view: DataView, at: number): SideIndex => (view.getUint8(at) === 0 ? 0 : 1);
