import { geoNaturalEarth1 } from 'd3-geo'
import { describe, expect, it } from 'vitest'
import { outline, projected, unpacked, type Land } from './projection'

describe('the map', () => {
  it('projects as d3 does', () => {
    const d3 = geoNaturalEarth1().rotate([-11, 0]).scale(1).translate([0, 0])
    for (const [lon, lat] of [[0, 0], [11, 90], [-168.9, 52], [190, -35], [103, 35], [-98, 40], [-180, -89], [540, 12]]) {
      const [x, y] = projected(lon, lat)
      const [wantedX, wantedY] = d3([lon, lat])!
      expect(x).toBeCloseTo(wantedX, 9)
      expect(y).toBeCloseTo(wantedY, 9)
    }
  })

  it('draws a ring of shared borders, also backwards', () => {
    const land: Land = {
      left: 0, top: 0, scale: 1, width: 10, height: 10,
      arcs: [[0, 0, 10, 0], [10, 0, 0, 10, -10, -10]],
      countries: [['A', [[0, 1]]], ['B', [[~1, ~0]]]],
    }
    expect(outline(land, [[0, 1]], 2)).toBe('M0.0,0.0L20.0,0.0L20.0,20.0L0.0,0.0Z')
    expect(outline(land, [[~1, ~0]], 1)).toBe('M0.0,0.0L10.0,10.0L10.0,0.0L0.0,0.0Z')
  })

  it('reads numbers that are written as letters', () => {
    // A is 0, C 1, B -1, e 15, f -16; in two letters 16 is hA (32 = 1 and 0) and 100 is mI (200 = 6 and 8).
    const land = unpacked({ left: 1, top: 2, scale: 3, width: 4, height: 5, arcs: 'ACBef hAmI', countries: 'A AC; EB' })
    expect(land.arcs).toEqual([[0, 1, -1, 15, -16], [16, 100]])
    // Steps of arcs: 0 is the same one, 1 the same backwards, 2 the next, -1 the one before, backwards.
    expect(land.countries).toEqual([['A', [[0, ~0]]], ['', [[1, ~0]]]])
    expect(land.width).toBe(4)
  })
})
