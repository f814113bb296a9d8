//! A school chooses one colour. It can be anything; what is written and drawn with it must still be seen on white.

use std::fmt;

/// An opaque colour of the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    channels: [u8; 3],
}

impl From<[u8; 3]> for Color {
    /// Of red, green and blue.
    fn from(channels: [u8; 3]) -> Self {
        Self { channels }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.channels;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Color {
    /// This colour, darkened until it stands out from white by `ratio` (WCAG 2: 4.5 for text, 3 for lines).
    pub(crate) fn on_white(self, ratio: f64) -> Self {
        (0..=100)
            .map(|percent| self.mixed(0, percent))
            .find(|color| 1.05 / (color.luminance() + 0.05) >= ratio)
            .unwrap_or(Self { channels: [0; 3] })
    }

    /// This colour thinned with `percent` of white.
    pub(crate) fn thinned(self, percent: u32) -> Self {
        self.mixed(255, percent)
    }

    fn mixed(self, other: u32, percent: u32) -> Self {
        let mix = |channel: u8| (u32::from(channel) * (100 - percent) + other * percent) / 100;
        Self { channels: self.channels.map(|channel| u8::try_from(mix(channel)).unwrap_or(u8::MAX)) }
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.channels.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_color_can_be_read_on_white() {
        for channels in [[0; 3], [255; 3], [255, 255, 0], [31, 78, 121], [255, 128, 128], [0, 255, 0]] {
            let color = Color::from(channels);
            assert!(1.05 / (color.on_white(4.5).luminance() + 0.05) >= 4.5, "{color}");
        }
        let navy = Color::from([31, 78, 121]);
        assert_eq!(navy.on_white(4.5), navy);
    }
}
