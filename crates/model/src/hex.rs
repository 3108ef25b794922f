//! Hashes as text.

/// Bytes in hexadecimal, in small letters.
///
/// ```
/// assert_eq!(coercivity_model::hex::hex(&[0, 10, 255]), "000aff");
/// ```
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
