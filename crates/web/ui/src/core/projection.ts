// Where a place lies on the map: the projection Natural Earth of Tom Patterson, with the meridian of 11 degrees in the middle, and
// north up. The land is projected when the page is built (scripts/map.mjs).
const radians = Math.PI / 180
const middle = 11

export function projected(lon: number, lat: number): [number, number] {
  const east = ((((lon - middle + 180) % 360) + 360) % 360) - 180
  const phi = lat * radians
  const phi2 = phi * phi
  const phi4 = phi2 * phi2
  return [
    east * radians * (0.8707 - 0.131979 * phi2 + phi4 * (-0.013791 + phi4 * (0.003971 * phi2 - 0.001529 * phi4))),
    -phi * (1.007226 + phi2 * (0.015085 + phi4 * (-0.044475 + 0.028874 * phi2 - 0.005916 * phi4))),
  ]
}

/** Land as it is kept: arcs as steps on a grid, countries as rings of arcs, ~n being arc n backwards. */
export interface Land {
  left: number; top: number; scale: number; width: number; height: number
  arcs: number[][]
  countries: [id: string, rings: number[][]][]
}

/** The same as it is written. */
export interface Packed { left: number; top: number; scale: number; width: number; height: number; arcs: string; countries: string }

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Numbers of letters: five bits each, the low ones last, the lowest of all the sign; all letters but the last of a number are of
 *  the second half. */
function numbers(text: string): number[] {
  const result: number[] = []
  let bits = 0
  for (const letter of text) {
    const value = alphabet.indexOf(letter)
    bits = bits * 32 + (value & 31)
    if (value > 31) continue
    result.push(bits & 1 ? -(bits + 1) / 2 : bits / 2)
    bits = 0
  }
  return result
}

export function unpacked({ arcs, countries, ...rest }: Packed): Land {
  let arc = 0
  const ring = (text: string) =>
    numbers(text).map((step) => {
      arc += step >> 1
      return step & 1 ? ~arc : arc
    })
  return {
    ...rest,
    arcs: arcs.split(' ').map(numbers),
    countries: countries.split(';').map((text) => {
      const [id, ...rings] = text.split(' ')
      return [id, rings.map(ring)]
    }),
  }
}

/** The outline of a country as a path, `by` pixels a step of the grid. */
export function outline(land: Land, rings: number[][], by: number): string {
  let path = ''
  for (const ring of rings) {
    let pen = 'M'
    for (const arc of ring) {
      const steps = land.arcs[arc < 0 ? ~arc : arc]
      const points: string[] = []
      for (let at = 0, x = 0, y = 0; at < steps.length; at += 2) {
        points.push(`${((x += steps[at]) * by).toFixed(1)},${((y += steps[at + 1]) * by).toFixed(1)}`)
      }
      if (arc < 0) points.reverse()
      // An arc begins where the one before it ends.
      path += pen + points.slice(pen === 'M' ? 0 : 1).join('L')
      pen = 'L'
    }
    path += 'Z'
  }
  return path
}
