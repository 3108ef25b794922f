// Marks of an axis, and what is drawn along it.

/** A line, as points in the order of their places. */
export interface Curve { name: string; colour: string; points: { at: number; value: number }[] }

/** Round marks that hold all values: from the last at or below the least to the first at or above the most. */
export function span(values: number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const rough = (high - low || Math.abs(high) || 1) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough * (1 - 1e-9))!
  const [from, to] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
  return Array.from({ length: Math.max(1, to - from) + 1 }, (_, at) => Number(((from + at) * step).toPrecision(12)))
}

/** Round marks from 0 to the first at or above `most`, at most six. */
export const marks = (most: number): number[] => (most > 0 ? span([0, most]) : [0, 1])

/** The same within which all values lie, for an axis that ends at its last value. */
export const within = (most: number): number[] => marks(most).filter((tick) => tick <= most)
