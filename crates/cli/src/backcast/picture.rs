//! What was observed, replayed and expected naively, as one drawing (SVG) that stands alone.

use std::fmt::Write;

use coercivity_engine::backcast::score::Row;
use coercivity_engine::backcast::{Backcast, Replay};
use coercivity_model::Date;
use coercivity_model::calendar::days_between;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 340.0;
/// Room for the axes: left, right, top, bottom.
const ROOM: [f64; 4] = [64.0, 16.0, 44.0, 36.0];

const OBSERVED: &str = "#1b1f24";
const REPLAYED: &str = "#0b6e8f";
const NAIVE: &str = "#9a6a00";

pub fn draw(backcast: &Backcast, replay: &Replay, rows: &[Row]) -> String {
    let (from, until) = (rows[0].observed.from, rows.iter().map(|r| r.observed.until).max().expect("it has rows"));
    let months: Vec<_> = replay.months().into_iter().filter(|span| span.from >= from && span.until <= until).collect();
    let values = rows.iter().map(|row| row.observed.value).chain(months.iter().map(|span| span.value));
    let most = round_up(values.fold(0.0, f64::max));
    let days = days_between(from, until) as f64;
    let x = |day: Date| ROOM[0] + days_between(from, day) as f64 / days * (WIDTH - ROOM[0] - ROOM[1]);
    let y = |value: f64| HEIGHT - ROOM[3] - value / most * (HEIGHT - ROOM[2] - ROOM[3]);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>{}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n",
        text(&format!("{}: {} ({}), observed, replayed and naive", backcast.name, backcast.series, backcast.unit))
    );
    // The time that was fitted.
    let (begin, end) = (x(backcast.fit.0.max(from)), x(backcast.fit.1.min(until)));
    let (top, bottom) = (ROOM[2], HEIGHT - ROOM[3]);
    let _ = writeln!(
        svg,
        "<rect x=\"{begin:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#eef3f6\"/>",
        end - begin,
        bottom - top
    );
    for part in 0..=4 {
        let value = most * f64::from(part) / 4.0;
        let (at, label) = (y(value), crate::layout::quantity(value));
        let _ = writeln!(
            svg,
            "<line x1=\"{}\" y1=\"{at:.1}\" x2=\"{}\" y2=\"{at:.1}\" stroke=\"#d8dde2\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#4a525a\">{label}</text>",
            ROOM[0],
            WIDTH - ROOM[1],
            ROOM[0] - 6.0,
            at + 4.0
        );
    }
    // Some ten dates at most.
    let every = months.len().div_ceil(10).max(1);
    for span in months.iter().step_by(every) {
        let label = span.from.strftime("%b %Y");
        let _ =
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#4a525a\">{label}</text>", x(span.from), HEIGHT - 14.0);
    }
    for row in rows {
        let (a, b) = (x(row.observed.from), x(row.observed.until).max(x(row.observed.from) + 4.0));
        let line = |value: f64, colour: &str, width: f64, dash: &str| {
            let at = y(value.min(most));
            format!(
                "<line x1=\"{a:.1}\" y1=\"{at:.1}\" x2=\"{b:.1}\" y2=\"{at:.1}\" stroke=\"{colour}\" \
                 stroke-width=\"{width}\"{dash}/>\n"
            )
        };
        svg += &row.naive.map_or(String::new(), |naive| line(naive, NAIVE, 2.0, " stroke-dasharray=\"3 3\""));
        svg += &line(row.observed.value, OBSERVED, 4.0, "");
    }
    let path: Vec<String> = months
        .iter()
        .enumerate()
        .map(|(at, span)| {
            let (a, b, v) = (x(span.from), x(span.until), y(span.value.min(most)));
            format!("{}{a:.1} {v:.1}L{b:.1} {v:.1}", if at == 0 { "M" } else { "L" })
        })
        .collect();
    let _ = writeln!(svg, "<path d=\"{}\" fill=\"none\" stroke=\"{REPLAYED}\" stroke-width=\"2\"/>", path.concat());
    let legend = [("observed", OBSERVED), ("replayed, by month", REPLAYED), ("naive: as last seen", NAIVE)];
    for (at, (label, colour)) in legend.iter().enumerate() {
        let left = ROOM[0] + 150.0 * at as f64;
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"14\" width=\"18\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"20\" fill=\"{OBSERVED}\">{label}</text>",
            left + 24.0
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"36\" fill=\"#4a525a\">{}; shaded: the time that was fitted</text>\n</svg>",
        ROOM[0],
        text(&format!("{}, {}", backcast.series, backcast.unit))
    );
    svg
}

/// 1, 2 or 5 times a power of ten, at least this.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|times| times * power).find(|most| *most >= value).unwrap_or(value)
}

fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
