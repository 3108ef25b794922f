import { geoNaturalEarth1 } from 'd3-geo'
import { describe, expect, it } from 'vitest'
import { outline, projected, type Land } from './projection'

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
})
