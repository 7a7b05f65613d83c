// ── frames.js: from the packed file of a figure to the tables of one frame ──────────────────────────────────────────

/** Codes of a column back to numbers: undo zigzag and differences (all modulo 2^16, as they were taken).
 * @param {Uint8Array} bytes low bytes, then high bytes @param {number} rows @param {number} width
 * @param {number} way sum of 1: to the neighbour in the row, 2: to the row before, 4: to `stride` entries before */
function undo(bytes, rows, width, way, stride = 0) {
  const count = rows * width, codes = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const z = bytes[i] | (bytes[count + i] << 8);
    codes[i] = (z >>> 1) ^ -(z & 1);
  }
  if (way & 4) for (let i = 0; i < count; i++) if (i % width >= stride) codes[i] += codes[i - stride];
  if (way & 2) for (let i = width; i < count; i++) codes[i] += codes[i - width];
  if (way & 1) for (let i = 0; i < count; i++) if (i % width) codes[i] += codes[i - 1];
  return codes;
}

const GAP = 65535;

/** One column of all frames; `at(frame)` gives that frame's values. */
class Column {
  constructor(said, bytes, frames) {
    const here = 2 * said.rows * said.width;
    this.size = here + 2 * frames;
    this.said = said;
    this.codes = undo(bytes.subarray(0, here), said.rows, said.width, said.way, said.stride);
    this.order = undo(bytes.subarray(here, this.size), 1, frames, said.order);
  }

  at(frame) {
    const { words, low, step, log, width, lengths } = this.said;
    const start = this.order[frame] * width;
    const codes = this.codes.subarray(start, start + (lengths ? lengths[frame] : width));
    if (words) return Array.from(codes, (code) => words[code] ?? null);
    return Array.from(codes, (code) => {
      if (code === GAP) return null;
      const value = low + code * step;
      return log ? 10 ** value : value;
    });
  }
}

/** All frames of a figure. */
class Frames {
  /** @param {string} text base64 of deflate of: length of the header, header, columns */
  static async open(text) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const length = new DataView(bytes.buffer).getUint32(0, true);
    return new Frames(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))), bytes.subarray(4 + length));
  }

  constructor(header, bytes) {
    this.header = header;
    const column = (said) => {
      const made = new Column(said, bytes, header.says.length);
      bytes = bytes.subarray(made.size);
      return made;
    };
    this.tables = Object.entries(header.tables).map(([name, table]) => [name, table.field
      ? { ...table, field: column(table.field) }
      : Object.entries(table.columns).map(([key, said]) => [key, column(said)])]);
    this.told = Object.entries(header.told).map(([key, said]) => [key, column(said)]);
  }

  /** @param {number} frame @returns {Frame} */
  at(frame) {
    const tables = Object.fromEntries(this.tables.map(([name, table]) => [name, table.field
      ? { ...table, field: table.field.at(frame) }
      : { columns: Object.fromEntries(table.map(([key, column]) => [key, column.at(frame)])) }]));
    const told = Object.fromEntries(this.told.map(([key, column]) => [key, column.at(frame)]));
    return { tables, told, says: this.header.says[frame] };
  }
}

/** The sentence of a frame with its braces filled (Frame.sentence in Python).
 * @param {Frame} frame
 * @param {Record<string, {index: number, text: string}>} positions of the controls that only the chart uses */
function sentence(frame, positions) {
  const index = Object.values(positions)[0]?.index ?? 0;
  return frame.says.replace(/\{([\w.]+)\}/g, (_, key) => {
    if (key in positions) return positions[key].text;
    return frame.told[key][index];
  });
}
