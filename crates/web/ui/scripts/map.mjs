// Makes src/generated/world.json, the land of the map, from world-atlas: alpha-3 codes for ids, no names, no Antarctica,
// fewer points than anybody sees at the page's size, and those projected as src/core/projection.ts projects places, so that the
// page only scales them. It says how large the result is and fails past the budget.
//
// A border that two countries share stands there once, as steps from point to point on a grid: `arcs`. A country is a list
// of rings, a ring one of arcs; ~n is arc n backwards. Numbers are written as letters, as in source maps (src/core/projection.ts
// reads them): that is a quarter less than digits.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { geoNaturalEarth1Raw } from 'd3-geo'
import { iso31661 } from 'iso-3166'
import { filter, filterWeight, presimplify, simplify } from 'topojson-simplify'

const budget = 20_000
/** Steps of the grid across the map, which is shown at most 930 pixels wide: a point is off by a third of one at most. */
const grid = 1400
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const folder = new URL('../src/generated/', import.meta.url)
const atlas = fileURLToPath(import.meta.resolve('world-atlas/countries-110m.json'))
const alpha3 = new Map(iso31661.map((country) => [country.numeric, country.alpha3]))

const world = JSON.parse(readFileSync(atlas, 'utf8'))
const countries = world.objects.countries
countries.geometries = countries.geometries
  .map(({ type, arcs, id }) => ({ type, arcs, id: alpha3.get(id) }))
  .filter(({ id }) => id !== 'ATA')
world.objects = { countries }

const weighted = presimplify(world)
const simple = simplify(weighted, 0.2)
const small = filter(simple, filterWeight(simple, 0.2))

const radians = Math.PI / 180
/** A line that goes beyond the edge of the map, as an island in the Bering Strait does, goes on there. */
function projected(line) {
  let before = null
  return line.map(([lon, lat]) => {
    let east = (lon - 11) * radians
    const near = before ?? 0
    while (east - near > Math.PI) east -= 2 * Math.PI
    while (east - near < -Math.PI) east += 2 * Math.PI
    before = east
    const [x, y] = geoNaturalEarth1Raw(east, lat * radians)
    return [x, -y]
  })
}
const plane = small.arcs.map(projected)
const points = plane.flat()
const bounds = (at) => [Math.min, Math.max].map((end) => points.reduce((most, point) => end(most, point[at]), points[0][at]))
const [[left, right], [top, bottom]] = [bounds(0), bounds(1)]
const scale = grid / (right - left)
const place = ([x, y]) => [Math.round((x - left) * scale), Math.round((y - top) * scale)]

const arcs = plane.map((arc) => {
  const on = arc.map(place)
  const kept = on.filter((point, at) => at === 0 || at === on.length - 1 || String(point) !== String(on[at - 1]))
  return kept.flatMap((point, at) => (at ? [point[0] - kept[at - 1][0], point[1] - kept[at - 1][1]] : point))
})
/** Five bits a letter, the low ones last, the lowest of all the sign; all letters but the last of a number are of the second half. */
function letters(number) {
  let rest = number < 0 ? -2 * number - 1 : 2 * number
  let text = ''
  do {
    text = alphabet[(rest % 32) + (text ? 32 : 0)] + text
    rest = Math.floor(rest / 32)
  } while (rest)
  return text
}
let before = 0
/** An arc as what is to be added to the number of the one before it, and whether it runs backwards. */
function step(arc) {
  const number = arc < 0 ? ~arc : arc
  const by = number - before
  before = number
  return letters(2 * by + (arc < 0 ? 1 : 0))
}
const text = JSON.stringify({
  left, top, scale, width: grid, height: Math.round((bottom - top) * scale), arcs: arcs.map((arc) => arc.map(letters).join('')).join(' '),
  countries: small.objects.countries.geometries
    .map(({ type, arcs, id }) => [id ?? '', ...(type === 'Polygon' ? arcs : arcs.flat()).map((ring) => ring.map(step).join(''))].join(' '))
    .join(';'),
})
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('world.json', folder), text)

const size = gzipSync(text, { level: 9 }).length
console.log(`map: ${countries.geometries.length} countries, ${size} bytes gzipped`)
if (size > budget) {
  console.error(`error: the map is larger than its budget of ${budget} bytes`)
  process.exit(1)
}
