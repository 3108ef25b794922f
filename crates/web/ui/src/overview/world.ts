// The land of the map and where things stand on it.
import { geoNaturalEarth1, geoPath, type GeoProjection } from 'd3-geo'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { Region } from '../core/contract'
import world from '../generated/world.json'

const topology = world as unknown as Topology<{ countries: GeometryCollection }>
const land = feature(topology, topology.objects.countries)

export interface World {
  height: number
  countries: { id: string; path: string }[]
  place: (region: Region) => [number, number] | null
}

export function worldOf(width: number): World {
  const projection: GeoProjection = geoNaturalEarth1().rotate([-11, 0]).fitWidth(width, land)
  const path = geoPath(projection).digits(1)
  const height = Math.ceil(path.bounds(land)[1][1])
  return {
    height,
    countries: land.features.map((country) => ({ id: String(country.id ?? ''), path: path(country) ?? '' })),
    place: ({ lon, lat }) => (lon === null || lat === null ? null : projection([lon, lat])),
  }
}

/** An arch from one place to another, over the top. */
export function arch([x0, y0]: [number, number], [x1, y1]: [number, number]): string {
  const lift = Math.min(90, Math.hypot(x1 - x0, y1 - y0) * 0.28)
  return `M${x0.toFixed(1)},${y0.toFixed(1)}Q${((x0 + x1) / 2).toFixed(1)},${(Math.min(y0, y1) - lift).toFixed(1)} ${x1.toFixed(1)},${y1.toFixed(1)}`
}
