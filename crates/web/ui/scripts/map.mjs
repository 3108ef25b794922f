// Makes src/generated/world.json, the land of the map, from world-atlas: alpha-3 codes for ids, no names, no Antarctica,
// fewer points than anybody sees at the page's size. It says how large the result is and fails past the budget.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { iso31661 } from 'iso-3166'
import { quantize } from 'topojson-client'
import { filter, filterWeight, presimplify, simplify } from 'topojson-simplify'

const budget = 20_000
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
const small = quantize(filter(simple, filterWeight(simple, 0.2)), 2000)
delete small.bbox
const text = JSON.stringify(small)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('world.json', folder), text)

const size = gzipSync(text, { level: 9 }).length
console.log(`map: ${countries.geometries.length} countries, ${size} bytes gzipped`)
if (size > budget) {
  console.error(`error: the map is larger than its budget of ${budget} bytes`)
  process.exit(1)
}
