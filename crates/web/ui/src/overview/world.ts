// The land of the map and where things stand on it.
import type { Region } from '../core/contract'
import { outline, projected, unpacked, type Land } from '../core/projection'

let read: Land | undefined

export interface World {
  height: number
  countries: { id: string; path: string }[]
  place: (region: Region) => [number, number] | null
}

export function worldOf(width: number): World {
  // It stands in the document beside the script (vite.config.ts): pages without a map do not read it.
  const land = (read ??= unpacked(JSON.parse(document.getElementById('world')!.textContent!)))
  const by = width / land.width
  return {
    height: Math.ceil(land.height * by),
    countries: land.countries.map(([id, rings]) => ({ id, path: outline(land, rings, by) })),
    place: ({ lon, lat }) => {
      if (lon === null || lat === null) return null
      const [x, y] = projected(lon, lat)
      return [(x - land.left) * land.scale * by, (y - land.top) * land.scale * by]
    },
  }
}

/** An arch from one place to another, over the top. */
export function arch([x0, y0]: [number, number], [x1, y1]: [number, number]): string {
  const lift = Math.min(90, Math.hypot(x1 - x0, y1 - y0) * 0.28)
  return `M${x0.toFixed(1)},${y0.toFixed(1)}Q${((x0 + x1) / 2).toFixed(1)},${(Math.min(y0, y1) - lift).toFixed(1)} ${x1.toFixed(1)},${y1.toFixed(1)}`
}
