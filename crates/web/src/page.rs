//! The page's bundle, embedded in the program if it was built before the program was.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "ui/dist"]
#[allow_missing = true]
struct Bundle;

/// The page that is shown without a bundle.
const WITHOUT: &str = include_str!("without.html");

/// Whether the bundle is there.
pub fn is_there() -> bool {
    Bundle::get("index.html").is_some()
}

pub fn index() -> Cow<'static, [u8]> {
    Bundle::get("index.html").map_or(Cow::Borrowed(WITHOUT.as_bytes()), |file| file.data)
}

/// A file of the bundle by its name in the folder `assets`, with its type.
pub fn asset(name: &str) -> Option<(Cow<'static, [u8]>, &'static str)> {
    let kind = match name.rsplit('.').next()? {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => return None,
    };
    Some((Bundle::get(&format!("assets/{name}"))?.data, kind))
}
