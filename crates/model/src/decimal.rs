//! Decimal texts, to the digit, for whoever keeps exact figures of them.

/// A text such as `12.50`, `-.5` or `1e-3`: so many digits, and by how many places they are moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub negative: bool,
    /// Those before and after the point, one after the other; at least one.
    pub digits: String,
    /// How many of them stand after the point.
    pub decimals: usize,
    pub exponent: i32,
}

impl Decimal {
    /// `None` where a text is no decimal, or its exponent is beyond 32 bits.
    ///
    /// ```
    /// use coercivity_model::decimal::Decimal;
    /// let decimal = Decimal::parse("-12.50e3").unwrap();
    /// assert_eq!((decimal.negative, decimal.digits.as_str(), decimal.shift()), (true, "1250", 1));
    /// assert_eq!(Decimal::parse("1,5"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Decimal> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(i) => (&text[..i], text[i + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = format!("{before}{after}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Decimal { negative, digits, decimals: after.len(), exponent })
    }

    /// The size of the value is `digits` x 10^shift.
    pub fn shift(&self) -> i64 {
        i64::from(self.exponent) - self.decimals as i64
    }
}
