//! Drawings made of numbers: the border and the seal, woven of waves as on banknotes, and the QR code. All are vectors.

use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::fmt::Write;

use qrcode::{EcLevel, QrCode};

use crate::{Color, Error};

/// A closed curve by the way along it, in millimetres: where it is, and which way is outwards.
trait Curve {
    fn length(&self) -> f64;
    fn at(&self, way: f64) -> ((f64, f64), (f64, f64));
}

struct Circle {
    center: (f64, f64),
    radius: f64,
}

impl Curve for Circle {
    fn length(&self) -> f64 {
        TAU * self.radius
    }

    fn at(&self, way: f64) -> ((f64, f64), (f64, f64)) {
        let (sin, cos) = (way / self.radius).sin_cos();
        ((self.center.0 + self.radius * cos, self.center.1 + self.radius * sin), (cos, sin))
    }
}

/// A rectangle with round corners, `inset` from the edges of the page.
struct Frame {
    inset: f64,
    radius: f64,
}

const PAGE: (f64, f64) = (297.0, 210.0);

impl Curve for Frame {
    fn length(&self) -> f64 {
        let straight = PAGE.0 + PAGE.1 - 4.0 * self.inset - 4.0 * self.radius;
        2.0 * straight + TAU * self.radius
    }

    fn at(&self, way: f64) -> ((f64, f64), (f64, f64)) {
        let (left, top) = (self.inset, self.inset);
        let (right, bottom) = (PAGE.0 - self.inset, PAGE.1 - self.inset);
        let r = self.radius;
        let (across, down, bend) = (right - left - 2.0 * r, bottom - top - 2.0 * r, FRAC_PI_2 * r);
        // Clockwise from the top left: each side with the corner at its end.
        let sides = [
            (across, (left + r, top), (1.0, 0.0)),
            (down, (right, top + r), (0.0, 1.0)),
            (across, (right - r, bottom), (-1.0, 0.0)),
            (down, (left, bottom - r), (0.0, -1.0)),
        ];
        let mut way = way.rem_euclid(self.length());
        for (straight, (x, y), (dx, dy)) in sides {
            // Outwards is to the left of the way.
            let (nx, ny) = (dy, -dx);
            if way <= straight {
                return ((x + dx * way, y + dy * way), (nx, ny));
            }
            way -= straight;
            if way <= bend {
                let (sin, cos) = (way / r).sin_cos();
                let (ox, oy) = (nx * cos + dx * sin, ny * cos + dy * sin);
                let (cx, cy) = (x + dx * straight - nx * r, y + dy * straight - ny * r);
                return ((cx + ox * r, cy + oy * r), (ox, oy));
            }
            way -= bend;
        }
        ((left + r, top), (0.0, -1.0))
    }
}

/// How far, of a step, the handles of a cubic curve from crest to trough reach to come nearest to a sine.
const PULL: f64 = 0.3642;

/// A wave along a curve, as the `d` of an SVG path. Its phase is in turns.
fn wave(curve: &impl Curve, height: f64, periods: u32, phase: f64) -> String {
    let length = curve.length();
    let point = |way: f64| {
        let ((x, y), (nx, ny)) = curve.at(way);
        let out = height * (TAU * (f64::from(periods) * way / length + phase)).sin();
        (x + nx * out, y + ny * out)
    };
    let slope = |way: f64, step: f64| {
        let ((x0, y0), (x1, y1)) = (point(way - step / 100.0), point(way + step / 100.0));
        ((x1 - x0) * 50.0, (y1 - y0) * 50.0)
    };
    // Two cubic curves to a period, from crest to trough, follow a sine closely enough for the eye.
    let steps = periods * 2;
    let step = length / f64::from(steps);
    let crest = length / f64::from(periods) * (0.25 - phase);
    let (x, y) = point(crest);
    let mut path = format!("M{x:.2} {y:.2}");
    for index in 0..steps {
        let (from, to) = (crest + f64::from(index) * step, crest + f64::from(index + 1) * step);
        let ((x0, y0), (x3, y3)) = (point(from), point(to));
        let ((dx0, dy0), (dx3, dy3)) = (slope(from, step), slope(to, step));
        let (x1, y1, x2, y2) = (x0 + dx0 * PULL, y0 + dy0 * PULL, x3 - dx3 * PULL, y3 - dy3 * PULL);
        _ = write!(path, "C{x1:.2} {y1:.2} {x2:.2} {y2:.2} {x3:.2} {y3:.2}");
    }
    path.push('Z');
    path
}

fn waves(svg: &mut String, curve: &impl Curve, height: f64, periods: u32, strands: u32, stroke: &str) {
    for strand in 0..strands {
        let path = wave(curve, height, periods, f64::from(strand) / f64::from(strands));
        _ = write!(svg, r#"<path d="{path}" {stroke}/>"#);
    }
}

/// The border of an A4 page that lies on its side.
pub(crate) fn border(color: Color) -> String {
    let line = color.on_white(3.0);
    let fine = line.thinned(45);
    let mut svg =
        String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 297 210" fill="none">"#);
    waves(
        &mut svg,
        &Frame { inset: 12.0, radius: 7.0 },
        2.2,
        96,
        4,
        &format!(r#"stroke="{fine}" stroke-width=".09""#),
    );
    for (inset, radius, width) in [(8.6, 10.4, 0.3), (15.4, 3.6, 0.12), (16.4, 2.6, 0.3)] {
        let (w, h) = (PAGE.0 - 2.0 * inset, PAGE.1 - 2.0 * inset);
        _ = write!(
            svg,
            r#"<rect x="{inset}" y="{inset}" width="{w:.1}" height="{h:.1}" rx="{radius}" stroke="{line}" stroke-width="{width}"/>"#
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A seal of 30 mm.
pub(crate) fn seal(color: Color) -> String {
    let line = color.on_white(3.0);
    let mut svg =
        String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-15 -15 30 30" fill="none">"#);
    let fine = format!(r#"stroke="{}" stroke-width=".09""#, line.thinned(30));
    for (radius, height, periods, strands) in [(12.4, 2.2, 36, 4), (8.2, 2.0, 24, 3)] {
        waves(&mut svg, &Circle { center: (0.0, 0.0), radius }, height, periods, strands, &fine);
    }
    _ = write!(svg, r#"<circle r="5.6" stroke="{line}" stroke-width=".2"/>"#);
    // A star of five points, drawn in one line.
    let points = (0..10).map(|index| {
        let radius = if index % 2 == 0 { 3.4 } else { 1.3 };
        let (sin, cos) = (f64::from(index) * PI / 5.0 - FRAC_PI_2).sin_cos();
        format!("{:.2},{:.2}", radius * cos, radius * sin)
    });
    _ = write!(svg, r#"<polygon points="{}" fill="{line}"/>"#, points.collect::<Vec<_>>().join(" "));
    svg.push_str("</svg>");
    svg
}

/// A QR code of an address, without the quiet zone.
pub(crate) fn qr(address: &str) -> Result<String, Error> {
    let refused = |_| Error::VerifyUrl(address.chars().take(80).collect());
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(refused)?;
    let width = code.width();
    let mut svg =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}"><path d=""#);
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        // Neighbours become one rectangle, so that no viewer draws a seam between them.
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == qrcode::Color::Dark {
                _ = write!(svg, "M{x} {y}h{}v1h-{}z", run.len(), run.len());
            }
            x += run.len();
        }
    }
    svg.push_str(r#""/></svg>"#);
    Ok(svg)
}
