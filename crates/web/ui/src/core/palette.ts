// Which colour a region has. The large makers have one each, Europe shares one, others take one of a muted palette; none
// is told apart by colour alone, since everything drawn is labelled.
import { other, stock } from './flowgraph'

const fixed = new Set(['CHN', 'USA', 'AUS', 'MYS', 'MMR', 'JPN', 'KOR'])
const europe = new Set(
  ('ALB AUT BEL BGR BIH CHE CYP CZE DEU DNK ESP EST EUX FIN FRA GBR GRC HRV HUN IRL ISL ITA LTU LUX LVA MKD MLT NLD NOR ' +
    'POL PRT ROU SRB SVK SVN SWE UKR').split(' '),
)
const rest = new Set(['ROW', 'UNR', other])
const muted = 5

/** The custom property that holds the colour, as CSS. */
export function colourOf(region: string): string {
  return `var(--${colourName(region)})`
}

export function colourName(region: string): string {
  if (region === stock) return 'stock'
  if (rest.has(region)) return 'other'
  if (fixed.has(region)) return `c${region}`
  if (europe.has(region)) return 'cEUR'
  let sum = 0
  for (let index = 0; index < region.length; index++) sum = sum * 31 + region.charCodeAt(index)
  return `c${(sum % muted) + 1}`
}

/** What a legend says of a colour; countries of the muted palette have none of their own. */
export function legendOf(region: string, name: string): string {
  const colour = colourName(region)
  if (colour === 'cEUR') return 'Europe'
  if (colour === 'other') return 'Other'
  return fixed.has(region) ? name : ''
}
